// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/audio_file.h"

#include <stdlib.h>

#include "app/formats/audio_out_kind.h"

typedef struct {
  NmAudioOut base;
  NmAudioWriter *writer;
} File;

static NmStatus write_frames(NmAudioOut *out, const float *frames, int64_t n, NmError *err)
{
  return nm_audio_writer_write(((File *)out)->writer, frames, n, err);
}

static NmStatus finish(NmAudioOut *out, NmError *err)
{
  File *file = (File *)out;
  NmAudioWriter *writer = file->writer;
  file->writer = NULL;
  return nm_audio_writer_close(writer, true, err);
}

static void free_file(NmAudioOut *out)
{
  File *file = (File *)out;
  if (nm_audio_writer_close(file->writer, false, NULL)) {
    // Nobody wants this file any more.
  }
  free(file);
}

NmAudioOut *nm_audio_out_new_file(const char *path, bool raw, NmError *err)
{
  return nm_audio_out_new_file_of(path, &nm_audio_out_of_voice, raw, err);
}

NmAudioOut *nm_audio_out_new_file_of(const char *path, const NmAudioOutFormat *of, bool raw, NmError *err)
{
  const NmAudioFormat format = {
      .rate_hz = of->rate_hz, .n_channels = of->n_channels, .encoding = NM_AUDIO_16_BITS};
  if (raw) return nm_audio_out_new_raw_file(path, of, err);
  if (!nm_audio_writer_knows(path)) {
    nm_error_set(err, NM_ERR_BAD_ARG,
                 "sound goes to .wav, .flac, .ogg or .opus, not to %s (or bare with --raw)", path);
    return NULL;
  }
  File *file = calloc(1, sizeof *file);
  if (!file) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  *file = (File){.base = {.write = write_frames, .finish = finish, .free = free_file},
                 .writer = nm_audio_writer_open(path, &format, err)};
  if (file->writer) return &file->base;
  free(file);
  return NULL;
}
