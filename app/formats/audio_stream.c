// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/formats/audio_out_kind.h"
#include "app/output.h"

enum { N_BLOCK = 4096, N_HEADER = 44 };

typedef struct {
  NmAudioOut base;
  NmAudioOutFormat format;
  int fd;
  bool raw,
      owes_header;  // the header goes out with the first samples: a text that says nothing leaves nothing
  uint64_t n_bytes; // of samples
  NmOutput file;    // when it is a raw file
} Stream;

static NmStatus write_all(Stream *stream, const uint8_t *bytes, size_t n, NmError *err)
{
  while (n) {
    const ssize_t n_done = write(stream->fd, bytes, n);
    if (n_done < 0 && errno == EINTR) continue;
    if (n_done < 0) {
      stream->base.is_closed = errno == EPIPE;
      return nm_error_set(err, errno == EPIPE ? NM_ERR_CANCELLED : NM_ERR_IO, "cannot write %s: %s",
                          stream->file.path ? stream->file.path : "standard output", strerror(errno));
    }
    bytes += n_done;
    n -= (size_t)n_done;
  }
  return NM_OK;
}

static void put_16(uint8_t *at, uint32_t value)
{
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

static void put_32(uint8_t *at, uint32_t value)
{
  put_16(at, value);
  put_16(at + 2, value >> 16);
}

static void make_header(const NmAudioOutFormat *format, uint8_t header[N_HEADER], uint32_t size_riff,
                        uint32_t size_data)
{
  memcpy(header, "RIFF....WAVEfmt ....", 20);
  put_32(header + 4, size_riff);
  put_32(header + 16, 16);
  put_16(header + 20, 1);
  put_16(header + 22, (uint32_t)format->n_channels);
  put_32(header + 24, (uint32_t)format->rate_hz);
  put_32(header + 28, (uint32_t)(2 * format->n_channels * format->rate_hz));
  put_16(header + 32, (uint32_t)(2 * format->n_channels));
  put_16(header + 34, 16);
  memcpy(header + 36, "data", 4);
  put_32(header + 40, size_data);
}

// As dsp/audio_file.h writes it, so that a stream and a file have the same samples.
static uint32_t to_16_bits(float sample)
{
  const float limited = fminf(fmaxf(sample, -1), 1);
  return (uint32_t)(int32_t)fminf(rintf(limited * 32768), 32767);
}

static NmStatus write_header(Stream *stream, NmError *err)
{
  uint8_t header[N_HEADER];
  if (!stream->owes_header) return NM_OK;
  stream->owes_header = false;
  make_header(&stream->format, header, UINT32_MAX, UINT32_MAX);
  return write_all(stream, header, sizeof header, err);
}

static NmStatus write_frames(NmAudioOut *out, const float *frames, int64_t n_frames, NmError *err)
{
  Stream *stream = (Stream *)out;
  uint8_t bytes[2 * N_BLOCK];
  const int64_t n = n_frames * stream->format.n_channels;
  NmStatus status = write_header(stream, err);
  for (int64_t done = 0; done < n && !status; done += N_BLOCK) {
    const int64_t n_block = n - done < N_BLOCK ? n - done : N_BLOCK;
    for (int64_t i = 0; i < n_block; i++) {
      put_16(bytes + 2 * i, to_16_bits(frames[done + i]));
    }
    status = write_all(stream, bytes, 2 * (size_t)n_block, err);
    stream->n_bytes += 2 * (uint64_t)n_block;
  }
  return status;
}

// Standard output may be a file that begins with our header: then the lengths can be set right.
static NmStatus finish(NmAudioOut *out, NmError *err)
{
  Stream *stream = (Stream *)out;
  struct stat info;
  uint8_t header[N_HEADER];
  const uint64_t size = stream->n_bytes + N_HEADER;
  const NmStatus status = write_header(stream, err);
  if (status) return status;
  if (stream->raw || size > UINT32_MAX || fstat(stream->fd, &info) || !S_ISREG(info.st_mode)) return NM_OK;
  if ((uint64_t)lseek(stream->fd, 0, SEEK_CUR) != size) return NM_OK;
  make_header(&stream->format, header, (uint32_t)(size - 8), (uint32_t)stream->n_bytes);
  if (pwrite(stream->fd, header, sizeof header, 0) == (ssize_t)sizeof header) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot complete the WAV header: %s", strerror(errno));
}

static void free_stream(NmAudioOut *out)
{
  free(out);
}

static NmStatus finish_raw(NmAudioOut *out, NmError *err)
{
  Stream *stream = (Stream *)out;
  const int failed = close(stream->fd);
  stream->fd = -1;
  if (failed) return nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", stream->file.path, strerror(errno));
  return nm_output_commit(&stream->file, err);
}

static void free_raw(NmAudioOut *out)
{
  Stream *stream = (Stream *)out;
  if (stream->fd >= 0) close(stream->fd);
  nm_output_discard(&stream->file);
  free(stream);
}

NmAudioOut *nm_audio_out_new_raw_file(const char *path, const NmAudioOutFormat *format, NmError *err)
{
  Stream *stream = calloc(1, sizeof *stream);
  if (!stream) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  *stream = (Stream){.base = {.write = write_frames, .finish = finish_raw, .free = free_raw},
                     .format = *format,
                     .fd = -1,
                     .raw = true};
  NmStatus status = nm_output_begin(&stream->file, path, true, err);
  if (!status && (stream->fd = open(stream->file.path_work, O_WRONLY | O_TRUNC | O_CLOEXEC)) < 0) {
    status = nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", path, strerror(errno));
  }
  if (!status) return &stream->base;
  free_raw(&stream->base);
  return NULL;
}

NmAudioOut *nm_audio_out_new_stream(int fd, bool raw, NmError *err)
{
  return nm_audio_out_new_stream_of(fd, &nm_audio_out_of_voice, raw, err);
}

NmAudioOut *nm_audio_out_new_stream_of(int fd, const NmAudioOutFormat *format, bool raw, NmError *err)
{
  Stream *stream = calloc(1, sizeof *stream);
  if (!stream) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  *stream = (Stream){.base = {.write = write_frames, .finish = finish, .free = free_stream},
                     .format = *format,
                     .fd = fd,
                     .raw = raw,
                     .owes_header = !raw};
  return &stream->base;
}
