// SPDX-License-Identifier: GPL-3.0-or-later
// How long speech would make every sound of a score: what consonants last in singing too.
#ifndef NM_SING_PREDICT_H
#define NM_SING_PREDICT_H

#include "models/sing/score.h"

// Fills natural and pauses of a score whose words have been read. A line is asked for at a time, so that its
// durations do not depend on what is sung around it.
NmStatus nm_sung_predict(NmSungScore *score, NmVoice *voice, int speaker, NmError *err) NM_NODISCARD;

// Fills wished, and the units' shifts, with what was set by hand.
NmStatus nm_sung_take_lengths(NmSungScore *score, const NmSong *song, NmError *err) NM_NODISCARD;

#endif
