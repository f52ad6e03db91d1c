// SPDX-License-Identifier: GPL-3.0-or-later
// File > Render: everything of the song into a folder, while work goes on.
#ifndef NM_STUDIO_RENDER_H
#define NM_STUDIO_RENDER_H

#include "app/studio/rendering.h"
#include "app/studio/studio.h"

// Zero-initialise.
typedef struct {
  NmRendering *rendering; // NULL: none is under way
  NmRenderingOrder order;
  int format;
  bool is_there; // files of that name are in the folder
  bool focuses;
} NmStudioRender;

void nm_studio_ask_render(NmStudio *studio);
// Back from choosing the folder; NULL: it stays.
void nm_studio_go_on_rendering(NmStudio *studio, const char *folder);
void nm_studio_stop_render(NmStudio *studio);

// The dialog, every frame; and what has become of the rendering.
void nm_studio_show_render(NmStudio *studio);

// How far it is, at the right end of the status bar; answers the width that it takes, 0 when there is none.
float nm_studio_show_render_progress(NmStudio *studio, NmRect bar);

#endif
