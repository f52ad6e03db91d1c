// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"

// The path is decided at the latest N_LATTICE frames (11 s) later, always with N_AHEAD frames (5 s) of
// future.
enum { N_CANDIDATES = 16, N_LATTICE = 1024, N_AHEAD = 512, OVERSAMPLING = 4 };

typedef struct {
  float f0_hz;    // 0: unvoiced
  float log2_f0;  // where voiced
  float strength; // autocorrelation at the period
  float reward;   // strength less its costs (Boersma's R)
  float total;    // of the best path up to here
  int32_t before; // candidate of the frame before, on that path
} Candidate;

typedef struct {
  int32_t n;
  Candidate candidates[N_CANDIDATES]; // the first is the unvoiced one
} Frame;

struct NmPitch {
  NmPitchOptions options;
  int len_window, n_bins;
  int lag_min, lag_max;    // in samples / OVERSAMPLING
  NmFft *fft, *fft_over;   // n_fft, and OVERSAMPLING times as many
  float *window;           // [len_window]
  float *frame;            // [n_fft], zero from len_window on
  float *power_over;       // [OVERSAMPLING * n_fft / 2 + 1], zero from n_bins on
  float *r;                // [as many] autocorrelation
  float *window_r_inverse; // [lag_max + 2] 1 / the window's own
  Frame *lattice;          // [N_LATTICE]
  int64_t t_first;         // frame number of lattice[0]
  int n_lattice;
};

NmPitchOptions nm_pitch_defaults(void)
{
  return (NmPitchOptions){.rate_hz = 24000,
                          .len_hop = 256,
                          .floor_hz = 75,
                          .ceiling_hz = 600,
                          .silence_threshold = 0.03f,
                          .voicing_threshold = 0.45f,
                          .octave_cost = 0.01f,
                          .octave_jump_cost = 0.35f,
                          .voicing_change_cost = 0.14f,
                          .n_voiced_min_frames = 3};
}

static bool options_allowed(const NmPitchOptions *o)
{
  return o->rate_hz >= 1000 && o->rate_hz <= 1e6 && o->len_hop > 0 && o->floor_hz >= 20 &&
         o->floor_hz < o->ceiling_hz && o->ceiling_hz <= o->rate_hz / 4;
}

// r = the autocorrelation of `frame` at lags of 1 / OVERSAMPLING samples, times a constant.
static void autocorrelate(NmPitch *pitch)
{
  nm_fft_power(pitch->fft, pitch->frame, pitch->power_over);
  pitch->power_over[pitch->n_bins - 1] *= 0.5f;
  nm_fft_even(pitch->fft_over, pitch->power_over, pitch->r);
}

static void prepare_window(NmPitch *pitch)
{
  const int len = pitch->len_window;
  for (int i = 0; i < len; ++i) pitch->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * (i + 0.5) / len));
  memcpy(pitch->frame, pitch->window, (size_t)len * sizeof *pitch->frame);
  autocorrelate(pitch);
  for (int i = 0; i < pitch->lag_max + 2; ++i) pitch->window_r_inverse[i] = pitch->r[0] / pitch->r[i];
}

static float *new_floats(int n)
{
  return calloc((size_t)n, sizeof(float));
}

static bool allocate(NmPitch *pitch, int n_fft)
{
  const int n_over = OVERSAMPLING * n_fft / 2 + 1;
  pitch->n_bins = n_fft / 2 + 1;
  pitch->fft = nm_fft_new(n_fft);
  pitch->fft_over = nm_fft_new(OVERSAMPLING * n_fft);
  pitch->window = new_floats(pitch->len_window);
  pitch->frame = new_floats(n_fft);
  pitch->power_over = new_floats(n_over);
  pitch->r = new_floats(n_over);
  pitch->window_r_inverse = new_floats(pitch->lag_max + 2);
  pitch->lattice = calloc(N_LATTICE, sizeof *pitch->lattice);
  return pitch->fft && pitch->fft_over && pitch->window && pitch->frame && pitch->power_over && pitch->r &&
         pitch->window_r_inverse && pitch->lattice;
}

NmPitch *nm_pitch_new(const NmPitchOptions *options)
{
  if (!options_allowed(options)) return NULL;
  NmPitch *pitch = calloc(1, sizeof *pitch);
  if (!pitch) return NULL;
  const NmPitchOptions *o = &pitch->options;
  pitch->options = *options;
  pitch->len_window = (int)(3 * o->rate_hz / o->floor_hz);
  pitch->lag_min = (int)(OVERSAMPLING * o->rate_hz / o->ceiling_hz);
  pitch->lag_max = (int)(OVERSAMPLING * o->rate_hz / o->floor_hz) + 1;
  int n_fft = 2;
  while (n_fft < pitch->len_window * 3 / 2) n_fft *= 2;
  if (!allocate(pitch, n_fft)) {
    nm_pitch_free(pitch);
    return NULL;
  }
  prepare_window(pitch);
  return pitch;
}

