// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/audio_file.h"
#include "models/emotion/corpus.h"
#include "models/emotion/table.h"

enum { STEPS_MAX = 4096, MEASURES_MAX = 4096 };

typedef struct {
  const char *dir;
  NmEmotionCorpus *corpus;
  char (*names)[32]; // [n_items]
  float *listened;   // [MEASURES_MAX, 2]
  NmPool *pool;
  NmEmotionFeatures **features; // [threads of the pool]
  NmStatus *statuses;           // [n_items]
  NmError *errors;              // [n_items]
  const float *speeds;          // [n_speeds] of the copies of training clips
  int n_speeds;
} Work;

// --- sound ---

static NmStatus find_sound(const Work *w, const char *name, char path[PATH_MAX], NmError *err)
{
  static const char *const endings[] = {"opus", "ogg", "flac", "mp3", "wav"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    snprintf(path, PATH_MAX, "%s/%s.%s", w->dir, name, endings[i]);
    if (access(path, R_OK) == 0) return NM_OK;
  }
  return nm_error_set(err, NM_ERR_IO, "%s: there is no sound %s.opus, .ogg, .flac, .mp3 or .wav", w->dir,
                      name);
}

// A sound `speed` times as fast, at NM_RATE_HZ; what is then missing at the end is taken from the beginning,
// so that the copy is as long as the sound.
static NmStatus load(const char *path, float speed, float **x, int64_t *n, NmError *err)
{
  const NmStatus status = nm_audio_load_mono(path, (int)lrint(NM_RATE_HZ / speed), x, n, err);
  const int64_t whole = llround((double)*n * speed);
  if (status != NM_OK || whole <= *n) return status;
  float *longer = realloc(*x, (size_t)whole * sizeof **x);
  if (!longer) {
    free(*x);
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  memcpy(longer + *n, longer, (size_t)(whole - *n) * sizeof *longer);
  *x = longer;
  *n = whole;
  return NM_OK;
}

static float get_speed(const Work *w, const NmEmotionItem *item)
{
  return item->split == NM_EMOTION_COPY ? w->speeds[item->id / NM_EMOTION_COPIES - 1] : 1;
}

// The features of item i, of whose steps there are as many as the labels say; a shorter sound's last step
// goes on.
static NmStatus listen(Work *w, NmEmotionFeatures *features, int32_t i, NmError *err)
{
  char path[PATH_MAX];
  float *x = NULL;
  int64_t n, n_taken;
  const NmEmotionItem *item = &w->corpus->items[i];
  NmStatus status = find_sound(w, w->names[i], path, err);
  if (status == NM_OK) status = load(path, get_speed(w, item), &x, &n, err);
  if (status != NM_OK) return status;
  float *patches = w->corpus->patches + item->first * NM_PATCH,
        *rows = w->corpus->rows + item->first * NM_STEP;
  nm_emotion_features_reset(features);
  int64_t n_steps = nm_emotion_features_push(features, x, n, &n_taken, patches, rows, item->n_steps);
  n_steps += nm_emotion_features_finish(features, patches + n_steps * NM_PATCH, rows + n_steps * NM_STEP,
                                        item->n_steps - n_steps);
  free(x);
  if (n_steps == 0) return nm_error_set(err, NM_ERR_BAD_DATA, "%s: too short", path);
  for (; n_steps < item->n_steps; ++n_steps) {
    memcpy(patches + n_steps * NM_PATCH, patches + (n_steps - 1) * NM_PATCH, NM_PATCH * sizeof *patches);
    memcpy(rows + n_steps * NM_STEP, rows + (n_steps - 1) * NM_STEP, NM_STEP * sizeof *rows);
  }
  return NM_OK;
}

static void listen_as_chunk(void *ctx, int64_t chunk, int worker)
{
  Work *w = ctx;
  w->statuses[chunk] = listen(w, w->features[worker], (int32_t)chunk, &w->errors[chunk]);
}

static bool reserve_listening(Work *w)
{
  NmEmotionCorpus *c = w->corpus;
  const int n_threads = nm_pool_get_n_threads(w->pool);
  c->patches = malloc((size_t)c->n_steps * NM_PATCH * sizeof *c->patches);
  c->rows = malloc((size_t)c->n_steps * NM_STEP * sizeof *c->rows);
  w->statuses = calloc((size_t)c->n_items + 1, sizeof *w->statuses);
  w->errors = calloc((size_t)c->n_items + 1, sizeof *w->errors);
  w->features = calloc((size_t)n_threads, sizeof(NmEmotionFeatures *));
  if (!c->patches || !c->rows || !w->statuses || !w->errors || !w->features) return false;
  for (int i = 0; i < n_threads; ++i)
    if (!(w->features[i] = nm_emotion_features_new())) return false;
  return true;
}

static NmStatus listen_to_all(Work *w, NmError *err)
{
  if (!reserve_listening(w)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_pool_run(w->pool, w->corpus->n_items, listen_as_chunk, w);
  for (int32_t i = 0; i < w->corpus->n_items; ++i) {
    if (w->statuses[i] == NM_OK) continue;
    *err = w->errors[i];
    return w->statuses[i];
  }
  return NM_OK;
}

static void stop_listening(Work *w)
{
  for (int i = 0; w->features && i < nm_pool_get_n_threads(w->pool); ++i)
    nm_emotion_features_free(w->features[i]);
  free(w->features);
  free(w->statuses);
  free(w->errors);
}

// --- tables ---

static int32_t digits(const char *name)
{
  int64_t id = 0;
  for (; *name && id < 1000000; ++name)
    if (isdigit((unsigned char)*name)) id = 10 * id + (*name - '0');
  return (int32_t)id;
}

static NmStatus read_split(const NmTable *t, int64_t row, int64_t column, int32_t *split, NmError *err)
{
  const char *text = nm_table_get(t, row, column);
  *split = strcmp(text, "valid") == 0 ? NM_EMOTION_VALID : NM_EMOTION_TRAIN;
  if (*split == NM_EMOTION_VALID || strcmp(text, "train") == 0) return NM_OK;
  return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, t->lines[row + 1],
                         "%s: line %lld: the split must be train or valid", t->name,
                         (long long)t->lines[row + 1]);
}

static NmStatus set_name(Work *w, int32_t i, const NmTable *t, int64_t row, int64_t column, NmError *err)
{
  const char *name = nm_table_get(t, row, column);
  if (*name && strlen(name) < sizeof *w->names && !strchr(name, '/')) {
    strcpy(w->names[i], name);
    w->corpus->items[i].id = digits(name);
    return NM_OK;
  }
  return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, t->lines[row + 1], "%s: line %lld: a name that cannot be",
                         t->name, (long long)t->lines[row + 1]);
}

