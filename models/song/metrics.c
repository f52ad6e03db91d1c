// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/clones.h"

enum { N_SCALES = 4, LEN_OCTAVE = 12, OCTAVE_HOME = 5, LEN_RUN = 4 };

// Of TeleMelody: pitches are folded into two octaves from here.
enum { FOLD_LOW = 60, FOLD_HIGH = 72 };

// A bit for each of the twelve tones above the tonic that belongs to the scale, in the order of preference.
static const uint16_t scales[N_SCALES] = {
    0xab5, // 0 2 4 5 7 9 11
    0x5ad, // 0 2 3 5 7 8 10
    0x9ad, // 0 2 3 5 7 8 11
    0xaad  // 0 2 3 5 7 9 11
};

static int32_t to_grid(int64_t ticks, int32_t ticks_per_beat)
{
  return (int32_t)lrint((double)ticks * NM_METRICS_GRID / ticks_per_beat);
}

void nm_metrics_read(const NmSong *song, NmMetricsNote *notes)
{
  int64_t at = 0;
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const NmSongNote *note = &song->notes[i];
    const int32_t len = to_grid(note->len, song->ticks_per_beat);
    notes[i] = (NmMetricsNote){.gap = to_grid(note->onset - at, song->ticks_per_beat),
                               .len = len < 1 ? 1 : len,
                               .pitch = note->pitch};
    at = note->onset + note->len;
  }
  for (int32_t i = 1; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (link->syllable == link[-1].syllable && link->note > link[-1].note) notes[link->note].joined = true;
  }
}

static int count_in_scale(const int *classes, int tonic, uint16_t scale)
{
  int count = 0;
  for (int tone = 0; tone < LEN_OCTAVE; ++tone)
    if (scale >> tone & 1) count += classes[(tonic + tone) % LEN_OCTAVE];
  return count;
}

double nm_metrics_find_scale(const NmMetricsNote *notes, int32_t n, int *tonic, bool *minor)
{
  int classes[LEN_OCTAVE] = {0}, best = -1;
  for (int32_t i = 0; i < n; ++i) ++classes[notes[i].pitch % LEN_OCTAVE];
  for (int t = 0; t < LEN_OCTAVE; ++t)
    for (int s = 0; s < N_SCALES; ++s) {
      const int count = count_in_scale(classes, t, scales[s]);
      if (count <= best) continue;
      best = count;
      *tonic = t;
      *minor = s > 0;
    }
  return n > 0 ? (double)best / n : 0;
}

static int divide_down(int a, int b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// The commonest octave of the notes moved by `shift`; -1 is the lowest that can be.
static int find_octave(const NmMetricsNote *notes, int32_t n, int shift)
{
  enum { LOW = -1, N = 14 };
  int counts[N] = {0}, most = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int count = ++counts[divide_down(notes[i].pitch + shift, LEN_OCTAVE) - LOW];
    if (count > most) most = count;
  }
  for (int32_t i = 0; i < n; ++i) {
    const int octave = divide_down(notes[i].pitch + shift, LEN_OCTAVE);
    if (counts[octave - LOW] == most) return octave;
  }
  return OCTAVE_HOME;
}

static int32_t clip_len(int32_t len)
{
  return len < NM_METRICS_LEN_MAX ? len : NM_METRICS_LEN_MAX;
}

static int16_t fold_pitch(int pitch)
{
  while (pitch < 0) pitch += LEN_OCTAVE;
  while (pitch > 127) pitch -= LEN_OCTAVE;
  return (int16_t)pitch;
}

int nm_metrics_normalise(NmMetricsNote *notes, int32_t n)
{
  int tonic = 0;
  bool minor = false;
  nm_metrics_find_scale(notes, n, &tonic, &minor);
  int shift = (minor ? 9 : 0) - tonic;
  shift += LEN_OCTAVE * (OCTAVE_HOME - find_octave(notes, n, shift));
  for (int32_t i = 0; i < n; ++i) {
    notes[i].pitch = fold_pitch(notes[i].pitch + shift);
    notes[i].gap = clip_len(notes[i].gap);
    notes[i].len = clip_len(notes[i].len);
  }
  return shift;
}

static int32_t bin_duration(int32_t len)
{
  return len < NM_METRICS_N_DURATIONS ? len : NM_METRICS_N_DURATIONS - 1;
}

static void count_songmass(const NmMetricsNote *notes, int32_t n, NmMetricsProfile *profile)
{
  for (int32_t i = 0; i < n; ++i) {
    ++profile->pitches[notes[i].pitch];
    ++profile->durations[bin_duration(notes[i].len)];
    if (notes[i].gap == 0) continue;
    ++profile->pitches[NM_METRICS_N_PITCHES - 1];
    ++profile->durations[bin_duration(notes[i].gap)];
  }
}

