/* memory.c: what the C library would do. */
#include "types.h"

void *memset(void *to, int v, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void *mem_set(void *to, u32 v, u32 size);
void *mem_copy(void *to, const void *from, u32 size);
int mem_same(const void *a, const void *b, u32 size);
int text_same(const char *a, const char *b);

/* The compiler calls these two for large structs. */
void *memset(void *to, int v, size_t size)
{
    void *end = to;
    __asm__ volatile("rep stosb" : "+D"(end), "+c"(size) : "a"(v) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
    void *end = to;
    __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(size) : : "memory");
    return to;
}

void *mem_set(void *to, u32 v, u32 size)
{
    return memset(to, (int)v, size);
}

void *mem_copy(void *to, const void *from, u32 size)
{
    return memcpy(to, from, size);
}

int mem_same(const void *a, const void *b, u32 size)
{
    const u8 *p = a, *q = b;
    while (size && *p == *q)
        size--, p++, q++;
    return size == 0;
}

int text_same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}
