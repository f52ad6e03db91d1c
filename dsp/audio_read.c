// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/audio_file.h"
#include "dsp/base/log.h"
#include "dsp/resample.h"

enum { N_BLOCK = 4096 };

typedef struct {
  const unsigned char *data; // [size]
  sf_count_t size, at;
} Memory;

struct NmAudioReader {
  SNDFILE *file;
  NmAudioInfo info;
  char *name;
  int fd; // -1 when reading from memory
  Memory memory;
  int64_t n_read, n_replaced;
  bool warned;
};

static sf_count_t memory_size(void *user)
{
  return ((const Memory *)user)->size;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *user)
{
  Memory *m = user;
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m->at : m->size;
  if (offset < -base || offset > m->size - base) return -1;
  return m->at = base + offset;
}

static sf_count_t memory_read(void *out, sf_count_t n, void *user)
{
  Memory *m = user;
  if (n > m->size - m->at) n = m->size - m->at;
  if (n <= 0) return 0;
  memcpy(out, m->data + m->at, (size_t)n);
  m->at += n;
  return n;
}

static sf_count_t memory_write(const void *in, sf_count_t n, void *user)
{
  return 0;
}

static sf_count_t memory_tell(void *user)
{
  return ((const Memory *)user)->at;
}

static NmStatus io_error(const char *name, const char *what, NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "%s: cannot %s: %s", name, what, strerror(errno));
}

// Copies what is left of `fd` to an unnamed temporary file and returns that, or -1.
static int spool(int fd, const char *name, NmError *err)
{
  char block[65536];
  int out = -1;
  bool ok = false;
  FILE *file = tmpfile();
  if (!file) goto done;
  for (ssize_t n; (n = read(fd, block, sizeof block)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 || fwrite(block, 1, (size_t)n, file) != (size_t)n) goto done;
  }
  if (fflush(file) != 0 || fseek(file, 0, SEEK_SET) != 0) goto done;
  out = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
  ok = out >= 0;
done:
  if (!ok) (void)io_error(name, "be copied to a temporary file (is its disk full?)", err);
  if (file) fclose(file);
  return out;
}

// A descriptor that can be rewound, at its start; -1 and `err` otherwise.
static int open_descriptor(const char *path, const char *name, NmError *err)
{
  struct stat info;
  const int fd = strcmp(path, "-") == 0 ? fcntl(0, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) {
    (void)io_error(name, "open it", err);
    if (fd >= 0) close(fd);
    return -1;
  }
  if (S_ISREG(info.st_mode)) return fd;
  int fd_regular = -1;
  if (S_ISDIR(info.st_mode))
    (void)nm_error_set(err, NM_ERR_IO, "%s: is a folder; give a sound file in it", name);
  else
    fd_regular = spool(fd, name, err);
  close(fd);
  return fd_regular;
}

static const char *format_name(int format)
{
  static const struct {
    int mask, format;
    const char *name;
  } names[] = {
      {SF_FORMAT_SUBMASK, SF_FORMAT_OPUS, "Opus"},  {SF_FORMAT_SUBMASK, SF_FORMAT_VORBIS, "Ogg Vorbis"},
      {SF_FORMAT_TYPEMASK, SF_FORMAT_WAV, "WAV"},   {SF_FORMAT_TYPEMASK, SF_FORMAT_WAVEX, "WAV"},
      {SF_FORMAT_TYPEMASK, SF_FORMAT_FLAC, "FLAC"}, {SF_FORMAT_TYPEMASK, SF_FORMAT_MPEG, "MP3"},
      {SF_FORMAT_TYPEMASK, SF_FORMAT_AIFF, "AIFF"}, {SF_FORMAT_TYPEMASK, SF_FORMAT_AU, "AU"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if ((format & names[i].mask) == names[i].format) return names[i].name;
  return "sound";
}

static uint32_t little_endian(const unsigned char *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// Bytes of sound that a WAV header promises beyond the end of the file; streams of unknown length promise
// none.
static int64_t missing_bytes(const unsigned char *head, size_t size_head, int64_t size)
{
  if (size_head < 12 || memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0) return 0;
  for (size_t at = 12; at + 8 <= size_head;) {
    const uint32_t n = little_endian(head + at + 4);
    if (memcmp(head + at, "data", 4) == 0)
      return n < 0x7ffff000u && (int64_t)at + 8 + n > size ? (int64_t)at + 8 + n - size : 0;
    at += 8 + (size_t)n + n % 2;
  }
  return 0;
}

static void warn_if_truncated(NmAudioReader *reader)
{
  unsigned char head[4096];
  const unsigned char *start = head;
  int64_t size = reader->memory.size;
  size_t size_head = (size_t)size < sizeof head ? (size_t)size : sizeof head;
  if (reader->fd < 0) {
    start = reader->memory.data;
  } else {
    struct stat info;
    const ssize_t n = pread(reader->fd, head, sizeof head, 0);
    if (n < 0 || fstat(reader->fd, &info) != 0) return;
    size_head = (size_t)n;
    size = info.st_size;
  }
  const int64_t missing = missing_bytes(start, size_head, size);
  if (missing == 0) return;
  reader->warned = true;
  nm_log(NM_LOG_WARNING, "%s: is cut off, %lld bytes of its sound are missing; what is there is used",
         reader->name, (long long)missing);
}

static NmStatus check_info(const char *name, const SF_INFO *info, NmError *err)
{
  if (info->samplerate < NM_AUDIO_RATE_MIN_HZ || info->samplerate > NM_AUDIO_RATE_MAX_HZ)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s: has a sample rate of %d Hz; %d to %d Hz can be read: convert it first", name,
                        info->samplerate, NM_AUDIO_RATE_MIN_HZ, NM_AUDIO_RATE_MAX_HZ);
  if (info->channels < 1 || info->channels > NM_AUDIO_CHANNELS_MAX)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s: has %d channels; at most %d can be read: mix it down first", name,
                        info->channels, NM_AUDIO_CHANNELS_MAX);
  if (info->frames < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: holds no sound, not one sample; record or export it again",
                        name);
  return NM_OK;
}

static NmStatus open_sound(NmAudioReader *reader, NmError *err)
{
  SF_INFO info = {0};
  SF_VIRTUAL_IO io = {memory_size, memory_seek, memory_read, memory_write, memory_tell};
  reader->file = reader->fd >= 0 ? sf_open_fd(reader->fd, SFM_READ, &info, SF_FALSE)
                                 : sf_open_virtual(&io, SFM_READ, &info, &reader->memory);
  if (!reader->file)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "%s: is no sound file that can be read (%s); give WAV, FLAC, Ogg, Opus or MP3",
                        reader->name, sf_strerror(NULL));
  const NmStatus status = check_info(reader->name, &info, err);
  reader->info = (NmAudioInfo){info.samplerate, info.channels, info.frames, format_name(info.format)};
  if (status == NM_OK) warn_if_truncated(reader);
  return status;
}

