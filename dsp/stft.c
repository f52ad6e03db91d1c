// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/stft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"

struct NmStft {
  int n_fft, len_hop;
  NmFft *fft;
  float *window; // [n_fft]
  float *frame;  // [n_fft]
  // The stream: samples [i_first, i_first + n_kept) of the signal so far, and the next frame to give out.
  float *kept; // [4 * n_fft]
  int n_kept;
  int64_t i_first, t_next;
};

static const double window_cosines[][3] = {
    [NM_WINDOW_HANN] = {0.5, -0.5, 0},
    [NM_WINDOW_HAMMING] = {0.54, -0.46, 0},
    [NM_WINDOW_BLACKMAN] = {0.42, -0.5, 0.08},
    [NM_WINDOW_RECTANGLE] = {1, 0, 0},
};

void nm_window_fill(NmWindow window, float *w, int n)
{
  const double *a = window_cosines[window];
  for (int i = 0; i < n; ++i) {
    const double phase = 2 * M_PI * i / n;
    w[i] = (float)(a[0] + a[1] * cos(phase) + a[2] * cos(2 * phase));
  }
}

int64_t nm_reflect_index(int64_t i, int64_t n)
{
  if (n == 1) return 0;
  const int64_t period = 2 * (n - 1);
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - i;
}

void nm_reflect_copy(const float *x, int64_t n, int64_t first, int len, float *out)
{
  if (first >= 0 && first + len <= n) {
    memcpy(out, x + first, (size_t)len * sizeof *out);
    return;
  }
  for (int i = 0; i < len; ++i) out[i] = x[nm_reflect_index(first + i, n)];
}

static float *new_floats(int n)
{
  return calloc((size_t)n, sizeof(float));
}

NmStft *nm_stft_new(int n_fft, int len_hop, NmWindow window)
{
  if (n_fft < 2 || n_fft % 2 || n_fft > 1 << 24 || len_hop < 1 || len_hop > n_fft) return NULL;
  NmStft *stft = calloc(1, sizeof *stft);
  if (!stft) return NULL;
  stft->n_fft = n_fft;
  stft->len_hop = len_hop;
  stft->fft = nm_fft_new(n_fft);
  stft->window = new_floats(n_fft);
  stft->frame = new_floats(n_fft);
  stft->kept = new_floats(4 * n_fft);
  if (!stft->fft || !stft->window || !stft->frame || !stft->kept) {
    nm_stft_free(stft);
    return NULL;
  }
  nm_window_fill(window, stft->window, n_fft);
  return stft;
}

void nm_stft_free(NmStft *stft)
{
  if (!stft) return;
  nm_fft_free(stft->fft);
  free(stft->window);
  free(stft->frame);
  free(stft->kept);
  free(stft);
}

int nm_stft_get_n_bins(const NmStft *stft)
{
  return stft->n_fft / 2 + 1;
}

int64_t nm_stft_get_n_frames(const NmStft *stft, int64_t n)
{
  return n > 0 ? n / stft->len_hop + 1 : 0;
}

static void transform(NmStft *stft, float *spectrum)
{
  const int n = stft->n_fft;
#pragma omp simd
  for (int i = 0; i < n; ++i) stft->frame[i] *= stft->window[i];
  nm_fft_forward(stft->fft, stft->frame, spectrum);
}

void nm_stft_frame(NmStft *stft, const float *x, int64_t n, int64_t t, float *spectrum)
{
  nm_reflect_copy(x, n, t * stft->len_hop - stft->n_fft / 2, stft->n_fft, stft->frame);
  transform(stft, spectrum);
}

void nm_stft_run(NmStft *stft, const float *x, int64_t n, float *spectrum)
{
  const int64_t n_frames = nm_stft_get_n_frames(stft, n), size_frame = stft->n_fft + 2;
  for (int64_t t = 0; t < n_frames; ++t) nm_stft_frame(stft, x, n, t, spectrum + t * size_frame);
}

