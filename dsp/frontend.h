// SPDX-License-Identifier: GPL-3.0-or-later
// The one front end: sound at NM_RATE_HZ, mono, to log-mel frames. Speech, singing and emotion all read it.
#ifndef NM_DSP_FRONTEND_H
#define NM_DSP_FRONTEND_H

#include "dsp/mel.h"

// One thread at a time per object.
typedef struct NmFrontend NmFrontend;

// NULL when memory is out.
NmFrontend *nm_frontend_new(void);
void nm_frontend_free(NmFrontend *fe);

// Frames of n samples: n / NM_LEN_HOP + 1, and 0 for n = 0. Frame t is centred on sample t * NM_LEN_HOP.
int64_t nm_frontend_get_n_frames(int64_t n);

// log_mel[t, b] = ln max(sum_k W[b, k] |X[t, k]|, NM_MEL_FLOOR), X by a periodic Hann window, not scaled, the
// ends reflected. x [n], log_mel [n_frames(n), NM_N_MELS].
void nm_frontend_run(NmFrontend *fe, const float *x, int64_t n, float *log_mel);

// Streaming, any block size: the frames that the next n samples complete, the same bytes as nm_frontend_run
// gives. log_mel has room for `capacity` frames; *n_taken samples were used, all unless capacity was reached.
// Returns the number of frames.
int64_t nm_frontend_push(NmFrontend *fe, const float *x, int64_t n, int64_t *n_taken, float *log_mel,
                         int64_t capacity);

// The last frames; call until it returns 0, then the stream starts anew.
int64_t nm_frontend_finish(NmFrontend *fe, float *log_mel, int64_t capacity);

// Forgets the stream.
void nm_frontend_reset(NmFrontend *fe);

#endif
