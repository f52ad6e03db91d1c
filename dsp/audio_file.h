// SPDX-License-Identifier: GPL-3.0-or-later
// Sound files in and out (libsndfile): reads WAV, AIFF, AU, FLAC, Ogg Vorbis, Opus, MP3 and what else it
// knows; writes WAV, FLAC, Ogg Vorbis and Opus. Messages name the file, the cause and the way out.
#ifndef NM_DSP_AUDIO_FILE_H
#define NM_DSP_AUDIO_FILE_H

#include <stdbool.h>

#include "dsp/base/status.h"

enum { NM_AUDIO_RATE_MIN_HZ = 1000, NM_AUDIO_RATE_MAX_HZ = 768000, NM_AUDIO_CHANNELS_MAX = 64 };

// Samples beyond it, though finite, would overflow when squared and summed: they count as no numbers.
#define NM_AUDIO_AMPLITUDE_MAX 1e9f

typedef struct {
  int rate_hz, n_channels;
  int64_t n_frames;   // as the file says; trust what is read
  const char *format; // "WAV", "FLAC"...: static
} NmAudioInfo;

// One thread at a time per object.
typedef struct NmAudioReader NmAudioReader;

// Opens the file at `path`, "-" being standard input. What cannot be rewound (a pipe) is first copied to an
// unnamed temporary file, so that every format works and memory stays small. NULL and `err`: NM_ERR_IO when
// it cannot be opened, NM_ERR_BAD_DATA when it is no sound or holds none, NM_ERR_UNSUPPORTED.
NmAudioReader *nm_audio_reader_open(const char *path, NmError *err);

// The same from memory, which must stay; `name` is what messages call it.
NmAudioReader *nm_audio_reader_open_memory(const void *data, size_t size, const char *name, NmError *err);

void nm_audio_reader_close(NmAudioReader *reader);

NmAudioInfo nm_audio_reader_get_info(const NmAudioReader *reader);

// Reads up to n frames of interleaved channels, full scale 1. frames [n, n_channels]. *n_read < n only at the
// end. A file that ends before its time gives what it has, and a warning in the log. Samples that are no
// numbers, or beyond a thousand million, become 0 and are counted.
NmStatus nm_audio_reader_read(NmAudioReader *reader, float *frames, int64_t n, int64_t *n_read,
                              NmError *err) NM_NODISCARD;

// Samples read so far that were no numbers.
int64_t nm_audio_reader_get_n_replaced(const NmAudioReader *reader);

// A whole file as one channel (the mean of all) at rate_hz. *samples belongs to the caller (free). *n >= 1.
NmStatus nm_audio_load_mono(const char *path, int rate_hz, float **samples, int64_t *n,
                            NmError *err) NM_NODISCARD;

// The same from a reader, from where it stands to its end.
NmStatus nm_audio_reader_load_mono(NmAudioReader *reader, int rate_hz, float **samples, int64_t *n,
                                   NmError *err) NM_NODISCARD;

typedef enum { NM_AUDIO_16_BITS, NM_AUDIO_24_BITS, NM_AUDIO_FLOAT } NmAudioEncoding;

typedef struct {
  int rate_hz, n_channels;
  NmAudioEncoding encoding; // WAV: all; FLAC: 16 or 24 bits (float is written as 24); others: ignored
} NmAudioFormat;

// One thread at a time per object.
typedef struct NmAudioWriter NmAudioWriter;

// Begins a file whose format follows from the ending of `path`: .wav .flac .ogg (Vorbis) .opus. It is written
// under a temporary name beside it and appears only when closed; a target that is no ordinary file
// (/dev/null) is written in place. NULL and `err`: NM_ERR_UNSUPPORTED for another ending or a rate the format
// cannot hold (Opus: 8, 12, 16, 24, 48 kHz), NM_ERR_IO.
NmAudioWriter *nm_audio_writer_open(const char *path, const NmAudioFormat *format, NmError *err);

// Whether a path's ending names a format that can be written.
bool nm_audio_writer_knows(const char *path);

// Appends n frames [n, n_channels]. Values are limited to -1..1 except in float files; no numbers become 0.
NmStatus nm_audio_writer_write(NmAudioWriter *writer, const float *frames, int64_t n,
                               NmError *err) NM_NODISCARD;

// Samples so far that were beyond full scale and were limited.
int64_t nm_audio_writer_get_n_clipped(const NmAudioWriter *writer);

// Ends the file: with `commit` it takes its place, otherwise it vanishes. Frees the writer in any case; NULL
// is fine. The same samples give the same bytes, Ogg included (its stream number is fixed, not drawn).
NmStatus nm_audio_writer_close(NmAudioWriter *writer, bool commit, NmError *err);

#endif
