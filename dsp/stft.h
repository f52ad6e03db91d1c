// SPDX-License-Identifier: GPL-3.0-or-later
// Short-time Fourier transform with centred frames: frame t is centred on sample t * len_hop, the signal is
// reflected at both ends (without repeating the end sample), and there are n / len_hop + 1 frames.
#ifndef NM_DSP_STFT_H
#define NM_DSP_STFT_H

#include "dsp/base/status.h"

// Periodic windows (the first sample only is the minimum).
typedef enum { NM_WINDOW_HANN, NM_WINDOW_HAMMING, NM_WINDOW_BLACKMAN, NM_WINDOW_RECTANGLE } NmWindow;

// Fills w [n].
void nm_window_fill(NmWindow window, float *w, int n);

// Index into a signal of n >= 1 samples for any i, reflected at both ends as often as needed.
int64_t nm_reflect_index(int64_t i, int64_t n);

// samples[first .. first + len) of the signal x [n], n >= 1, reflected outside of it. out [len].
void nm_reflect_copy(const float *x, int64_t n, int64_t first, int len, float *out);

// One thread at a time per object.
typedef struct NmStft NmStft;

// n_fft >= 2 and even, 1 <= len_hop <= n_fft. NULL when memory is out or an argument is not allowed.
NmStft *nm_stft_new(int n_fft, int len_hop, NmWindow window);
void nm_stft_free(NmStft *stft);

// Bins of a frame, n_fft / 2 + 1.
int nm_stft_get_n_bins(const NmStft *stft);

// Frames of a signal of n samples: n / len_hop + 1, and 0 for n = 0.
int64_t nm_stft_get_n_frames(const NmStft *stft, int64_t n);

// Frame t of the whole signal x [n], n >= 1. spectrum [n_bins, 2].
void nm_stft_frame(NmStft *stft, const float *x, int64_t n, int64_t t, float *spectrum);

// Every frame of x [n]. spectrum [n_frames(n), n_bins, 2].
void nm_stft_run(NmStft *stft, const float *x, int64_t n, float *spectrum);

// The signal whose frames are nearest to the given ones in the least-squares sense (Griffin and Lim 1984,
// equation 6): overlap-add with the window, divided by the sum of its squares. spectrum [n_frames(n), n_bins,
// 2], x [n]. Samples that no window reaches are 0.
void nm_stft_invert(NmStft *stft, const float *spectrum, int64_t n, float *x);

// Streaming: the frames that become complete with the next n samples, the same bytes as nm_stft_run gives.
// spectrum has room for `capacity` frames; n_taken says how many samples were used (less than n only when
// capacity is reached). Returns the number of frames.
int64_t nm_stft_push(NmStft *stft, const float *x, int64_t n, int64_t *n_taken, float *spectrum,
                     int64_t capacity);

// The last frames, at most n_fft / (2 len_hop) + 2 (call until it returns 0), after which the stream starts
// anew.
int64_t nm_stft_finish(NmStft *stft, float *spectrum, int64_t capacity);

// Forgets the stream.
void nm_stft_reset(NmStft *stft);

#endif
