// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio knows, for the files of this folder.
#ifndef NM_STUDIO_STATE_H
#define NM_STUDIO_STATE_H

#include <limits.h>

#include "app/studio/model.h"
#include "app/studio/studio.h"

struct NmStudio {
  NmKit *kit;
  NmDocument *doc; // never NULL
  NmStudioModel model;
  char path[PATH_MAX]; // empty: not in a file
  int verse;           // shown over the notes, 1...
  bool done, is_playing;

  // How it is looked at.
  NmAxis axis;
  bool fits; // the axis is to show the whole song once its width is known
  NmRulerModel ruler_model;
  NmRuler ruler;
  NmRoll roll;
  NmLyrics lyrics;
  float width_words; // units
  float height_roll; // of the last frame
  char status[256];
  bool status_is_warning;
};

// Makes the model anew when the document changed. NM_ERR_NO_MEMORY leaves the old one, which must not be
// shown.
NmStatus nm_studio_update(NmStudio *studio);

// The first selected note, -1 for none; selects that one alone and brings it into sight.
int nm_studio_get_note(const NmStudio *studio);
void nm_studio_choose_note(NmStudio *studio, int note, bool extends);

#endif
