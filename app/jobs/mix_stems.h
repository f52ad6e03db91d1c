// SPDX-License-Identifier: GPL-3.0-or-later
// The stems of a mix: stereo files in one folder that appear together.
#ifndef NM_JOBS_MIX_STEMS_H
#define NM_JOBS_MIX_STEMS_H

#include <stdbool.h>

#include "dsp/base/status.h"

typedef struct NmMixStems NmMixStems;

// Begins dir/NAME.wav for every name [n], float, at rate_hz; makes the folder if it is missing. NULL and
// `err`.
NmMixStems *nm_mix_stems_new(const char *dir, const char *const *names, int n, int rate_hz, bool force,
                             NmError *err);

// What is not closed vanishes, and the folder when it was made for that alone. NULL is fine.
void nm_mix_stems_free(NmMixStems *stems);

// The next n frames [n, 2] of stem i.
NmStatus nm_mix_stems_write(NmMixStems *stems, int i, const float *frames, int64_t n,
                            NmError *err) NM_NODISCARD;

// Puts the files in place.
NmStatus nm_mix_stems_close(NmMixStems *stems, NmError *err) NM_NODISCARD;

#endif
