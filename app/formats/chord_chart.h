// SPDX-License-Identifier: GPL-3.0-or-later
// The chords of a song for people and for programs.
#ifndef NM_FORMATS_CHORD_CHART_H
#define NM_FORMATS_CHORD_CHART_H

#include <jansson.h>
#include <stdio.h>

#include "models/harmony/harmony.h"

// Four bars a line, "| G | C D7 | % | G |": the chords of each bar, "%" where it has those of the bar before
// and only one. A pick-up is no bar. Whether the stream took it is the caller's to ask.
void nm_chord_chart_write(const NmSong *song, const NmHarmony *harmony, FILE *file);

// [{"chord": "G7/B", "root": "G", "bass": "B", "bar", "onset_beats", "len_beats", "start", "end"}]; bars from
// 1, beats are quarter notes, start and end seconds. NULL when memory is out.
json_t *nm_chord_chart_json(const NmSong *song, const NmHarmony *harmony);

#endif
