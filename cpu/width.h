/* width.h: names by operand width, for the template headers: BITS is defined before each inclusion. */
#undef UW
#undef SW
#undef FN
#undef BYTES
#undef GET
#undef PUT
#undef SIZE
#undef WCAT
#undef WCAT2
#define WCAT2(a, b) a##b
#define WCAT(a, b) WCAT2(a, b)
#define UW WCAT(u, BITS)
#define SW WCAT(s, BITS)
#define FN(name) WCAT(name##_, BITS)
#define BYTES (BITS / 8)
#define SIZE (BITS == 8 ? 0 : BITS == 16 ? 1 : BITS == 32 ? 2 : 3)
#define GET WCAT(get, BITS)
#define PUT WCAT(put, BITS)
