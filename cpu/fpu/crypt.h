/* crypt.h: what the AES and carry-less multiplication instructions do to 16 bytes, for their SSE and VEX forms. */
#ifndef PCEMU_CRYPT_H
#define PCEMU_CRYPT_H

#include "cpu_state.h"

/* One round on the state *d: `last` leaves MixColumns out. `key` may be *d. */
void aes_encrypt(union vec *d, const union vec *key, bool last);
void aes_decrypt(union vec *d, const union vec *key, bool last);
/* AESIMC, AESKEYGENASSIST. *d and *s may be the same. */
void aes_inverse_mix(union vec *d, const union vec *s);
void aes_key_assist(union vec *d, const union vec *s, u8 rcon);
/* *d = a x b without carries, 128 bits. */
void carryless_multiply(union vec *d, u64 a, u64 b);

#endif
