// SPDX-License-Identifier: GPL-3.0-or-later
// Small dialogs: transposing by any number, and markers.
#ifndef NM_STUDIO_DIALOGS_H
#define NM_STUDIO_DIALOGS_H

#include "app/studio/studio.h"

// Zero-initialise.
typedef struct {
  double steps;
  bool in_key;   // by steps of the scale rather than semitones
  bool of_song;  // all notes, and the keys
  int64_t tick;  // of the marker
  bool is_there; // a marker
  char name[256];
} NmDialogs;

void nm_studio_ask_transpose(NmStudio *studio);
void nm_studio_ask_marker(NmStudio *studio); // at the playhead
void nm_studio_go_to_marker(NmStudio *studio, int way);

// Every frame.
void nm_studio_show_dialogs(NmStudio *studio);

#endif
