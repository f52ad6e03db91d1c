// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio knows, for the files of this folder.
#ifndef NM_STUDIO_STATE_H
#define NM_STUDIO_STATE_H

#include <limits.h>

#include "app/studio/model.h"
#include "app/studio/studio.h"
#include "models/song/song.h"
#include "ui/views/axis.h"
#include "ui/views/ruler.h"

struct NmStudio {
  NmKit *kit;
  NmSong *song; // never NULL
  NmStudioModel model;
  char path[PATH_MAX]; // empty: not in a file
  NmAxis axis;
  bool fits; // the axis is to show the whole song once its width is known
  NmRulerModel ruler_model;
  NmRuler ruler;
  char status[256];
  bool done;
};

#endif
