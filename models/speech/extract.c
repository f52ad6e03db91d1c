// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/extract.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/audio_file.h"
#include "dsp/envelope.h"
#include "dsp/pitch.h"
#include "dsp/resample.h"

#define F0_UNVOICED_HZ 160.0f // where a recording has no pitch at all

struct NmExtractor {
  NmPitch *pitch;
  NmEnvelope *envelope;
};

void nm_extractor_free(NmExtractor *x)
{
  if (!x) return;
  nm_pitch_free(x->pitch);
  nm_envelope_free(x->envelope);
  free(x);
}

NmExtractor *nm_extractor_new(double floor_hz, double ceiling_hz)
{
  NmExtractor *x = calloc(1, sizeof *x);
  if (!x) return NULL;
  NmPitchOptions options = nm_pitch_defaults();
  options.floor_hz = floor_hz;
  options.ceiling_hz = ceiling_hz;
  x->pitch = nm_pitch_new(&options);
  x->envelope = nm_envelope_new();
  if (x->pitch && x->envelope) return x;
  nm_extractor_free(x);
  return NULL;
}

void nm_extract_free(NmExtract *extract)
{
  free(extract->envelope);
  free(extract->f0_hz);
  free(extract->audio);
  *extract = (NmExtract){0};
}

// The samples played `raise` times faster, in a new array of *n samples that replaces the old one.
static float *raise_samples(float *samples, int64_t *n, float raise)
{
  NmResampler *rs = nm_resampler_new(NM_RATE_HZ * (double)raise, NM_RATE_HZ, NM_RESAMPLE_MEDIUM);
  const int64_t n_out = rs ? nm_resampler_get_n_out(rs, *n) : 0;
  float *out = malloc((size_t)(n_out + 1) * sizeof *out);
  if (rs && out) {
    nm_resampler_run(rs, samples, *n, out);
    *n = n_out;
  } else {
    free(out);
    out = NULL;
  }
  nm_resampler_free(rs);
  free(samples);
  return out;
}

// f0 of the original's frames onto those of the raised copy.
static void raise_f0(const float *f0, int64_t n_frames, float raise, float *out, int64_t n_out)
{
  for (int64_t t = 0; t < n_out; ++t) {
    const int64_t from = (int64_t)lrint((double)t * raise);
    out[t] = raise * f0[from < n_frames ? from : n_frames - 1];
  }
}

static bool allocate(NmExtract *e, int64_t n_frames)
{
  e->n_frames = n_frames;
  e->envelope = malloc((size_t)n_frames * NM_N_MELS * sizeof(float));
  e->f0_hz = malloc((size_t)n_frames * sizeof(float));
  e->audio = calloc((size_t)n_frames * NM_LEN_HOP, sizeof(int16_t));
  return e->envelope && e->f0_hz && e->audio;
}

static void quantise(const float *samples, int64_t n, int16_t *audio)
{
  for (int64_t i = 0; i < n; ++i) audio[i] = (int16_t)lrintf(fmaxf(-32768, fminf(32767, samples[i] * 32768)));
}

// Tracks f0 of the original into a new array of *n_frames.
static float *track(NmExtractor *x, const float *samples, int64_t n, int64_t *n_frames)
{
  *n_frames = n / NM_LEN_HOP + 1;
  float *f0 = malloc((size_t)*n_frames * sizeof *f0);
  if (f0) nm_pitch_run(x->pitch, samples, n, *n_frames, f0, NULL);
  return f0;
}

NmStatus nm_extract_run(NmExtractor *x, const char *path, float raise, NmExtract *e, NmError *err)
{
  float *samples = NULL, *f0 = NULL, *bridged = NULL;
  int64_t n = 0, n_original = 0;
  *e = (NmExtract){0};
  NmStatus status = nm_audio_load_mono(path, NM_RATE_HZ, &samples, &n, err);
  if (status != NM_OK) return status;
  status = NM_ERR_NO_MEMORY;
  if (!(f0 = track(x, samples, n, &n_original))) goto done;
  if (raise != 1 && !(samples = raise_samples(samples, &n, raise))) goto done;
  if (!allocate(e, n / NM_LEN_HOP + 1)) goto done;
  if (!(bridged = malloc((size_t)e->n_frames * sizeof *bridged))) goto done;
  raise_f0(f0, n_original, raise, e->f0_hz, e->n_frames);
  memcpy(bridged, e->f0_hz, (size_t)e->n_frames * sizeof *bridged);
  nm_f0_interpolate(bridged, e->n_frames, F0_UNVOICED_HZ);
  nm_envelope_run(x->envelope, samples, n, bridged, e->n_frames, e->envelope);
  quantise(samples, n, e->audio);
  status = NM_OK;
done:
  if (status != NM_OK) {
    nm_extract_free(e);
    nm_error_set(err, status, "%s: out of memory", path);
  }
  free(samples);
  free(f0);
  free(bridged);
  return status;
}
