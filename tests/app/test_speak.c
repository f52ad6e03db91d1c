// SPDX-License-Identifier: GPL-3.0-or-later
// `neume speak` as a user drives it, with the fake voice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/audio_file.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE
#define HELLO "Hello, world. It is 10:30 now; isn't it?"

enum { RATE = 24000, N_HEADER = 44 };

static int set_up(void **state)
{
  enter_scratch();
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static int64_t count_samples(const char *path)
{
  NmError err = {0};
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  float part[4096];
  int64_t n = 0, n_read;
  do {
    assert_int_equal(nm_audio_reader_read(reader, part, 4096, &n_read, &err), NM_OK);
    n += n_read;
  } while (n_read == 4096);
  assert_int_equal(nm_audio_reader_get_info(reader).n_channels, 1);
  nm_audio_reader_close(reader);
  return n;
}

static void test_files(void **state)
{
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "-o", "a.wav"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "-o", "a.flac"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "-o", "a.ogg"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "-o", "a.opus"), 0, NULL);
  const int64_t n = count_samples("a.wav");
  assert_true(n > RATE);
  assert_int_equal(count_samples("a.flac"), n);
  assert_int_equal(count_samples("a.ogg"), n);
  assert_true(llabs(count_samples("a.opus") - n) < RATE / 10);
  assert_int_equal(count_files(), 4);
}

static void test_no_overwriting(void **state)
{
  write_file("a.wav", "mine", 4);
  write_file("a.json", "mine", 4);
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a.wav"), 1, "--force");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "b.wav", "-t", "a.json"), 1, "a.json exists");
  size_t n;
  char *kept = read_file("a.wav", &n);
  assert_string_equal(kept, "mine");
  free(kept);
  assert_false(file_exists("b.wav"));
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a.wav", "-t", "a.json", "--force"), 0, NULL);
  assert_true(count_samples("a.wav") > 0);
  assert_int_equal(count_files(), 2);
}

static void test_where_it_cannot_write(void **state)
{
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a.mp3"), 2, ".wav, .flac, .ogg or .opus");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a"), 2, ".wav");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-t", "a.xml"), 2, ".TextGrid");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--picture", "a.jpg"), 2, ".png, not to a.jpg");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a.wav", "--picture", "a.wav"), 2, "a.wav");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "a.json", "--raw", "-t", "a.json"), 2, "named twice");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-t", "a.srt", "-t", "a.srt"), 2, "named twice");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", "no/such/a.wav"), 1, "no/such/a.wav");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-t", "no/such/a.srt"), 1, "no/such/a.srt");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "-o", ".", "--raw"), 1, "folder");
  assert_int_equal(count_files(), 0);
}

static void test_stream(void **state)
{
  size_t n;
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "-o", "a.wav"), 0, NULL);
  char *file = read_file("a.wav", &n);
  Ran wav = RUN(NULL, NEUME, "speak", HELLO, "-o", "-");
  Ran raw = RUN(NULL, NEUME, "speak", HELLO, "--raw");
  assert_int_equal(wav.n_out, raw.n_out + N_HEADER);
  assert_memory_equal(wav.out + N_HEADER, raw.out, raw.n_out);
  assert_memory_equal(wav.out, "RIFF", 4);
  assert_int_equal(n, wav.n_out);
  assert_memory_equal(file + N_HEADER, raw.out, raw.n_out);
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "--raw", "-o", "a.pcm"), 0, NULL);
  free(file);
  file = read_file("a.pcm", &n);
  assert_int_equal(n, raw.n_out);
  assert_memory_equal(file, raw.out, n);
  free(file);
  ran_free(&wav);
  ran_free(&raw);
}

// In a pipe the length is not known; in a file it is set at the end.
static void test_stream_header(void **state)
{
  size_t n;
  expect_exit(RUN(NULL, "/bin/sh", "-c", NEUME " speak hi -o - | cat >piped.wav"), 0, NULL);
  char *piped = read_file("piped.wav", &n);
  assert_memory_equal(piped + 4, "\xff\xff\xff\xff", 4);
  assert_memory_equal(piped + 40, "\xff\xff\xff\xff", 4);
  free(piped);
  expect_exit(RUN(NULL, "/bin/sh", "-c", NEUME " speak hi >file.wav"), 0, NULL);
  char *file = read_file("file.wav", &n);
  uint32_t size;
  memcpy(&size, file + 40, 4);
  assert_int_equal(size, n - N_HEADER);
  free(file);
}