static NmAudioReader *reader_new(const char *name, NmError *err)
{
  NmAudioReader *reader = calloc(1, sizeof *reader);
  if (reader) reader->name = strdup(name);
  if (reader && reader->name) {
    reader->fd = -1;
    return reader;
  }
  free(reader);
  (void)nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", name);
  return NULL;
}

static NmAudioReader *reader_or_null(NmAudioReader *reader, NmStatus status)
{
  if (status == NM_OK) return reader;
  nm_audio_reader_close(reader);
  return NULL;
}

static int64_t size_of(int fd)
{
  struct stat info;
  return fstat(fd, &info) == 0 ? info.st_size : 0;
}

NmAudioReader *nm_audio_reader_open(const char *path, NmError *err)
{
  const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
  NmAudioReader *reader = reader_new(name, err);
  if (!reader) return NULL;
  reader->fd = open_descriptor(path, name, err);
  if (reader->fd < 0) return reader_or_null(reader, NM_ERR_IO);
  if (size_of(reader->fd) == 0)
    return reader_or_null(reader,
                          nm_error_set(err, NM_ERR_BAD_DATA, "%s: is empty; give a sound file", name));
  return reader_or_null(reader, open_sound(reader, err));
}

NmAudioReader *nm_audio_reader_open_memory(const void *data, size_t size, const char *name, NmError *err)
{
  NmAudioReader *reader = reader_new(name, err);
  if (!reader) return NULL;
  reader->memory = (Memory){.data = data, .size = (sf_count_t)size};
  return reader_or_null(reader, open_sound(reader, err));
}

void nm_audio_reader_close(NmAudioReader *reader)
{
  if (!reader) return;
  if (reader->file) sf_close(reader->file);
  if (reader->fd >= 0) close(reader->fd);
  free(reader->name);
  free(reader);
}

NmAudioInfo nm_audio_reader_get_info(const NmAudioReader *reader)
{
  return reader->info;
}

int64_t nm_audio_reader_get_n_replaced(const NmAudioReader *reader)
{
  return reader->n_replaced;
}

static void replace_no_numbers(NmAudioReader *reader, float *samples, int64_t n)
{
  for (int64_t i = 0; i < n; ++i) {
    if (fabsf(samples[i]) <= NM_AUDIO_AMPLITUDE_MAX) continue;
    samples[i] = 0;
    ++reader->n_replaced;
  }
}

static void warn_of_early_end(NmAudioReader *reader)
{
  if (reader->warned || reader->n_read >= reader->info.n_frames) return;
  reader->warned = true;
  nm_log(NM_LOG_WARNING, "%s: is damaged or cut off after %.2f of %.2f s; what came before is used",
         reader->name, (double)reader->n_read / reader->info.rate_hz,
         (double)reader->info.n_frames / reader->info.rate_hz);
}

