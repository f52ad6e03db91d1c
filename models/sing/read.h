// SPDX-License-Identifier: GPL-3.0-or-later
// Between reading and singing: each line begins with its first note, and from there on sounds last something
// between what speech gives them and what the notes do.
#ifndef NM_SING_READ_H
#define NM_SING_READ_H

#include "models/sing/lay.h"

// What was laid again, for a share of singing `as` < 1: new phones, in the score's arena, and for each the
// one it was (sources [n], -1: a pause of speech). A line that would run into the next one is read faster.
NmStatus nm_laid_read(NmLaid *laid, NmSungScore *score, double as, int32_t **sources,
                      NmError *err) NM_NODISCARD;

// The values of frames [-margin, before->n_frames + margin) laid anew: to [after->n_frames + 2 margin].
void nm_laid_move_curve(const NmLaid *before, const NmLaid *after, const int32_t *sources, int32_t margin,
                        const float *from, float *to);

#endif
