// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/audio_file.h"
#include "dsp/base/log.h"
#include "dsp/ogg_serial.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { N = 24007, N_CHANNELS_MAX = 7 };

// libsndfile 1.2 loses a block of libvorbis' when an Ogg file breaks off in its headers.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
  return "leak:vorbis_info_init";
}

static float sound[N * N_CHANNELS_MAX], back[N * N_CHANNELS_MAX];
static char folder[] = "neume-audio-XXXXXX", path_text[256], warning[1024];

static const char *in_folder(const char *name)
{
  snprintf(path_text, sizeof path_text, "%s/%s", folder, name);
  return path_text;
}

static void hear(void *user, NmLogLevel level, const char *message)
{
  if (level == NM_LOG_WARNING) snprintf(warning, sizeof warning, "%s", message);
}

static int set_up(void **state)
{
  nm_log_set_sink(hear, NULL);
  return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
  char command[300];
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  return system(command);
}

static void fill(int n_channels)
{
  for (int i = 0; i < N; ++i)
    for (int c = 0; c < n_channels; ++c)
      sound[i * n_channels + c] = (float)(0.5 * sin(0.02 * i * (1 + 0.3 * c)) + 0.1 * sin(0.3 * i + c));
}

static void write_file(const char *path, NmAudioFormat format, const float *samples, int64_t n)
{
  NmError err = {0};
  NmAudioWriter *writer = nm_audio_writer_open(path, &format, &err);
  if (!writer) fail_msg("%s", err.message);
  for (int64_t i = 0, n_block = 1; i < n; i += n_block, n_block = n_block * 5 % 3001) { // odd sizes
    const int64_t n_now = n - i < n_block ? n - i : n_block;
    assert_int_equal(nm_audio_writer_write(writer, samples + i * format.n_channels, n_now, &err), NM_OK);
  }
  if (nm_audio_writer_close(writer, true, &err) != NM_OK) fail_msg("%s", err.message);
}

static int64_t read_file(const char *path, NmAudioInfo *info)
{
  NmError err = {0};
  int64_t n = 0, n_read = 0;
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  *info = nm_audio_reader_get_info(reader);
  do {
    assert_int_equal(nm_audio_reader_read(reader, back + n * info->n_channels, 777, &n_read, &err), NM_OK);
    n += n_read;
  } while (n_read == 777 && (n + 777) * info->n_channels <= N * N_CHANNELS_MAX);
  nm_audio_reader_close(reader);
  return n;
}

static void test_formats_keep_the_sound(void **state)
{
  static const struct {
    const char *name, *format;
    NmAudioEncoding encoding;
    double snr_db;
  } cases[] = {{"a.wav", "WAV", NM_AUDIO_16_BITS, 85},        {"b.wav", "WAV", NM_AUDIO_24_BITS, 130},
               {"c.WAV", "WAV", NM_AUDIO_FLOAT, 300},         {"a.flac", "FLAC", NM_AUDIO_16_BITS, 85},
               {"b.flac", "FLAC", NM_AUDIO_24_BITS, 130},     {"c.flac", "FLAC", NM_AUDIO_FLOAT, 130},
               {"a.ogg", "Ogg Vorbis", NM_AUDIO_16_BITS, 18}, {"a.opus", "Opus", NM_AUDIO_16_BITS, 8}};
  NmAudioInfo info;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    for (int n_channels = 1; n_channels <= 2; ++n_channels) {
      fill(n_channels);
      const char *path = in_folder(cases[i].name);
      write_file(path, (NmAudioFormat){24000, n_channels, cases[i].encoding}, sound, N);
      assert_int_equal(read_file(path, &info), N);
      assert_int_equal(info.n_channels, n_channels);
      assert_int_equal(info.rate_hz, 24000);
      assert_int_equal(info.n_frames, N);
      assert_string_equal(info.format, cases[i].format);
      const double snr = nm_snr_f32_db(back, sound, (int64_t)N * n_channels);
      if (!(snr >= cases[i].snr_db)) fail_msg("%s: %g dB", cases[i].name, snr);
    }
}

