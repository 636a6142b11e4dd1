/* alu.h: additions, subtractions and logic with their six flags, by the host's own instructions where the host is an
 * x86-64 (flags.h), by a computation with the same bits elsewhere. alu.tmpl.h holds the body, here instantiated for
 * four widths. */
#ifndef PCEMU_ALU_H
#define PCEMU_ALU_H

#include "flags.h"

#define BITS 8
#include "alu.tmpl.h"
#define BITS 16
#include "alu.tmpl.h"
#define BITS 32
#include "alu.tmpl.h"
#define BITS 64
#include "alu.tmpl.h"

#endif