static void test_closed_pipe_is_no_failure(void **state)
{
  char *code;
  expect_exit(
      RUN(NULL, "/bin/sh", "-c",
          "i=0; while [ $i -lt 200 ]; do echo 'One more sentence goes here.'; i=$((i+1)); done >text.txt; "
          "(" NEUME " speak text.txt -o - 2>messages; echo $? >code) | head -c 1000 >/dev/null"),
      0, NULL);
  code = read_file("code", NULL);
  assert_string_equal(code, "0\n");
  free(code);
  char *messages = read_file("messages", NULL);
  assert_string_equal(messages, "");
  free(messages);
}

static void test_interrupt(void **state)
{
  expect_exit(RUN(NULL, "/bin/sh", "-c",
                  "yes 'One more sentence goes here.' 2>/dev/null | { exec 3<&0; " NEUME
                  " speak - -o a.wav -t a.json <&3 2>messages & sleep 0.5; kill -TERM $!; wait $!; }"),
              130, NULL);
  assert_false(file_exists("a.wav"));
  assert_int_equal(count_files(), 1);
}

static void test_inputs(void **state)
{
  write_file("text.txt", "From a file.", 12);
  expect_exit(RUN(NULL, NEUME, "speak", "text.txt", "-o", "file.wav"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "speak", "From a file.", "-o", "text.wav"), 0, NULL);
  expect_exit(RUN("From a file.", NEUME, "speak", "-", "-o", "stdin.wav"), 0, NULL);
  expect_exit(RUN("\xef\xbb\xbf"
                  "From a file.",
                  NEUME, "speak", "-o", "mark.wav"),
              0, NULL);
  size_t n;
  char *expected = read_file("file.wav", &n);
  for (int i = 0; i < 3; i++) {
    size_t n_same;
    char *same = read_file((const char *[]){"text.wav", "stdin.wav", "mark.wav"}[i], &n_same);
    assert_int_equal(n_same, n);
    assert_memory_equal(same, expected, n);
    free(same);
  }
  free(expected);
}

static void test_inputs_that_fail(void **state)
{
  write_file("binary.txt", "MZ\0\1", 4);
  write_file("empty.txt", "", 0);
  expect_exit(RUN(NULL, NEUME, "speak", "", "-o", "a.wav"), 3, "nothing to say");
  expect_exit(RUN(NULL, NEUME, "speak", " \n\t ", "-o", "a.wav"), 3, "nothing to say");
  expect_exit(RUN(NULL, NEUME, "speak", "\xf0\x9f\x98\x80", "-o", "a.wav"), 3, "nothing to say");
  expect_exit(RUN(NULL, NEUME, "speak", "empty.txt", "-o", "a.wav"), 3, "nothing to say in empty.txt");
  expect_exit(RUN("", NEUME, "speak", "-o", "a.wav"), 3, "nothing to say in standard input");
  Ran ran = RUN("", NEUME, "speak", "-o", "-");
  assert_int_equal(ran.n_out, 0);
  expect_exit(ran, 3, "nothing to say");
  expect_exit(RUN(NULL, NEUME, "speak", "missing.txt", "-o", "a.wav"), 3, "cannot read missing.txt");
  expect_exit(RUN(NULL, NEUME, "speak", ".", "-o", "a.wav"), 3, "directory");
  expect_exit(RUN(NULL, NEUME, "speak", "binary.txt", "-o", "a.wav"), 3, "byte 2 is zero");
  expect_exit(RUN(NULL, NEUME, "speak", "--ssml", "Hello", "-o", "a.wav"), 3, "line 1, column 1");
  assert_int_equal(count_files(), 2);
}

static void test_strange_text_is_spoken_with_a_warning(void **state)
{
  expect_exit(RUN(NULL, NEUME, "speak", "caf\xe9 \xff here", "-o", "a.wav"), 0, "warning");
  assert_true(count_samples("a.wav") > 0);
  expect_exit(RUN(NULL, NEUME, "speak", "a \xf0\x9f\x98\x80 b", "-o", "b.wav"), 0, "warning");
  Ran quiet = RUN(NULL, NEUME, "speak", "a \xf0\x9f\x98\x80 b", "-o", "c.wav", "--quiet");
  assert_string_equal(quiet.err, "");
  ran_free(&quiet);
}

static void test_seed_and_threads(void **state)
{
  Ran a = RUN(NULL, NEUME, "speak", HELLO, "--raw", "--seed", "5", "-j", "1");
  Ran b = RUN(NULL, NEUME, "speak", HELLO, "--raw", "--seed", "5", "-j", "3");
  Ran c = RUN(NULL, NEUME, "speak", HELLO, "--raw", "--seed", "6");
  assert_int_equal(a.n_out, b.n_out);
  assert_memory_equal(a.out, b.out, a.n_out);
  assert_true(a.n_out != c.n_out || memcmp(a.out, c.out, a.n_out));
  ran_free(&a);
  ran_free(&b);
  ran_free(&c);
}

