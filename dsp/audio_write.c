// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/audio_file.h"
#include "dsp/base/clones.h"
#include "dsp/ogg_serial.h"

enum { N_BLOCK = 4096, OGG_SERIAL = 0x4e65756d };

typedef struct {
  const char *ending;
  int type;
  int subtypes[3]; // by NmAudioEncoding
} Kind;

static const Kind kinds[] = {
    {".wav", SF_FORMAT_WAV, {SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT}},
    {".flac", SF_FORMAT_FLAC, {SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_24}},
    {".ogg", SF_FORMAT_OGG, {SF_FORMAT_VORBIS, SF_FORMAT_VORBIS, SF_FORMAT_VORBIS}},
    {".opus", SF_FORMAT_OGG, {SF_FORMAT_OPUS, SF_FORMAT_OPUS, SF_FORMAT_OPUS}},
};

struct NmAudioWriter {
  SNDFILE *file;
  char *path, *path_work; // equal when written in place
  int fd, subtype, n_channels;
  int64_t n_clipped;
  float block[N_BLOCK];
  int32_t block_int[N_BLOCK];
};

static const Kind *kind_of(const char *path)
{
  const size_t len = strlen(path);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
    const size_t len_ending = strlen(kinds[i].ending);
    if (len > len_ending && strcasecmp(path + len - len_ending, kinds[i].ending) == 0) return &kinds[i];
  }
  return NULL;
}

bool nm_audio_writer_knows(const char *path)
{
  return kind_of(path) != NULL;
}

static NmStatus check_format(const char *path, const NmAudioFormat *format, SF_INFO *info, NmError *err)
{
  const Kind *kind = kind_of(path);
  if (!kind)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s: its ending names no sound format that can be written; use .wav, "
                        ".flac, .ogg or .opus",
                        path);
  const int subtype = kind->subtypes[format->encoding];
  *info = (SF_INFO){
      .samplerate = format->rate_hz, .channels = format->n_channels, .format = kind->type | subtype};
  if (format->rate_hz < NM_AUDIO_RATE_MIN_HZ || format->n_channels < 1 || !sf_format_check(info))
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s: %d channels at %d Hz do not fit this format; use .wav",
                        path, format->n_channels, format->rate_hz);
  const int r = format->rate_hz;
  if (subtype == SF_FORMAT_OPUS && r != 8000 && r != 12000 && r != 16000 && r != 24000 && r != 48000)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s: Opus holds 8000, 12000, 16000, 24000 or 48000 Hz, not %d; "
                        "use one of these rates or .flac",
                        path, r);
  return NM_OK;
}

static char *work_name(const char *path)
{
  static atomic_uint counter;
  const size_t size = strlen(path) + 48;
  char *name = malloc(size);
  if (name) snprintf(name, size, "%s.%ld-%u.part", path, (long)getpid(), atomic_fetch_add(&counter, 1));
  return name;
}

