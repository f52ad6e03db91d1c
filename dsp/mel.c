// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/mel.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/vector.h"

typedef struct {
  double centre_hz;
  int k_first, n;       // bins with weight
  const float *weights; // [n]
} Band;

struct NmMel {
  int n_bands;
  Band *bands;    // [n_bands]
  float *weights; // of all bands
};

double nm_mel_from_hz(double f_hz)
{
  return 2595 * log10(1 + f_hz / 700);
}

double nm_mel_to_hz(double mel)
{
  return 700 * (pow(10, mel / 2595) - 1);
}

typedef struct {
  double low, centre, high;
} Triangle;

// Band b's corners, pushed outwards to at least a bin from the centre.
static Triangle triangle(int b, int n_bands, double min_hz, double max_hz, double bin_hz)
{
  const double mel_min = nm_mel_from_hz(min_hz), step = (nm_mel_from_hz(max_hz) - mel_min) / (n_bands + 1);
  const double centre = nm_mel_to_hz(mel_min + step * (b + 1));
  return (Triangle){.low = fmin(nm_mel_to_hz(mel_min + step * b), centre - bin_hz),
                    .centre = centre,
                    .high = fmax(nm_mel_to_hz(mel_min + step * (b + 2)), centre + bin_hz)};
}

// Fills the band's weights from `weights` on and returns how many there are.
static int fill_band(Band *band, Triangle t, double bin_hz, int n_bins, float *weights)
{
  double sum = 0;
  band->centre_hz = t.centre;
  band->weights = weights;
  band->k_first = (int)fmax(0, floor(t.low / bin_hz) + 1);
  for (int k = band->k_first; k < n_bins; ++k, ++band->n) {
    const double f = k * bin_hz,
                 w = fmin((f - t.low) / (t.centre - t.low), (t.high - f) / (t.high - t.centre));
    if (w <= 0) break;
    weights[band->n] = (float)w;
    sum += w;
  }
  for (int i = 0; i < band->n; ++i) weights[i] = (float)(weights[i] / sum);
  return band->n;
}

NmMel *nm_mel_new(double rate_hz, int n_fft, int n_bands, double min_hz, double max_hz)
{
  const int n_bins = n_fft / 2 + 1;
  size_t n_weights;
  if (n_fft < 2 || n_bands < 1 || !(min_hz >= 0 && min_hz < max_hz && max_hz <= rate_hz / 2)) return NULL;
  if (nm_size_mul((size_t)n_bins, (size_t)n_bands, &n_weights) != NM_OK) return NULL;
  NmMel *mel = calloc(1, sizeof *mel);
  if (!mel) return NULL;
  mel->n_bands = n_bands;
  mel->bands = calloc((size_t)n_bands, sizeof *mel->bands);
  mel->weights = calloc(n_weights, sizeof *mel->weights);
  if (!mel->bands || !mel->weights) {
    nm_mel_free(mel);
    return NULL;
  }
  float *weights = mel->weights;
  const double bin_hz = rate_hz / n_fft;
  for (int b = 0; b < n_bands; ++b)
    weights +=
        fill_band(&mel->bands[b], triangle(b, n_bands, min_hz, max_hz, bin_hz), bin_hz, n_bins, weights);
  return mel;
}

void nm_mel_free(NmMel *mel)
{
  if (!mel) return;
  free(mel->bands);
  free(mel->weights);
  free(mel);
}

int nm_mel_get_n_bands(const NmMel *mel)
{
  return mel->n_bands;
}

double nm_mel_get_centre_hz(const NmMel *mel, int band)
{
  return mel->bands[band].centre_hz;
}

void nm_mel_apply(const NmMel *mel, const float *magnitude, float *bands)
{
  for (int b = 0; b < mel->n_bands; ++b) {
    const Band *band = &mel->bands[b];
    bands[b] = nm_vector_dot(band->weights, magnitude + band->k_first, band->n);
  }
}

void nm_mel_apply_log(const NmMel *mel, const float *magnitude, float *log_bands)
{
  nm_mel_apply(mel, magnitude, log_bands);
  for (int b = 0; b < mel->n_bands; ++b) log_bands[b] = fmaxf(log_bands[b], NM_MEL_FLOOR);
  nm_vector_log(log_bands, log_bands, mel->n_bands);
}

static double front_end_centre_hz(int band)
{
  return triangle(band, NM_N_MELS, 0, NM_MEL_MAX_HZ, 0).centre;
}

void nm_mel_interpolation(NmMelTap taps[NM_N_BINS])
{
  int j = 0;
  for (int k = 0; k < NM_N_BINS; ++k) {
    const double f = (double)k * NM_RATE_HZ / NM_LEN_FRAME;
    while (j < NM_N_MELS - 2 && f > front_end_centre_hz(j + 1)) ++j;
    const double low = front_end_centre_hz(j), high = front_end_centre_hz(j + 1);
    taps[k] = (NmMelTap){j, (float)fmin(1, fmax(0, (f - low) / (high - low)))};
  }
}
