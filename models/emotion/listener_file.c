// SPDX-License-Identifier: GPL-3.0-or-later
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/base/map.h"
#include "models/emotion/listener_state.h"

enum { VERSION = 1, SIZE_MAX_BYTES = 100000, SKIPPED_MAX = 1 << 20, STATE_N = NM_MIX_SAID + 3 };

// --- writing ---

static json_t *write_floats(const float *x, int64_t n)
{
  json_t *list = json_array();
  for (int64_t i = 0; i < n; ++i) json_array_append_new(list, json_real(x[i]));
  return list;
}

static json_t *write_sound(const NmListener *l)
{
  json_t *list = json_array();
  for (int64_t i = 0; i < (int64_t)l->n * NM_LISTENER_BANDS; ++i)
    json_array_append_new(list, json_integer(l->sound[i]));
  return list;
}

static json_t *write_dimension(const NmListener *l, int d)
{
  float state[STATE_N];
  memcpy(state, l->state[d].said, sizeof l->state[d].said);
  state[NM_MIX_SAID] = l->state[d].spread;
  state[NM_MIX_SAID + 1] = l->state[d].model_mean;
  state[NM_MIX_SAID + 2] = l->state[d].model_last;
  return json_pack("{s:o, s:o}", "state", write_floats(state, STATE_N), "mix",
                   write_floats(l->weights[d], NM_MIX_N));
}

static NmStatus write_text(const char *path, const char *text, NmError *err)
{
  char temporary[4096];
  if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
    return nm_error_set(err, NM_ERR_IO, "%.200s...: the name is too long", path);
  FILE *file = fopen(temporary, "wb");
  bool ok = file && fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
  if (file && fclose(file)) ok = false;
  if (ok && rename(temporary, path) == 0) return NM_OK;
  if (file) remove(temporary);
  return nm_error_set(err, NM_ERR_IO, "%s: cannot be written", path);
}

NmStatus nm_listener_save(const NmListener *l, const char *path, NmError *err)
{
  json_t *root =
      json_pack("{s:s, s:i, s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "format", "neume listener", "version",
                VERSION, "emotion_model", l->model_hash, "skipped", l->n_skipped, "steps", l->n, "drawn",
                write_floats(l->drawn, 2 * (int64_t)l->n), "sound", write_sound(l), "valence",
                write_dimension(l, 0), "arousal", write_dimension(l, 1));
  char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
  json_decref(root);
  const NmStatus status =
      text ? write_text(path, text, err) : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  free(text);
  return status;
}

// --- reading ---

static bool read_floats(const json_t *list, float low, float high, float *x, size_t n)
{
  if (!json_is_array(list) || json_array_size(list) != n) return false;
  for (size_t i = 0; i < n; ++i) {
    const json_t *value = json_array_get(list, i);
    x[i] = (float)json_number_value(value);
    if (!json_is_number(value) || !(x[i] >= low && x[i] <= high)) return false;
  }
  return true;
}

static bool read_sound(const json_t *list, NmListener *l)
{
  const size_t n = (size_t)l->n * NM_LISTENER_BANDS;
  if (!json_is_array(list) || json_array_size(list) != n) return false;
  for (size_t i = 0; i < n; ++i) {
    const json_t *value = json_array_get(list, i);
    const json_int_t x = json_integer_value(value);
    if (!json_is_integer(value) || x < -127 || x > 127) return false;
    l->sound[i] = (int8_t)x;
  }
  return true;
}

static bool read_dimension(const json_t *root, NmListener *l, int d)
{
  float state[STATE_N];
  if (!read_floats(json_object_get(root, "state"), -2, 2, state, STATE_N) ||
      !read_floats(json_object_get(root, "mix"), -1e3f, 1e3f, l->weights[d], NM_MIX_N))
    return false;
  memcpy(l->state[d].said, state, sizeof l->state[d].said);
  l->state[d].spread = state[NM_MIX_SAID];
  l->state[d].model_mean = state[NM_MIX_SAID + 1];
  l->state[d].model_last = state[NM_MIX_SAID + 2];
  return true;
}

static bool read_sizes(const json_t *root, NmListener *l)
{
  const json_t *steps = json_object_get(root, "steps"), *skipped = json_object_get(root, "skipped");
  const json_int_t n = json_integer_value(steps), n_skipped = json_integer_value(skipped);
  if (!json_is_integer(steps) || !json_is_integer(skipped) || n < 1 || n > NM_LISTENER_STEPS_MAX ||
      n_skipped < 0 || n_skipped > SKIPPED_MAX)
    return false;
  l->n = (int32_t)n;
  l->n_skipped = (int32_t)n_skipped;
  return true;
}

static NmStatus fail(const char *name, const char *what, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: %s", name, what);
}

static NmStatus read_root(const json_t *root, const char *name, const NmEmotionModel *model, NmListener *l,
                          NmError *err)
{
  const char *format = json_string_value(json_object_get(root, "format"));
  const char *hash = json_string_value(json_object_get(root, "emotion_model"));
  if (!format || strcmp(format, "neume listener")) return fail(name, "not a listener file", err);
  if (json_integer_value(json_object_get(root, "version")) != VERSION)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s: a version of listener files that this program does not know", name);
  if (!hash || strlen(hash) != NM_EMOTION_HASH_SIZE - 1)
    return fail(name, "\"emotion_model\" is no hash", err);
  strcpy(l->model_hash, hash);
  if (model && strcmp(hash, nm_emotion_model_get_hash(model)))
    return fail(name, "made with another emotion model; it has to be learned again", err);
  if (!read_sizes(root, l)) return fail(name, "\"steps\" or \"skipped\" is out of range", err);
  if (!read_floats(json_object_get(root, "drawn"), -1, 1, l->drawn, 2 * (size_t)l->n))
    return fail(name, "\"drawn\" is not two numbers from -1 to 1 for every step", err);
  if (!read_sound(json_object_get(root, "sound"), l))
    return fail(name, "\"sound\" is not twenty whole numbers from -127 to 127 for every step", err);
  if (!read_dimension(json_object_get(root, "valence"), l, 0) ||
      !read_dimension(json_object_get(root, "arousal"), l, 1))
    return fail(name, "\"valence\" or \"arousal\" lacks numbers, or they are out of range", err);
  return NM_OK;
}

NmListener *nm_listener_read(const char *text, size_t len, const char *name, const NmEmotionModel *model,
                             NmError *err)
{
  json_error_t at;
  NmError own = {0};
  if (!err) err = &own;
  json_t *root = len <= SIZE_MAX_BYTES ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &at) : NULL;
  NmListener *l = calloc(1, sizeof *l);
  NmStatus status = NM_OK;
  if (!l)
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  else if (len > SIZE_MAX_BYTES)
    status = fail(name, "too large for a listener file", err);
  else if (!root)
    status = nm_error_set_at(err, NM_ERR_BAD_DATA, at.position, at.line, "%s: line %d: %s", name, at.line,
                             at.text);
  else
    status = read_root(root, name, model, l, err);
  json_decref(root);
  if (status == NM_OK) return l;
  nm_listener_free(l);
  return NULL;
}

NmListener *nm_listener_load(const char *path, const NmEmotionModel *model, NmError *err)
{
  NmMap map;
  if (nm_map_open(&map, path, err) != NM_OK) return NULL;
  NmListener *l = nm_listener_read((const char *)map.data, map.size, path, model, err);
  nm_map_close(&map);
  return l;
}