static json_t *report_of(Ran ran)
{
  json_error_t cause;
  assert_int_equal(ran.exit_code, 0);
  json_t *report = json_loads(ran.out, 0, &cause);
  if (!report) fail_msg("line %d: %s", cause.line, cause.text);
  ran_free(&ran);
  return report;
}

static int64_t get(const json_t *report, const char *group, const char *name)
{
  const json_t *value = json_object_get(group ? json_object_get(report, group) : report, name);
  assert_true(json_is_number(value) || json_is_boolean(value));
  return json_is_boolean(value) ? json_is_true(value) : (int64_t)json_number_value(value);
}

static void test_report(void **state)
{
  json_t *report = report_of(RUN(NULL, NEUME, "speak", HELLO, "--json", "-o", "a.wav"));
  const int64_t n_samples = count_samples("a.wav");
  assert_int_equal(get(report, NULL, "samples"), n_samples);
  assert_int_equal(get(report, "proof", "complete"), 1);
  assert_int_equal(get(report, "proof", "samples_of_phones"), n_samples);
  assert_int_equal(get(report, "proof", "phones_asked"), get(report, "proof", "phones_spoken"));
  assert_true(get(report, "proof", "frames_min") >= 1);
  const json_t *phonemes = json_object_get(report, "phonemes");
  int64_t n = 0, n_phones = 0;
  for (size_t i = 0; i < json_array_size(phonemes); i++) {
    const json_t *phone = json_array_get(phonemes, i);
    assert_int_equal(llround(json_number_value(json_object_get(phone, "start")) * RATE), n);
    n += get(phone, NULL, "samples");
    n_phones += strcmp(json_string_value(json_object_get(phone, "phone")), "pau") != 0;
  }
  assert_int_equal(n, n_samples);
  assert_int_equal(n_phones, get(report, "counts", "phones"));
  json_decref(report);
  Ran streamed = RUN(NULL, NEUME, "speak", HELLO, "--json", "-o", "-");
  assert_memory_equal(streamed.out, "RIFF", 4);
  assert_non_null(strstr(streamed.err, "\"proof\""));
  ran_free(&streamed);
}

static int64_t length_with(const char *option, const char *value)
{
  json_t *report = report_of(RUN(NULL, NEUME, "speak", HELLO, "--json", option, value));
  const int64_t n = get(report, NULL, "samples");
  json_decref(report);
  return n;
}

static void test_prosody_options(void **state)
{
  const int64_t n = length_with("--seed", "0"), n_fast = length_with("--rate", "2");
  assert_true(n_fast < n * 6 / 10);
  assert_int_equal(length_with("--rate", "200%"), n_fast);
  assert_int_equal(length_with("--pitch", "+3st"), n);
  assert_int_equal(length_with("--pitch", "180Hz"), n);
  assert_int_equal(length_with("--range", "0"), n);
  Ran plain = RUN(NULL, NEUME, "speak", HELLO, "--raw"),
      high = RUN(NULL, NEUME, "speak", HELLO, "--raw", "--pitch", "-3");
  assert_int_equal(plain.n_out, high.n_out);
  assert_true(memcmp(plain.out, high.out, plain.n_out) != 0);
  ran_free(&high);
  high = RUN(NULL, NEUME, "speak", HELLO, "--raw", "--energy", "-60");
  int16_t loudest = 0;
  for (size_t i = 0; i + 1 < high.n_out; i += 2) {
    int16_t sample;
    memcpy(&sample, high.out + i, 2);
    if (sample > loudest) loudest = sample;
  }
  assert_true(loudest < 100);
  ran_free(&plain);
  ran_free(&high);
}

static void test_voices(void **state)
{
  json_t *report = report_of(RUN(NULL, NEUME, "speak", "hi", "--json", "--voice", "other"));
  assert_string_equal(json_string_value(json_object_get(report, "voice")), "other");
  json_decref(report);
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--voice", "nobody", "--raw"), 2, "there are: fake, other");
}

static void test_lexicon(void **state)
{
  static const char lexicon[] = "zyx\tK AE1 T\n";
  write_file("mine.lexicon", lexicon, sizeof lexicon - 1);
  write_file("bad.lexicon", "zyx\n", 4);
  Ran ran = RUN(NULL, NEUME, "speak", "zyx", "--json", "--lexicon", "mine.lexicon");
  assert_non_null(strstr(ran.out, "\"AE1\""));
  ran_free(&ran);
  expect_exit(RUN(NULL, NEUME, "speak", "zyx", "--raw", "-l", "none.lexicon"), 3, "none.lexicon");
  expect_exit(RUN(NULL, NEUME, "speak", "zyx", "--raw", "-l", "bad.lexicon"), 3, "bad.lexicon");
}

