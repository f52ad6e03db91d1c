// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/listener_prior.h"
#include "models/emotion/listener_state.h"
#include "models/emotion/table.h"

enum { STEPS_MIN = 4, STEPS_FROM_FILE_MAX = 1 << 20 };

// --- curves ---

void nm_listener_points_fini(NmListenerPoints *points)
{
  free(points->points);
  *points = (NmListenerPoints){0};
}

static NmStatus read_points(NmListenerPoints *out, const NmTable *t, NmError *err)
{
  int64_t time = nm_table_find(t, "time_s"), valence, arousal;
  NmStatus status = time < 0 ? nm_table_need(t, "time", &time, err) : NM_OK;
  if (status == NM_OK) status = nm_table_need(t, "valence", &valence, err);
  if (status == NM_OK) status = nm_table_need(t, "arousal", &arousal, err);
  if (status != NM_OK) return status;
  if (t->n_rows < 2)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: a curve needs two rows at least", t->name);
  if (!(out->points = calloc((size_t)t->n_rows, sizeof *out->points)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", t->name);
  for (int64_t i = 0; i < t->n_rows; ++i) {
    double v = 0, a = 0, low = i ? out->points[i - 1].time_s : 0;
    NmListenerPoint *p = &out->points[i];
    status = nm_table_get_number(t, i, time, low, 1e6, &p->time_s, err);
    if (status == NM_OK) status = nm_table_get_number(t, i, valence, -1, 1, &v, err);
    if (status == NM_OK) status = nm_table_get_number(t, i, arousal, -1, 1, &a, err);
    if (status != NM_OK) return status;
    p->valence = (float)v;
    p->arousal = (float)a;
    out->n = i + 1;
  }
  return NM_OK;
}

NmStatus nm_listener_points_read(NmListenerPoints *out, const char *text, size_t len, const char *name,
                                 NmError *err)
{
  NmTable table;
  *out = (NmListenerPoints){0};
  NmStatus status = nm_table_read(&table, text, len, name, err);
  if (status == NM_OK) status = read_points(out, &table, err);
  nm_table_fini(&table);
  return status;
}

// --- adaptation ---

void nm_listener_free(NmListener *listener)
{
  free(listener);
}

void nm_listener_print_sound(const float *measures, int8_t sound[NM_LISTENER_BANDS])
{
  for (int i = 0; i < NM_LISTENER_BANDS; ++i) {
    const float *bands = measures + NM_STEP_MEAN + 4 * i;
    const float tenths = rintf(2.5f * (bands[0] + bands[1] + bands[2] + bands[3]));
    sound[i] = (int8_t)fminf(fmaxf(tenths, -127), 127);
  }
}

// The steps that the curve covers: from the first whose middle is not before its first point to the last half
// second that begins before its last.
static bool find_covered(const NmListenerPoint *points, int64_t n_points, int64_t n_steps, int64_t *first,
                         int64_t *end)
{
  *first = (int64_t)ceil(points[0].time_s / NM_EMOTION_STEP_S - .5);
  *end = (int64_t)ceil(points[n_points - 1].time_s / NM_EMOTION_STEP_S);
  if (*first < 0) *first = 0;
  if (*end > n_steps) *end = n_steps;
  return *end - *first >= STEPS_MIN;
}

static void draw(NmListener *l, const NmListenerPoint *points, int64_t n_points)
{
  int64_t at = 0;
  for (int32_t i = 0; i < l->n; ++i) {
    const double time_s = (l->n_skipped + i + .5) * NM_EMOTION_STEP_S;
    while (at + 1 < n_points && points[at + 1].time_s <= time_s) ++at;
    l->drawn[2 * i] = points[at].valence;
    l->drawn[2 * i + 1] = points[at].arousal;
  }
}

// The model's rows of a sound, a second at a time. False when it was cancelled.
static bool run(NmEmotion *emotion, const NmListenerClip *clip, NmEmotionRow *rows)
{
  const int64_t n_rows = nm_emotion_get_n_rows(clip->n);
  int64_t n_done = 0, n_taken;
  for (int64_t i = 0; i < clip->n; i += n_taken) {
    if (clip->cancel && atomic_load(clip->cancel)) return false;
    const int64_t n = clip->n - i < NM_EMOTION_RATE_HZ ? clip->n - i : NM_EMOTION_RATE_HZ;
    n_done += nm_emotion_push(emotion, clip->x + i, n, &n_taken, rows + n_done, n_rows - n_done);
  }
  for (int64_t n = 1; n > 0; n_done += n) n = nm_emotion_finish(emotion, rows + n_done, n_rows - n_done);
  return true;
}

// The sound's prints over the steps kept.
static void print_steps(NmListener *l, NmEmotionFeatures *features, const NmListenerClip *clip, float *patch)
{
  float *row = patch + NM_PATCH;
  int64_t n_taken;
  for (int64_t s = 0, i = 0; s < l->n_skipped + l->n; ++s) {
    if (!nm_emotion_features_push(features, clip->x + i, clip->n - i, &n_taken, patch, row, 1))
      (void)nm_emotion_features_finish(features, patch, row, 1);
    i += n_taken;
    if (s >= l->n_skipped) nm_listener_print_sound(row, l->sound + (s - l->n_skipped) * NM_LISTENER_BANDS);
  }
}

// What the model says over the steps kept, curve [l->n, 2], and the prints.
static NmStatus hear(NmListener *l, NmEmotionModel *model, const NmListenerClip *clip, float *curve,
                     NmError *err)
{
  NmEmotionRow *rows = calloc((size_t)nm_emotion_get_n_rows(clip->n), sizeof *rows);
  float *patch = calloc(NM_PATCH + NM_STEP, sizeof *patch);
  NmEmotionFeatures *features = nm_emotion_features_new();
  NmEmotion *emotion = nm_emotion_new(model, NULL, err);
  NmStatus status = emotion ? NM_OK : err->status;
  if (!rows || !patch || !features) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK && !run(emotion, clip, rows))
    status = nm_error_set(err, NM_ERR_CANCELLED, "learning from the clip was cancelled");
  if (status == NM_OK) print_steps(l, features, clip, patch);
  for (int32_t s = 0; s < l->n && status == NM_OK; ++s) {
    curve[2 * s] = rows[l->n_skipped + s].valence;
    curve[2 * s + 1] = rows[l->n_skipped + s].arousal;
  }
  nm_emotion_free(emotion);
  nm_emotion_features_free(features);
  free(rows);
  free(patch);
  return status;
}

static NmStatus adapt(NmListener *l, NmEmotionModel *model, const char *path_prior,
                      const NmListenerClip *clip, NmError *err)
{
  float curve[2 * NM_LISTENER_STEPS_MAX], scratch[NM_LISTENER_STEPS_MAX];
  int64_t first, end;
  if (clip->n < 1 || clip->n_points < 1 ||
      !find_covered(clip->points, clip->n_points, nm_emotion_get_n_rows(clip->n), &first, &end))
    return nm_error_set(err, NM_ERR_BAD_DATA, "curve and sound must share two seconds at least");
  if (end > STEPS_FROM_FILE_MAX) return nm_error_set(err, NM_ERR_BAD_DATA, "the clip is too long");
  if (end - first > NM_LISTENER_STEPS_MAX) first = end - NM_LISTENER_STEPS_MAX;
  l->n_skipped = (int32_t)first;
  l->n = (int32_t)(end - first);
  strcpy(l->model_hash, nm_emotion_model_get_hash(model));
  draw(l, clip->points, clip->n_points);
  NmStatus status = nm_listener_prior_load(path_prior, l->model_hash, l->weights, err);
  if (status == NM_OK) status = hear(l, model, clip, curve, err);
  for (int d = 0; d < 2 && status == NM_OK; ++d)
    nm_mix_summarise(l->drawn + d, curve + d, l->n, 2, NM_EMOTION_STEP_S, scratch, &l->state[d]);
  return status;
}

NmListener *nm_listener_adapt(NmEmotionModel *model, const char *path_prior, const NmListenerClip *clip,
                              NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  NmListener *l = calloc(1, sizeof *l);
  if (!l) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  if (adapt(l, model, path_prior, clip, err) == NM_OK) return l;
  nm_listener_free(l);
  return NULL;
}

NmListenerSummary nm_listener_get_summary(const NmListener *l)
{
  NmListenerSummary s = {.seconds = l->n * NM_EMOTION_STEP_S};
  strcpy(s.model_hash, l->model_hash);
  for (int d = 0; d < 2; ++d) {
    s.mean[d] = l->state[d].said[0];
    s.last[d] = l->state[d].said[1];
    s.spread[d] = l->state[d].spread;
    s.model_mean[d] = l->state[d].model_mean;
  }
  return s;
}