static bool reserve(Work *w, int64_t n_items)
{
  w->corpus->items = calloc((size_t)n_items + 1, sizeof *w->corpus->items);
  w->names = calloc((size_t)n_items + 1, sizeof *w->names);
  w->listened = calloc(2 * MEASURES_MAX, sizeof *w->listened);
  return w->corpus->items && w->names && w->listened;
}

// Columns whose name begins with `prefix`, all in a row; *first where.
static int64_t find_series(const NmTable *t, const char *prefix, int64_t *first)
{
  int64_t n = 0;
  for (int64_t i = 0; i < t->n_columns; ++i) {
    if (strncmp(t->cells[i], prefix, strlen(prefix))) continue;
    if (n++ == 0) *first = i;
  }
  return n;
}

static NmStatus read_song(Work *w, const NmTable *t, int64_t row, const int64_t *at, int64_t n_steps,
                          NmError *err)
{
  NmEmotionCorpus *c = w->corpus;
  NmEmotionItem *item = &c->items[row];
  double x = 0;
  NmStatus status = set_name(w, (int32_t)row, t, row, at[0], err);
  if (status == NM_OK) status = read_split(t, row, at[1], &item->split, err);
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    status = nm_table_get_number(t, row, at[2 + d], -1, 1, &x, err);
    item->static_label[d] = (float)x;
    for (int64_t k = 0; k < n_steps && status == NM_OK; ++k) {
      status = nm_table_get_number(t, row, at[4 + d] + k, -1, 1, &x, err);
      c->labels[(row * n_steps + k) * 2 + d] = (float)x;
    }
  }
  item->first = row * n_steps;
  item->n_steps = (int32_t)n_steps;
  item->duration_s = (float)n_steps / 2;
  return status;
}

static NmStatus read_songs(Work *w, const NmTable *t, NmError *err)
{
  static const char *const names[] = {"song_id", "split", "static_v", "static_a"};
  int64_t at[6] = {0};
  NmStatus status = NM_OK;
  NmEmotionCorpus *c = w->corpus;
  for (int i = 0; i < 4 && status == NM_OK; ++i) status = nm_table_need(t, names[i], &at[i], err);
  if (status != NM_OK) return status;
  const int64_t n = find_series(t, "v_", &at[4]);
  if (n < 1 || n > STEPS_MAX || find_series(t, "a_", &at[5]) != n || at[4] + n > t->n_columns ||
      at[5] + n > t->n_columns)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: as many columns v_... as a_... are needed", t->name);
  c->n_items = (int32_t)t->n_rows;
  c->n_steps = t->n_rows * n;
  c->labels = calloc((size_t)c->n_steps * 2 + 1, sizeof *c->labels);
  if (!c->labels || !reserve(w, t->n_rows)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t row = 0; row < t->n_rows && status == NM_OK; ++row) status = read_song(w, t, row, at, n, err);
  return status;
}

