// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/interrupt.h"
#include "app/message.h"
#include "dsp/audio_file.h"
#include "dsp/recorder.h"
#include "dsp/resample.h"

enum {
  BLOCK = 4096,   // samples before conversion
  BYTES = 1 << 16 // of a pipe that are held; a WAV header may be as long
};

struct NmSound {
  const char *name;
  NmAudioReader *reader; // one of these three
  NmRecorder *recorder;
  int fd; // of bare samples, else -1
  NmPcmFormat format;
  unsigned char bytes[BYTES]; // of those, [at, n) not yet heard
  size_t n_bytes, at_bytes;
  int64_t n_bytes_heard;
  NmResampler *resampler; // NULL at 24 kHz
  float *frames;          // [BLOCK, n_channels] of the reader
  float block[BLOCK];     // one channel, [at, n) not yet converted
  int64_t n_block, at_block, n_replaced, n_taken;
  double seconds;
  bool has_ended;
};

// --- bytes of a pipe ---

static NmStatus read_some(NmSound *s, NmError *err)
{
  ssize_t n = -1;
  while (n < 0) {
    if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
    n = read(s->fd, s->bytes + s->n_bytes, BYTES - s->n_bytes);
    if (n < 0 && errno != EINTR)
      return nm_error_set(err, NM_ERR_IO, "%s: cannot read it: %s", s->name, strerror(errno));
  }
  s->n_bytes += (size_t)n;
  s->has_ended = n == 0;
  return NM_OK;
}

// What has been read and what comes, as a file that standard input is from now on.
static NmStatus store(NmSound *s, NmError *err)
{
  NmStatus status = NM_OK;
  FILE *file = tmpfile();
  bool is_stored = file != NULL;
  while (is_stored && status == NM_OK && s->n_bytes > 0) {
    is_stored = fwrite(s->bytes, 1, s->n_bytes, file) == s->n_bytes;
    s->n_bytes = 0;
    if (!s->has_ended) status = read_some(s, err);
  }
  is_stored = is_stored && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0 &&
              dup2(fileno(file), STDIN_FILENO) >= 0;
  if (status == NM_OK && !is_stored)
    status =
        nm_error_set(err, NM_ERR_IO, "%s: cannot be copied to a temporary file (is its disk full?)", s->name);
  if (file) fclose(file);
  s->has_ended = false;
  s->fd = -1;
  return status;
}

// --- opening ---

static NmStatus open_reader(NmSound *s, const char *path, NmError *err)
{
  if (!(s->reader = nm_audio_reader_open(path, err))) return err->status;
  const NmAudioInfo info = nm_audio_reader_get_info(s->reader);
  s->format.rate_hz = info.rate_hz;
  s->seconds = (double)info.n_frames / info.rate_hz;
  s->frames = malloc((size_t)BLOCK * (size_t)info.n_channels * sizeof *s->frames);
  return s->frames ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", s->name);
}

// Plain WAV is heard as it comes, all else when it has ended.
static NmStatus open_pipe(NmSound *s, NmError *err)
{
  size_t size = 0;
  NmStatus status = NM_OK;
  NmWavHeader header = NM_WAV_MORE;
  s->fd = STDIN_FILENO;
  while (status == NM_OK && header == NM_WAV_MORE && !s->has_ended) {
    header = nm_wav_parse(s->bytes, s->n_bytes, &s->format, &size);
    if (header == NM_WAV_MORE && size > BYTES) header = NM_WAV_OTHER;
    if (header == NM_WAV_MORE) status = read_some(s, err);
  }
  if (status == NM_OK && header == NM_WAV_READY) {
    s->at_bytes = size;
    return NM_OK;
  }
  if (status == NM_OK) status = store(s, err);
  return status == NM_OK ? open_reader(s, "-", err) : status;
}

static NmStatus open_raw(NmSound *s, const char *path, const NmPcmFormat *raw, NmError *err)
{
  s->format = *raw;
  s->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  return s->fd >= 0 ? NM_OK
                    : nm_error_set(err, NM_ERR_IO, "%s: cannot open it: %s", s->name, strerror(errno));
}

static bool is_pipe(const char *path)
{
  struct stat info;
  return strcmp(path, "-") == 0 && fstat(STDIN_FILENO, &info) == 0 && !S_ISREG(info.st_mode) &&
         !S_ISDIR(info.st_mode);
}

static NmSound *new_sound(const char *name, NmError *err)
{
  NmSound *s = calloc(1, sizeof *s);
  if (s)
    *s = (NmSound){.name = name, .fd = -1};
  else
    nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  return s;
}

static NmSound *convert_from(NmSound *s, NmStatus status, NmError *err)
{
  if (status == NM_OK && s->format.rate_hz != NM_SOUND_RATE_HZ) {
    s->resampler = nm_resampler_new(s->format.rate_hz, NM_SOUND_RATE_HZ, NM_RESAMPLE_MEDIUM);
    if (!s->resampler) status = nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", s->name);
  }
  if (status == NM_OK) return s;
  nm_sound_close(s);
  return NULL;
}

NmSound *nm_sound_open(const char *path, const NmPcmFormat *raw, NmError *err)
{
  NmSound *s = new_sound(strcmp(path, "-") ? path : "standard input", err);
  if (!s) return NULL;
  const NmStatus status = raw             ? open_raw(s, path, raw, err)
                          : is_pipe(path) ? open_pipe(s, err)
                                          : open_reader(s, path, err);
  return convert_from(s, status, err);
}

