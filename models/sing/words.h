// SPDX-License-Identifier: GPL-3.0-or-later
// The phones of a score's units: the song's own where it has them, else those of the text front end, divided
// among the syllables as they are written.
#ifndef NM_SING_WORDS_H
#define NM_SING_WORDS_H

#include "models/sing/score.h"

typedef struct {
  NmText *text; // NULL: every syllable must have phones
  const NmSong *song;
  const NmSingStyle *style;
  void (*note)(void *user, const char *message); // may be NULL
  void *user;
  int32_t n_guessed; // counted: syllables whose phones came from the front end
} NmSungWords;

// Fills the score's phones, and of each unit its phones, anchor, held phone and boundary. NM_ERR_BAD_ARG when
// phones are missing and there is no front end; else what that answers.
NmStatus nm_sung_words_read(NmSungWords *words, NmSungScore *score, NmError *err) NM_NODISCARD;

#endif
