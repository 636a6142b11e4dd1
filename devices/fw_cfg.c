/* fw_cfg.c: QEMU's firmware configuration device, as docs/specs/fw_cfg.rst of QEMU 7.2 describes it for x86.
 *
 * A 16-bit selector port picks an item and rewinds it; the byte port behind it reads the item on; past the end, and
 * from an item that does not exist, zeros are read. Items from 0x20 on are files, listed by name in item 0x19. The DMA
 * interface moves a block at once: the guest writes the big-endian address of a descriptor
 *
 *      u32 control | u32 length | u64 address        (all big-endian)
 *
 * and finds the control word zero, or the error bit set, when the write returns.
 *
 * Not modelled: the writing of items. No item of this machine is writable, so a DMA write is an error, as it is in QEMU
 * for a read-only item, and bytes written to the data port are dropped. */
#include "fw_cfg.h"

#include <assert.h>

#define WHO "fw_cfg"

#define KEY_ARCH_LOCAL 0x8000
#define KEY_WRITE_CHANNEL 0x4000
#define KEY_MASK 0x3fff

#define VERSION_TRADITIONAL BIT(0)
#define VERSION_DMA BIT(1)

#define DMA_SIGNATURE 0x51454d5520434647 /* "QEMU CFG" */

#define DMA_CTL_ERROR BIT(0)
#define DMA_CTL_READ BIT(1)
#define DMA_CTL_SKIP BIT(2)
#define DMA_CTL_SELECT BIT(3)
#define DMA_CTL_WRITE BIT(4)
#define DMA_CTL_KEY_SHIFT 16

#define DMA_DESC_SIZE 16
#define DMA_DESC_LENGTH 4
#define DMA_DESC_ADDRESS 8

/* Zeros past an item's end that one transfer delivers; the guest could ask for 4 GiB of them again and again. */
#define DMA_ZEROS_MAX (64 * (u32)KIB)

static const struct fw_cfg_item no_item = { NULL, 0, 0 };

static const struct fw_cfg_item *selected_item(const struct fw_cfg *s)
{
    bool local = s->selector & KEY_ARCH_LOCAL;
    unsigned key = s->selector & KEY_MASK;

    if (key < FW_CFG_FILE_FIRST)
        return &s->item[local][key];
    if (!local && key - FW_CFG_FILE_FIRST < s->files)
        return &s->file[key - FW_CFG_FILE_FIRST].item;
    return &no_item;
}

static void select_item(struct fw_cfg *s, u16 selector)
{
    s->selector = selector;
    s->offset = 0;
}

/* How many bytes of `item` are left to read. */
static u32 bytes_left(const struct fw_cfg *s, const struct fw_cfg_item *item)
{
    return s->offset < item->size ? item->size - s->offset : 0;
}

static u8 read_data_byte(struct fw_cfg *s)
{
    const struct fw_cfg_item *item = selected_item(s);

    if (!bytes_left(s, item))
        return 0;
    u8 byte = s->offset < item->len ? item->data[s->offset] : 0;
    s->offset++;
    return byte;
}

/* Both ports read as the data port, bytes only. */
static u64 port_read(void *dev, u64 offset, unsigned size)
{
    struct fw_cfg *s = dev;

    (void)offset;
    if (size == 1)
        return read_data_byte(s);
    log_guest(s->log, WHO, "read of %u bytes from the data port, which is 8 bits wide", size);
    return 0;
}

static void port_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct fw_cfg *s = dev;

    if (size == 2 && offset == 0)
        select_item(s, (u16)value);
    else if (size == 1 && offset == 1)
        log_guest(s->log, WHO, "write of %02x to item %04x, which is read-only", (unsigned)value, s->selector);
    else
        log_guest(s->log, WHO, "write of %u bytes at offset %u of the selector port", size, (unsigned)offset);
}

/* DMA */

static void dma_write_zeros(struct fw_cfg *s, u64 addr, u32 n)
{
    static const u8 zeros[256];

    while (n) {
        u32 part = n < sizeof(zeros) ? n : (u32)sizeof(zeros);
        dma_write(&s->dma, addr, zeros, part);
        addr += part;
        n -= part;
    }
}