NmSound *nm_sound_open_microphone(NmError *err)
{
  NmSound *s = new_sound("the microphone", err);
  if (!s) return NULL;
  s->recorder = nm_recorder_new(err);
  if (s->recorder) s->format.rate_hz = nm_recorder_get_rate_hz(s->recorder);
  return convert_from(s, s->recorder ? NM_OK : err->status, err);
}

void nm_sound_close(NmSound *s)
{
  if (!s) return;
  nm_audio_reader_close(s->reader);
  nm_recorder_free(s->recorder);
  nm_resampler_free(s->resampler);
  if (s->fd > STDIN_FILENO) close(s->fd);
  free(s->frames);
  free(s);
}

const char *nm_sound_get_name(const NmSound *s)
{
  return s->name;
}

double nm_sound_get_seconds(const NmSound *s)
{
  return s->seconds;
}

int64_t nm_sound_get_n_replaced(const NmSound *s)
{
  return s->n_replaced + (s->reader ? nm_audio_reader_get_n_replaced(s->reader) : 0);
}

int64_t nm_sound_get_n_lost(const NmSound *s)
{
  return s->recorder ? nm_recorder_get_n_lost(s->recorder) : 0;
}

// --- blocks ---

static NmStatus fill_from_reader(NmSound *s, NmError *err)
{
  const int n_channels = nm_audio_reader_get_info(s->reader).n_channels;
  const float scale = 1.0f / (float)n_channels;
  if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
  const NmStatus status = nm_audio_reader_read(s->reader, s->frames, BLOCK, &s->n_block, err);
  for (int64_t i = 0; i < s->n_block; ++i) {
    float sum = 0;
    for (int c = 0; c < n_channels; ++c) sum += s->frames[i * n_channels + c];
    s->block[i] = sum * scale;
  }
  return status;
}

static void warn_of_early_end(const NmSound *s)
{
  const int64_t n_missing = s->format.n_bytes - s->n_bytes_heard;
  if (s->format.n_bytes >= 0 && n_missing > 0)
    nm_message_warning("%s: is cut off, %lld bytes of its sound are missing; what is there is used", s->name,
                       (long long)n_missing);
}

// Frames that have come whole, at most a block; what stands after the sound is not heard.
static int64_t count_whole(const NmSound *s)
{
  const int size = nm_pcm_get_size(&s->format);
  int64_t n_bytes = (int64_t)(s->n_bytes - s->at_bytes);
  if (s->format.n_bytes >= 0 && n_bytes > s->format.n_bytes - s->n_bytes_heard)
    n_bytes = s->format.n_bytes - s->n_bytes_heard;
  return n_bytes / size < BLOCK ? n_bytes / size : BLOCK;
}

static bool is_over(const NmSound *s)
{
  return s->format.n_bytes >= 0 && s->format.n_bytes - s->n_bytes_heard < nm_pcm_get_size(&s->format);
}

static NmStatus fill_from_pipe(NmSound *s, NmError *err)
{
  NmStatus status = NM_OK;
  while ((s->n_block = count_whole(s)) == 0 && !s->has_ended && !is_over(s)) {
    memmove(s->bytes, s->bytes + s->at_bytes, s->n_bytes - s->at_bytes);
    s->n_bytes -= s->at_bytes;
    s->at_bytes = 0;
    status = read_some(s, err);
    if (status != NM_OK) return status;
  }
  if (s->n_block == 0) warn_of_early_end(s);
  s->n_replaced += nm_pcm_mix_down(&s->format, s->bytes + s->at_bytes, s->n_block, s->block);
  const int64_t n_bytes = s->n_block * nm_pcm_get_size(&s->format);
  s->at_bytes += (size_t)n_bytes;
  s->n_bytes_heard += n_bytes;
  return NM_OK;
}

// The next block; none at the end.
static NmStatus fill(NmSound *s, NmError *err)
{
  NmStatus status;
  s->at_block = s->n_block = 0;
  if (s->reader)
    status = fill_from_reader(s, err);
  else if (s->recorder)
    status = nm_recorder_read(s->recorder, s->block, BLOCK, nm_interrupt_get_flag(), &s->n_block, err);
  else
    status = fill_from_pipe(s, err);
  if (status == NM_OK && s->n_block == 0 && s->n_taken == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: holds no sound, not one sample", s->name);
  return status;
}

static int64_t convert(NmSound *s, float *x, int64_t n)
{
  int64_t n_taken = s->n_block - s->at_block, n_out = n_taken < n ? n_taken : n;
  if (s->resampler) {
    n_out = nm_resampler_push(s->resampler, s->block + s->at_block, n_taken, &n_taken, x, n);
  } else {
    memcpy(x, s->block + s->at_block, (size_t)n_out * sizeof *x);
    n_taken = n_out;
  }
  s->at_block += n_taken;
  s->n_taken += n_taken;
  return n_out;
}

NmStatus nm_sound_read(NmSound *s, float *x, int64_t n, int64_t *n_read, NmError *err)
{
  NmStatus status = NM_OK;
  *n_read = 0;
  while (*n_read == 0 && status == NM_OK) {
    if (s->at_block == s->n_block) status = fill(s, err);
    if (status != NM_OK) break;
    if (s->n_block == 0) {
      *n_read = s->resampler ? nm_resampler_finish(s->resampler, x, n) : 0;
      break;
    }
    *n_read = convert(s, x, n);
  }
  return status;
}
