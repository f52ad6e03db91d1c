// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet of all keys, and of what the mouse does.
#ifndef NM_STUDIO_SHEET_H
#define NM_STUDIO_SHEET_H

#include "app/studio/studio.h"

void nm_studio_open_sheet(NmStudio *studio);
void nm_studio_show_sheet(NmStudio *studio); // every frame

#endif
