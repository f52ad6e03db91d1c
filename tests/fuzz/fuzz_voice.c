// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as the header of a voice's or a vocoder's weights: refused with a reason, or the model is used.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/speech/acoustic_file.h"
#include "models/vocoder/vocoder.h"
#include "tests/support/weights_file.h"

enum { T = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static void try_vocoder(const char *path, NmError *err)
{
  static const float envelope[T * NM_VOCODER_N_BANDS], f0_hz[T] = {100, 200}, voicing[T] = {1, 0};
  const NmVocoderFrames frames = {.envelope = envelope, .f0_hz = f0_hz, .voicing = voicing, .T = T};
  float samples[T * NM_VOCODER_HOP];
  NmError inner;
  NmVocoder *vocoder = nm_vocoder_new(path, NULL, err);
  if (vocoder) check(nm_vocoder_run(vocoder, &frames, 1, samples, &inner) == NM_OK);
  nm_vocoder_free(vocoder);
}

static void try_acoustic(const char *path, NmError *err)
{
  NmAcousticFile file;
  if (nm_acoustic_file_open(&file, path, NULL, err) != NM_OK) return;
  for (int i = 0; i < file.config.n_speakers; ++i) check(file.speakers[i] && file.speakers[i][0]);
  nm_acoustic_file_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  NmError err[2] = {{0}};
  const int fd = open_weights_of_header(data, size, path);
  if (fd < 0) return 0;
  try_vocoder(path, &err[0]);
  try_acoustic(path, &err[1]);
  for (int i = 0; i < 2; ++i)
    if (err[i].status != NM_OK) check(strncmp(err[i].message, path, strlen(path)) == 0);
  close(fd);
  return 0;
}
