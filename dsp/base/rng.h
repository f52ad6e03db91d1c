// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same on every machine and for any number of threads.
#ifndef NM_BASE_RNG_H
#define NM_BASE_RNG_H

#include <stdint.h>

// A stream: SplitMix64 (Steele, Lea, Flood 2014). Copy it to fork, store `state` to resume.
typedef struct {
  uint64_t state;
} NmRng;

static inline uint64_t nm_rng_mix(uint64_t z)
{
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline void nm_rng_init(NmRng *rng, uint64_t seed)
{
  rng->state = nm_rng_mix(seed + 0x9e3779b97f4a7c15u);
}

static inline uint64_t nm_rng_next(NmRng *rng)
{
  return nm_rng_mix(rng->state += 0x9e3779b97f4a7c15u);
}

// Uniform in [0, 1), 53 bits.
static inline double nm_rng_uniform(NmRng *rng)
{
  return (double)(nm_rng_next(rng) >> 11) * 0x1p-53;
}

// Uniform in [0, n), n > 0; the bias of at most n / 2^64 is accepted.
static inline uint64_t nm_rng_below(NmRng *rng, uint64_t n)
{
  return (uint64_t)(((unsigned __int128)nm_rng_next(rng) * n) >> 64);
}

// Standard normal deviate (Box-Muller, one of the pair).
double nm_rng_normal(NmRng *rng);

// Counter-based: element `index` of stream `seed`, uniform in [0, 1). Rows may be drawn in any order by any
// thread.
static inline float nm_rng_uniform_at(uint64_t seed, uint64_t index)
{
  return (float)(nm_rng_mix(seed + index * 0x9e3779b97f4a7c15u) >> 40) * 0x1p-24f;
}

// An index below n, i as likely as weight i: cumulated [n] are the weights, none negative, each with all
// before it added, the last one positive.
int64_t nm_rng_pick(NmRng *rng, const double *cumulated, int64_t n);

// Shuffles `n` ints in place (Fisher-Yates).
void nm_rng_shuffle_i32(NmRng *rng, int32_t *values, int64_t n);

#endif
