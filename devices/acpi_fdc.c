/* acpi_fdc.c: the floppy controller in the DSDT: its resources, _FDI of each drive and _FDE (ACPI specification,
 * section 9.9, "Floppy Controller Device Objects"). */
#include "acpi_asl.h"
#include "acpi_tables.h"

#include <stdio.h>

#define FDC_PORTS 4 /* DOR, TDR, MSR, FIFO */
#define FDE_DRIVES 4
#define TAPE_NEVER 2 /* _FDE's last number */

/* The BIOS's parameter table of a drive, as QEMU's pc gives it for any: step rate and head times, motor-off delay,
 * bytes and sectors a track, gaps, data length, filler, settle and motor-on time. */
static const u8 diskette_parameters[] = { 0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08 };

static void drive(struct aml *a, unsigned n, const struct acpi_floppy *f)
{
    char parameters[5 * sizeof diskette_parameters + 1] = "";
    for (size_t i = 0; i < sizeof diskette_parameters; i++)
        snprintf(parameters + 5 * i, 6, " 0x%02x", diskette_parameters[i]);
    asl(a, "(device FLP%c (name _ADR %u) (name _FDI (package %u %u %u %u %u %u%s)))", 'A' + (int)n, n,
        5 + (unsigned)sizeof diskette_parameters, n, f->type, f->cylinders - 1u, f->sectors, f->heads - 1u, parameters);
}

void acpi_fdc_write(struct aml *a, const struct acpi_machine *m)
{
    bool there[FDE_DRIVES] = { false };
    size_t device = asl_open_device(a, "FDC0");
    asl(a, "(name _HID (eisa \"PNP0700\")) (name _CRS (resources (io %u 0 %u) (io %u 0 1) (irq %u) (dma %u)))",
        m->fdc_port, FDC_PORTS, m->fdc_dir_port, m->fdc_irq, m->fdc_dma);
    for (unsigned n = 0; n < ACPI_FLOPPIES; n++) {
        there[n] = m->floppy[n].type != 0;
        if (there[n])
            drive(a, n, &m->floppy[n]);
    }
    asl(a, "(name _FDE (buffer 20 %d 0 0 0 %d 0 0 0 %d 0 0 0 %d 0 0 0 %d 0 0 0))", there[0], there[1], there[2],
        there[3], TAPE_NEVER);
    asl_close(a, device);
}
