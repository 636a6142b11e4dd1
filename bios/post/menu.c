/* menu.c: the boot menu: offered for a moment if the machine's owner wants it (-boot menu=on), opened by Esc or F12. */
#include "post.h"

#define KEY_BOOT_MENU 0x0e
#define FILE_WAIT "etc/boot-menu-wait"
#define FILE_MESSAGE "etc/boot-menu-message"
#define WAIT_MS 2500u
#define MS_PER_TICK 55u
#define SCAN_ESC 0x01
#define SCAN_F12 0x86

/* The next key's code, 0 after `ticks` of the timer. */
static u16 wait_key(u32 ticks)
{
    u32 start = BDA->ticks;
    for (;;) {
        struct bregs r = { .ax = 0x1100, .flags = F_IF };
        call16_int(&r, 0x16);
        if (!(r.flags & F_ZF)) {
            r = (struct bregs){ .ax = 0x1000, .flags = F_IF };
            call16_int(&r, 0x16);
            return r.ax;
        }
        if (ticks != ~0u && *(volatile u32 *)&BDA->ticks - start >= ticks)
            return 0;
    }
}

static void choose(void)
{
    char name[80];
    print("\nSelect boot device:\n\n");
    for (unsigned i = 0; i < LOW->boots; i++) {
        boot_name(&LOW->boot[i], name, sizeof name);
        print("%u. %s\n", i + 1, name);
    }
    for (;;) {
        u16 key = wait_key(~0u);
        unsigned n = (unsigned)((key & 0xff) - '1');
        if (key >> 8 == SCAN_ESC)
            break;
        if (n >= LOW->boots)
            continue;
        struct boot_entry e = LOW->boot[n]; /* first; the others keep their order */
        memmove(&LOW->boot[1], &LOW->boot[0], n * sizeof e);
        LOW->boot[0] = e;
        break;
    }
    print("\n");
}

void boot_menu(void)
{
    struct fwcfg_file file;
    u16 wanted = 0;
    u32 ms = WAIT_MS;
    char message[80] = "Press ESC for boot menu.";
    if (!fwcfg_item(KEY_BOOT_MENU, &wanted, sizeof wanted) || !wanted)
        return;
    if (fwcfg_find(FILE_WAIT, &file))
        fwcfg_read(&file, &ms, sizeof ms);
    if (fwcfg_find(FILE_MESSAGE, &file)) {
        memset(message, 0, sizeof message);
        fwcfg_read(&file, message, sizeof message - 1);
    }
    print("%s\n\n", message);
    u16 key = wait_key(ms / MS_PER_TICK + 1);
    if (key >> 8 == SCAN_ESC || key >> 8 == SCAN_F12)
        choose();
}