void nm_pitch_free(NmPitch *pitch)
{
  if (!pitch) return;
  nm_fft_free(pitch->fft);
  nm_fft_free(pitch->fft_over);
  free(pitch->window);
  free(pitch->frame);
  free(pitch->power_over);
  free(pitch->r);
  free(pitch->window_r_inverse);
  free(pitch->lattice);
  free(pitch);
}

// Copies samples [first, first + len) of x [n], with silence outside: a reflected end looks more voiced than
// it is.
static void copy_or_silence(const float *x, int64_t n, int64_t first, int len, float *out)
{
  const int64_t from = first < 0 ? 0 : first, to = first + len > n ? n : first + len;
  memset(out, 0, (size_t)len * sizeof *out);
  if (from < to) memcpy(out + (from - first), x + from, (size_t)(to - from) * sizeof *out);
}

// Copies the frame around sample t * len_hop, its mean removed and windowed. Returns the largest amplitude of
// its middle third, before the window: further out may be another sound.
static float take_frame(NmPitch *pitch, const float *x, int64_t n, int64_t t)
{
  const int len = pitch->len_window;
  float *frame = pitch->frame, sum = 0, peak = 0;
  copy_or_silence(x, n, t * pitch->options.len_hop - len / 2, len, frame);
  for (int i = 0; i < len; ++i) sum += frame[i];
  const float mean = sum / (float)len;
  for (int i = len / 3; i < len - len / 3; ++i) peak = fmaxf(peak, fabsf(frame[i] - mean));
  for (int i = 0; i < len; ++i) frame[i] = (frame[i] - mean) * pitch->window[i];
  return peak;
}

// Keeps the candidates with the largest rewards.
static void add_candidate(Frame *frame, Candidate candidate)
{
  if (frame->n < N_CANDIDATES) {
    frame->candidates[frame->n++] = candidate;
    return;
  }
  int worst = 1;
  for (int i = 2; i < N_CANDIDATES; ++i)
    if (frame->candidates[i].reward < frame->candidates[worst].reward) worst = i;
  if (frame->candidates[worst].reward < candidate.reward) frame->candidates[worst] = candidate;
}

// The peak at lag i, by a parabola through its neighbours.
static Candidate candidate_at(const NmPitch *pitch, const float *r, int i)
{
  const NmPitchOptions *o = &pitch->options;
  const float slope = 0.5f * (r[i + 1] - r[i - 1]), bend = 2 * r[i] - r[i - 1] - r[i + 1];
  const float shift = bend > 0 ? slope / bend : 0;
  float strength = r[i] + 0.5f * slope * shift;
  if (strength > 1) strength = 1 / strength;
  const float f0 = (float)(OVERSAMPLING * o->rate_hz / ((float)i + shift));
  const float reward = strength + o->octave_cost * log2f(f0 / (float)o->floor_hz);
  return (Candidate){.f0_hz = f0, .log2_f0 = log2f(f0), .strength = strength, .reward = reward};
}

// Boersma's equations 23 to 25.
static void find_candidates(NmPitch *pitch, float peak, float peak_signal, Frame *frame)
{
  const NmPitchOptions *o = &pitch->options;
  const float loudness = peak_signal > 0 ? peak / peak_signal : 0;
  const float quiet = 2 - loudness * (1 + o->voicing_threshold) / o->silence_threshold;
  frame->n = 1;
  frame->candidates[0] = (Candidate){.reward = o->voicing_threshold + fmaxf(0, quiet)};
  autocorrelate(pitch);
  float *r = pitch->r;
  if (!(r[0] > 0)) return;
  const float scale = 1 / r[0];
  const int first = pitch->lag_min - 1, last = pitch->lag_max + 1;
#pragma omp simd
  for (int i = first; i <= last; ++i) r[i] *= scale * pitch->window_r_inverse[i];
  for (int i = first + 1; i < last; ++i) {
    if (!(r[i] > 0.5f * o->voicing_threshold && r[i] > r[i - 1] && r[i] >= r[i + 1])) continue;
    const Candidate candidate = candidate_at(pitch, r, i);
    if (candidate.f0_hz >= o->floor_hz && candidate.f0_hz <= o->ceiling_hz) add_candidate(frame, candidate);
  }
}

static float transition_cost(const NmPitchOptions *o, const Candidate *from, const Candidate *to)
{
  if (from->f0_hz == 0 && to->f0_hz == 0) return 0;
  if (from->f0_hz == 0 || to->f0_hz == 0) return o->voicing_change_cost;
  return o->octave_jump_cost * fabsf(from->log2_f0 - to->log2_f0);
}

