// SPDX-License-Identifier: GPL-3.0-or-later
// Drawn pitch of the selected notes: a vibrato put onto it, and smoothed.
#ifndef NM_STUDIO_BEND_H
#define NM_STUDIO_BEND_H

#include "app/studio/studio.h"

// A vibrato as wide and fast as the song's, in every selected note that is long enough.
void nm_studio_draw_vibrato(NmStudio *studio);

// Corners of the drawn pitch become round.
void nm_studio_smooth_pitch(NmStudio *studio);

#endif
