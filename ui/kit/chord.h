// SPDX-License-Identifier: GPL-3.0-or-later
// Keys pressed together, and how they are written.
#ifndef NM_UI_KIT_CHORD_H
#define NM_UI_KIT_CHORD_H

#include "ui/kit/kit.h"

typedef struct {
  int key; // 0: none
  unsigned mods;
} NmChord;

enum { NM_CHORD_TEXT_MAX = 64 };

// "Ctrl+Shift+Z" in the user's language; empty for none. Answers `text`.
const char *nm_chord_write(NmChord chord, char text[NM_CHORD_TEXT_MAX]);

// Whether the chord went down in this frame and is nobody's yet (nm_kit_take_key).
bool nm_chord_take(NmKit *kit, NmChord chord);

#endif
