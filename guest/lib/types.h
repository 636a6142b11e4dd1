/* types.h: integers by their size, for code that has no C library. */
#ifndef GUEST_TYPES_H
#define GUEST_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef __UINTPTR_TYPE__ uptr;
typedef __SIZE_TYPE__ size_t;

#define NULL ((void *)0)
#define PACKED __attribute__((packed))
#define ARRAY_LEN(a) (sizeof(a) / sizeof(a)[0])
#define BIT(n) (1u << (n))

#endif
