// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/mix_stems.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/output.h"
#include "dsp/audio_file.h"

struct NmMixStems {
  char *dir; // when it was made here and has nothing to stay for, NULL otherwise
  int n;
  NmAudioWriter *writers[]; // [n]
};

static NmStatus open_stem(NmMixStems *stems, int i, const char *dir, const char *name, int rate_hz,
                          bool force, NmError *err)
{
  const NmAudioFormat format = {.rate_hz = rate_hz, .n_channels = 2, .encoding = NM_AUDIO_FLOAT};
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/%s.wav", dir, name) >= (int)sizeof path)
    return nm_error_set(err, NM_ERR_IO, "%s: the name is too long", dir);
  const NmStatus status = nm_output_check(path, force, err);
  if (status) return status;
  NmError own = {0};
  stems->writers[i] = nm_audio_writer_open(path, &format, &own);
  if (!stems->writers[i] && err) *err = own;
  return own.status;
}

static NmStatus make_folder(NmMixStems *stems, const char *dir, NmError *err)
{
  char *copy = strdup(dir);
  if (!copy) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (mkdir(dir, 0777) == 0) {
    stems->dir = copy;
    return NM_OK;
  }
  const int cause = errno;
  free(copy);
  if (cause == EEXIST) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot make the folder %s: %s", dir, strerror(cause));
}

NmMixStems *nm_mix_stems_new(const char *dir, const char *const *names, int n, int rate_hz, bool force,
                             NmError *err)
{
  NmMixStems *stems = calloc(1, sizeof *stems + (size_t)n * sizeof *stems->writers);
  if (!stems) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  stems->n = n;
  NmStatus status = make_folder(stems, dir, err);
  for (int i = 0; i < n && !status; ++i) status = open_stem(stems, i, dir, names[i], rate_hz, force, err);
  if (!status) return stems;
  nm_mix_stems_free(stems);
  return NULL;
}

void nm_mix_stems_free(NmMixStems *stems)
{
  if (!stems) return;
  for (int i = 0; i < stems->n; ++i)
    if (nm_audio_writer_close(stems->writers[i], false, NULL)) {
      // Nobody wants this file any more.
    }
  if (stems->dir) rmdir(stems->dir);
  free(stems->dir);
  free(stems);
}

NmStatus nm_mix_stems_write(NmMixStems *stems, int i, const float *frames, int64_t n, NmError *err)
{
  return nm_audio_writer_write(stems->writers[i], frames, n, err);
}

NmStatus nm_mix_stems_close(NmMixStems *stems, NmError *err)
{
  NmStatus status = NM_OK;
  for (int i = 0; i < stems->n && !status; ++i) {
    status = nm_audio_writer_close(stems->writers[i], true, err);
    stems->writers[i] = NULL;
  }
  if (status) return status;
  free(stems->dir);
  stems->dir = NULL;
  return status;
}
