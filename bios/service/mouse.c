/* mouse.c: int 15h/C2h, the PS/2 pointing device, and its interrupt (IRQ 12, int 74h): IBM PS/2 and PC BIOS Interface
 * Technical Reference. With IntelliMouse's four-byte packets where a program asked for packages of four. */
#include "service.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define OUT_FULL 0x01
#define OUT_MOUSE 0x20
#define MODE_IRQ1 0x01
#define MODE_IRQ12 0x02
#define MODE_KEYBOARD_OFF 0x10
#define MODE_MOUSE_OFF 0x20

#define MOUSE_SCALE_1 0xe6
#define MOUSE_SCALE_2 0xe7
#define MOUSE_RESOLUTION 0xe8
#define MOUSE_STATUS 0xe9
#define MOUSE_TYPE 0xf2
#define MOUSE_RATE 0xf3
#define MOUSE_ENABLE 0xf4
#define MOUSE_DISABLE 0xf5
#define MOUSE_RESET 0xff
#define ACK 0xfa

#define OK 0
#define BAD_FUNCTION 1
#define BAD_INPUT 2
#define INTERFACE_ERROR 3
#define NO_HANDLER 5

#define FLAG1_INDEX 0x07
#define FLAG2_SIZE 0x07
#define FLAG2_HANDLER 0x80

/* Interrupts of both devices are off while a command and its answers go back and forth. */
static u8 begin(void)
{
    u8 mode = kbc_mode();
    kbc_set_mode((u8)((mode & ~(MODE_IRQ1 | MODE_IRQ12 | MODE_MOUSE_OFF)) | MODE_KEYBOARD_OFF));
    return mode;
}

static void end(u8 mode)
{
    kbc_set_mode(mode);
}

static bool ask(u8 command)
{
    u8 a;
    return kbc_mouse(command, &a) && a == ACK;
}

static bool ask_with(u8 command, u8 argument)
{
    return ask(command) && ask(argument);
}

static u8 enable(u8 on)
{
    if (on > 1)
        return BAD_INPUT;
    if (on && !(GET_EBDA(mouse_flag2) & FLAG2_HANDLER))
        return NO_HANDLER;
    u8 mode = begin();
    bool ok = ask(on ? MOUSE_ENABLE : MOUSE_DISABLE);
    end((u8)(on ? (mode | MODE_IRQ12) & ~MODE_MOUSE_OFF : (mode & ~MODE_IRQ12) | MODE_MOUSE_OFF));
    SET_EBDA(mouse_flag1, 0);
    return ok ? OK : INTERFACE_ERROR;
}

static u8 reset(struct bregs *regs)
{
    u8 mode = begin(), bat = 0, id = 0;
    bool ok = ask(MOUSE_RESET) && kbc_mouse_answer(&bat) && kbc_mouse_answer(&id);
    end((u8)((mode & ~MODE_IRQ12) | MODE_MOUSE_OFF));
    if (!ok)
        return INTERFACE_ERROR;
    regs->bl = bat;
    regs->bh = id;
    return OK;
}

static u8 send(u8 command, u8 argument, bool valid)
{
    if (!valid)
        return BAD_INPUT;
    u8 mode = begin();
    bool ok = ask_with(command, argument);
    end(mode);
    return ok ? OK : INTERFACE_ERROR;
}

static u8 set_rate(u8 n)
{
    static const u8 rates[7] VAR16 = { 10, 20, 40, 60, 80, 100, 200 };
    return send(MOUSE_RATE, n < sizeof rates ? GET_CONST(rates[n]) : 0, n < sizeof rates);
}

static u8 type(struct bregs *regs)
{
    u8 mode = begin(), id = 0;
    bool ok = ask(MOUSE_TYPE) && kbc_mouse_answer(&id);
    end(mode);
    regs->bh = id;
    return ok ? OK : INTERFACE_ERROR;
}

