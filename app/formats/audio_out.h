// SPDX-License-Identifier: GPL-3.0-or-later
// Where sound goes as it is made: a file, a stream, the loudspeaker.
#ifndef NM_FORMATS_AUDIO_OUT_H
#define NM_FORMATS_AUDIO_OUT_H

#include <stdbool.h>

#include "dsp/base/status.h"

typedef struct NmAudioOut NmAudioOut;

typedef struct {
  int rate_hz, n_channels; // of the voice: NM_VOICE_RATE_HZ, 1
} NmAudioOutFormat;

// Each returns NULL and fills `err` when it cannot be opened.
// A file in the format of its ending, .wav .flac .ogg or .opus, or bare 16-bit samples with `raw`. It appears
// when finished; whether it may be overwritten is the caller's question (app/output.h).
NmAudioOut *nm_audio_out_new_file(const char *path, bool raw, NmError *err);

// Standard output: 16-bit samples, little-endian, behind a WAV header of unknown length (0xFFFFFFFF, set
// right at the end when standard output is a file) or, with `raw`, bare.
NmAudioOut *nm_audio_out_new_stream(int fd, bool raw, NmError *err);

// The loudspeaker.
NmAudioOut *nm_audio_out_new_player(NmError *err);

// The same for other sound than the voice's.
NmAudioOut *nm_audio_out_new_file_of(const char *path, const NmAudioOutFormat *format, bool raw,
                                     NmError *err);
NmAudioOut *nm_audio_out_new_stream_of(int fd, const NmAudioOutFormat *format, bool raw, NmError *err);
NmAudioOut *nm_audio_out_new_player_of(const NmAudioOutFormat *format, NmError *err);

// Takes n frames [n, n_channels]; NM_ERR_CANCELLED when nobody reads the stream any more, see
// nm_audio_out_is_closed.
NmStatus nm_audio_out_write(NmAudioOut *out, const float *frames, int64_t n, NmError *err) NM_NODISCARD;

// Completes the file or the header, or waits until all is played. Call once, before free.
NmStatus nm_audio_out_finish(NmAudioOut *out, NmError *err) NM_NODISCARD;

// Whether the reader of the stream has gone: no failure, but a reason to stop.
bool nm_audio_out_is_closed(const NmAudioOut *out);

// Closes at once, dropping what is not played yet.
void nm_audio_out_free(NmAudioOut *out);

#endif
