#include "host.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define AT(field) ((u32)offsetof(struct seccomp_data, field))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, field)
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_LEAST(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, yes, no)
#define RESULT(value) BPF_STMT(BPF_RET | BPF_K, value)

bool sandbox_enter(void)
{
    struct sock_filter code[] = {
        LOAD(AT(arch)),           IF_EQUAL(AUDIT_ARCH_X86_64, 0, 4), LOAD(AT(instruction_pointer) + 4),
        IF_EQUAL(0, 0, 3),        LOAD(AT(instruction_pointer)),     IF_LEAST(SANDBOX_END, 1, 0),
        RESULT(SECCOMP_RET_TRAP), RESULT(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = ARRAY_LEN(code), .filter = code };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
