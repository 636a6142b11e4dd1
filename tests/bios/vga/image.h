/* image.h: what the parts of the test image share. It calls int 10h as a program does and tells on COM1 what came of
 * it, a line each: "name value". compare.py runs it on several VGA BIOSes and adapters. Variables are at segment 0. */
#ifndef VGA_IMAGE_H
#define VGA_IMAGE_H

#include "vga16.h"

struct registers {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 es;
};
void video(struct registers *r);

/* A far call of 16-bit code at segment:offset, with BX and DX. */
void far_call(u32 to, u16 bx, u16 dx);

/* A near call of 32-bit code at a linear address, in protected mode with flat segments. */
struct protected_registers {
    u32 address, eax, ebx, ecx, edx, edi;
};
void protected_call(struct protected_registers *r);

/* The same with AX, BX, CX, DX; what they are after it is in *r. */
struct registers call(u16 ax, u16 bx, u16 cx, u16 dx);
/* With ES:BP or ES:DI = 0:p. */
struct registers call_with(u16 ax, u16 bx, u16 cx, u16 dx, const void *p);

/* A word of the boot sector, for whoever makes a disk of the image. */
#define OPTION_NO_DIRECT_COLOR BIT(0) /* leave modes of more than eight bits a dot out: the display can't show them */
extern const u16 image_options;

/* ---- print.c ---- */
void print_init(void);
void print(const char *text);
void print_hex(u32 value, u8 digits);
/* "WHERE NAME: xx xx xx" */
void line_begin(const char *name);
void line_end(void);
void line_value(const char *name, u32 value);
void line_bytes(const char *name, const u8 *bytes, u16 n);
void set_prefix(const char *kind, u16 number);
void check(const char *name, bool ok);

/* ---- look.c: what the adapter holds ---- */
void look_registers(void);
void look_palette(const char *name);
void look_bda(void);
void look_memory(const char *name);
void look_fonts(const char *name);
#define HASH_START 2166136261u
u32 hash(u32 sum, u32 value);

/* ---- modes.c, services.c, vesa.c ---- */
void test_modes(void);
void test_services(void);
void test_vesa(void);

extern u8 test_font[256 * 16];
void test_font_make(u8 height);

#endif
