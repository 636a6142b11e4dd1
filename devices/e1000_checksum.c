/* e1000_checksum.c: the Internet checksum (RFC 1071) and the CRC of Ethernet frames (IEEE 802.3, 3.2.9). */
#include "e1000_regs.h"

u32 e1000_sum(const u8 *data, size_t len, u32 sum)
{
    u64 total = sum;
    for (size_t i = 0; i + 1 < len; i += 2)
        total += get_be16(data + i);
    if (len & 1)
        total += (u32)data[len - 1] << 8;
    while (total >> 32)
        total = (total & UINT32_MAX) + (total >> 32);
    return (u32)total;
}

u16 e1000_fold(u32 sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (u16)sum;
}

/* Half a byte at a time: remainders of the polynomial 04C11DB7, bits mirrored. */
u32 e1000_crc(const u8 *data, size_t len)
{
    static const u32 table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    u32 crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc = crc >> 4 ^ table[(crc ^ data[i]) & 15];
        crc = crc >> 4 ^ table[(crc ^ data[i] >> 4) & 15];
    }
    return ~crc;
}
