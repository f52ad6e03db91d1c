// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/corpus.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/engine/safetensors.h"

enum { ITEM_COLUMNS = 8, CURVE_COLUMNS = 4 };

void nm_emotion_corpus_fini(NmEmotionCorpus *c)
{
  free(c->items);
  free(c->patches);
  free(c->rows);
  free(c->labels);
  free(c->curves);
  free(c->values);
  *c = (NmEmotionCorpus){0};
}

static NmStatus bad(const char *path, const char *what, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: %s; prepare the corpus again", path, what);
}

// Tensor `name` [n, width] into a fresh array; *n its rows.
static NmStatus read_tensor(const NmSafetensors *file, const char *path, const char *name, int64_t width,
                            float **values, int64_t *n, NmError *err)
{
  char what[96];
  const NmStored *stored = nm_safetensors_find(file, name);
  snprintf(what, sizeof what, "no tensor \"%s\" of %lld columns and finite values", name, (long long)width);
  if (!stored || stored->shape.n_dims != 2 || stored->shape.dim[1] != width) return bad(path, what, err);
  if (!(*values = malloc((size_t)stored->count * sizeof(float))))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  *n = stored->shape.dim[0];
  return nm_stored_get(stored, *values) ? NM_OK : bad(path, what, err);
}

static NmStatus unpack_items(NmEmotionCorpus *c, const float *v, const char *path, NmError *err)
{
  if (!(c->items = calloc((size_t)c->n_items, sizeof *c->items)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  int64_t first = 0;
  for (int32_t i = 0; i < c->n_items; ++i, v += ITEM_COLUMNS) {
    if (!(v[2] >= 1 && v[2] <= 1e6f && v[5] >= 0 && v[5] <= 1e6f && v[6] >= 0 && fabsf(v[0]) < 1e7f))
      return bad(path, "an item that cannot be", err);
    c->items[i] = (NmEmotionItem){.id = (int32_t)v[0],
                                  .split = v[1] > 1   ? NM_EMOTION_COPY
                                           : v[1] > 0 ? NM_EMOTION_VALID
                                                      : NM_EMOTION_TRAIN,
                                  .first = first,
                                  .n_steps = (int32_t)v[2],
                                  .static_label = {v[3], v[4]},
                                  .n_measures = (int32_t)v[5],
                                  .duration_s = v[6]};
    first += c->items[i].n_steps;
  }
  return first == c->n_steps ? NM_OK : bad(path, "items and steps do not fit", err);
}

static NmStatus unpack_curves(NmEmotionCorpus *c, const float *v, const char *path, NmError *err)
{
  if (!(c->curves = calloc((size_t)c->n_curves, sizeof *c->curves)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  int64_t first = 0;
  for (int32_t i = 0; i < c->n_curves; ++i, v += CURVE_COLUMNS) {
    if (!(v[0] >= 0 && v[0] < (float)c->n_items && fabsf(v[1]) < 1e7f && v[2] >= -1 &&
          v[2] < (float)c->n_curves))
      return bad(path, "a curve that cannot be", err);
    c->curves[i] = (NmEmotionCurve){(int32_t)v[0], (int32_t)v[1], first, (int32_t)v[2]};
    first += c->items[c->curves[i].item].n_measures;
  }
  for (int32_t i = 0; i < c->n_curves; ++i)
    if (c->curves[i].control >= 0 && c->curves[c->curves[i].control].item != c->curves[i].item)
      return bad(path, "a control of another piece", err);
  return first == c->n_values ? NM_OK : bad(path, "curves and values do not fit", err);
}

static NmStatus read_labels(NmEmotionCorpus *c, const char *path, NmError *err)
{
  float *items = NULL, *curves = NULL;
  int64_t n_items = 0, n_curves = 0, n_labels = 0;
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return err->status;
  NmStatus status = read_tensor(file, path, "items", ITEM_COLUMNS, &items, &n_items, err);
  if (status == NM_OK) status = read_tensor(file, path, "labels", 2, &c->labels, &n_labels, err);
  if (status == NM_OK && (n_labels != c->n_steps || n_items > INT_MAX))
    status = bad(path, "labels and steps do not fit", err);
  c->n_items = (int32_t)n_items;
  if (status == NM_OK) status = unpack_items(c, items, path, err);
  if (status == NM_OK && nm_safetensors_find(file, "curves")) {
    status = read_tensor(file, path, "curves", CURVE_COLUMNS, &curves, &n_curves, err);
    if (status == NM_OK) status = read_tensor(file, path, "values", 2, &c->values, &c->n_values, err);
    c->n_curves = (int32_t)n_curves;
    if (status == NM_OK) status = unpack_curves(c, curves, path, err);
  }
  free(items);
  free(curves);
  nm_safetensors_close(file);
  return status;
}

static NmStatus read_features(NmEmotionCorpus *c, const char *path, NmError *err)
{
  int64_t n_rows = 0;
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return err->status;
  NmStatus status = read_tensor(file, path, "patches", NM_PATCH, &c->patches, &c->n_steps, err);
  if (status == NM_OK) status = read_tensor(file, path, "rows", NM_STEP, &c->rows, &n_rows, err);
  if (status == NM_OK && n_rows != c->n_steps) status = bad(path, "patches and rows do not fit", err);
  nm_safetensors_close(file);
  return status;
}

NmStatus nm_emotion_corpus_open(NmEmotionCorpus *c, const char *dir, NmError *err)
{
  char path[PATH_MAX];
  *c = (NmEmotionCorpus){0};
  snprintf(path, sizeof path, "%s/features.safetensors", dir);
  NmStatus status = read_features(c, path, err);
  snprintf(path, sizeof path, "%s/labels.safetensors", dir);
  return status == NM_OK ? read_labels(c, path, err) : status;
}

int32_t nm_emotion_corpus_get_n_sources(const NmEmotionCorpus *c)
{
  return c->n_items > 0 ? c->items[c->n_items - 1].source + 1 : 0;
}

// Room for n of `size` bytes each; when memory is out, the array as it was, and *ok false.
static void *widen(void *array, int64_t n, size_t size, bool *ok)
{
  void *wider = realloc(array, ((size_t)n + 1) * size);
  if (!wider) *ok = false;
  return wider ? wider : array;
}

static bool make_room(NmEmotionCorpus *c, const NmEmotionCorpus *more)
{
  const int64_t n_items = (int64_t)c->n_items + more->n_items, n_steps = c->n_steps + more->n_steps;
  bool ok = n_items <= INT32_MAX;
  if (!ok) return false;
  c->items = widen(c->items, n_items, sizeof *c->items, &ok);
  c->patches = widen(c->patches, n_steps, NM_PATCH * sizeof *c->patches, &ok);
  c->rows = widen(c->rows, n_steps, NM_STEP * sizeof *c->rows, &ok);
  c->labels = widen(c->labels, n_steps, 2 * sizeof *c->labels, &ok);
  c->curves = widen(c->curves, (int64_t)c->n_curves + more->n_curves, sizeof *c->curves, &ok);
  c->values = widen(c->values, c->n_values + more->n_values, 2 * sizeof *c->values, &ok);
  return ok;
}

static void append_items(NmEmotionCorpus *c, const NmEmotionCorpus *more)
{
  const int32_t n_sources = nm_emotion_corpus_get_n_sources(c);
  for (int32_t i = 0; i < more->n_items; ++i) {
    NmEmotionItem *item = &c->items[c->n_items + i];
    *item = more->items[i];
    item->first += c->n_steps;
    item->source += n_sources;
  }
  for (int32_t i = 0; i < more->n_curves; ++i) {
    NmEmotionCurve *curve = &c->curves[c->n_curves + i];
    *curve = more->curves[i];
    curve->item += c->n_items;
    curve->first += c->n_values;
    if (curve->control >= 0) curve->control += c->n_curves;
  }
}

NmStatus nm_emotion_corpus_append(NmEmotionCorpus *c, const NmEmotionCorpus *more, NmError *err)
{
  if (!make_room(c, more)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  append_items(c, more);
  const size_t n = (size_t)more->n_steps;
  memcpy(c->patches + c->n_steps * NM_PATCH, more->patches, n * NM_PATCH * sizeof *c->patches);
  memcpy(c->rows + c->n_steps * NM_STEP, more->rows, n * NM_STEP * sizeof *c->rows);
  memcpy(c->labels + c->n_steps * 2, more->labels, n * 2 * sizeof *c->labels);
  if (more->n_values)
    memcpy(c->values + c->n_values * 2, more->values, (size_t)more->n_values * 2 * sizeof *c->values);
  c->n_items += more->n_items;
  c->n_curves += more->n_curves;
  c->n_steps += more->n_steps;
  c->n_values += more->n_values;
  return NM_OK;
}

static void pack_items(const NmEmotionCorpus *c, float *v)
{
  for (int32_t i = 0; i < c->n_items; ++i, v += ITEM_COLUMNS) {
    const NmEmotionItem *item = &c->items[i];
    const float packed[ITEM_COLUMNS] = {(float)item->id,       (float)item->split,    (float)item->n_steps,
                                        item->static_label[0], item->static_label[1], (float)item->n_measures,
                                        item->duration_s};
    for (int k = 0; k < ITEM_COLUMNS; ++k) v[k] = packed[k];
  }
}

static void pack_curves(const NmEmotionCorpus *c, float *v)
{
  for (int32_t i = 0; i < c->n_curves; ++i, v += CURVE_COLUMNS) {
    v[0] = (float)c->curves[i].item;
    v[1] = (float)c->curves[i].listener;
    v[2] = (float)c->curves[i].control;
  }
}

static NmStatus save_labels(const NmEmotionCorpus *c, const char *path, NmError *err)
{
  float *items = calloc((size_t)c->n_items * ITEM_COLUMNS, sizeof *items);
  float *curves = calloc((size_t)c->n_curves * CURVE_COLUMNS + 1, sizeof *curves);
  NmStatus status = NM_OK;
  if (!items || !curves) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    pack_items(c, items);
    pack_curves(c, curves);
    const NmToStore all[] = {{"items", NM_SHAPE2(c->n_items, ITEM_COLUMNS), items, false},
                             {"labels", NM_SHAPE2(c->n_steps, 2), c->labels, false},
                             {"curves", NM_SHAPE2(c->n_curves, CURVE_COLUMNS), curves, false},
                             {"values", NM_SHAPE2(c->n_values, 2), c->values, false}};
    status = nm_safetensors_save(path, all, c->n_curves ? 4 : 2, NM_DTYPE_F32, NULL, err);
  }
  free(items);
  free(curves);
  return status;
}

NmStatus nm_emotion_corpus_save(const NmEmotionCorpus *c, const char *dir, NmError *err)
{
  char path[PATH_MAX];
  (void)mkdir(dir, 0777);
  snprintf(path, sizeof path, "%s/features.safetensors", dir);
  const NmToStore features[] = {{"patches", NM_SHAPE2(c->n_steps, NM_PATCH), c->patches, false},
                                {"rows", NM_SHAPE2(c->n_steps, NM_STEP), c->rows, false}};
  const NmStatus status = nm_safetensors_save(path, features, 2, NM_DTYPE_F16, NULL, err);
  snprintf(path, sizeof path, "%s/labels.safetensors", dir);
  return status == NM_OK ? save_labels(c, path, err) : status;
}
