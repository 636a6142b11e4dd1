/* base.h: the words every room uses: fixed-width integers, bit helpers, hints to the compiler.
 * The host is little-endian; the register file is addressed by byte offset on that ground (base.h refuses others). */
#ifndef PCEMU_BASE_H
#define PCEMU_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pcemu needs a little-endian host"
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define COLD __attribute__((cold, noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define BIT(n) (1u << (n))
#define BIT64(n) ((u64)1 << (n))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define PAGE_SHIFT 12
#define PAGE_SIZE ((u64)4096)
#define PAGE_MASK (~(u64)4095)

#define KIB ((u64)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Unaligned little-endian access to guest memory and on-disk structures. */
static inline u16 get_le16(const void *p)
{
    u16 v;
    memcpy(&v, p, 2);
    return v;
}
static inline u32 get_le32(const void *p)
{
    u32 v;
    memcpy(&v, p, 4);
    return v;
}
static inline u64 get_le64(const void *p)
{
    u64 v;
    memcpy(&v, p, 8);
    return v;
}
static inline void put_le16(void *p, u16 v)
{
    memcpy(p, &v, 2);
}
static inline void put_le32(void *p, u32 v)
{
    memcpy(p, &v, 4);
}
static inline void put_le64(void *p, u64 v)
{
    memcpy(p, &v, 8);
}

/* The low `size` bytes (1, 2, 4, 8) of v. */
static inline u64 low_bytes(u64 v, unsigned size)
{
    return size >= 8 ? v : v & (((u64)1 << (8 * size)) - 1);
}

#endif
