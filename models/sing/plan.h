// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of a plan.
#ifndef NM_SING_PLAN_H
#define NM_SING_PLAN_H

#include "models/sing/lay.h"
#include "models/sing/score.h"

enum {
  NM_SING_MARGIN = 64, // frames before the first and behind the last that curves have too
  NM_SING_TAIL = 16    // frames of silence behind the last sound
};

struct NmSingPlan {
  NmSungScore score; // its arena holds everything
  NmLaid laid;
  NmSingStyle style;     // without curves
  NmSingPhrase *phrases; // [n_phrases]
  int32_t n_phrases;
  int64_t n_frames;
  float *f0_hz, *energy_db; // [n_frames + 2 NM_SING_MARGIN], from frame -NM_SING_MARGIN on
  uint64_t voice;           // its identity
  NmSingReport report;
  // The song's texts, for telling: [n] of each.
  const char **syllables, **words, **lines;
  int32_t n_syllables, n_words, n_lines;
};

struct NmSinger {
  NmText *text;   // borrowed, may be NULL
  NmVoice *voice; // borrowed
};

// Cuts what is laid into phrases with their keys. NM_ERR_NO_MEMORY.
NmStatus nm_sing_plan_cut(NmSingPlan *plan, NmError *err) NM_NODISCARD;

// Copies the song's texts; false when memory is out.
bool nm_sing_plan_keep_texts(NmSingPlan *plan, const NmSong *song);

#endif
