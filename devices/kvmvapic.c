/* kvmvapic.c: the machine's side of QEMU's option ROM kvmvapic.bin, which lends Windows XP faster accesses to the
 * APIC's task priority: its announcement, and the memory that it stands in.
 *
 * Reference: QEMU 7.2's hw/i386/kvmvapic.c and pc-bios/optionrom/kvmvapic.S.
 * As there, without KVM: the ROM announces itself by a word written to port 7Eh, the offset of its table; from then on
 * its pages are writable RAM, and its calls to a hypervisor are replaced by doublewords written to the port, which ask
 * to look for interrupts and need do nothing here. Unlike there the ROM is found by its table's signature among the
 * option ROMs, not by the address of the code that writes, and a reset closes its memory again.
 * Not modelled: the patching of the guest's instructions, so that the ROM's code is never called: the guest's accesses
 * to the APIC stay as they are. A byte written to the port, which asks for that after a hibernation, is logged. */
#include "kvmvapic.h"

#define AREA_SIZE 0x20000u
#define ROM_ALIGN 2048u
#define ROM_BLOCK 512u
#define ROM_HEADER 3u /* bytes: 55h, AAh, length in blocks */
#define SIGNATURE "kvm aPiC"
#define SIGNATURE_LEN 8u

#define CALL_LEN 8u
#define CALL_PATCH 5u /* offset of the three bytes that make the call */

/* mov $1, %eax; vmcall */
static const u8 vmcall[CALL_LEN] = { 0xb8, 1, 0, 0, 0, 0x0f, 0x01, 0xc1 };
#define VMMCALL_LAST 0xd9 /* the last byte of AMD's */
/* nop; outl %eax, $0x7e */
static const u8 port_write[CALL_LEN - CALL_PATCH] = { 0x90, 0xe7, 0x7e };

/* The ROM in the area with the table at `offset`: its size in bytes, 0: none; *rom is its offset in the area. */
static u32 find_rom(const struct kvmvapic *s, u32 offset, u32 *rom)
{
    for (*rom = 0; *rom < AREA_SIZE; *rom += ROM_ALIGN) {
        u8 header[ROM_HEADER], signature[SIGNATURE_LEN];
        dma_read(&s->dma, s->roms + *rom, header, sizeof header);
        u32 size = header[2] * ROM_BLOCK;
        if (header[0] != 0x55 || header[1] != 0xaa || offset + SIGNATURE_LEN > size || *rom + size > AREA_SIZE)
            continue;
        dma_read(&s->dma, s->roms + *rom + offset, signature, sizeof signature);
        if (memcmp(signature, SIGNATURE, SIGNATURE_LEN) == 0)
            return size;
    }
    return 0;
}

static void replace_calls(const struct kvmvapic *s, u32 rom, u32 size)
{
    u8 window[CALL_LEN];
    for (u32 at = 0; at + CALL_LEN <= size; at++) {
        dma_read(&s->dma, s->roms + rom + at, window, sizeof window);
        u8 last = window[CALL_LEN - 1];
        if (memcmp(window, vmcall, CALL_LEN - 1) == 0 && (last == vmcall[CALL_LEN - 1] || last == VMMCALL_LAST))
            dma_write(&s->dma, s->roms + rom + at + CALL_PATCH, port_write, sizeof port_write);
    }
}

static void place_rom(struct kvmvapic *s)
{
    u64 at = s->roms + s->first_page * PAGE_SIZE;
    region_set_enabled(&s->rom, false);
    if (!s->pages)
        return;
    region_set_addr(&s->rom, at);
    region_set_target_offset(&s->rom, at);
    region_set_size(&s->rom, s->pages * PAGE_SIZE);
    region_set_enabled(&s->rom, true);
}

static void announced(struct kvmvapic *s, u32 offset)
{
    u32 rom, size = find_rom(s, offset, &rom);
    if (!size) {
        log_guest(s->log, "kvmvapic", "no option ROM has its table at %04x", offset);
        return;
    }
    u32 first = rom & (u32)PAGE_MASK, end = (u32)((rom + size + PAGE_SIZE - 1) & PAGE_MASK);
    s->first_page = (u8)(first / PAGE_SIZE);
    s->pages = (u8)((end - first) / PAGE_SIZE);
    place_rom(s);
    replace_calls(s, rom, size);
}

static u64 kvmvapic_read(void *dev, u64 offset, unsigned size)
{
    (void)dev, (void)offset;
    return low_bytes(UINT64_MAX, size);
}

static void kvmvapic_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct kvmvapic *s = dev;
    (void)offset;
    if (size == 2)
        announced(s, (u32)value);
    else if (size == 1)
        log_unimp(s->log, "kvmvapic", "patching of the guest's accesses to the APIC");
}

static const struct region_ops kvmvapic_ops = { .read = kvmvapic_read, .write = kvmvapic_write };

void kvmvapic_init(struct kvmvapic *s, struct region *ram, u64 roms, const struct dma *dma, struct log *log)
{
    *s = (struct kvmvapic){ .roms = roms, .dma = *dma, .log = log };
    region_init_io(&s->io, "kvmvapic", 2, &kvmvapic_ops, s);
    s->io.wide = true;
    region_init_alias(&s->rom, "kvmvapic-rom", ram, roms, PAGE_SIZE);
    region_set_enabled(&s->rom, false);
}

void kvmvapic_reset(void *self)
{
    struct kvmvapic *s = self;
    s->first_page = s->pages = 0;
    place_rom(s);
}

static bool post_load(void *self)
{
    place_rom(self);
    return true;
}

static const struct state_field kvmvapic_fields[] = {
    STATE_MAX(struct kvmvapic, first_page, AREA_SIZE / PAGE_SIZE - 1),
    STATE_MAX(struct kvmvapic, pages, AREA_SIZE / PAGE_SIZE),
    STATE_END,
};

const struct state_table kvmvapic_state = { "kvmvapic", 1, kvmvapic_fields, post_load };