enum { PIECE, SPLIT, LISTENER, CONTROL, DURATION, VALENCE, AROUSAL, N_CURVE_COLUMNS };

// The item of a row's piece: that of the row before, or a new one.
static NmStatus read_piece(Work *w, const NmTable *t, int64_t row, const int64_t *at, NmError *err)
{
  NmEmotionCorpus *c = w->corpus;
  double duration;
  const char *name = nm_table_get(t, row, at[PIECE]);
  if (c->n_items && strcmp(w->names[c->n_items - 1], name) == 0) return NM_OK;
  NmEmotionItem *item = &c->items[c->n_items];
  NmStatus status = set_name(w, c->n_items, t, row, at[PIECE], err);
  if (status == NM_OK) status = read_split(t, row, at[SPLIT], &item->split, err);
  if (status == NM_OK) status = nm_table_get_number(t, row, at[DURATION], 1, STEPS_MAX / 2, &duration, err);
  if (status != NM_OK) return status;
  item->duration_s = (float)duration;
  item->n_steps = (int32_t)nm_emotion_features_get_n((int64_t)(duration * NM_RATE_HZ));
  item->first = c->n_steps;
  c->n_steps += item->n_steps;
  c->n_items += 1;
  return NM_OK;
}

static NmStatus read_curve(Work *w, const NmTable *t, int64_t row, const int64_t *at, NmError *err)
{
  NmEmotionCorpus *c = w->corpus;
  double listener, control;
  NmStatus status = read_piece(w, t, row, at, err);
  if (status == NM_OK) status = nm_table_get_number(t, row, at[LISTENER], 0, 1e6, &listener, err);
  if (status == NM_OK) status = nm_table_get_number(t, row, at[CONTROL], -1, 1e6, &control, err);
  NmEmotionItem *item = &c->items[c->n_items - (c->n_items > 0)];
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    int64_t n;
    status = nm_table_get_list(t, row, at[VALENCE + d], -1, 1, w->listened, MEASURES_MAX, &n, err);
    if (status != NM_OK) break;
    if (item->n_measures == 0) item->n_measures = (int32_t)n;
    if (n != item->n_measures)
      return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, t->lines[row + 1],
                             "%s: line %lld: not as many values as the piece has measures", t->name,
                             (long long)t->lines[row + 1]);
    for (int64_t i = 0; i < n; ++i) c->values[2 * (c->n_values + i) + d] = w->listened[i];
  }
  if (status != NM_OK) return status;
  c->curves[c->n_curves++] =
      (NmEmotionCurve){c->n_items - 1, (int32_t)listener, c->n_values, (int32_t)control};
  c->n_values += item->n_measures;
  return NM_OK;
}

// Controls from listeners to curves of the same piece.
static void resolve_controls(NmEmotionCorpus *c)
{
  for (int32_t i = 0; i < c->n_curves; ++i) {
    const int32_t wanted = c->curves[i].control;
    c->curves[i].control = -1;
    for (int32_t k = 0; k < c->n_curves && wanted >= 0; ++k)
      if (c->curves[k].item == c->curves[i].item && c->curves[k].listener == wanted) c->curves[i].control = k;
  }
}

// Each step has the mean over listeners of the measure that its middle lies in; the whole, the mean of those.
static void average_curves(NmEmotionCorpus *c)
{
  for (int32_t i = 0; i < c->n_items; ++i) {
    NmEmotionItem *item = &c->items[i];
    int n = 0;
    for (int32_t k = 0; k < c->n_curves; ++k) n += c->curves[k].item == i;
    for (int32_t k = 0; k < c->n_curves; ++k) {
      if (c->curves[k].item != i) continue;
      for (int32_t s = 0; s < item->n_steps; ++s) {
        int32_t m = (int32_t)((s + .5) / 2 / item->duration_s * item->n_measures);
        if (m >= item->n_measures) m = item->n_measures - 1;
        for (int d = 0; d < 2; ++d) {
          const float x = c->values[2 * (c->curves[k].first + m) + d] / (float)n;
          c->labels[2 * (item->first + s) + d] += x;
          item->static_label[d] += x / (float)item->n_steps;
        }
      }
    }
  }
}