/* BH: 0 status, 1 and 2 scaling. */
static u8 extended(struct bregs *regs)
{
    u8 mode = begin(), v[3] = { 0, 0, 0 };
    bool ok = false;
    if (regs->bh == 0) {
        ok = ask(MOUSE_STATUS) && kbc_mouse_answer(&v[0]) && kbc_mouse_answer(&v[1]) && kbc_mouse_answer(&v[2]);
        regs->bl = v[0];
        regs->cl = v[1];
        regs->dl = v[2];
    } else if (regs->bh <= 2) {
        ok = ask(regs->bh == 1 ? MOUSE_SCALE_1 : MOUSE_SCALE_2);
    }
    end(mode);
    return regs->bh > 2 ? BAD_INPUT : ok ? OK : INTERFACE_ERROR;
}

/* IntelliMouse's knock: rates 200, 100, 80 make a mouse with a wheel say that it is type 3, of four bytes. */
static void ask_wheel(void)
{
    u8 id, mode = begin();
    bool ok = ask_with(MOUSE_RATE, 200) && ask_with(MOUSE_RATE, 100) && ask_with(MOUSE_RATE, 80) && ask(MOUSE_TYPE) &&
              kbc_mouse_answer(&id);
    (void)ok;
    end(mode);
}

static u8 initialise(struct bregs *regs)
{
    u8 size = regs->bh;
    if (size < 1 || size > 8)
        return BAD_INPUT;
    SET_EBDA(mouse_flag2, (GET_EBDA(mouse_flag2) & ~FLAG2_SIZE) | (size - 1));
    SET_EBDA(mouse_flag1, 0);
    u8 status = reset(regs);
    if (!status && size == 4)
        ask_wheel();
    return status;
}

static u8 set_handler(struct bregs *regs)
{
    u8 flags = GET_EBDA(mouse_flag2);
    bool on = regs->es || regs->bx;
    SET_EBDA(mouse_handler.seg, regs->es);
    SET_EBDA(mouse_handler.off, regs->bx);
    SET_EBDA(mouse_flag2, on ? flags | FLAG2_HANDLER : flags & ~FLAG2_HANDLER);
    return on ? OK : enable(0);
}

static u8 function(struct bregs *regs)
{
    switch (regs->al) {
    case 0x00:
        return enable(regs->bh);
    case 0x01:
        return reset(regs);
    case 0x02:
        return set_rate(regs->bh);
    case 0x03:
        return send(MOUSE_RESOLUTION, regs->bh, regs->bh < 4);
    case 0x04:
        return type(regs);
    case 0x05:
        return initialise(regs);
    case 0x06:
        return extended(regs);
    case 0x07:
        return set_handler(regs);
    default:
        return BAD_FUNCTION;
    }
}

void mouse_service(struct bregs *regs)
{
    u8 status = function(regs);
    regs->ah = status;
    set_cf(regs, status != OK);
}

/* The handler is called with status, X, Y and Z as words on the stack, and returns far without taking them away. */
extern char call_mouse_handler[];

static void call_handler(void)
{
    struct bregs r = { .flags = 0 };
    r.ax = GET_EBDA(mouse_data[0]);
    r.bx = GET_EBDA(mouse_data[1]);
    r.cx = GET_EBDA(mouse_data[2]);
    r.dx = 0;
    if ((GET_EBDA(mouse_flag2) & FLAG2_SIZE) == 3)
        r.dx = GET_EBDA(mouse_data[3]);
    r.si = GET_EBDA(mouse_handler.off);
    r.di = GET_EBDA(mouse_handler.seg);
    call_out(&r, (u32)SEG_BIOS << 16 | (u32)call_mouse_handler);
}

void handle_74(struct bregs *regs);
void handle_74(struct bregs *regs)
{
    (void)regs;
    if ((inb(PORT_STATUS) & (OUT_FULL | OUT_MOUSE)) == (OUT_FULL | OUT_MOUSE)) {
        u8 v = inb(PORT_DATA), n = GET_EBDA(mouse_flag1) & FLAG1_INDEX, flags = GET_EBDA(mouse_flag2);
        if (flags & FLAG2_HANDLER) {
            SET_EBDA(mouse_data[n], v);
            n++;
            if (n > (flags & FLAG2_SIZE)) {
                n = 0;
                SET_EBDA(mouse_flag1, 0);
                irq_end(12);
                call_handler();
                return;
            }
            SET_EBDA(mouse_flag1, n);
        }
    }
    irq_end(12);
}
