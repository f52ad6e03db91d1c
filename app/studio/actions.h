// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done from the menu or by a key: one table serves the menu, the keys and the sheet
// that explains them.
#ifndef NM_STUDIO_ACTIONS_H
#define NM_STUDIO_ACTIONS_H

#include "app/studio/studio.h"
#include "ui/kit/shortcut.h"
#include "ui/kit/words.h"

// Rows of a menu follow each other. A row of a menu alone is a separator. `shortcut` may be empty, and so may
// `also`, a second one that is not shown. is_enabled and is_checked may be NULL. The table ends with a NULL
// menu.
typedef struct {
  const char *menu, *label;
  NmShortcut shortcut, also;
  void (*run)(NmStudio *studio);
  bool (*is_enabled)(const NmStudio *studio);
  bool (*is_checked)(const NmStudio *studio);
} NmAction;

extern const NmAction nm_actions[];

// Names of menus that also open elsewhere.
#define NM_MENU_NOTES N_("&Notes")

// The menu bar, answers its height; and the keys, after everything else had a look at them.
float nm_actions_show_menu(NmStudio *studio);
void nm_actions_take_keys(NmStudio *studio);

// A menu of the bar as one at the pointer (nm_kit_popup_open).
void nm_actions_show_popup(NmStudio *studio, const char *name, const char *menu);

#endif
