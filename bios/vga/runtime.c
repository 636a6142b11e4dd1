/* runtime.c: what compilers call by themselves, for locals that are large. */
#include "vga16.h"

void *memset(void *to, int value, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);

void *memset(void *to, int value, size_t n)
{
    void *di = to;
    __asm__ volatile("rep stosb" : "+D"(di), "+c"(n) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    void *di = to;
    __asm__ volatile("rep movsb" : "+D"(di), "+S"(from), "+c"(n) : : "memory");
    return to;
}
