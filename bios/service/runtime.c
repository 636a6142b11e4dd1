/* runtime.c: what compilers call by themselves. Pointers are the stack's, as everywhere in segmented code; 67h makes
 * the string instructions use all of EDI, ESI and ECX. */
#include "types.h"

void *memset(void *to, int v, size_t n);
void *memcpy(void *to, const void *from, size_t n);

void *memset(void *to, int v, size_t n)
{
    void *d = to;
    __asm__ volatile(".byte 0x67\n\trep stosb" : "+D"(d), "+c"(n) : "a"(v) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    void *d = to;
    __asm__ volatile(".byte 0x67\n\trep movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
    return to;
}