static NmStatus read_curves(Work *w, const NmTable *t, NmError *err)
{
  static const char *const names[N_CURVE_COLUMNS] = {"piece",      "split",   "listener", "control",
                                                     "duration_s", "valence", "arousal"};
  int64_t at[N_CURVE_COLUMNS] = {0};
  NmEmotionCorpus *c = w->corpus;
  NmStatus status = NM_OK;
  int64_t n_values = 0;
  for (int i = 0; i < N_CURVE_COLUMNS && status == NM_OK; ++i)
    status = nm_table_need(t, names[i], &at[i], err);
  if (status != NM_OK) return status;
  for (int64_t row = 0; row < t->n_rows; ++row)
    for (const char *p = nm_table_get(t, row, at[VALENCE]); p; p = strchr(p + 1, ',')) ++n_values;
  c->curves = calloc((size_t)t->n_rows + 1, sizeof *c->curves);
  c->values = calloc((size_t)(2 * n_values) + 2 * MEASURES_MAX, sizeof *c->values);
  if (!c->curves || !c->values || !reserve(w, t->n_rows))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t row = 0; row < t->n_rows && status == NM_OK; ++row) status = read_curve(w, t, row, at, err);
  if (status != NM_OK) return status;
  c->labels = calloc((size_t)c->n_steps * 2 + 1, sizeof *c->labels);
  if (!c->labels) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  resolve_controls(c);
  average_curves(c);
  return NM_OK;
}

static NmStatus read_folder(Work *w, NmError *err)
{
  char path[PATH_MAX];
  NmTable table;
  snprintf(path, sizeof path, "%s/curves.tsv", w->dir);
  const bool curves = access(path, R_OK) == 0;
  if (!curves) snprintf(path, sizeof path, "%s/labels.tsv", w->dir);
  NmStatus status = nm_table_open(&table, path, err);
  if (status == NM_OK && (table.n_rows < 1 || table.n_rows > 1000000))
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: no rows, or more than a million", path);
  if (status == NM_OK) status = curves ? read_curves(w, &table, err) : read_songs(w, &table, err);
  nm_table_fini(&table);
  return status;
}

// Copies of the training clips behind all others, with their labels.
static NmStatus add_copies(Work *w, NmError *err)
{
  NmEmotionCorpus *c = w->corpus;
  const size_t n = (size_t)c->n_items * (size_t)(1 + w->n_speeds),
               steps = (size_t)c->n_steps * (size_t)(1 + w->n_speeds);
  if (w->n_speeds == 0 || c->n_curves > 0) return NM_OK;
  NmEmotionItem *items = realloc(c->items, n * sizeof *items);
  if (items) c->items = items;
  char(*names)[32] = realloc(w->names, n * sizeof *names);
  if (names) w->names = names;
  float *labels = realloc(c->labels, 2 * steps * sizeof *labels);
  if (labels) c->labels = labels;
  if (!items || !names || !labels) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const int32_t n_songs = c->n_items;
  for (int32_t i = 0; i < n_songs * w->n_speeds; ++i) {
    const NmEmotionItem *of = &items[i % n_songs];
    if (of->split != NM_EMOTION_TRAIN) continue;
    if (of->id >= NM_EMOTION_COPIES)
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s: to be copied, song %s must have a number below %d",
                          w->dir, names[i % n_songs], NM_EMOTION_COPIES);
    memcpy(labels + 2 * c->n_steps, labels + 2 * of->first, 2 * (size_t)of->n_steps * sizeof *labels);
    memcpy(names[c->n_items], names[i % n_songs], sizeof *names);
    items[c->n_items] = *of;
    items[c->n_items].split = NM_EMOTION_COPY;
    items[c->n_items].id += NM_EMOTION_COPIES * (i / n_songs + 1);
    items[c->n_items++].first = c->n_steps;
    c->n_steps += of->n_steps;
  }
  return NM_OK;
}

NmStatus nm_emotion_prepare(NmPool *pool, const char *dir, const char *out, const float *speeds, int n_speeds,
                            NmEmotionPrepared *done, NmError *err)
{
  NmEmotionCorpus corpus = {0};
  Work w = {.pool = pool, .dir = dir, .corpus = &corpus, .speeds = speeds, .n_speeds = n_speeds};
  NmStatus status = read_folder(&w, err);
  if (status == NM_OK) status = add_copies(&w, err);
  if (status == NM_OK) status = listen_to_all(&w, err);
  if (status == NM_OK) status = nm_emotion_corpus_save(&corpus, out, err);
  *done = (NmEmotionPrepared){corpus.n_items, corpus.n_steps, corpus.n_curves};
  stop_listening(&w);
  free(w.names);
  free(w.listened);
  nm_emotion_corpus_fini(&corpus);
  return status;
}