static int16_t fold_two_octaves(int16_t pitch)
{
  if (pitch < FOLD_LOW) return FOLD_LOW + pitch % LEN_OCTAVE;
  return pitch < FOLD_HIGH + LEN_OCTAVE ? pitch : FOLD_HIGH + pitch % LEN_OCTAVE;
}

// The time of the syllable that begins with note i, with the rests before its notes but not one before the
// song.
static int32_t get_syllable_len(const NmMetricsNote *notes, int32_t n, int32_t i, int32_t *next)
{
  int32_t len = notes[i].len + (i > 0 ? notes[i].gap : 0), j = i + 1;
  for (; j < n && notes[j].joined; ++j) len += notes[j].gap + notes[j].len;
  *next = j;
  return len;
}

static void count_telemelody(const NmMetricsNote *notes, int32_t n, NmMetricsProfile *profile)
{
  int32_t shortest = INT32_MAX, next;
  for (int32_t i = 0; i < n; ++i) ++profile->pitches[fold_two_octaves(notes[i].pitch)];
  for (int32_t i = 0; i < n; i = next) {
    const int32_t len = get_syllable_len(notes, n, i, &next);
    if (len < shortest) shortest = len;
  }
  for (int32_t i = 0; i < n; i = next) {
    const int32_t len = get_syllable_len(notes, n, i, &next);
    ++profile->durations[bin_duration(len / shortest)];
  }
}

static void make_shares(double *counts, int n)
{
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += counts[i];
  for (int i = 0; i < n && sum > 0; ++i) counts[i] /= sum;
}

// Steps of the time series: sixteenths to one.
static int32_t find_step(const NmMetricsNote *notes, int32_t n, NmMetricsKind kind)
{
  if (kind == NM_METRICS_SONGMASS) return 2;
  int32_t shortest = INT32_MAX;
  for (int32_t i = 0; i < n; ++i) {
    if (notes[i].len < shortest) shortest = notes[i].len;
    if (i > 0 && notes[i].gap > 0 && notes[i].gap < shortest) shortest = notes[i].gap;
  }
  return shortest;
}

static int64_t count_time(const NmMetricsNote *notes, int32_t n)
{
  int64_t time = 0;
  for (int32_t i = 0; i < n; ++i) time += notes[i].len + (i > 0 ? notes[i].gap : 0);
  return time;
}

// A rest goes on with the pitch before it.
static void spread(const NmMetricsNote *notes, int32_t n, NmMetricsKind kind, int32_t step,
                   NmMetricsProfile *profile)
{
  int64_t at = 0, i_step = 0;
  for (int32_t i = 0; i < n; ++i) {
    at += notes[i].len + (i + 1 < n ? notes[i + 1].gap : 0);
    const int16_t pitch = kind == NM_METRICS_SONGMASS ? notes[i].pitch : fold_two_octaves(notes[i].pitch);
    for (; i_step < profile->n_steps && i_step * step < at; ++i_step) profile->steps[i_step] = pitch;
  }
}

static void remove_mean(float *x, int64_t n)
{
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  for (int64_t i = 0; i < n; ++i) x[i] = (float)(x[i] - sum / (double)n);
}

NmStatus nm_metrics_profile(const NmMetricsNote *notes, int32_t n, NmMetricsKind kind, NmArena *arena,
                            NmMetricsProfile *profile)
{
  const int32_t step = find_step(notes, n, kind);
  *profile = (NmMetricsProfile){.n_steps = count_time(notes, n) / step};
  profile->steps = nm_arena_calloc(arena, (size_t)profile->n_steps + 1, sizeof *profile->steps);
  if (!profile->steps) return NM_ERR_NO_MEMORY;
  if (kind == NM_METRICS_SONGMASS)
    count_songmass(notes, n, profile);
  else
    count_telemelody(notes, n, profile);
  make_shares(profile->pitches, NM_METRICS_N_PITCHES);
  make_shares(profile->durations, NM_METRICS_N_DURATIONS);
  spread(notes, n, kind, step, profile);
  remove_mean(profile->steps, profile->n_steps);
  return NM_OK;
}

double nm_metrics_overlap(const double *a, const double *b, int n)
{
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] < b[i] ? a[i] : b[i];
  return sum;
}

