// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/model.h"

#include <stdlib.h>
#include <string.h>

void nm_song_model_close(NmSongModel *model)
{
  nm_params_free(model->params);
  nm_vocabulary_free(model->vocabulary);
  *model = (NmSongModel){0};
}

// Builds the whole network once: declares what an open set does not know; of a sealed one a missing tensor or
// a wrong shape is found now.
static NmStatus declare(NmSongModel *model, bool sealed, NmError *err)
{
  NmGraph *g = nm_graph_new(nm_backend_cpu(), model->pool);
  if (!g) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_song_declare(&(NmNet){g, model->params, 0}, &model->config);
  const NmStatus status = sealed ? nm_graph_plan(g, false, err) : NM_OK;
  nm_graph_free(g);
  return status;
}

static NmStatus read_syllables(NmSongModel *model, const char *metadata, NmError *err)
{
  char *text = nm_config_get_text(metadata, "syllables");
  if (!text) return nm_error_set(err, NM_ERR_BAD_DATA, "metadata: \"syllables\" is missing");
  model->vocabulary = nm_vocabulary_new(text, strlen(text), err);
  free(text);
  if (!model->vocabulary) return err->status;
  const int32_t n = nm_vocabulary_get_n(model->vocabulary);
  if (n == model->config.n_syllables) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "metadata: \"n_syllables\" is %d, but the vocabulary has %d",
                      model->config.n_syllables, n);
}

static NmStatus read_model(NmSongModel *model, const char *metadata, NmError *err)
{
  NmStatus status = read_syllables(model, metadata, err);
  const char *fault = nm_song_config_fault(&model->config);
  if (status == NM_OK && fault) status = nm_error_set(err, NM_ERR_BAD_DATA, "metadata: %s", fault);
  return status == NM_OK ? declare(model, true, err) : status;
}

NmStatus nm_song_model_open(NmSongModel *model, const char *path, NmPool *pool, NmError *err)
{
  char *metadata = NULL;
  NmError local = {0}, inner = {0};
  if (!err) err = &local;
  *model =
      (NmSongModel){.pool = pool, .params = nm_params_load(nm_backend_cpu(), pool, path, &metadata, err)};
  if (!model->params) return err->status;
  NmStatus status =
      nm_config_read(metadata, path, "song", nm_song_fields, nm_song_n_fields, &model->config, err);
  if (status == NM_OK && (status = read_model(model, metadata, &inner)) != NM_OK)
    nm_error_set(err, status, "%s: %s", path, inner.message);
  if (status == NM_OK) status = nm_params_check_all_used(model->params, path, err);
  if (status != NM_OK) nm_song_model_close(model);
  free(metadata);
  return status;
}

NmStatus nm_song_model_init(NmSongModel *model, const NmSongConfig *config, const char *text, uint64_t seed,
                            NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  *model = (NmSongModel){.config = *config, .vocabulary = nm_vocabulary_new(text, strlen(text), err)};
  if (!model->vocabulary) return err->status;
  model->config.n_syllables = nm_vocabulary_get_n(model->vocabulary);
  model->params = nm_params_new(nm_backend_cpu(), NULL);
  NmStatus status =
      model->params ? declare(model, false, err) : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) status = nm_params_seal(model->params, seed, err);
  if (status != NM_OK) nm_song_model_close(model);
  return status;
}

char *nm_song_model_metadata(const NmSongConfig *config, const NmVocabulary *vocabulary)
{
  const char *const texts[][2] = {{"syllables", nm_vocabulary_get_text(vocabulary)}};
  return nm_config_write("song", nm_song_fields, nm_song_n_fields, config, texts, 1);
}
