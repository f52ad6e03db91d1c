// SPDX-License-Identifier: GPL-3.0-or-later
// A panel at the window's right with what a song holds beside words and notes: how it is sung, as a whole and
// in the lines that are selected; tempo, meter and key; the band and the mix.
#ifndef NM_STUDIO_SETTINGS_H
#define NM_STUDIO_SETTINGS_H

#include "app/studio/studio.h"

typedef enum { NM_SETTINGS_VOICE, NM_SETTINGS_TIME, NM_SETTINGS_BAND, NM_SETTINGS_PARTS } NmSettingsPart;

enum { NM_SETTINGS_WIDTH = 286, NM_SETTINGS_TEXTS = 3, NM_SETTINGS_TEXT = 512 };

// Zero-initialise.
typedef struct {
  bool shown, focuses;
  NmSettingsPart part;
  bool of_lines;   // the voice of the lines that are selected, rather than of the song
  uint32_t stroke; // counts presses of the mouse: what a slider does in one is one step
  int types;       // which of the texts is being typed, from 1; 0: none
  char typed[NM_SETTINGS_TEXTS][NM_SETTINGS_TEXT];
} NmSettings;

void nm_settings_show(NmStudio *studio, NmRect rect);

// Opens it at a part, with the keyboard in it; closes it when it shows that part.
void nm_settings_toggle(NmStudio *studio, NmSettingsPart part);

#endif
