// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/focus.h"

#include <math.h>

#include "models/align/align.h"

#define WEIGHT_MIN 1e-6f // a token that is not attended to at all is unlikely, not forbidden

double nm_focus_rate(const NmFocus *f)
{
  double sum = 0;
  for (int64_t s = 0; s < f->S; ++s) {
    const float *row = f->weights + s * f->stride;
    float most = 0;
    for (int64_t k = 0; k < f->K; ++k) most = fmaxf(most, row[k]);
    sum += most;
  }
  return f->S > 0 ? sum / (double)f->S : 0;
}

static double rate_of_path(const NmFocus *f, const int32_t *durations)
{
  double sum = 0;
  int64_t s = 0;
  for (int64_t k = 0; k < f->K; ++k)
    for (int32_t i = 0; i < durations[k]; ++i, ++s) sum += f->weights[s * f->stride + k];
  return sum / (double)f->S;
}

NmStatus nm_focus_durations(const NmFocus *f, NmArena *arena, int32_t *durations, double *rate)
{
  const NmAlignConfig config = {.T = f->S, .K = f->K, .min_frames = 1};
  if (f->S < 1 || f->K < 1 || f->S < f->K) return NM_ERR_BAD_DATA;
  float *scores = nm_arena_calloc(arena, (size_t)(f->S * f->K), sizeof *scores);
  void *work = nm_arena_alloc(arena, nm_align_size_work(&config));
  if (!scores || !work) return NM_ERR_NO_MEMORY;
  for (int64_t s = 0; s < f->S; ++s)
    for (int64_t k = 0; k < f->K; ++k) {
      const float w = f->weights[s * f->stride + k];
      scores[s * f->K + k] = isfinite(w) ? logf(fmaxf(w, WEIGHT_MIN)) : NAN;
    }
  const NmStatus status = nm_align_viterbi(&config, scores, work, durations, NULL);
  if (status == NM_OK) *rate = rate_of_path(f, durations);
  return status;
}
