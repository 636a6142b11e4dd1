/* acpi_fdc.c: the floppy controller in the DSDT: its resources, _FDI of each drive and _FDE (ACPI specification,
 * section 9.9, "Floppy Controller Device Objects"). */
#include "acpi_aml.h"
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
    char name[5];
    snprintf(name, sizeof(name), "FLP%c", 'A' + (int)(n & 1));
    size_t dev = aml_device(a, name);
    aml_name_int(a, "_ADR", n);
    aml_name(a, "_FDI");
    size_t info = aml_package(a, 5 + ARRAY_LEN(diskette_parameters));
    aml_int(a, n);
    aml_int(a, f->type);
    aml_int(a, f->cylinders - 1u);
    aml_int(a, f->sectors);
    aml_int(a, f->heads - 1u);
    for (size_t i = 0; i < ARRAY_LEN(diskette_parameters); i++)
        aml_int(a, diskette_parameters[i]);
    aml_end(a, info);
    aml_end(a, dev);
}

static void resources(struct aml *a, const struct acpi_machine *m)
{
    aml_name(a, "_CRS");
    size_t res = aml_resources(a);
    aml_res_io(a, m->fdc_port, 0, FDC_PORTS);
    aml_res_io(a, m->fdc_dir_port, 0, 1);
    aml_res_irq(a, m->fdc_irq);
    aml_res_dma(a, m->fdc_dma);
    aml_resources_end(a, res);
}

void acpi_fdc_write(struct aml *a, const struct acpi_machine *m)
{
    u8 there[4 * (FDE_DRIVES + 1)] = { 0 };
    size_t dev = aml_device(a, "FDC0");
    aml_name_eisa_id(a, "_HID", "PNP0700");
    resources(a, m);
    for (unsigned n = 0; n < ACPI_FLOPPIES; n++) {
        if (!m->floppy[n].type)
            continue;
        there[4 * n] = 1;
        drive(a, n, &m->floppy[n]);
    }
    there[4 * FDE_DRIVES] = TAPE_NEVER;
    aml_name(a, "_FDE");
    aml_buffer(a, there, sizeof(there));
    aml_end(a, dev);
}
