// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/teacher_file.h"

#include <stdlib.h>

#include "models/engine/config.h"
#include "models/speech/acoustic_file.h"

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmTeacherConfig, name), low, high                                                        \
  }

static const NmConfigField fields[] = {FIELD(d_model, 8, 2048),
                                       FIELD(n_heads, 1, NM_TEACHER_HEADS_MAX),
                                       FIELD(n_encoder, 1, 32),
                                       FIELD(d_encoder_inner, 8, 8192),
                                       FIELD(len_encoder_kernel, 1, 31),
                                       FIELD(reach, 1, 256),
                                       FIELD(n_decoder, 1, NM_TEACHER_BLOCKS_MAX),
                                       FIELD(d_decoder_inner, 8, 8192),
                                       FIELD(d_prenet, 8, 2048),
                                       FIELD(n_stack, 1, 8),
                                       FIELD(n_speakers, 1, NM_ACOUSTIC_SPEAKERS_MAX),
                                       FIELD(align_head, 0, NM_TEACHER_BLOCKS_MAX *NM_TEACHER_HEADS_MAX - 1)};
enum { N_FIELDS = sizeof fields / sizeof *fields };

void nm_teacher_file_close(NmTeacherFile *file)
{
  for (int i = 0; i < NM_ACOUSTIC_SPEAKERS_MAX; ++i) free(file->speakers[i]);
  nm_params_free(file->params);
  *file = (NmTeacherFile){0};
}

static NmStatus check_config(const NmTeacherConfig *c, const char *path, NmError *err)
{
  if (8 % c->n_stack != 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: metadata: \"n_stack\" must be 1, 2, 4 or 8", path);
  if (c->align_head < c->n_decoder * c->n_heads) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA,
                      "%s: metadata: \"align_head\" must be below %d, the heads there are", path,
                      c->n_decoder * c->n_heads);
}

// Builds the whole network once, so that a missing tensor or a wrong shape is found now.
static NmStatus check_tensors(NmTeacherFile *file, const char *path, const NmBackend *backend, NmPool *pool,
                              NmError *err)
{
  NmGraph *g = nm_graph_new(backend, pool);
  if (!g) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  nm_teacher_declare(&(NmNet){g, file->params, 0}, &file->config);
  NmError inner = {0};
  NmStatus status = nm_graph_plan(g, false, &inner);
  if (status != NM_OK) nm_error_set(err, status, "%s: %s", path, inner.message);
  if (status == NM_OK) status = nm_params_check_all_used(file->params, path, err);
  nm_graph_free(g);
  return status;
}

NmStatus nm_teacher_file_open(NmTeacherFile *file, const char *path, const NmBackend *backend, NmPool *pool,
                              NmError *err)
{
  char *metadata = NULL;
  NmError local = {0};
  if (!err) err = &local;
  *file = (NmTeacherFile){0};
  file->params = nm_params_load(backend, pool, path, &metadata, err);
  if (!file->params) return err->status;
  const NmTeacherConfig *c = &file->config;
  NmStatus status = nm_config_read(metadata, path, "teacher", fields, N_FIELDS, &file->config, err);
  if (status == NM_OK) status = check_config(c, path, err);
  if (status == NM_OK) status = nm_acoustic_read_speakers(metadata, path, c->n_speakers, file->speakers, err);
  if (status == NM_OK) status = check_tensors(file, path, backend, pool, err);
  if (status == NM_OK) status = nm_acoustic_read_stats(file->params, path, c->n_speakers, &file->stats, err);
  if (status != NM_OK) nm_teacher_file_close(file);
  free(metadata);
  return status;
}

char *nm_teacher_file_metadata(const NmTeacherConfig *config, const char *const *speakers)
{
  char names[NM_ACOUSTIC_SPEAKERS_MAX * 64];
  const char *const texts[][2] = {{"speakers", names}};
  nm_acoustic_print_speakers(speakers, config->n_speakers, names, sizeof names);
  return nm_config_write("teacher", fields, N_FIELDS, config, texts, 1);
}