/* Delivers `n` bytes of `item` from the present offset on, all of which exist. */
static void dma_write_item(struct fw_cfg *s, const struct fw_cfg_item *item, u64 addr, u32 n)
{
    u32 stored = s->offset < item->len ? item->len - s->offset : 0;
    u32 copied = n < stored ? n : stored;

    if (copied)
        dma_write(&s->dma, addr, item->data + s->offset, copied);
    dma_write_zeros(s, addr + copied, n - copied);
}

/* Moves on by `length` bytes, which are delivered to `addr` where `deliver` is set. Returns false on an error. */
static bool dma_move(struct fw_cfg *s, u64 addr, u32 length, bool deliver)
{
    const struct fw_cfg_item *item = selected_item(s);
    u32 left = bytes_left(s, item);
    u32 n = length < left ? length : left;

    if (deliver)
        dma_write_item(s, item, addr, n);
    s->offset += n;
    if (!deliver)
        return true;
    if (length - n > DMA_ZEROS_MAX) {
        log_guest(s->log, WHO, "DMA of %u bytes past the end of item %04x refused", length - n, s->selector);
        return false;
    }
    dma_write_zeros(s, addr + n, length - n);
    return true;
}

static bool dma_execute(struct fw_cfg *s, u32 control, u32 length, u64 addr)
{
    if (control & DMA_CTL_SELECT)
        select_item(s, (u16)(control >> DMA_CTL_KEY_SHIFT));
    if (control & DMA_CTL_READ)
        return dma_move(s, addr, length, true);
    if (control & DMA_CTL_WRITE && length) {
        log_guest(s->log, WHO, "DMA write of %u bytes to item %04x, which is read-only", length, s->selector);
        return false;
    }
    if (control & DMA_CTL_SKIP)
        return dma_move(s, addr, length, false);
    return true;
}

static void dma_start(struct fw_cfg *s)
{
    u64 desc_addr = s->dma_addr;
    u8 desc[DMA_DESC_SIZE];

    s->dma_addr = 0;
    dma_read(&s->dma, desc_addr, desc, sizeof(desc));
    bool ok = dma_execute(s, __builtin_bswap32(get_le32(desc)), __builtin_bswap32(get_le32(desc + DMA_DESC_LENGTH)),
                          __builtin_bswap64(get_le64(desc + DMA_DESC_ADDRESS)));
    put_le32(desc, __builtin_bswap32(ok ? 0 : DMA_CTL_ERROR));
    dma_write(&s->dma, desc_addr, desc, sizeof(u32));
}

/* The register is big-endian: its first byte is the signature's first letter. */
static u64 dma_reg_read(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    return low_bytes(__builtin_bswap64(DMA_SIGNATURE) >> (8 * offset), size);
}

static void dma_reg_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct fw_cfg *s = dev;

    if (size == 8 && offset == 0) {
        s->dma_addr = __builtin_bswap64(value);
        dma_start(s);
    } else if (size == 4 && offset == 0) {
        s->dma_addr = (u64)__builtin_bswap32((u32)value) << 32;
    } else if (size == 4 && offset == 4) {
        s->dma_addr |= __builtin_bswap32((u32)value);
        dma_start(s);
    } else {
        log_guest(s->log, WHO, "write of %u bytes at offset %u of the DMA address", size, (unsigned)offset);
    }
}

/* Items */

static const u8 *pool_copy(struct fw_cfg *s, const void *data, u32 len)
{
    if (len > sizeof(s->pool) - s->pool_used)
        return NULL;
    u8 *copy = s->pool + s->pool_used;
    if (len)
        memcpy(copy, data, len);
    s->pool_used += len;
    return copy;
}

bool fw_cfg_add(struct fw_cfg *s, u16 key, const void *data, u32 len)
{
    const u8 *copy = pool_copy(s, data, len);

    assert((key & KEY_MASK) < FW_CFG_FILE_FIRST && !(key & KEY_WRITE_CHANNEL));
    if (!copy)
        return false;
    s->item[(key & KEY_ARCH_LOCAL) != 0][key & KEY_MASK] = (struct fw_cfg_item){ copy, len, len };
    return true;
}

