// SPDX-License-Identifier: GPL-3.0-or-later
// A hash of 128 bits that is the same on every machine and says whether two contents are the same. It keeps
// out accidents, not attackers.
#ifndef NM_BASE_HASH_H
#define NM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t word[2];
} NmHash;

void nm_hash_init(NmHash *hash);

// Takes n bytes and the fact that they were n.
void nm_hash_add(NmHash *hash, const void *bytes, size_t n);

// Takes a number. Real numbers are told apart by their bits, but for -0 and 0.
void nm_hash_add_u64(NmHash *hash, uint64_t value);
void nm_hash_add_real(NmHash *hash, double value);

#endif
