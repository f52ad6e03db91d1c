// SPDX-License-Identifier: GPL-3.0-or-later
// Keys pressed together, and how they are written.
#ifndef NM_UI_KIT_SHORTCUT_H
#define NM_UI_KIT_SHORTCUT_H

#include "ui/kit/kit.h"

typedef struct {
  int key; // 0: none
  unsigned mods;
} NmShortcut;

enum { NM_SHORTCUT_TEXT_MAX = 64 };

// "Ctrl+Shift+Z" in the user's language; empty for none. Answers `text`.
const char *nm_shortcut_write(NmShortcut shortcut, char text[NM_SHORTCUT_TEXT_MAX]);

// Whether it went down in this frame and is nobody's yet (nm_kit_take_key).
bool nm_shortcut_take(NmKit *kit, NmShortcut shortcut);

#endif
