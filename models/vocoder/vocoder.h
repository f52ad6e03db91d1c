// SPDX-License-Identifier: GPL-3.0-or-later
// The vocoder at work: envelope, f0 and voicing to sound, with the network of network.h and the filtering
// done in place.
#ifndef NM_VOCODER_VOCODER_H
#define NM_VOCODER_VOCODER_H

#include "dsp/base/pool.h"
#include "models/vocoder/network.h"

typedef struct NmVocoder NmVocoder;

// Loads the weights. `pool` is borrowed, may be NULL. NULL and `err` when the file is missing, damaged or
// does not fit.
NmVocoder *nm_vocoder_new(const char *path, NmPool *pool, NmError *err);
void nm_vocoder_free(NmVocoder *vocoder);

// Tells vocoders of different weights from each other (nm_params_get_identity).
uint64_t nm_vocoder_get_identity(const NmVocoder *vocoder);

// T >= 1 frames.
typedef struct {
  const float *envelope;  // [T, 80] ln STFT amplitude
  const float *f0_hz;     // [T] > 0, the pitch that sounds
  const float *f0_own_hz; // [T] > 0, the pitch that goes with the envelope, NULL: f0_hz
  const float *voicing;   // [T] 0..1
  int64_t T;
} NmVocoderFrames;

// Their sound: frame t covers samples [t hop, (t + 1) hop) -> samples [T hop]. The filters are shaped by the
// envelope and its own pitch, so that one asked for in its place leaves a vowel what it was. Same inputs and
// seed, same samples for any number of threads. Allocates only to grow its buffers.
NmStatus nm_vocoder_run(NmVocoder *vocoder, const NmVocoderFrames *frames, uint64_t seed, float *samples,
                        NmError *err) NM_NODISCARD;

// The metadata of a vocoder's weights file for this configuration; freed by the caller. NULL when memory is
// out.
char *nm_vocoder_metadata(const NmVocoderConfig *config);

#endif
