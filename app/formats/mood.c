// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/mood.h"

#include <math.h>
#include <string.h>
#include <strings.h>

// Of the radius, below which a mood has no name.
static const double neutral = .1;

const NmMoodFormat nm_mood_formats[] = {{".csv", "csv", false, nm_mood_write_csv},
                                        {".json", "json", false, nm_mood_write_json},
                                        {".jams", "jams", false, nm_mood_write_jams},
                                        {".txt", "labels", true, nm_mood_write_labels},
                                        {".summary", "summary", true, nm_mood_write_summary},
                                        {".png", "png", true, nm_mood_write_picture},
                                        {NULL, NULL, false, NULL}};

const NmMoodFormat *nm_mood_format_find(const char *path, NmError *err)
{
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  for (const NmMoodFormat *f = nm_mood_formats; f->name; ++f)
    if (!strcmp(path, f->name) || (dot && !strcasecmp(dot, f->ending))) return f;
  nm_error_set(
      err, NM_ERR_BAD_ARG,
      "emotion is written as .csv, .json, .jams, .txt (Audacity labels), .summary or .png, not as %s", path);
  return NULL;
}

static void halve(NmWave *wave)
{
  for (int i = 0; i < NM_WAVE_BINS / 2; ++i) {
    wave->low[i] = fminf(wave->low[2 * i], wave->low[2 * i + 1]);
    wave->high[i] = fmaxf(wave->high[2 * i], wave->high[2 * i + 1]);
  }
  wave->len_bin *= 2;
}

void nm_wave_add(NmWave *wave, const float *x, int64_t n)
{
  if (wave->len_bin == 0) wave->len_bin = 16;
  for (int64_t i = 0; i < n; ++i) {
    if (wave->n_samples == wave->len_bin * NM_WAVE_BINS) halve(wave);
    const int64_t bin = wave->n_samples / wave->len_bin;
    const bool is_first = wave->n_samples++ % wave->len_bin == 0;
    wave->low[bin] = is_first ? x[i] : fminf(wave->low[bin], x[i]);
    wave->high[bin] = is_first ? x[i] : fmaxf(wave->high[bin], x[i]);
    wave->peak = fmaxf(wave->peak, fabsf(x[i]));
  }
}

void nm_mood_stats_add(NmMoodStats *s, const NmEmotionRow *row)
{
  const float values[2] = {row->valence, row->arousal}, whole[2] = {row->whole_valence, row->whole_arousal};
  for (int d = 0; d < 2; ++d) {
    s->sum[d] += values[d];
    s->sum_whole[d] += whole[d];
    if (s->n == 0 || values[d] < s->low[d]) s->low[d] = values[d], s->time_low[d] = row->time_s;
    if (s->n == 0 || values[d] > s->high[d]) s->high[d] = values[d], s->time_high[d] = row->time_s;
  }
  s->sum_confidence += row->confidence;
  s->n_far += row->distance > 1;
  ++s->n;
}

const char *nm_mood_name(double valence, double arousal)
{
  static const char *const names[] = {"pleasant",   "joyful", "stirring", "tense",
                                      "unpleasant", "sad",    "still",    "calm"};
  if (hypot(valence, arousal) < neutral) return "neutral";
  const int sector = (int)lround(atan2(arousal, valence) / (M_PI / 4));
  return names[(sector + 8) % 8];
}

double nm_mood_stats_get_mean(const NmMoodStats *s, int dimension)
{
  return s->sum[dimension] / (double)s->n;
}

double nm_mood_stats_get_whole(const NmMoodStats *s, int dimension)
{
  return s->sum_whole[dimension] / (double)s->n;
}

const char *nm_mood_name_all(const NmMoodStats *s)
{
  return nm_mood_name(nm_mood_stats_get_mean(s, 0), nm_mood_stats_get_mean(s, 1));
}

const char *nm_mood_doubt(const NmMood *mood)
{
  const double share = (double)mood->stats.n_far / (double)mood->stats.n;
  if (mood->wave->peak == 0) return "is silent: what is said of it means nothing";
  if (share > .5)
    return "sounds unlike the music that the model knows (is it speech, noise or silence?): do not rely on "
           "what is said of it";
  if (share > .1) return "sounds in part unlike the music that the model knows (speech, noise, silence?)";
  return NULL;
}

double nm_mood_segment_start(const NmEmotionSegment *segment)
{
  return (double)segment->first * NM_EMOTION_STEP_S;
}

double nm_mood_segment_end(const NmMood *mood, const NmEmotionSegment *segment)
{
  const int64_t end = segment->first + segment->n;
  return end == mood->n_rows ? mood->seconds : (double)end * NM_EMOTION_STEP_S;
}

void nm_mood_write_value(double value, FILE *file)
{
  fprintf(file, "%.4f", rint(value * 1e4) / 1e4 + 0.0);
}