NmStatus nm_audio_reader_read(NmAudioReader *reader, float *frames, int64_t n, int64_t *n_read, NmError *err)
{
  const int n_channels = reader->info.n_channels;
  *n_read = 0;
  while (*n_read < n) {
    const int64_t n_want = n - *n_read < N_BLOCK ? n - *n_read : N_BLOCK;
    const int64_t n_got = sf_readf_float(reader->file, frames + *n_read * n_channels, n_want);
    if (n_got <= 0) break;
    *n_read += n_got;
  }
  reader->n_read += *n_read;
  replace_no_numbers(reader, frames, *n_read * n_channels);
  if (*n_read < n) warn_of_early_end(reader);
  if (reader->n_read == 0 && n > 0)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: not one sample of it can be decoded (%s); export it again",
                        reader->name, sf_strerror(reader->file));
  return NM_OK;
}

typedef struct {
  float *samples; // [capacity]
  int64_t n, capacity;
} Growing;

// Room for n more samples.
static bool reserve(Growing *g, int64_t n)
{
  if (g->n + n <= g->capacity) return true;
  size_t size;
  const int64_t capacity = 2 * g->capacity + n;
  if (nm_size_mul((size_t)capacity, sizeof *g->samples, &size) != NM_OK) return false;
  float *samples = realloc(g->samples, size);
  if (!samples) return false;
  g->samples = samples;
  g->capacity = capacity;
  return true;
}

static void mix_down(const float *frames, int64_t n, int n_channels, float *out)
{
  const float scale = 1.0f / (float)n_channels;
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int c = 0; c < n_channels; ++c) sum += frames[i * n_channels + c];
    out[i] = n_channels == 1 ? sum : sum * scale;
  }
}

static NmStatus read_mono(NmAudioReader *reader, Growing *g, NmError *err)
{
  const int n_channels = reader->info.n_channels;
  NmStatus status = NM_OK;
  float *block = malloc((size_t)n_channels * N_BLOCK * sizeof *block);
  for (int64_t n = N_BLOCK; block && n == N_BLOCK && status == NM_OK;) {
    status = nm_audio_reader_read(reader, block, N_BLOCK, &n, err);
    if (status != NM_OK) break;
    if (!reserve(g, n)) {
      status = NM_ERR_NO_MEMORY;
      break;
    }
    mix_down(block, n, n_channels, g->samples + g->n);
    g->n += n;
  }
  if (!block) status = NM_ERR_NO_MEMORY;
  free(block);
  return status;
}

// Replaces g's samples by themselves at another rate.
static NmStatus resample(Growing *g, double rate_in, double rate_out)
{
  NmStatus status = NM_ERR_NO_MEMORY;
  float *out = NULL;
  NmResampler *rs = nm_resampler_new(rate_in, rate_out, NM_RESAMPLE_MEDIUM);
  if (!rs) goto done;
  int64_t n = nm_resampler_get_n_out(rs, g->n);
  if (n < 1) n = 1;
  out = calloc((size_t)n, sizeof *out);
  if (!out) goto done;
  nm_resampler_run(rs, g->samples, g->n, out);
  free(g->samples);
  *g = (Growing){out, n, n};
  out = NULL;
  status = NM_OK;
done:
  nm_resampler_free(rs);
  free(out);
  return status;
}

NmStatus nm_audio_reader_load_mono(NmAudioReader *reader, int rate_hz, float **samples, int64_t *n,
                                   NmError *err)
{
  Growing g = {0};
  *samples = NULL;
  *n = 0;
  if (!nm_resampler_allows(reader->info.rate_hz, rate_hz))
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s: cannot be converted from %d to %d Hz", reader->name,
                        reader->info.rate_hz, rate_hz);
  NmStatus status = read_mono(reader, &g, err);
  if (status == NM_OK && rate_hz != reader->info.rate_hz)
    status = resample(&g, reader->info.rate_hz, rate_hz);
  if (status == NM_ERR_NO_MEMORY)
    (void)nm_error_set(err, status, "%s: out of memory; it is too long to be held as a whole", reader->name);
  if (status == NM_OK && reader->n_replaced > 0)
    nm_log(NM_LOG_WARNING, "%s: %lld samples are no numbers and were taken as silence", reader->name,
           (long long)reader->n_replaced);
  if (status != NM_OK) {
    free(g.samples);
    return status;
  }
  *samples = g.samples;
  *n = g.n;
  return NM_OK;
}

NmStatus nm_audio_load_mono(const char *path, int rate_hz, float **samples, int64_t *n, NmError *err)
{
  NmError own = {0};
  *samples = NULL;
  *n = 0;
  NmAudioReader *reader = nm_audio_reader_open(path, err ? err : &own);
  if (!reader) return err ? err->status : own.status;
  const NmStatus status = nm_audio_reader_load_mono(reader, rate_hz, samples, n, err);
  nm_audio_reader_close(reader);
  return status;
}
