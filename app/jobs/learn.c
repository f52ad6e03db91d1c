// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/learn.h"

#include "app/assets.h"

NmEmotionModel *nm_learn_open_model(NmError *err)
{
  char path[PATH_MAX];
  return nm_assets_find("emotion.safetensors", path, err) == NM_OK ? nm_emotion_model_open(path, err) : NULL;
}

NmListener *nm_learn_listener(NmEmotionModel *model, const NmListenerClip *clip, NmError *err)
{
  char path[PATH_MAX];
  return nm_assets_find("listener.safetensors", path, err) == NM_OK
             ? nm_listener_adapt(model, path, clip, err)
             : NULL;
}