static void test_picture(void **state)
{
  size_t n;
  expect_exit(RUN(NULL, NEUME, "speak", HELLO, "--picture", "a.png"), 0, NULL);
  char *picture = read_file("a.png", &n);
  assert_true(n > 5000);
  assert_memory_equal(picture, "\x89PNG\r\n\x1a\n", 8);
  free(picture);
  assert_int_equal(count_files(), 1);
}

static void test_ssml_file(void **state)
{
  static const char good[] = "<speak>One<break time=\"2s\"/>two.</speak>";
  static const char bad[] = "<speak>One.\n<break time=\"2s\">two.</speak>";
  write_file("good.ssml", good, sizeof good - 1);
  write_file("bad.ssml", bad, sizeof bad - 1);
  expect_exit(RUN(NULL, NEUME, "speak", "good.ssml", "-o", "good.wav"), 0, NULL);
  assert_true(count_samples("good.wav") > 2 * RATE);
  expect_exit(RUN(good, NEUME, "speak", "-o", "stdin.wav"), 0, NULL);
  assert_int_equal(count_samples("stdin.wav"), count_samples("good.wav"));
  expect_exit(RUN(NULL, NEUME, "speak", "bad.ssml", "-o", "bad.wav"), 3, "bad.ssml, line 2, column 24");
  expect_exit(RUN(bad, NEUME, "speak", "--ssml", "-o", "bad.wav"), 3, "standard input, line 2");
  assert_false(file_exists("bad.wav"));
  expect_exit(RUN(NULL, NEUME, "speak", "<speak>a<tone>b</tone></speak>", "--raw"), 0,
              "<tone> is not followed");
}

// Nothing here has a loudspeaker, or it has and this plays a short sound.
static void test_play(void **state)
{
  Ran ran = RUN(NULL, NEUME, "speak", "a", "--play");
  assert_true(ran.exit_code == 0 || ran.exit_code == 1);
  if (ran.exit_code) assert_int_equal(strncmp(ran.err, "neume: ", 7), 0);
  if (strstr(ran.err, "cannot be played")) assert_non_null(strstr(ran.err, "write it to a file with -o"));
  ran_free(&ran);
}

static void test_missing_and_broken_assets(void **state)
{
  expect_exit(RUN(NULL, "/bin/cp", NEUME, "neume"), 0, NULL);
  expect_exit(RUN(NULL, "./neume", "speak", "hi", "-o", "a.wav"), 1, "set NEUME_ASSETS");
  write_file("english.lexicon", "not a lexicon", 13);
  expect_exit(RUN(NULL, "/usr/bin/env", "NEUME_ASSETS=.", "./neume", "speak", "hi", "-o", "a.wav"), 3,
              "english.lexicon");
}

// A book streams in the memory of a line. (The sanitizers' quarantine is no memory of ours.)
static void test_long_text_in_constant_memory(void **state)
{
  FILE *book = fopen("book.txt", "w");
  assert_non_null(book);
  for (long n = 0; n < 1000000;) {
    n += fprintf(book, "It was %ld, and the ships went out to sea again; nobody knew why.%s", n,
                 n % 7 ? " " : "\n\n");
  }
  fclose(book);
  setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64", 1);
  Ran line = RUN("One line.", NEUME, "speak", "--rate", "10", "--raw", "-o", "/dev/null");
  Ran all =
      RUN(NULL, NEUME, "speak", "book.txt", "--rate", "10", "--raw", "-o", "/dev/null", "-t", "book.srt");
  unsetenv("ASAN_OPTIONS");
  assert_int_equal(line.exit_code, 0);
  assert_int_equal(all.exit_code, 0);
  if (all.rss_kb > line.rss_kb + 8192) fail_msg("%ld kB for a book, %ld for a line", all.rss_kb, line.rss_kb);
  ran_free(&line);
  ran_free(&all);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_files),
      T(test_no_overwriting),
      T(test_where_it_cannot_write),
      T(test_stream),
      T(test_stream_header),
      T(test_closed_pipe_is_no_failure),
      T(test_interrupt),
      T(test_inputs),
      T(test_inputs_that_fail),
      T(test_strange_text_is_spoken_with_a_warning),
      T(test_seed_and_threads),
      T(test_report),
      T(test_prosody_options),
      T(test_voices),
      T(test_lexicon),
      T(test_picture),
      T(test_ssml_file),
      T(test_play),
      T(test_missing_and_broken_assets),
      T(test_long_text_in_constant_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
