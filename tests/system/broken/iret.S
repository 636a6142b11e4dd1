/* 64-bit code that returns from an interrupt to an address that is not canonical. */
#define WITH_IRET
#include "canonical.S"
