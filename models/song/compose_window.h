// SPDX-License-Identifier: GPL-3.0-or-later
// Long lyrics are heard in windows: some lines anew, a few before them once more and a few behind them ahead.
#ifndef NM_SONG_COMPOSE_WINDOW_H
#define NM_SONG_COMPOSE_WINDOW_H

#include "models/song/melody_plan.h"

// Lines [first, last) are seen, of which [line, end) get their notes.
typedef struct {
  int32_t first, line, end, last;
} NmComposeWindow;

// The window that begins anew with `line`; it ends with a stanza if one ends in its second half. tokens
// [plan->n_syllables].
NmComposeWindow nm_compose_window(const NmMelodyPlan *plan, const NmLyricToken *tokens, int32_t line);

// Syllables of lines [line, end).
int32_t nm_compose_count_syllables(const NmMelodyPlan *plan, int32_t line, int32_t end);

#endif
