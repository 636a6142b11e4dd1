/* prot16.h: the selectors of prot16.S's GDT. */
#define P16_CODE 0x08
#define P16_DATA 0x10
#define P16_SECTOR 0x18
#define P16_READ_ONLY 0x20
#define P16_EXECUTE_ONLY 0x28
#define P16_ABSENT 0x30
#define P16_DOWN 0x38
#define P16_HIGH 0x40
#define P16_BEYOND 0x48
