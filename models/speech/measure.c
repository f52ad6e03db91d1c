// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/frontend.h"
#include "dsp/pitch.h"
#include "dsp/stft.h"

enum { N_CEPSTRA = 13, N_RESOLUTIONS = 4 };

#define GROSS_CENTS 200.0
#define STFT_FLOOR 1e-3

static const int n_ffts[N_RESOLUTIONS] = {2048, 1024, 512, 256};

struct NmMeasure {
  NmFrontend *frontend;
  NmPitch *pitch;
  NmStft *stft[N_RESOLUTIONS];
  float cosines[N_CEPSTRA][NM_N_MELS];
  float *cents; // [n_cents] |difference| where both are voiced
  int64_t n_cents, capacity;
  int64_t n_frames, n_pitch, n_gross, n_unlike, n_sounds;
  double distortion, squares, convergence, log_difference;
};

void nm_measure_free(NmMeasure *m)
{
  if (!m) return;
  nm_frontend_free(m->frontend);
  nm_pitch_free(m->pitch);
  for (int i = 0; i < N_RESOLUTIONS; ++i) nm_stft_free(m->stft[i]);
  free(m->cents);
  free(m);
}

NmMeasure *nm_measure_new(void)
{
  NmMeasure *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  const NmPitchOptions options = nm_pitch_defaults();
  m->frontend = nm_frontend_new();
  m->pitch = nm_pitch_new(&options);
  bool whole = m->frontend && m->pitch;
  for (int i = 0; i < N_RESOLUTIONS; ++i) {
    m->stft[i] = nm_stft_new(n_ffts[i], n_ffts[i] / 4, NM_WINDOW_HANN);
    whole = whole && m->stft[i];
  }
  for (int c = 0; c < N_CEPSTRA; ++c)
    for (int b = 0; b < NM_N_MELS; ++b)
      m->cosines[c][b] = (float)(2.0 / NM_N_MELS * cos(M_PI * (c + 1) * (b + .5) / NM_N_MELS));
  if (whole) return m;
  nm_measure_free(m);
  return NULL;
}

// Mel-cepstral distortion of frames that count.
static void add_distortion(NmMeasure *m, const float *a, const float *b, int64_t n_frames, const bool *spoken)
{
  for (int64_t t = 0; t < n_frames; ++t) {
    double sum = 0;
    if (spoken && !spoken[t]) continue;
    for (int c = 0; c < N_CEPSTRA; ++c) {
      double difference = 0;
      for (int k = 0; k < NM_N_MELS; ++k)
        difference += (double)m->cosines[c][k] * (double)(a[t * NM_N_MELS + k] - b[t * NM_N_MELS + k]);
      sum += difference * difference;
    }
    m->distortion += 10 / log(10) * sqrt(2 * sum);
    m->n_frames += 1;
  }
}

static bool make_room(NmMeasure *m, int64_t n)
{
  if (m->n_cents + n <= m->capacity) return true;
  const int64_t capacity = 2 * (m->n_cents + n);
  float *grown = realloc(m->cents, (size_t)capacity * sizeof *grown);
  if (!grown) return false;
  m->cents = grown;
  m->capacity = capacity;
  return true;
}

static void add_pitch(NmMeasure *m, const float *a, const float *b, int64_t n_frames)
{
  for (int64_t t = 0; t < n_frames; ++t) {
    m->n_pitch += 1;
    m->n_unlike += (a[t] > 0) != (b[t] > 0);
    if (!(a[t] > 0) || !(b[t] > 0)) continue;
    const double cents = fabs(1200 * log2((double)b[t] / (double)a[t]));
    m->cents[m->n_cents++] = (float)cents;
    if (cents >= GROSS_CENTS)
      m->n_gross += 1;
    else
      m->squares += cents * cents;
  }
}

static NmStatus add_resolution(NmMeasure *m, NmStft *stft, const float *a, const float *b, int64_t n)
{
  const int64_t n_frames = nm_stft_get_n_frames(stft, n), n_bins = nm_stft_get_n_bins(stft);
  float *row = malloc((size_t)n_bins * 4 * sizeof *row);
  double over = 0, under = 1e-12, logs = 0;
  if (!row) return NM_ERR_NO_MEMORY;
  float *other = row + 2 * n_bins;
  for (int64_t t = 0; t < n_frames; ++t) {
    nm_stft_frame(stft, a, n, t, row);
    nm_stft_frame(stft, b, n, t, other);
    for (int64_t k = 0; k < n_bins; ++k) {
      const double x = hypot(row[2 * k], row[2 * k + 1]), y = hypot(other[2 * k], other[2 * k + 1]);
      over += (x - y) * (x - y);
      under += x * x;
      logs += fabs(log(x + STFT_FLOOR) - log(y + STFT_FLOOR));
    }
  }
  free(row);
  m->convergence += sqrt(over / under) / N_RESOLUTIONS;
  m->log_difference += logs / (double)(n_frames * n_bins) / N_RESOLUTIONS;
  return NM_OK;
}

NmStatus nm_measure_add(NmMeasure *m, const float *recording, const float *sound, int64_t n,
                        const bool *spoken)
{
  const int64_t n_frames = n / NM_LEN_HOP, n_mel = nm_frontend_get_n_frames(n);
  float *work = malloc((size_t)(2 * n_mel * (NM_N_MELS + 1) + 1) * sizeof *work);
  NmStatus status = work && make_room(m, n_frames) ? NM_OK : NM_ERR_NO_MEMORY;
  if (status == NM_OK && n_frames > 0) {
    float *a = work, *b = a + n_mel * NM_N_MELS, *f0 = b + n_mel * NM_N_MELS, *f0_sound = f0 + n_mel;
    nm_frontend_run(m->frontend, recording, n, a);
    nm_frontend_run(m->frontend, sound, n, b);
    add_distortion(m, a, b, n_frames, spoken);
    nm_pitch_run(m->pitch, recording, n, n_frames, f0, NULL);
    nm_pitch_run(m->pitch, sound, n, n_frames, f0_sound, NULL);
    add_pitch(m, f0, f0_sound, n_frames);
    for (int i = 0; i < N_RESOLUTIONS && status == NM_OK; ++i)
      status = add_resolution(m, m->stft[i], recording, sound, n);
    m->n_sounds += 1;
  }
  free(work);
  return status;
}

static int compare(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

NmSoundDistance nm_measure_get(NmMeasure *m)
{
  const double n = m->n_frames > 0 ? (double)m->n_frames : 1,
               sounds = m->n_sounds > 0 ? (double)m->n_sounds : 1;
  const double fine = (double)(m->n_cents - m->n_gross);
  if (m->n_cents) qsort(m->cents, (size_t)m->n_cents, sizeof *m->cents, compare);
  return (NmSoundDistance){.n_frames = m->n_frames,
                           .distortion_db = m->distortion / n,
                           .f0_cents = sqrt(m->squares / (fine > 0 ? fine : 1)),
                           .f0_cents_median = m->n_cents ? (double)m->cents[m->n_cents / 2] : 0,
                           .f0_gross = (double)m->n_gross / (m->n_cents ? (double)m->n_cents : 1),
                           .voicing_error = (double)m->n_unlike / (m->n_pitch ? (double)m->n_pitch : 1),
                           .stft_convergence = m->convergence / sounds,
                           .stft_log = m->log_difference / sounds};
}