static NmStatus open_target(NmAudioWriter *writer, const char *path, NmError *err)
{
  struct stat info;
  const bool in_place = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
  writer->path = strdup(path);
  writer->path_work = in_place ? strdup(path) : work_name(path);
  if (!writer->path || !writer->path_work)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  const int flags = in_place ? O_WRONLY : O_RDWR | O_CREAT | O_EXCL;
  writer->fd = open(writer->path_work, flags | O_CLOEXEC, 0666);
  if (writer->fd >= 0) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static void writer_free(NmAudioWriter *writer)
{
  if (writer->file) sf_close(writer->file);
  if (writer->fd >= 0) close(writer->fd);
  free(writer->path);
  free(writer->path_work);
  free(writer);
}

static bool in_place(const NmAudioWriter *writer)
{
  return strcmp(writer->path, writer->path_work) == 0;
}

static void discard(NmAudioWriter *writer)
{
  if (writer->fd >= 0 && !in_place(writer)) unlink(writer->path_work);
  writer_free(writer);
}

NmAudioWriter *nm_audio_writer_open(const char *path, const NmAudioFormat *format, NmError *err)
{
  SF_INFO info;
  if (check_format(path, format, &info, err) != NM_OK) return NULL;
  NmAudioWriter *writer = calloc(1, sizeof *writer);
  if (!writer) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    return NULL;
  }
  writer->fd = -1;
  writer->subtype = info.format & SF_FORMAT_SUBMASK;
  writer->n_channels = info.channels;
  if (open_target(writer, path, err) != NM_OK) {
    discard(writer);
    return NULL;
  }
  writer->file = sf_open_fd(writer->fd, SFM_WRITE, &info, SF_FALSE);
  if (!writer->file) {
    (void)nm_error_set(err, NM_ERR_IO, "%s: cannot be written: %s", path, sf_strerror(NULL));
    discard(writer);
    return NULL;
  }
  // The chunk holds the time of day, which would make the bytes differ from run to run.
  sf_command(writer->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
  return writer;
}

// Samples as they will be stored, but in floats: no NaN, and within full scale where the format has one.
// Answers how many were not.
NM_CLONES static int64_t limit(const float *x, int64_t n, bool bounded, float *out)
{
  int32_t n_clipped = 0; // n is at most N_BLOCK
#pragma omp simd reduction(+ : n_clipped)
  for (int64_t i = 0; i < n; ++i) {
    const float y = x[i] == x[i] ? x[i] : 0;
    const bool clipped = bounded && (y < -1 || y > 1);
    out[i] = !clipped ? y : y < 0 ? -1 : 1;
    n_clipped += clipped;
  }
  return n_clipped;
}

static int n_bits(const NmAudioWriter *writer)
{
  return writer->subtype == SF_FORMAT_PCM_16 ? 16 : writer->subtype == SF_FORMAT_PCM_24 ? 24 : 0;
}

// Rounds to `bits`, in the upper bits of an int32: libsndfile's own conversion would round down.
NM_CLONES static void to_integers(const float *x, int64_t n, int bits, int32_t *out)
{
  const float scale = (float)(1 << (bits - 1));
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float whole = rintf(x[i] * scale);
    out[i] = (int32_t)(whole < scale - 1 ? whole : scale - 1) * (1 << (32 - bits));
  }
}

static bool write_block(NmAudioWriter *writer, const float *samples, int64_t n)
{
  writer->n_clipped += limit(samples, n, writer->subtype != SF_FORMAT_FLOAT, writer->block);
  if (n_bits(writer) == 0) return sf_write_float(writer->file, writer->block, n) == n;
  to_integers(writer->block, n, n_bits(writer), writer->block_int);
  return sf_write_int(writer->file, writer->block_int, n) == n;
}

NmStatus nm_audio_writer_write(NmAudioWriter *writer, const float *frames, int64_t n, NmError *err)
{
  const int64_t n_samples = n * writer->n_channels, n_block = N_BLOCK - N_BLOCK % writer->n_channels;
  for (int64_t i = 0; i < n_samples; i += n_block) {
    const int64_t n_now = n_samples - i < n_block ? n_samples - i : n_block;
    if (!write_block(writer, frames + i, n_now))
      return nm_error_set(err, NM_ERR_IO, "%s: cannot be written further: %s (is the disk full?)",
                          writer->path, sf_strerror(writer->file));
  }
  return NM_OK;
}

int64_t nm_audio_writer_get_n_clipped(const NmAudioWriter *writer)
{
  return writer->n_clipped;
}

static NmStatus finish_file(NmAudioWriter *writer, NmError *err)
{
  const int failed = sf_close(writer->file);
  writer->file = NULL;
  if (failed)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot be finished: %s (is the disk full?)", writer->path,
                        sf_error_number(failed));
  if (in_place(writer)) return NM_OK;
  const bool ogg = writer->subtype == SF_FORMAT_VORBIS || writer->subtype == SF_FORMAT_OPUS;
  if (ogg && nm_ogg_set_serial(writer->fd, OGG_SERIAL) != NM_OK)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot be finished (is the disk full?)", writer->path);
  if (rename(writer->path_work, writer->path) != 0)
    return nm_error_set(err, NM_ERR_IO, "%s: cannot take its place: %s", writer->path, strerror(errno));
  return NM_OK;
}

NmStatus nm_audio_writer_close(NmAudioWriter *writer, bool commit, NmError *err)
{
  if (!writer) return NM_OK;
  const NmStatus status = commit ? finish_file(writer, err) : NM_ERR_CANCELLED;
  if (status == NM_OK)
    writer_free(writer);
  else
    discard(writer);
  return commit ? status : NM_OK;
}
