// SPDX-License-Identifier: GPL-3.0-or-later
// The bar below the menu: playing, where, and how the mouse works.
#ifndef NM_STUDIO_BAR_H
#define NM_STUDIO_BAR_H

#include "app/studio/studio.h"

enum { NM_STUDIO_BAR_HEIGHT = 42 };

void nm_studio_show_bar(NmStudio *studio, NmRect rect);

#endif
