// SPDX-License-Identifier: GPL-3.0-or-later
// What the views and the menu ask for, done to the document. Each is one step to undo; what cannot be done is
// said in the status bar.
#ifndef NM_STUDIO_EDIT_H
#define NM_STUDIO_EDIT_H

#include "app/studio/state.h"

// To the notes that are selected.
void nm_studio_move(NmStudio *studio, int64_t ticks, int semitones);
void nm_studio_move_by_scale(NmStudio *studio, int steps);
void nm_studio_resize(NmStudio *studio, bool at_start, int64_t ticks);
void nm_studio_remove(NmStudio *studio);
void nm_studio_merge(NmStudio *studio);
void nm_studio_split(NmStudio *studio); // at the playhead, or in the middle
void nm_studio_quantise(NmStudio *studio);

// A new note, which is selected then.
void nm_studio_add(NmStudio *studio, int64_t tick, int64_t ticks, int pitch);

// The drawn pitch of [from, to] (ticks) is to be these points [n]; n 0: none.
void nm_studio_draw_pitch(NmStudio *studio, double from, double to, const NmCurvePoint *points, int n);

void nm_studio_undo(NmStudio *studio);
void nm_studio_redo(NmStudio *studio);

// The text of a line of words.
void nm_studio_set_line(NmStudio *studio, int line, const char *text);

// A field for the syllable of a note, and those behind it: Enter is done, Tab goes on to the next note.
void nm_studio_type(NmStudio *studio, int note);
void nm_studio_show_typing(NmStudio *studio, NmRect roll); // over the roll

// One step of a name: nm_studio_end(studio, the edit's status) when begin answered true.
bool nm_studio_begin(NmStudio *studio, const char *label);
// One with the step before when that had the same `merge`, which is not 0.
bool nm_studio_begin_joined(NmStudio *studio, const char *label, uint64_t merge);
bool nm_studio_end(NmStudio *studio, NmStatus status);

#endif
