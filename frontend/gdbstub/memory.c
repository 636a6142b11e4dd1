/* memory.c: the packets m, M, X and qCRC. */
#include "gdbstub.h"

#include <stdlib.h>

#define CRC_POLYNOMIAL 0x04c11db7u
#define CRC_PIECE 4096u

static enum debug_space space(const struct gdbstub *g)
{
    return g->physical ? DEBUG_PHYSICAL : DEBUG_LINEAR;
}

static bool address_and_length(const char **text, u64 *addr, u64 *len)
{
    return gdb_number(text, addr) && *(*text)++ == ',' && gdb_number(text, len);
}

void memory_read(struct gdbstub *g, const char *text)
{
    u8 buf[PACKET_MAX / 2];
    u64 addr, len;
    if (!address_and_length(&text, &addr, &len)) {
        gdb_error(g, "m needs ADDRESS,LENGTH");
        return;
    }
    if (len > sizeof buf)
        len = sizeof buf;
    size_t got = debug_read(g->control->machine, g->general, space(g), addr, buf, (size_t)len);
    if (len && !got) {
        packet_send(&g->link, "E14"); /* EFAULT, as QEMU says it: GDB has its own words for that */
        return;
    }
    packet_begin(&g->link);
    packet_hex(&g->link, buf, got);
    packet_end(&g->link);
}

static void write(struct gdbstub *g, u64 addr, const u8 *data, size_t len)
{
    gdb_changes_history(g);
    if (debug_write(g->control->machine, g->general, space(g), addr, data, len) == len)
        gdb_ok(g);
    else
        packet_send(&g->link, "E14");
}

void memory_write(struct gdbstub *g, const char *text)
{
    u8 data[PACKET_MAX / 2];
    u64 addr, len;
    if (!address_and_length(&text, &addr, &len) || *text++ != ':' || len > sizeof data ||
        !packet_unhex(text, data, (size_t)len))
        gdb_error(g, "M needs ADDRESS,LENGTH:BYTES");
    else
        write(g, addr, data, (size_t)len);
}

void memory_write_binary(struct gdbstub *g, const u8 *packet, size_t size)
{
    const char *text = (const char *)packet;
    u64 addr, len;
    if (!address_and_length(&text, &addr, &len) || *text++ != ':' || len != size - (size_t)((const u8 *)text - packet))
        gdb_error(g, "X needs ADDRESS,LENGTH:BYTES");
    else
        write(g, addr, (const u8 *)text, (size_t)len);
}

static u32 crc_byte(u32 crc, u8 byte)
{
    crc ^= (u32)byte << 24;
    for (unsigned bit = 0; bit < 8; bit++)
        crc = crc << 1 ^ (crc >> 31 ? CRC_POLYNOMIAL : 0);
    return crc;
}

/* For `compare-sections`. */
void memory_crc(struct gdbstub *g, const char *text)
{
    u8 buf[CRC_PIECE];
    u64 addr, len;
    u32 crc = UINT32_MAX;
    if (!address_and_length(&text, &addr, &len) || len > 16 * MIB) {
        gdb_error(g, "qCRC needs ADDRESS,LENGTH, at most 16 MiB");
        return;
    }
    while (len) {
        size_t piece = len < sizeof buf ? (size_t)len : sizeof buf;
        if (debug_read(g->control->machine, g->general, space(g), addr, buf, piece) != piece) {
            packet_send(&g->link, "E14");
            return;
        }
        for (size_t i = 0; i < piece; i++)
            crc = crc_byte(crc, buf[i]);
        addr += piece;
        len -= piece;
    }
    packet_begin(&g->link);
    packet_format(&g->link, "C%x", crc);
    packet_end(&g->link);
}