// One diagonal of the warping's table, cells (i, k - i) for i in [low, high]; x and y are read forward, y
// turned around and shifted. Row i of a diagonal lies at i + 1.
NM_CLONES
static void warp_diagonal(const float *x, const float *y, const float *two_ago, const float *one_ago,
                          float *now, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float side = one_ago[i + 1] < one_ago[i] ? one_ago[i + 1] : one_ago[i];
    const float least = two_ago[i] < side ? two_ago[i] : side;
    now[i + 1] = least + fabsf(x[i] - y[i]);
  }
}

double nm_metrics_warp(const float *x, int64_t n_x, const float *y, int64_t n_y, float *work)
{
  if (n_x > n_y) return nm_metrics_warp(y, n_y, x, n_x, work);
  if (n_x == 0) return 0;
  const int64_t n_row = n_x + 2;
  float *rows[3] = {work, work + n_row, work + 2 * n_row}, *turned = work + 3 * n_row;
  for (int64_t i = 0; i < 3 * n_row; ++i) work[i] = INFINITY;
  for (int64_t j = 0; j < n_y; ++j) turned[j] = y[n_y - 1 - j];
  rows[0][1] = fabsf(x[0] - y[0]);
  for (int64_t k = 1; k < n_x + n_y - 1; ++k) {
    const int64_t low = k < n_y ? 0 : k - n_y + 1, high = k < n_x ? k : n_x - 1;
    warp_diagonal(x + low, turned + (n_y - 1 - k + low), rows[(k + 1) % 3] + low, rows[(k + 2) % 3] + low,
                  rows[k % 3] + low, high - low + 1);
  }
  return rows[(n_x + n_y - 2) % 3][n_x];
}

size_t nm_metrics_size_work(const NmMetricsProfile *reference, const NmMetricsProfile *hypothesis)
{
  return 3 * (size_t)(reference->n_steps + hypothesis->n_steps + 2);
}

NmMetricsSimilarity nm_metrics_compare(const NmMetricsProfile *reference, const NmMetricsProfile *hypothesis,
                                       float *work)
{
  NmMetricsSimilarity s = {
      .pd = nm_metrics_overlap(reference->pitches, hypothesis->pitches, NM_METRICS_N_PITCHES),
      .dd = nm_metrics_overlap(reference->durations, hypothesis->durations, NM_METRICS_N_DURATIONS),
      .md = NAN};
  if (reference->n_steps == 0 || hypothesis->n_steps == 0) return s;
  s.md = nm_metrics_warp(reference->steps, reference->n_steps, hypothesis->steps, hypothesis->n_steps, work) /
         (double)hypothesis->n_steps;
  return s;
}

static int get_interval(const NmMetricsNote *notes, int32_t i)
{
  return notes[i + 1].pitch - notes[i].pitch;
}

static bool is_run_known(const NmMetricsNote *notes, int32_t at)
{
  for (int32_t i = 0; i < at; ++i) {
    int k = 0;
    while (k < LEN_RUN && get_interval(notes, i + k) == get_interval(notes, at + k)) ++k;
    if (k == LEN_RUN) return true;
  }
  return false;
}

static double rate_repetition(const NmMetricsNote *notes, int32_t n)
{
  const int32_t n_runs = n - LEN_RUN;
  int32_t n_known = 0;
  for (int32_t i = 0; i < n_runs; ++i) n_known += is_run_known(notes, i);
  return n_runs > 0 ? (double)n_known / n_runs : 0;
}

NmMetricsCharacter nm_metrics_describe(const NmMetricsNote *notes, int32_t n)
{
  NmMetricsCharacter c = {.scale = nm_metrics_find_scale(notes, n, &(int){0}, &(bool){0}),
                          .repetition = rate_repetition(notes, n)};
  int low = 127, high = 0;
  int64_t rest = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (notes[i].pitch < low) low = notes[i].pitch;
    if (notes[i].pitch > high) high = notes[i].pitch;
    if (i == 0) continue;
    rest += notes[i].gap;
    c.step += abs(get_interval(notes, i - 1)) / (double)(n - 1);
  }
  c.range = n > 0 ? high - low : 0;
  c.rest = n > 0 ? (double)rest / (double)count_time(notes, n) : 0;
  return c;
}

double nm_metrics_rate_links(const int32_t *known_first, const int32_t *known_n, const int32_t *first,
                             const int32_t *n_notes, int32_t n)
{
  int32_t n_right = 0;
  for (int32_t i = 0; i < n; ++i)
    n_right += n_notes[i] == known_n[i] && (first[i] == known_first[i] || known_n[i] == 0);
  return n > 0 ? (double)n_right / n : 0;
}
