// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resample.h"

#include <math.h>
#include <samplerate.h>
#include <stdlib.h>
#include <string.h>

struct NmResampler {
  double rate_in, rate_out;
  SRC_STATE *state; // NULL when the rates are equal
  int64_t n_in, n_out;
};

enum { N_BLOCK_MAX = 1 << 20 };

bool nm_resampler_allows(double rate_in_hz, double rate_out_hz)
{
  if (!(rate_in_hz >= 1 && rate_out_hz >= 1)) return false;
  const double ratio = rate_out_hz / rate_in_hz;
  return ratio >= 1.0 / 256 && ratio <= 256;
}

NmResampler *nm_resampler_new(double rate_in_hz, double rate_out_hz, NmResampleQuality quality)
{
  static const int converters[] = {
      [NM_RESAMPLE_MEDIUM] = SRC_SINC_MEDIUM_QUALITY, [NM_RESAMPLE_BEST] = SRC_SINC_BEST_QUALITY};
  if (!nm_resampler_allows(rate_in_hz, rate_out_hz)) return NULL;
  NmResampler *rs = calloc(1, sizeof *rs);
  if (!rs) return NULL;
  rs->rate_in = rate_in_hz;
  rs->rate_out = rate_out_hz;
  if (rate_in_hz == rate_out_hz) return rs;
  int error;
  rs->state = src_new(converters[quality], 1, &error);
  if (rs->state) return rs;
  nm_resampler_free(rs);
  return NULL;
}

void nm_resampler_free(NmResampler *rs)
{
  if (!rs) return;
  if (rs->state) src_delete(rs->state);
  free(rs);
}

int64_t nm_resampler_get_n_out(const NmResampler *rs, int64_t n)
{
  return llrint((double)n * rs->rate_out / rs->rate_in);
}

static int64_t min_i64(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

// One call of the converter. Returns whether it did anything.
static bool convert(NmResampler *rs, const float *x, int64_t n, bool end, int64_t *n_taken, float *out,
                    int64_t capacity, int64_t *n_written)
{
  SRC_DATA data = {.data_in = x,
                   .data_out = out,
                   .input_frames = (long)min_i64(n, N_BLOCK_MAX),
                   .output_frames = (long)min_i64(capacity, N_BLOCK_MAX),
                   .end_of_input = end,
                   .src_ratio = rs->rate_out / rs->rate_in};
  if (src_process(rs->state, &data) != 0) return false;
  *n_taken += data.input_frames_used;
  *n_written += data.output_frames_gen;
  return data.input_frames_used > 0 || data.output_frames_gen > 0;
}

static int64_t copy(const float *x, int64_t n, int64_t *n_taken, float *out, int64_t capacity)
{
  *n_taken = min_i64(n, capacity);
  memcpy(out, x, (size_t)*n_taken * sizeof *out);
  return *n_taken;
}

int64_t nm_resampler_push(NmResampler *rs, const float *x, int64_t n, int64_t *n_taken, float *out,
                          int64_t capacity)
{
  int64_t n_written = 0;
  *n_taken = 0;
  if (n <= 0) return 0;
  if (rs->state)
    while (*n_taken < n && n_written < capacity &&
           convert(rs, x + *n_taken, n - *n_taken, false, n_taken, out + n_written, capacity - n_written,
                   &n_written))
      ;
  else
    n_written = copy(x, n, n_taken, out, capacity);
  rs->n_in += *n_taken;
  rs->n_out += n_written;
  return n_written;
}

int64_t nm_resampler_finish(NmResampler *rs, float *out, int64_t capacity)
{
  const int64_t n_left = nm_resampler_get_n_out(rs, rs->n_in) - rs->n_out;
  const int64_t n_want = min_i64(n_left, capacity);
  int64_t n_written = 0, n_taken = 0;
  if (n_want <= 0) {
    if (n_left <= 0) nm_resampler_reset(rs);
    return 0;
  }
  const float none = 0;
  while (rs->state && n_written < n_want &&
         convert(rs, &none, 0, true, &n_taken, out + n_written, n_want - n_written, &n_written))
    ;
  for (; n_written < n_want; ++n_written) out[n_written] = 0;
  rs->n_out += n_written;
  return n_written;
}

void nm_resampler_reset(NmResampler *rs)
{
  if (rs->state) src_reset(rs->state);
  rs->n_in = rs->n_out = 0;
}

void nm_resampler_run(NmResampler *rs, const float *x, int64_t n, float *out)
{
  int64_t i = 0, n_out = 0, n_taken = 0, n_more;
  const int64_t n_total = nm_resampler_get_n_out(rs, n);
  nm_resampler_reset(rs);
  for (; i < n && n_out < n_total; i += n_taken) {
    n_out += nm_resampler_push(rs, x + i, n - i, &n_taken, out + n_out, n_total - n_out);
    if (n_taken == 0) break;
  }
  rs->n_in = n;
  while ((n_more = nm_resampler_finish(rs, out + n_out, n_total - n_out)) > 0) n_out += n_more;
  nm_resampler_reset(rs);
}
