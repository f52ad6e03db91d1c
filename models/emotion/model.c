// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/map.h"

void nm_emotion_model_close(NmEmotionModel *model)
{
  if (!model) return;
  nm_params_free(model->params);
  free(model->centres);
  free(model->weights);
  free(model);
}

NmStatus nm_emotion_hash_file(const char *path, char hash[NM_EMOTION_HASH_SIZE], NmError *err)
{
  NmMap map;
  uint64_t h = 0xcbf29ce484222325u; // FNV-1a
  const NmStatus status = nm_map_open(&map, path, err);
  if (status != NM_OK) return status;
  for (size_t i = 0; i < map.size; ++i) h = (h ^ map.data[i]) * 0x100000001b3u;
  nm_map_close(&map);
  snprintf(hash, NM_EMOTION_HASH_SIZE, "%016" PRIx64, h);
  return NM_OK;
}

// Builds the network once, so that a missing tensor or a wrong shape is found now.
static NmStatus check_tensors(NmEmotionModel *model, const char *path, NmError *err)
{
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  if (!g) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  const NmNet net = {g, model->params, 0};
  const NmEmotionInputs in = nm_emotion_inputs(g, 1, 2);
  const NmEmotionOutput out = nm_emotion_network(&net, &model->config, &in, false);
  nm_graph_output(g, out.out);
  NmError inner = {0};
  NmStatus status = nm_graph_plan(g, false, &inner);
  if (status != NM_OK) nm_error_set(err, status, "%s: %s", path, inner.message);
  if (status == NM_OK) status = nm_params_check_all_used(model->params, path, err);
  nm_graph_free(g);
  return status;
}

static NmStatus read_machine(NmEmotionModel *model, const char *path, NmError *err)
{
  const size_t n = (size_t)model->config.n_centres;
  if (!n) return NM_OK;
  model->centres = malloc(n * NM_KERNEL_COLUMNS * sizeof(float));
  model->weights = malloc(n * NM_KERNEL_OUT * sizeof(float));
  if (!model->centres || !model->weights)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  nm_params_get(model->params, nm_params_find(model->params, "kernel.centres"), model->centres);
  nm_params_get(model->params, nm_params_find(model->params, "kernel.matern"), model->weights);
  model->machine = (NmKernelMachine){.n = (int64_t)n, .centres = model->centres, .weights = model->weights};
  memcpy(model->machine.mean, model->stats.label[0], sizeof model->machine.mean);
  return NM_OK;
}

static NmStatus load(NmEmotionModel *model, const char *path, NmError *err)
{
  char *metadata = NULL;
  NmStatus status = nm_emotion_hash_file(path, model->hash, err);
  if (status != NM_OK) return status;
  model->params = nm_params_load(nm_backend_cpu(), NULL, path, &metadata, err);
  status = model->params ? NM_OK : err->status;
  if (status == NM_OK)
    status = nm_config_read(metadata, path, "emotion", nm_emotion_fields, nm_emotion_n_fields, &model->config,
                            err);
  free(metadata);
  if (status == NM_OK && model->config.d_model % model->config.n_heads)
    status =
        nm_error_set(err, NM_ERR_BAD_DATA, "%s: metadata: \"d_model\" is no multiple of \"n_heads\"", path);
  if (status == NM_OK) status = check_tensors(model, path, err);
  if (status == NM_OK) status = nm_emotion_get_stats(model->params, path, &model->stats, err);
  return status == NM_OK ? read_machine(model, path, err) : status;
}

NmEmotionModel *nm_emotion_model_open(const char *path, NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  NmEmotionModel *model = calloc(1, sizeof *model);
  if (!model) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    return NULL;
  }
  if (load(model, path, err) == NM_OK) return model;
  nm_emotion_model_close(model);
  return NULL;
}

const char *nm_emotion_model_get_hash(const NmEmotionModel *model)
{
  return model->hash;
}

void nm_emotion_model_get_spread(const NmEmotionModel *model, float spread[2])
{
  memcpy(spread, model->stats.label[1], 2 * sizeof *spread);
}
