/* pc_map.h: where the parts of the board are seen: the physical addresses, ports, interrupts and PCI slots of
 * QEMU 7.2's `pc`. The only file that knows a port number or a physical address; pc.c and pc_firmware.c read it. */
#ifndef PCEMU_PC_MAP_H
#define PCEMU_PC_MAP_H

#include "base.h"

/* Physical addresses. */
#define VGA_WINDOW 0xa0000u
#define OPTION_ROM 0xc0000u
#define OPTION_ROM_SIZE 0x20000u
#define ISA_BIOS_END 0x100000u
#define ISA_BIOS_MAX 0x20000u
#define RAM_BELOW_4G_MAX 0xe0000000u   /* more RAM than that… */
#define RAM_BELOW_4G_LARGE 0xc0000000u /* …and it ends here, the rest goes above 4 GiB */
#define IOAPIC_BASE 0xfec00000u
#define HPET_BASE 0xfed00000u
#define LAPIC_BASE 0xfee00000u
#define END_OF_4G (4 * GIB)
#define PCI_HOLE64_SIZE (2 * GIB) /* for PCI above all RAM, which ends at a whole GiB */
#define HT_BASE 0xfd00000000u     /* HyperTransport's own addresses on AMD's processors with 40 bits of address */
#define HT_SIZE 0x300000000u

/* Ports. */
#define PORT_DMA1 0x00
#define PORT_DMA1_CONTROL 0x08
#define PORT_PIC1 0x20
#define PORT_PIT 0x40
#define PORT_KBD_DATA 0x60
#define PORT_61 0x61
#define PORT_KBD_CMD 0x64
#define PORT_RTC 0x70
#define PORT_KVMVAPIC 0x7e
#define PORT_80 0x80
#define PORT_DMA1_PAGE_LOW 0x81
#define PORT_DMA1_PAGE_HIGH 0x87
#define PORT_DMA2_PAGE_LOW 0x89
#define PORT_DMA2_PAGE_HIGH 0x8f
#define PORT_92 0x92
#define PORT_PIC2 0xa0
#define PORT_APM 0xb2
#define PORT_DMA2 0xc0
#define PORT_DMA2_CONTROL 0xd0
#define PORT_F0 0xf0
#define PORT_IDE2 0x170
#define PORT_VBE 0x1ce
#define PORT_IDE1 0x1f0
#define PORT_IDE2_CONTROL 0x376
#define PORT_CRTC_MONO 0x3b4
#define PORT_STATUS_MONO 0x3ba
#define PORT_VGA 0x3c0
#define PORT_CRTC_COLOR 0x3d4
#define PORT_STATUS_COLOR 0x3da
#define PORT_FDC 0x3f1
#define PORT_TEST 0xe0 /* pc-testdev: … */
#define PORT_TEST_FLUSH 0xe4
#define PORT_TEST_BYTES 0xe8
#define PORT_TEST_IRQ 0x2000
#define TEST_MEMORY 0xff000000u
#define PORT_IDE1_CONTROL 0x3f6
#define PORT_FDC_DIR 0x3f7
#define PORT_LPT1 0x378
#define PORT_COM1 0x3f8
#define PORT_COM2 0x2f8 /* this and the next ones have nothing: firmware and kernels look there all the same */
#define PORT_COM3 0x3e8
#define PORT_COM4 0x2e8
#define PORT_LPT2 0x278
#define PORT_LPT3 0x3bc
#define PORT_E9 0xe9        /* the same in Bochs */
#define PORT_F1 0xf1        /* a coprocessor chip's reset */
#define PORT_DEBUGCON 0x402 /* QEMU's habit for -device isa-debugcon; SeaBIOS writes there */
#define PORT_ELCR1 0x4d0
#define PORT_ELCR2 0x4d1
#define PORT_FW_CFG 0x510
#define PORT_FW_CFG_DMA 0x514
#define PORT_PM 0x600 /* where the firmware puts the power management's window, and ACPI says that it is */
#define PORT_PCI_INDEX 0xcf8
#define PORT_RESET 0xcf9
#define PORT_PCI_DATA 0xcfc
#define PORT_VMPORT 0x5658
#define PORT_PCI_HOTPLUG 0xae00
#define PORT_CPU_HOTPLUG 0xaf00
#define PORT_GPE0 0xafe0

#define PCI_HOTPLUG_PORTS 24
#define FW_CFG_PORTS 12 /* selector, data and DMA address, as one resource */

/* Interrupts and slots. */
enum {
    IRQ_PIT = 0,
    IRQ_KBD = 1,
    IRQ_HPET = 2,
    IRQ_COM1 = 4,
    IRQ_FDC = 6,
    IRQ_LPT1 = 7,
    IRQ_RTC = 8,
    IRQ_SCI = 9,
    IRQ_MOUSE = 12,
    IRQ_FPU = 13,
    IRQ_IDE1 = 14,
    IRQ_IDE2 = 15
};
enum { SLOT_HOST = 0, SLOT_PIIX = 1, SLOT_VGA = 2, SLOT_FREE = 3 }; /* from SLOT_FREE on: network cards */
enum { PIIX_ISA = 0, PIIX_IDE = 1, PIIX_PM = 3 };

#define DMA_FDC 2 /* channel */

#define HPET_ROUTE_MASK BIT(IRQ_HPET)
#define IOAPIC_ID 0
#define SMI_ACPI_ENABLE 0xf1
#define SMI_ACPI_DISABLE 0xf0

#endif