// Extends every best path by one frame.
static void extend_paths(const NmPitchOptions *o, const Frame *from, Frame *to)
{
  const float per_frame = (float)(0.01 * o->rate_hz / o->len_hop);
  for (int j = 0; j < to->n; ++j) {
    Candidate *c = &to->candidates[j];
    float best = -INFINITY;
    for (int i = 0; i < from->n; ++i) {
      const float total = from->candidates[i].total - per_frame * transition_cost(o, &from->candidates[i], c);
      if (total > best) {
        best = total;
        c->before = i;
      }
    }
    c->total = best + c->reward;
  }
}

// Totals grow with the length of the signal: takes the best of the last frame as the new zero.
static int best_candidate(Frame *frame)
{
  int best = 0;
  for (int i = 1; i < frame->n; ++i)
    if (frame->candidates[i].total > frame->candidates[best].total) best = i;
  const float total = frame->candidates[best].total;
  for (int i = 0; i < frame->n; ++i) frame->candidates[i].total -= total;
  return best;
}

// Writes the first n_out frames of the best path and drops them from the lattice.
static void decide(NmPitch *pitch, int n_out, float *f0_hz, float *strength)
{
  int at = best_candidate(&pitch->lattice[pitch->n_lattice - 1]);
  for (int i = pitch->n_lattice - 1; i >= 0; --i) {
    const Candidate *c = &pitch->lattice[i].candidates[at];
    if (i < n_out) f0_hz[pitch->t_first + i] = c->f0_hz;
    if (i < n_out && strength) strength[pitch->t_first + i] = c->strength;
    at = c->before;
  }
  pitch->n_lattice -= n_out;
  pitch->t_first += n_out;
  memmove(pitch->lattice, pitch->lattice + n_out, (size_t)pitch->n_lattice * sizeof *pitch->lattice);
}

static float largest_amplitude(const float *x, int64_t n)
{
  double sum = 0;
  float low = x[0], high = x[0];
  for (int64_t i = 0; i < n; ++i) {
    sum += x[i];
    low = fminf(low, x[i]);
    high = fmaxf(high, x[i]);
  }
  const float mean = (float)(sum / (double)n);
  return fmaxf(high - mean, mean - low);
}

// A click passes for a voice of a frame or two.
static void drop_short_runs(float *f0_hz, float *strength, int64_t n_frames, int n_min)
{
  for (int64_t t = 0, first = 0; t <= n_frames; ++t) {
    if (t < n_frames && f0_hz[t] > 0) continue;
    for (int64_t i = first; i < t && t - first < n_min; ++i) {
      f0_hz[i] = 0;
      if (strength) strength[i] = 0;
    }
    first = t + 1;
  }
}

void nm_pitch_run(NmPitch *pitch, const float *x, int64_t n, int64_t n_frames, float *f0_hz, float *strength)
{
  const float peak_signal = largest_amplitude(x, n);
  pitch->n_lattice = 0;
  pitch->t_first = 0;
  for (int64_t t = 0; t < n_frames; ++t) {
    if (pitch->n_lattice == N_LATTICE) decide(pitch, N_LATTICE - N_AHEAD, f0_hz, strength);
    Frame *frame = &pitch->lattice[pitch->n_lattice++];
    const float peak = take_frame(pitch, x, n, t);
    find_candidates(pitch, peak, peak_signal, frame);
    if (t > 0)
      extend_paths(&pitch->options, frame - 1, frame);
    else
      for (int i = 0; i < frame->n; ++i) frame->candidates[i].total = frame->candidates[i].reward;
  }
  if (pitch->n_lattice > 0) decide(pitch, pitch->n_lattice, f0_hz, strength);
  drop_short_runs(f0_hz, strength, n_frames, pitch->options.n_voiced_min_frames);
}

static void bridge(float *f0_hz, int64_t from, int64_t to)
{
  const double first = log(f0_hz[from]), step = (log(f0_hz[to]) - first) / (double)(to - from);
  for (int64_t t = from + 1; t < to; ++t) f0_hz[t] = (float)exp(first + step * (double)(t - from));
}

void nm_f0_interpolate(float *f0_hz, int64_t n_frames, float default_hz)
{
  int64_t last = -1;
  for (int64_t t = 0; t < n_frames; ++t) {
    if (!(f0_hz[t] > 0)) continue;
    if (last >= 0)
      bridge(f0_hz, last, t);
    else
      for (int64_t i = 0; i < t; ++i) f0_hz[i] = f0_hz[t];
    last = t;
  }
  for (int64_t t = last + 1; t < n_frames; ++t) f0_hz[t] = last >= 0 ? f0_hz[last] : default_hz;
}