void fw_cfg_add_bytes(struct fw_cfg *s, u16 key, const void *data, u32 len)
{
    assert(key < FW_CFG_FILE_FIRST);
    s->item[0][key] = (struct fw_cfg_item){ data, len, len };
}

bool fw_cfg_add_u16(struct fw_cfg *s, u16 key, u16 value)
{
    return fw_cfg_add(s, key, &value, sizeof(value));
}

bool fw_cfg_add_u32(struct fw_cfg *s, u16 key, u32 value)
{
    return fw_cfg_add(s, key, &value, sizeof(value));
}

bool fw_cfg_add_u64(struct fw_cfg *s, u16 key, u64 value)
{
    return fw_cfg_add(s, key, &value, sizeof(value));
}

/* The directory: u32 count, then for each file u32 size, u16 selector, u16 reserved, name; big-endian. */
static void write_directory(struct fw_cfg *s)
{
    put_le32(s->directory, __builtin_bswap32(s->files));
    for (unsigned i = 0; i < s->files; i++) {
        u8 *entry = s->directory + 4 + i * FW_CFG_DIR_ENTRY;
        put_le32(entry, __builtin_bswap32(s->file[i].item.size));
        put_le16(entry + 4, __builtin_bswap16((u16)(FW_CFG_FILE_FIRST + i)));
        put_le16(entry + 6, 0);
        memcpy(entry + 8, s->file[i].name, FW_CFG_NAME_LEN);
    }
}

bool fw_cfg_add_file(struct fw_cfg *s, const char *name, const void *data, u32 len, u32 size)
{
    unsigned at = 0;

    assert(len <= size);
    if (s->files == FW_CFG_FILE_SLOTS || strlen(name) >= FW_CFG_NAME_LEN)
        return false;
    while (at < s->files && strcmp(s->file[at].name, name) < 0)
        at++;
    if (at < s->files && !strcmp(s->file[at].name, name))
        return false;
    memmove(&s->file[at + 1], &s->file[at], (s->files - at) * sizeof(s->file[0]));
    memset(&s->file[at], 0, sizeof(s->file[at]));
    memcpy(s->file[at].name, name, strlen(name));
    s->file[at].item = (struct fw_cfg_item){ data, len, size };
    s->files++;
    write_directory(s);
    return true;
}

bool fw_cfg_add_file_copy(struct fw_cfg *s, const char *name, const void *data, u32 len)
{
    const u8 *copy = pool_copy(s, data, len);

    return copy && fw_cfg_add_file(s, name, copy, len, len);
}

static const struct region_ops port_ops = { .read = port_read, .write = port_write };
static const struct region_ops dma_ops = { .read = dma_reg_read, .write = dma_reg_write };

void fw_cfg_init(struct fw_cfg *s, struct dma dma, struct log *log)
{
    memset(s, 0, sizeof(*s));
    s->dma = dma;
    s->log = log;
    region_init_io(&s->region, "fwcfg", 2, &port_ops, s);
    region_init_io(&s->dma_region, "fwcfg.dma", 8, &dma_ops, s);
    fw_cfg_add(s, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add_u32(s, FW_CFG_ID, VERSION_TRADITIONAL | VERSION_DMA);
    s->item[0][FW_CFG_FILE_DIR] = (struct fw_cfg_item){ s->directory, sizeof(s->directory), sizeof(s->directory) };
    fw_cfg_reset(s);
}

void fw_cfg_reset(void *self)
{
    struct fw_cfg *s = self;

    select_item(s, FW_CFG_SIGNATURE);
    s->dma_addr = 0;
}

static const struct state_field fw_cfg_fields[] = {
    STATE(struct fw_cfg, selector),
    STATE(struct fw_cfg, offset),
    STATE(struct fw_cfg, dma_addr),
    STATE_END,
};
const struct state_table fw_cfg_state = { "fw_cfg", 1, fw_cfg_fields, NULL };
