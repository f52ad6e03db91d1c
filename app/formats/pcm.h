// SPDX-License-Identifier: GPL-3.0-or-later
// Bare samples and plain WAV as they stream by: what a pipe can be heard through without being stored.
#ifndef NM_FORMATS_PCM_H
#define NM_FORMATS_PCM_H

#include <stdbool.h>

#include "dsp/base/status.h"

// Little-endian. Unsigned only with 8 bits.
typedef enum { NM_PCM_U8, NM_PCM_S16, NM_PCM_S24, NM_PCM_S32, NM_PCM_F32, NM_PCM_F64 } NmPcmEncoding;

typedef struct {
  NmPcmEncoding encoding;
  int rate_hz, n_channels;
  int64_t n_bytes; // of sound, -1 when it ends with the stream
} NmPcmFormat;

// "u8", "s16", "s24", "s32", "f32", "f64".
bool nm_pcm_find_encoding(const char *name, NmPcmEncoding *encoding);

// Bytes of a frame of all channels.
int nm_pcm_get_size(const NmPcmFormat *format);

// n frames at `bytes` as the mean of their channels, full scale 1, out [n]; samples that are no numbers, or
// beyond a thousand million, become 0. Returns how many did. The same values as nm_audio_reader_read gives.
int64_t nm_pcm_mix_down(const NmPcmFormat *format, const unsigned char *bytes, int64_t n, float *out);

typedef enum {
  NM_WAV_READY, // plain samples follow after `size` bytes
  NM_WAV_MORE,  // it takes `size` bytes at least to know
  NM_WAV_OTHER  // no WAV, or one whose samples are packed
} NmWavHeader;

// What the first n bytes of a stream are.
NmWavHeader nm_wav_parse(const unsigned char *bytes, size_t n, NmPcmFormat *format, size_t *size);

#endif
