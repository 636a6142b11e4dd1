/* acpi_asl.h: an assembler of AML, the byte code of ACPI's definition blocks, for the machine's own tables. See
 * acpi_asl.c for the language. */
#ifndef PCEMU_ACPI_ASL_H
#define PCEMU_ACPI_ASL_H

#include "acpi_aml.h"

#define ASL_TEXT_MAX 4096

/* Appends the terms of `text`, a string of our own: it is filled in as by printf(), and a mistake in it asserts. All
 * parentheses that it opens are closed in it. At most ASL_TEXT_MAX - 1 bytes. */
void asl(struct aml *a, const char *text, ...) PRINTF_LIKE(2, 3);

/* An object whose contents take several calls: its head is written, and the mark that asl_close() takes is returned. */
size_t asl_open_scope(struct aml *a, const char *name);
size_t asl_open_device(struct aml *a, const char *name);
size_t asl_open_method(struct aml *a, const char *name, u8 flags);
void asl_close(struct aml *a, size_t mark);

#endif
