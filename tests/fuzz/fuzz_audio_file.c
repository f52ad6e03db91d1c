// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a sound file: read to the end, mixed down, converted.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "dsp/audio_file.h"

enum { N_BLOCK = 512, N_BLOCKS_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

// libsndfile 1.2 loses a block of libvorbis' when an Ogg file breaks off in its headers.
const char *__lsan_default_suppressions(void)
{
  return "leak:vorbis_info_init";
}

static void check(const float *samples, int64_t n)
{
  for (int64_t i = 0; i < n; ++i)
    if (!isfinite(samples[i])) abort();
}

static void read_all(NmAudioReader *reader)
{
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  float *block = malloc((size_t)N_BLOCK * (size_t)info.n_channels * sizeof *block);
  NmError err;
  int64_t n = N_BLOCK;
  if (info.n_channels < 1 || info.n_channels > NM_AUDIO_CHANNELS_MAX || info.rate_hz < NM_AUDIO_RATE_MIN_HZ)
    abort();
  for (int i = 0; block && n == N_BLOCK && i < N_BLOCKS_MAX; ++i) {
    if (nm_audio_reader_read(reader, block, N_BLOCK, &n, &err) != NM_OK) break;
    check(block, n * info.n_channels);
  }
  free(block);
}

static void load(NmAudioReader *reader)
{
  float *samples;
  int64_t n;
  NmError err = {0};
  if (nm_audio_reader_get_info(reader).n_frames > 100000) return;
  if (nm_audio_reader_load_mono(reader, 24000, &samples, &n, &err) != NM_OK) {
    if (err.message[0] == 0 || samples) abort();
    return;
  }
  if (n < 1) abort();
  check(samples, n);
  free(samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  NmError err = {0};
  for (int pass = 0; pass < 2; ++pass) {
    NmAudioReader *reader = nm_audio_reader_open_memory(data, size, "input", &err);
    if (!reader) {
      if (err.message[0] == 0) abort();
      return 0;
    }
    if (pass == 0)
      read_all(reader);
    else
      load(reader);
    nm_audio_reader_close(reader);
  }
  return 0;
}
