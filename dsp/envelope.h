// SPDX-License-Identifier: GPL-3.0-or-later
// The spectral envelope of a voice, free of its harmonics: CheapTrick (Morise 2015, "CheapTrick, a spectral
// envelope estimator for high-quality speech synthesis"), on the frames and in the bands of the front end.
#ifndef NM_DSP_ENVELOPE_H
#define NM_DSP_ENVELOPE_H

#include "dsp/mel.h"

// One thread at a time per object.
typedef struct NmEnvelope NmEnvelope;

// f0 outside of these is taken as the nearer of them.
#define NM_ENVELOPE_F0_MIN_HZ 70.0f
#define NM_ENVELOPE_F0_MAX_HZ 1000.0f

// NULL when memory is out.
NmEnvelope *nm_envelope_new(void);
void nm_envelope_free(NmEnvelope *env);

// log_env[t, b]: ln of the envelope's amplitude in band b, floored at NM_MEL_FLOOR, scaled as the front end's
// log-mel of noise of the same power would be on average (root of the window's power, 384).
//   1. Hann window of three periods around sample t * NM_LEN_HOP, at most NM_LEN_FRAME samples, mean removed;
//   2. power below f0 completed by its mirror image (DC correction);
//   3. smoothed over 2/3 f0 (Morise's equation 8);
//   4. cepstral lifter: sinc of f0, and the compensation q1 = -0.15 (equations 9 to 11).
// x [n] at NM_RATE_HZ, n >= 1, reflected at the ends; f0_hz [n_frames], > 0 in every frame: bridge unvoiced
// gaps with nm_f0_interpolate first. log_env [n_frames, NM_N_MELS]. n_frames is usually
// nm_frontend_get_n_frames(n).
void nm_envelope_run(NmEnvelope *env, const float *x, int64_t n, const float *f0_hz, int64_t n_frames,
                     float *log_env);

// The same before the bands: ln power in each bin, of frame t. log_power [NM_N_BINS].
void nm_envelope_frame(NmEnvelope *env, const float *x, int64_t n, int64_t t, float f0_hz, float *log_power);

#endif