// What was read from 16 bits and is written again has the same bytes.
static void test_16_bits_round_trip(void **state)
{
  NmAudioInfo info;
  for (int i = 0; i < N; ++i) sound[i] = (float)((i * 37) % 65536 - 32768) / 32768;
  write_file(in_folder("r.wav"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  assert_int_equal(read_file(in_folder("r.wav"), &info), N);
  assert_memory_equal(back, sound, N * sizeof *sound);
}

static size_t read_bytes(const char *path, void *bytes, size_t size)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(bytes, 1, size, file);
  fclose(file);
  return n;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

static unsigned char bytes[1 << 20];

// Written again a second later: neither the time of day nor a number drawn from it may be in there.
static void test_same_sound_same_bytes(void **state)
{
  static const char *const names[] = {"s.wav", "s.flac", "s.ogg", "s.opus"};
  static unsigned char first[4][1 << 17], second[1 << 17];
  size_t sizes[4];
  fill(1);
  for (int i = 0; i < 4; ++i) {
    write_file(in_folder(names[i]), (NmAudioFormat){24000, 1, NM_AUDIO_FLOAT}, sound, N);
    sizes[i] = read_bytes(path_text, first[i], sizeof first[i]);
    assert_true(sizes[i] > 0 && sizes[i] < sizeof first[i]);
  }
  usleep(1100000);
  for (int i = 0; i < 4; ++i) {
    write_file(in_folder(names[i]), (NmAudioFormat){24000, 1, NM_AUDIO_FLOAT}, sound, N);
    assert_int_equal(read_bytes(path_text, second, sizeof second), sizes[i]);
    assert_memory_equal(first[i], second, sizes[i]);
  }
}

static void test_rounds_to_the_nearest(void **state)
{
  NmAudioInfo info;
  const float parts[] = {0.4f / 32768, 0.6f / 32768, -0.4f / 32768, -0.6f / 32768, 1.45f / 32768};
  const float expected[] = {0, 1.f / 32768, 0, -1.f / 32768, 1.f / 32768};
  write_file(in_folder("g.wav"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, parts, 5);
  assert_int_equal(read_file(in_folder("g.wav"), &info), 5);
  for (int i = 0; i < 5; ++i) assert_true(back[i] == expected[i]);
}

static void test_limits_and_no_numbers_out(void **state)
{
  NmError err = {0};
  NmAudioInfo info;
  const float loud[] = {2, -3, NAN, INFINITY, -INFINITY, 0.5f, 1, -1};
  const float expected[] = {32767 / 32768.f, -1, 0, 32767 / 32768.f, -1, 0.5f, 32767 / 32768.f, -1};
  NmAudioWriter *writer =
      nm_audio_writer_open(in_folder("l.wav"), &(NmAudioFormat){8000, 1, NM_AUDIO_16_BITS}, &err);
  assert_int_equal(nm_audio_writer_write(writer, loud, 8, &err), NM_OK);
  assert_int_equal(nm_audio_writer_get_n_clipped(writer), 4);
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
  assert_int_equal(read_file(in_folder("l.wav"), &info), 8);
  assert_memory_equal(back, expected, sizeof expected);
}

static bool exists(const char *path)
{
  return access(path, F_OK) == 0;
}

static void test_a_file_appears_whole_or_not_at_all(void **state)
{
  NmError err = {0};
  char command[300];
  fill(1);
  for (int commit = 0; commit < 2; ++commit) {
    NmAudioWriter *writer =
        nm_audio_writer_open(in_folder("w.flac"), &(NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, &err);
    assert_int_equal(nm_audio_writer_write(writer, sound, N, &err), NM_OK);
    assert_false(exists(in_folder("w.flac")));
    assert_int_equal(nm_audio_writer_close(writer, commit, &err), NM_OK);
    assert_int_equal(exists(in_folder("w.flac")), commit);
  }
  snprintf(command, sizeof command, "test -z \"$(ls '%s' | grep part)\"", folder);
  assert_int_equal(system(command), 0);
  assert_int_equal(nm_audio_writer_close(NULL, true, &err), NM_OK);
}

static void refuse_to_write(const char *path, NmAudioFormat format, NmStatus status, const char *word)
{
  NmError err = {0};
  assert_null(nm_audio_writer_open(path, &format, &err));
  assert_int_equal(err.status, status);
  assert_non_null(strstr(err.message, path));
  if (!strstr(err.message, word)) fail_msg("%s", err.message);
}

static void test_what_cannot_be_written(void **state)
{
  refuse_to_write("x.txt", (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, NM_ERR_UNSUPPORTED, ".wav");
  refuse_to_write(".wav", (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, NM_ERR_UNSUPPORTED, "ending");
  refuse_to_write("x.opus", (NmAudioFormat){44100, 1, NM_AUDIO_16_BITS}, NM_ERR_UNSUPPORTED, "48000");
  refuse_to_write("x.wav", (NmAudioFormat){24000, 0, NM_AUDIO_16_BITS}, NM_ERR_UNSUPPORTED, "0 channels");
  refuse_to_write("x.flac", (NmAudioFormat){24000, 12, NM_AUDIO_16_BITS}, NM_ERR_UNSUPPORTED, "12 channels");
  refuse_to_write("no/such/folder/x.wav", (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, NM_ERR_IO,
                  "No such file");
  assert_true(nm_audio_writer_knows("a.OGG"));
  assert_false(nm_audio_writer_knows("wav"));
}

static void test_full_disk(void **state)
{
  NmError err = {0};
  fill(1);
  if (!exists("/dev/full") || symlink("/dev/full", in_folder("full.wav")) != 0) skip();
  NmAudioWriter *writer =
      nm_audio_writer_open(in_folder("full.wav"), &(NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, &err);
  NmStatus status = NM_ERR_IO;
  if (writer) {
    status = nm_audio_writer_write(writer, sound, N, &err);
    const NmStatus closed = nm_audio_writer_close(writer, true, &err);
    if (status == NM_OK) status = closed;
  }
  assert_int_equal(status, NM_ERR_IO);
  assert_non_null(strstr(err.message, "full.wav"));
}

static void refuse_to_read(const char *path, NmStatus status, const char *word)
{
  NmError err = {0};
  float *samples = back;
  int64_t n = 5;
  assert_int_equal(nm_audio_load_mono(path, 24000, &samples, &n, &err), status);
  assert_null(samples);
  assert_int_equal(n, 0);
  assert_int_equal(err.status, status);
  assert_non_null(strstr(err.message, path));
  if (!strstr(err.message, word)) fail_msg("%s", err.message);
  assert_int_equal(nm_audio_load_mono(path, 24000, &samples, &n, NULL), status);
}

static void test_what_cannot_be_read(void **state)
{
  static const unsigned char header_only[44] =
      "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\xc0\x5d\0\0\x80\xbb\0\0\2\0\x10\0data";
  refuse_to_read("missing.wav", NM_ERR_IO, "No such file");
  refuse_to_read(folder, NM_ERR_IO, "folder");
  write_bytes(in_folder("empty.wav"), "", 0);
  refuse_to_read(path_text, NM_ERR_BAD_DATA, "empty");
  write_bytes(in_folder("text.wav"), "Twinkle, twinkle, little star\n", 30);
  refuse_to_read(path_text, NM_ERR_BAD_DATA, "no sound file");
  write_bytes(in_folder("none.wav"), header_only, sizeof header_only);
  refuse_to_read(path_text, NM_ERR_BAD_DATA, "not one sample");
  write_bytes(in_folder("short.wav"), header_only, 20);
  refuse_to_read(path_text, NM_ERR_BAD_DATA, "no sound file");
}

static void test_no_numbers_in(void **state)
{
  NmError err = {0};
  float *samples;
  int64_t n;
  const float hostile[] = {0.5f, 0.25f, -0.5f, 1e30f, 0.125f};
  write_file(in_folder("n.wav"), (NmAudioFormat){24000, 1, NM_AUDIO_FLOAT}, hostile, 5);
  const size_t size = read_bytes(path_text, bytes, sizeof bytes);
  const float nan = NAN;
  memcpy(bytes + size - 16, &nan, 4); // the second of the five
  write_bytes(path_text, bytes, size);
  assert_int_equal(nm_audio_load_mono(path_text, 24000, &samples, &n, &err), NM_OK);
  const float expected[] = {0.5f, 0, -0.5f, 0, 0.125f};
  assert_int_equal(n, 5);
  assert_memory_equal(samples, expected, sizeof expected);
  assert_non_null(strstr(warning, "2 samples are no numbers"));
  free(samples);
}

static void test_truncated_files_give_what_they_have(void **state)
{
  static const char *const names[] = {"t.wav", "t.flac", "t.ogg", "t.opus"};
  NmError err = {0};
  float *samples;
  int64_t n;
  fill(1);
  for (int i = 0; i < 4; ++i) {
    write_file(in_folder(names[i]), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
    const size_t size = read_bytes(path_text, bytes, sizeof bytes);
    write_bytes(path_text, bytes, size * 3 / 5);
    warning[0] = 0;
    const NmStatus status = nm_audio_load_mono(path_text, 24000, &samples, &n, &err);
    if (status == NM_OK) {
      assert_true(n > 0 && n < N);
      if (i < 2) assert_non_null(strstr(warning, "cut off"));
      free(samples);
    } else {
      assert_non_null(strstr(err.message, names[i]));
    }
    assert_true(i >= 2 || status == NM_OK);
  }
}

// The header of a stream whose length was not known when it began.
static void test_stream_of_unknown_length(void **state)
{
  NmAudioInfo info;
  fill(1);
  write_file(in_folder("u.wav"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  const size_t size = read_bytes(path_text, bytes, sizeof bytes);
  memset(bytes + 4, 0xff, 4);
  memset(bytes + 40, 0xff, 4);
  write_bytes(path_text, bytes, size);
  warning[0] = 0;
  assert_int_equal(read_file(path_text, &info), N);
  assert_string_equal(warning, "");
}

static void test_mixdown_and_rates(void **state)
{
  static const int rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000};
  NmError err = {0};
  float *samples;
  int64_t n;
  for (int r = 0; r < 9; ++r) {
    const int n_channels = r == 0 ? 7 : 1 + r % 2, n_in = N / n_channels;
    for (int i = 0; i < n_in; ++i) // the mean of the channels is the sine
      for (int c = 0; c < n_channels; ++c)
        sound[i * n_channels + c] =
            (float)(0.3 * sin(2 * M_PI * 440.0 * i / rates[r]) + 0.05 * (c - (n_channels - 1) / 2.0));
    write_file(in_folder("m.wav"), (NmAudioFormat){rates[r], n_channels, NM_AUDIO_FLOAT}, sound, n_in);
    assert_int_equal(nm_audio_load_mono(path_text, 24000, &samples, &n, &err), NM_OK);
    assert_int_equal(n, llrint(n_in * 24000.0 / rates[r]));
    for (int64_t i = n / 4; i < 3 * n / 4; ++i)
      assert_true(fabs(samples[i] - 0.3 * sin(2 * M_PI * 440.0 * (double)i / 24000)) < 2e-4);
    free(samples);
  }
}

static void test_rates_not_allowed(void **state)
{
  NmError err = {0};
  float *samples;
  int64_t n;
  fill(1);
  write_file(in_folder("q.wav"), (NmAudioFormat){8000, 1, NM_AUDIO_16_BITS}, sound, 100);
  assert_int_equal(nm_audio_load_mono(path_text, 8000 * 300, &samples, &n, &err), NM_ERR_BAD_ARG);
  read_bytes(path_text, bytes, sizeof bytes);
  memset(bytes + 24, 0, 4);
  bytes[24] = 100; // 100 Hz
  write_bytes(path_text, bytes, 244);
  refuse_to_read(path_text, NM_ERR_UNSUPPORTED, "100 Hz");
}

static void test_memory_as_a_file(void **state)
{
  NmError err = {0};
  float *samples;
  int64_t n;
  fill(1);
  write_file(in_folder("v.flac"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  const size_t size = read_bytes(path_text, bytes, sizeof bytes);
  NmAudioReader *reader = nm_audio_reader_open_memory(bytes, size, "upload", &err);
  assert_non_null(reader);
  assert_int_equal(nm_audio_reader_load_mono(reader, 24000, &samples, &n, &err), NM_OK);
  assert_int_equal(n, N);
  assert_true(nm_snr_f32_db(samples, sound, N) > 85);
  free(samples);
  nm_audio_reader_close(reader);
  assert_null(nm_audio_reader_open_memory("neume", 5, "upload", &err));
  assert_non_null(strstr(err.message, "upload"));
}

static void *feed(void *arg)
{
  char command[600];
  snprintf(command, sizeof command, "cat '%s/p.opus' > '%s/pipe'", folder, folder);
  return system(command) == 0 ? NULL : arg;
}

// A pipe cannot be rewound, which Ogg needs.
static void test_pipe(void **state)
{
  NmError err = {0};
  char pipe_path[256];
  pthread_t thread;
  float *samples;
  int64_t n;
  fill(1);
  write_file(in_folder("p.opus"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  assert_int_equal(pthread_create(&thread, NULL, feed, &err), 0);
  assert_int_equal(nm_audio_load_mono(pipe_path, 24000, &samples, &n, &err), NM_OK);
  pthread_join(thread, NULL);
  assert_int_equal(n, N);
  free(samples);
  unlink(pipe_path);
}

// MP3 is read, not written: libsndfile itself makes the file. Its length and place are kept (gapless).
static void test_mp3(void **state)
{
  SF_INFO info = {.samplerate = 24000, .channels = 1, .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
  NmError err = {0};
  float *samples;
  int64_t n;
  fill(1);
  SNDFILE *file = sf_open(in_folder("x.mp3"), SFM_WRITE, &info);
  if (!file) skip();
  assert_int_equal(sf_write_float(file, sound, N), N);
  sf_close(file);
  assert_int_equal(nm_audio_load_mono(path_text, 24000, &samples, &n, &err), NM_OK);
  assert_int_equal(n, N);
  assert_true(nm_snr_f32_db(samples, sound, N) > 15);
  free(samples);
}

static void test_standard_input(void **state)
{
  NmError err = {0};
  float *samples;
  int64_t n;
  fill(1);
  write_file(in_folder("i.wav"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  const int saved = dup(0), fd = open(path_text, O_RDONLY);
  dup2(fd, 0);
  close(fd);
  const NmStatus status = nm_audio_load_mono("-", 24000, &samples, &n, &err);
  dup2(saved, 0);
  close(saved);
  assert_int_equal(status, NM_OK);
  assert_int_equal(n, N);
  free(samples);
}

static void test_ogg_pages(void **state)
{
  fill(1);
  write_file(in_folder("o.opus"), (NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, sound, N);
  int fd = open(path_text, O_RDWR);
  assert_int_equal(nm_ogg_set_serial(fd, 0x01020304), NM_OK);
  close(fd);
  const size_t size = read_bytes(path_text, bytes, sizeof bytes);
  int n_pages = 0;
  for (size_t i = 0; i + 27 < size; ++i)
    if (memcmp(bytes + i, "OggS", 4) == 0) {
      assert_memory_equal(bytes + i + 14, "\x04\x03\x02\x01", 4);
      ++n_pages;
    }
  assert_true(n_pages >= 3);
  NmAudioInfo info;
  assert_int_equal(read_file(path_text, &info), N); // its checksums are right, or there would be nothing
  write_bytes(in_folder("o.txt"), "OggS, or not", 12);
  fd = open(path_text, O_RDWR);
  assert_int_equal(nm_ogg_set_serial(fd, 1), NM_ERR_BAD_DATA);
  close(fd);
}

static bool load(void *ctx)
{
  float *samples;
  int64_t n;
  const NmStatus status = nm_audio_load_mono(ctx, 24000, &samples, &n, NULL);
  assert_true(status == NM_OK || status == NM_ERR_NO_MEMORY);
  if (status == NM_OK) free(samples);
  return status == NM_OK;
}

static bool save(void *ctx)
{
  NmAudioWriter *writer = nm_audio_writer_open(ctx, &(NmAudioFormat){24000, 1, NM_AUDIO_16_BITS}, NULL);
  if (!writer) return false;
  const NmStatus written = nm_audio_writer_write(writer, sound, 1000, NULL);
  return nm_audio_writer_close(writer, written == NM_OK, NULL) == NM_OK && written == NM_OK;
}

static void test_memory_out(void **state)
{
  char path[256];
  fill(1);
  write_file(in_folder("f.wav"), (NmAudioFormat){48000, 1, NM_AUDIO_16_BITS}, sound, N);
  strcpy(path, path_text);
  assert_true(nm_fail_alloc_each(load, path, false) >= 6);
  assert_true(nm_fail_alloc_each(save, path, false) >= 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formats_keep_the_sound),
      cmocka_unit_test(test_16_bits_round_trip),
      cmocka_unit_test(test_same_sound_same_bytes),
      cmocka_unit_test(test_rounds_to_the_nearest),
      cmocka_unit_test(test_limits_and_no_numbers_out),
      cmocka_unit_test(test_a_file_appears_whole_or_not_at_all),
      cmocka_unit_test(test_what_cannot_be_written),
      cmocka_unit_test(test_full_disk),
      cmocka_unit_test(test_what_cannot_be_read),
      cmocka_unit_test(test_no_numbers_in),
      cmocka_unit_test(test_truncated_files_give_what_they_have),
      cmocka_unit_test(test_stream_of_unknown_length),
      cmocka_unit_test(test_mixdown_and_rates),
      cmocka_unit_test(test_rates_not_allowed),
      cmocka_unit_test(test_memory_as_a_file),
      cmocka_unit_test(test_pipe),
      cmocka_unit_test(test_mp3),
      cmocka_unit_test(test_standard_input),
      cmocka_unit_test(test_ogg_pages),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