static void overlap_add(NmStft *stft, const float *spectrum, int64_t first, int64_t n, float *x)
{
  nm_fft_inverse(stft->fft, spectrum, stft->frame);
  const int64_t i_min = first < 0 ? -first : 0, i_max = first + stft->n_fft > n ? n - first : stft->n_fft;
  for (int64_t i = i_min; i < i_max; ++i) x[first + i] += stft->frame[i] * stft->window[i];
}

// Sum of the squared windows of all frames at sample i.
static float window_power(const NmStft *stft, int64_t i, int64_t n_frames)
{
  const int64_t n = stft->n_fft, hop = stft->len_hop, from = i + n / 2;
  int64_t t_last = from / hop, t = from < n ? 0 : (from - n) / hop + 1;
  if (t_last > n_frames - 1) t_last = n_frames - 1;
  float sum = 0;
  for (; t <= t_last; ++t) sum += stft->window[from - t * hop] * stft->window[from - t * hop];
  return sum;
}

void nm_stft_invert(NmStft *stft, const float *spectrum, int64_t n, float *x)
{
  const int64_t n_frames = nm_stft_get_n_frames(stft, n), size_frame = stft->n_fft + 2;
  memset(x, 0, (size_t)n * sizeof *x);
  for (int64_t t = 0; t < n_frames; ++t)
    overlap_add(stft, spectrum + t * size_frame, t * stft->len_hop - stft->n_fft / 2, n, x);
  for (int64_t i = 0; i < n; ++i) {
    const float power = window_power(stft, i, n_frames);
    x[i] = power > 1e-8f ? x[i] / power : 0;
  }
}

void nm_stft_reset(NmStft *stft)
{
  stft->n_kept = 0;
  stft->i_first = stft->t_next = 0;
}

// Samples needed before frame t is whole; the first frame reflects one sample more than it looks ahead.
static int64_t frame_end(const NmStft *stft, int64_t t)
{
  return t * stft->len_hop + stft->n_fft / 2 + (t == 0);
}

static void kept_frame(NmStft *stft, float *spectrum)
{
  const int64_t first = stft->t_next++ * stft->len_hop - stft->n_fft / 2 - stft->i_first;
  // Outside of what is kept lies the outside of the signal: reflecting the kept part reflects the signal.
  nm_reflect_copy(stft->kept, stft->n_kept, first, stft->n_fft, stft->frame);
  transform(stft, spectrum);
}

// Takes samples up to what the next frame needs, dropping what no later frame can reach.
static int64_t keep(NmStft *stft, const float *x, int64_t n)
{
  const int64_t missing = frame_end(stft, stft->t_next) - stft->i_first - stft->n_kept;
  const int64_t n_more = missing < n ? missing : n, n_room = 4 * (int64_t)stft->n_fft - stft->n_kept;
  if (n_more <= 0) return 0;
  if (n_more > n_room) {
    const int n_drop = stft->n_kept - 2 * stft->n_fft;
    memmove(stft->kept, stft->kept + n_drop, 2 * (size_t)stft->n_fft * sizeof *stft->kept);
    stft->n_kept -= n_drop;
    stft->i_first += n_drop;
  }
  memcpy(stft->kept + stft->n_kept, x, (size_t)n_more * sizeof *x);
  stft->n_kept += (int)n_more;
  return n_more;
}

int64_t nm_stft_push(NmStft *stft, const float *x, int64_t n, int64_t *n_taken, float *spectrum,
                     int64_t capacity)
{
  int64_t n_frames = 0, i = 0;
  for (;;) {
    i += keep(stft, x + i, n - i);
    if (stft->i_first + stft->n_kept < frame_end(stft, stft->t_next) || n_frames == capacity) break;
    kept_frame(stft, spectrum + n_frames++ * (stft->n_fft + 2));
  }
  *n_taken = i;
  return n_frames;
}

int64_t nm_stft_finish(NmStft *stft, float *spectrum, int64_t capacity)
{
  const int64_t n_total = nm_stft_get_n_frames(stft, stft->i_first + stft->n_kept);
  int64_t n_frames = 0;
  while (stft->t_next < n_total && n_frames < capacity)
    kept_frame(stft, spectrum + n_frames++ * (stft->n_fft + 2));
  if (n_frames == 0) nm_stft_reset(stft);
  return n_frames;
}
