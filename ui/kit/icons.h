// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons with pictures.
#ifndef NM_UI_KIT_ICONS_H
#define NM_UI_KIT_ICONS_H

#include "ui/kit/widget.h"

typedef enum {
  NM_ICON_START, // back to the beginning
  NM_ICON_PLAY,
  NM_ICON_STOP,
  NM_ICON_LOOP,
  NM_ICON_METRONOME,
  NM_ICON_PENCIL,
  NM_ICON_UNDO,
  NM_ICON_REDO
} NmIcon;

enum { NM_ICON_SIZE = 28 }; // of the button

// `name` tells it from others and is not shown; `tip` is. `on`: it is pressed down and stays so.
bool nm_icon_button(NmKit *kit, NmIcon icon, const char *name, const char *tip, bool on);

#endif
