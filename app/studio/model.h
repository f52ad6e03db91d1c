// SPDX-License-Identifier: GPL-3.0-or-later
// A song as the views want it: plain arrays, made anew when the song changed.
#ifndef NM_STUDIO_MODEL_H
#define NM_STUDIO_MODEL_H

#include "models/song/song.h"
#include "ui/views/axis.h"

// Texts are those of the song, which must stay. Zero-initialised.
typedef struct {
  NmArena arena;
  NmAxisTime time;
} NmStudioModel;

// NM_ERR_NO_MEMORY leaves the model empty, which must not be shown.
NmStatus nm_studio_model_make(NmStudioModel *model, const NmSong *song) NM_NODISCARD;
void nm_studio_model_fini(NmStudioModel *model);

#endif
