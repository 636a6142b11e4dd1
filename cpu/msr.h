/* msr.h: numbers and bits of model-specific registers (SDM vol. 4; AMD BKDG, family 0Fh), shared by msr.c and mtrr.c.
 */
#ifndef PCEMU_MSR_H
#define PCEMU_MSR_H

#include "sys.h"

#define MSR_TSC 0x10u
#define MSR_APIC_BASE 0x1bu
#define MSR_BIOS_SIGN_ID 0x8bu
#define MSR_IA32_SMBASE 0x9eu
#define MSR_MTRR_CAP 0xfeu
#define MSR_SYSENTER_CS 0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
#define MSR_MCG_CAP 0x179u
#define MSR_MCG_STATUS 0x17au
#define MSR_MCG_CTL 0x17bu
#define MSR_MISC_ENABLE 0x1a0u
#define MSR_DEBUGCTL 0x1d9u
#define MSR_MTRR_BASE0 0x200u /* base and mask in turn */
#define MSR_MTRR_FIX64K 0x250u
#define MSR_MTRR_FIX16K 0x258u /* two */
#define MSR_MTRR_FIX4K 0x268u  /* eight */
#define MSR_PAT 0x277u
#define MSR_MTRR_DEF_TYPE 0x2ffu
#define MSR_MC0_CTL 0x400u
#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_X2APIC_FIRST 0x800u
#define MSR_X2APIC_LAST 0x8ffu
#define MSR_XSS 0xda0u
#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_CSTAR 0xc0000083u
#define MSR_SFMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX 0xc0000103u
#define MSR_AMD_FIRST 0xc0010000u /* from here on AMD's own */
#define MSR_SYSCFG 0xc0010010u
#define MSR_HWCR 0xc0010015u
#define MSR_INT_PENDING 0xc0010055u
#define MSR_SMM_BASE 0xc0010111u

#define MTRR_VARIABLE 8
#define MTRR_CAP_FIX BIT(8)
#define MTRR_CAP_WC BIT(10)
#define MTRR_DEF_FE BIT(10)
#define MTRR_DEF_E BIT(11)
#define MTRR_MASK_VALID BIT(11)
#define MISC_ENABLE_FAST_STRING BIT(0)
#define MCG_CTL_P BIT(8)
#define MC_BANKS 5
#define HWCR_SMM_LOCK BIT(0)
#define HWCR_MC_STATUS_WR_EN BIT(18)
#define SYSCFG_FIX_DRAM_EN BIT(18)
#define SYSCFG_FIX_DRAM_MOD_EN BIT(19)
#define SYSCFG_VAR_DRAM_EN BIT(20)
#define SYSCFG_WRITABLE (SYSCFG_FIX_DRAM_EN | SYSCFG_FIX_DRAM_MOD_EN | SYSCFG_VAR_DRAM_EN)
#define DEBUGCTL_LBR BIT(0)
#define DEBUGCTL_BTF BIT(1)
#define DEBUGCTL_DEFINED 0x3fu
#define PAT_RESET 0x0007040600070406u
#define SMBASE_RESET 0x30000u
#define MICROCODE_LEVEL 0x01000065u

/* ---- mtrr.c: memory types. They are kept and checked; the model's caches are invisible, so that no type has an
 * effect. ---- */
enum mtrr_result { MTRR_NOT_ONE, MTRR_DONE, MTRR_BAD };
bool mtrr_read(struct cpu *c, u32 msr, u64 *value);
enum mtrr_result mtrr_write(struct cpu *c, u32 msr, u64 value);

#endif
