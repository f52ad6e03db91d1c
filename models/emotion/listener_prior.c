// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener_prior.h"

#include <stdlib.h>
#include <string.h>

#include "models/engine/config.h"
#include "models/engine/safetensors.h"

static NmStatus check(const NmSafetensors *file, const char *path, const char *hash, NmError *err)
{
  char *metadata = nm_safetensors_get_metadata(file);
  NmStatus status = metadata ? nm_config_read(metadata, path, "listener", NULL, 0, NULL, err)
                             : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  char *bound = metadata ? nm_config_get_text(metadata, "emotion_model") : NULL;
  if (status == NM_OK && (!bound || strcmp(bound, hash)))
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: made with another emotion model", path);
  free(bound);
  free(metadata);
  return status;
}

NmStatus nm_listener_prior_load(const char *path, const char *hash, float weights[2][NM_MIX_N], NmError *err)
{
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return err->status;
  NmStatus status = check(file, path, hash, err);
  const NmStored *stored = nm_safetensors_find(file, "mix");
  if (status == NM_OK && (!stored || !nm_shape_equal(stored->shape, NM_SHAPE2(2, NM_MIX_N)) ||
                          !nm_stored_get(stored, weights[0])))
    status =
        nm_error_set(err, NM_ERR_BAD_DATA, "%s: no tensor \"mix\" of 2 by %d finite values", path, NM_MIX_N);
  nm_safetensors_close(file);
  return status;
}

NmStatus nm_listener_prior_save(const char *path, const char *hash, const char *licence, const char *data,
                                float weights[2][NM_MIX_N], NmError *err)
{
  const char *const texts[][2] = {{"emotion_model", hash}, {"licence", licence}, {"training_data", data}};
  char *metadata = nm_config_write("listener", NULL, 0, NULL, texts, 3);
  if (!metadata) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmToStore mix = {"mix", NM_SHAPE2(2, NM_MIX_N), weights, false};
  const NmStatus status = nm_safetensors_save(path, &mix, 1, NM_DTYPE_F32, metadata, err);
  free(metadata);
  return status;
}
