// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/triads.h"

#include <math.h>

#include "models/emotion/tonal.h"

#define SHARPNESS 20

void nm_triads_init(NmTriads *triads)
{
  *triads = (NmTriads){.last = -1};
}

// What the classes of each triad hold; returns the likeliest.
static int weigh(const float *chroma, int tonic, double held[NM_TRIADS])
{
  int most = 0;
  for (int k = 0; k < NM_TRIADS; ++k) {
    const int root = tonic + k, third = k < NM_CHROMA_N ? 4 : 3;
    held[k] = (double)chroma[root % NM_CHROMA_N] + chroma[(root + third) % NM_CHROMA_N] +
              chroma[(root + 7) % NM_CHROMA_N];
    if (held[k] > held[most]) most = k;
  }
  return most;
}

void nm_triads_add(NmTriads *triads, const float *chroma, int tonic)
{
  double held[NM_TRIADS], share[NM_TRIADS], sum = 0;
  const int most = weigh(chroma, tonic, held);
  for (int k = 0; k < NM_TRIADS; ++k) sum += share[k] = exp(SHARPNESS * (held[k] - held[most]));
  for (int k = 0; k < NM_TRIADS; ++k) {
    share[k] /= sum;
    triads->shares[k] += share[k];
    triads->entropy -= share[k] * log(share[k] + 1e-9);
    if (k < NM_CHROMA_N) triads->major += share[k];
  }
  triads->held += held[most];
  triads->n_changes += triads->n > 0 && most != triads->last;
  triads->last = most;
  triads->n += 1;
}

void nm_triads_measure(const NmTriads *triads, float *out)
{
  const double n = triads->n > 0 ? (double)triads->n : 1;
  for (int k = 0; k < NM_TRIADS; ++k) out[k] = (float)(triads->shares[k] / n);
  out[NM_TRIADS] = triads->n > 1 ? (float)triads->n_changes / (float)(triads->n - 1) : 0;
  out[NM_TRIADS + 1] = (float)(triads->major / n);
  out[NM_TRIADS + 2] = (float)(triads->held / n);
  out[NM_TRIADS + 3] = (float)(triads->entropy / n);
}
