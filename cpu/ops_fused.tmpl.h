/* ops_fused.tmpl.h: one condition of ops_fused_width.tmpl.h at four widths. */
#define BITS 8
#include "ops_fused_width.tmpl.h"
#define BITS 16
#include "ops_fused_width.tmpl.h"
#define BITS 32
#include "ops_fused_width.tmpl.h"
#define BITS 64
#include "ops_fused_width.tmpl.h"
#undef CC
#undef CC_NUMBER
