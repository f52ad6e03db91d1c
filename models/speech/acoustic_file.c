// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/acoustic_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/config.h"

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmAcousticConfig, name), low, high                                                       \
  }

static const NmConfigField fields[] = {FIELD(d_model, 8, 2048),
                                       FIELD(n_heads, 1, 32),
                                       FIELD(n_encoder, 1, 32),
                                       FIELD(d_encoder_inner, 8, 8192),
                                       FIELD(len_encoder_kernel, 1, 31),
                                       FIELD(reach, 1, 256),
                                       FIELD(n_decoder, 1, 32),
                                       FIELD(d_decoder_inner, 8, 8192),
                                       FIELD(len_decoder_kernel, 1, 31),
                                       FIELD(n_stack, 1, 8),
                                       FIELD(d_predictor, 8, 2048),
                                       FIELD(n_speakers, 1, NM_ACOUSTIC_SPEAKERS_MAX),
                                       FIELD(attention, 0, 1)};
enum { N_FIELDS = sizeof fields / sizeof *fields };

void nm_acoustic_file_close(NmAcousticFile *file)
{
  for (int i = 0; i < NM_ACOUSTIC_SPEAKERS_MAX; ++i) free(file->speakers[i]);
  nm_params_free(file->params);
  *file = (NmAcousticFile){0};
}

// "kathleen,philipp" into the speakers' names; there must be as many as the configuration says.
NmStatus nm_acoustic_read_speakers(const char *metadata, const char *path, int32_t n_wanted, char **speakers,
                                   NmError *err)
{
  char *list = nm_config_get_text(metadata, "speakers"), *rest = NULL;
  int32_t n = 0;
  for (char *name = list ? strtok_r(list, ",", &rest) : NULL; name && n < n_wanted;
       name = strtok_r(NULL, ",", &rest))
    speakers[n] = strdup(name), n += speakers[n] != NULL;
  free(list);
  if (n == n_wanted) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: metadata: \"speakers\" must name %d speakers", path,
                      n_wanted);
}

void nm_acoustic_print_speakers(const char *const *speakers, int32_t n, char *list, size_t size)
{
  list[0] = 0;
  for (int32_t i = 0; i < n; ++i) {
    const size_t len = strlen(list);
    snprintf(list + len, size - len, "%s%s", i ? "," : "", speakers[i]);
  }
}

static NmStatus read_scale(const char *metadata, const char *name, const char *path, double *scale,
                           NmError *err)
{
  char *text = nm_config_get_text(metadata, name);
  *scale = text ? strtod(text, NULL) : 0;
  free(text);
  if (*scale > .2 && *scale < 5) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: metadata: \"%s\" must be a number from 0.2 to 5", path,
                      name);
}

static NmStatus read_scales(NmAcousticFile *file, const char *metadata, const char *path, NmError *err)
{
  const NmStatus status = read_scale(metadata, "duration_scale", path, &file->scales.duration, err);
  return status == NM_OK ? read_scale(metadata, "envelope_scale", path, &file->scales.envelope, err) : status;
}

// Builds the whole model once, so that a missing tensor or a wrong shape is found now.
static NmStatus check_tensors(NmAcousticFile *file, const char *path, NmPool *pool, NmError *err)
{
  NmGraph *g = nm_graph_new(nm_backend_cpu(), pool);
  if (!g) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  const NmNet net = {g, file->params, 0};
  const int64_t T = file->config.n_stack;
  const NmAcousticInputs in = nm_acoustic_inputs(g, 1, 1);
  const NmAcousticEncoding e = nm_acoustic_encode(&net, &file->config, &in, 0);
  const NmVar index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, T));
  const NmVar frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, T, NM_FRAME_N_FEATURES));
  nm_graph_output(g, e.log_duration);
  nm_graph_output(
      g, nm_acoustic_decode(&net, &file->config, e.hidden, e.prosody, index, frames, in.len, in.len));
  NmError inner = {0};
  NmStatus status = nm_graph_plan(g, false, &inner);
  if (status != NM_OK) nm_error_set(err, status, "%s: %s", path, inner.message);
  if (status == NM_OK) status = nm_params_check_all_used(file->params, path, err);
  nm_graph_free(g);
  return status;
}

// Deviations divide, and every speaker has a pitch that a person can have.
NmStatus nm_acoustic_read_stats(NmParams *params, const char *path, int32_t n_speakers, NmSpeechStats *stats,
                                NmError *err)
{
  nm_acoustic_get_stats(params, stats);
  for (int i = 0; i < NM_ACOUSTIC_N_BANDS; ++i)
    if (!(stats->envelope_std[i] > 0))
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: tensor \"stats.envelope_std\": value %d is not above 0",
                          path, i);
  for (int32_t i = 0; i < n_speakers; ++i)
    if (!(stats->f0[2 * i] > 3 && stats->f0[2 * i] < 8 && stats->f0[2 * i + 1] >= 0))
      return nm_error_set(
          err, NM_ERR_BAD_DATA,
          "%s: tensor \"stats.f0\": speaker %d's ln f0 is not from 3 to 8, or its deviation below 0", path,
          i);
  return NM_OK;
}

NmStatus nm_acoustic_file_open(NmAcousticFile *file, const char *path, NmPool *pool, NmError *err)
{
  char *metadata = NULL;
  NmError local = {0};
  if (!err) err = &local;
  *file = (NmAcousticFile){0};
  file->params = nm_params_load(nm_backend_cpu(), pool, path, &metadata, err);
  if (!file->params) return err->status;
  NmStatus status = nm_config_read(metadata, path, "acoustic", fields, N_FIELDS, &file->config, err);
  if (status == NM_OK)
    status = nm_acoustic_read_speakers(metadata, path, file->config.n_speakers, file->speakers, err);
  if (status == NM_OK) status = read_scales(file, metadata, path, err);
  if (status == NM_OK) status = check_tensors(file, path, pool, err);
  if (status == NM_OK)
    status = nm_acoustic_read_stats(file->params, path, file->config.n_speakers, &file->stats, err);
  if (status != NM_OK) nm_acoustic_file_close(file);
  free(metadata);
  return status;
}

char *nm_acoustic_file_metadata(const NmAcousticConfig *config, const char *const *speakers,
                                const NmAcousticScales *scales)
{
  char names[NM_ACOUSTIC_SPEAKERS_MAX * 64] = "", duration[32], envelope[32];
  const char *const texts[][2] = {
      {"speakers", names}, {"duration_scale", duration}, {"envelope_scale", envelope}};
  nm_acoustic_print_speakers(speakers, config->n_speakers, names, sizeof names);
  snprintf(duration, sizeof duration, "%.4f", scales->duration);
  snprintf(envelope, sizeof envelope, "%.4f", scales->envelope);
  return nm_config_write("acoustic", fields, N_FIELDS, config, texts, 3);
}
