// SPDX-License-Identifier: GPL-3.0-or-later
// Where everything lies in the window.
#ifndef NM_STUDIO_FRAME_H
#define NM_STUDIO_FRAME_H

#include "app/studio/studio.h"

// All of one frame.
void nm_studio_show(NmStudio *studio);

#endif
