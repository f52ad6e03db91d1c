// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/sing/breath.h"
#include "models/sing/plan.h"

enum { EDGE_FADE = NM_VOICE_HOP / 2, BREATH_PAUSE = 5 }; // samples; frames between a breath and the voice
static const float breath_db = -44;

NmSinger *nm_singer_new(NmText *text, NmVoice *voice)
{
  NmSinger *singer = calloc(1, sizeof *singer);
  if (singer) *singer = (NmSinger){text, voice};
  return singer;
}

void nm_singer_free(NmSinger *singer)
{
  free(singer);
}

// Equal power, since the phases of what is faded do not agree.
static void fade(float *samples, int64_t n, bool in)
{
  for (int64_t i = 0; i < n; ++i) {
    const double x = M_PI / 2 * ((double)i + .5) / (double)n;
    samples[i] *= (float)(in ? sin(x) : cos(x));
  }
}

static void finish(const NmSingPlan *plan, const NmSingPhrase *phrase, float *samples)
{
  const int64_t n = phrase->n_samples;
  const int64_t n_in = phrase->n_fade_in ? (int64_t)phrase->n_fade_in * NM_VOICE_HOP : EDGE_FADE;
  const int64_t n_out = phrase->n_fade_out ? (int64_t)phrase->n_fade_out * NM_VOICE_HOP : EDGE_FADE;
  fade(samples, n_in < n ? n_in : n, true);
  fade(samples + (n_out < n ? n - n_out : 0), n_out < n ? n_out : n, false);
  if (phrase->n_breath)
    nm_sung_breath_add(nm_sung_style_of(&plan->style, phrase->line)->seed, breath_db, samples,
                       (int64_t)(phrase->n_breath - BREATH_PAUSE) * NM_VOICE_HOP);
}

NmStatus nm_singer_sing_phrase(NmSinger *singer, const NmSingPlan *plan, int32_t i, float *samples,
                               NmError *err)
{
  if (i < 0 || i >= plan->n_phrases) return nm_error_set(err, NM_ERR_BAD_ARG, "there is no phrase %d", i);
  const NmSingPhrase *phrase = &plan->phrases[i];
  const NmSingStyle *style = nm_sung_style_of(&plan->style, phrase->line);
  const NmVoiceCurves curves = {phrase->f0_hz, phrase->energy_db, (float)fmin(style->as, plan->style.as)};
  NmSpoken spoken;
  const NmStatus status = nm_voice_sing(singer->voice, phrase->phones, phrase->n_phones, &curves,
                                        style->speaker, style->seed, &spoken, err);
  if (status != NM_OK) return status;
  const int64_t skipped = (int64_t)phrase->n_skip * NM_VOICE_HOP;
  if (spoken.n_samples < skipped + phrase->n_samples)
    return nm_error_set(err, NM_ERR_BAD_DATA, "the voice sang %lld samples where %lld were planned",
                        (long long)spoken.n_samples, (long long)(skipped + phrase->n_samples));
  memcpy(samples, spoken.samples + skipped, (size_t)phrase->n_samples * sizeof *samples);
  finish(plan, phrase, samples);
  return NM_OK;
}
