// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/hash.h"

#include <string.h>

#include "dsp/base/rng.h"

void nm_hash_init(NmHash *hash)
{
  *hash = (NmHash){{0x243f6a8885a308d3u, 0x13198a2e03707344u}};
}

void nm_hash_add_u64(NmHash *hash, uint64_t value)
{
  hash->word[0] = nm_rng_mix((hash->word[0] ^ value) + 0x9e3779b97f4a7c15u);
  hash->word[1] = nm_rng_mix((hash->word[1] + value) * 0xd6e8feb86659fd93u + hash->word[0]);
}

// Little-endian, whatever the machine.
static uint64_t load(const uint8_t *bytes, size_t n)
{
  uint64_t value = 0;
  for (size_t i = 0; i < n; ++i) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

void nm_hash_add(NmHash *hash, const void *bytes, size_t n)
{
  const uint8_t *at = bytes;
  for (size_t left = n; left >= 8; left -= 8, at += 8) nm_hash_add_u64(hash, load(at, 8));
  nm_hash_add_u64(hash, load(at, n % 8));
  nm_hash_add_u64(hash, n);
}

void nm_hash_add_real(NmHash *hash, double value)
{
  uint64_t bits;
  value += 0.; // -0 becomes 0
  memcpy(&bits, &value, sizeof bits);
  nm_hash_add_u64(hash, bits);
}
