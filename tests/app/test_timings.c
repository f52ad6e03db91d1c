// SPDX-License-Identifier: GPL-3.0-or-later
// Timings in six formats: each as long as the audio, to the sample or to the format's own precision.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/timings.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE

enum { RATE = 24000, N_HEADER = 44 };

static const char text[] =
    "\"Well,\" he said - twice - \"that & this <are> 1984 problems!\" It was a long, long sentence that goes "
    "on and "
    "on, past the end of any line that a viewer could read at ease; and then it stops.\n\nThe end.";

static int64_t n_samples; // of the spoken text

static int set_up(void **state)
{
  size_t n;
  enter_scratch();
  Ran ran = RUN(NULL, NEUME, "speak", text, "-o", "a.wav", "-t", "a.json", "-t", "a.TextGrid", "-t", "a.srt",
                "-t", "a.vtt", "-t", "a.lrc", "-t", "a.txt");
  if (ran.exit_code) print_error("%s\n", ran.err);
  const int code = ran.exit_code;
  ran_free(&ran);
  char *wav = read_file("a.wav", &n);
  free(wav);
  n_samples = (int64_t)(n - N_HEADER) / 2;
  return code;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static int64_t to_sample(double seconds)
{
  const double sample = seconds * RATE;
  assert_true(fabs(sample - round(sample)) < .02);
  return llround(sample);
}

static int64_t sample_of(const json_t *item, const char *name)
{
  return to_sample(json_number_value(json_object_get(item, name)));
}

static const json_t *get_list(const json_t *root, const char *name)
{
  const json_t *list = json_object_get(root, name);
  assert_true(json_is_array(list));
  return list;
}

static void test_json(void **state)
{
  json_error_t cause;
  json_t *root = json_load_file("a.json", JSON_REJECT_DUPLICATES, &cause);
  if (!root) fail_msg("line %d: %s", cause.line, cause.text);
  assert_int_equal(json_integer_value(json_object_get(root, "sample_rate")), RATE);
  assert_int_equal(json_integer_value(json_object_get(root, "samples")), n_samples);
  const json_t *phones = get_list(root, "phones"), *words = get_list(root, "words");
  int64_t at = 0;
  for (size_t i = 0; i < json_array_size(phones); i++) {
    const json_t *phone = json_array_get(phones, i);
    assert_int_equal(sample_of(phone, "start"), at);
    assert_true(sample_of(phone, "end") > at);
    at = sample_of(phone, "end");
  }
  assert_int_equal(at, n_samples);
  at = 0;
  for (size_t i = 0; i < json_array_size(words); i++) {
    assert_true(sample_of(json_array_get(words, i), "start") >= at);
    at = sample_of(json_array_get(words, i), "end");
  }
  assert_true(at <= n_samples);
  assert_string_equal(json_string_value(json_object_get(json_array_get(words, 0), "source")), "\"Well,\"");
  assert_true(json_array_size(get_list(root, "syllables")) > json_array_size(words));
  assert_int_equal(json_array_size(get_list(root, "notes")), 0);
  json_decref(root);
}

// The next number after `name = `.
static double next_value(const char **at, const char *name)
{
  *at = strstr(*at, name);
  if (!*at) fail_msg("no %s", name);
  *at += strlen(name);
  return strtod(*at, NULL);
}

static void check_tier(const char *grid, const char *name)
{
  char head[64];
  snprintf(head, sizeof head, "name = \"%s\"", name);
  const char *at = strstr(grid, head);
  assert_non_null(at);
  assert_int_equal(to_sample(next_value(&at, "xmin = ")), 0);
  assert_int_equal(to_sample(next_value(&at, "xmax = ")), n_samples);
  const int n = (int)next_value(&at, "intervals: size = ");
  int64_t end = 0;
  assert_true(n > 3);
  for (int i = 0; i < n; i++) {
    assert_int_equal((int)next_value(&at, "intervals ["), i + 1);
    assert_int_equal(to_sample(next_value(&at, "xmin = ")), end);
    end = to_sample(next_value(&at, "xmax = "));
  }
  assert_int_equal(end, n_samples);
}

static void test_textgrid(void **state)
{
  char *grid = read_file("a.TextGrid", NULL);
  assert_int_equal(strncmp(grid, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n", 51), 0);
  check_tier(grid, "phones");
  check_tier(grid, "syllables");
  check_tier(grid, "words");
  free(grid);
}

static void test_labels(void **state)
{
  char *labels = read_file("a.txt", NULL), *at = labels;
  int64_t end = 0;
  while (*at) {
    assert_int_equal(to_sample(strtod(at, &at)), end);
    end = to_sample(strtod(at, &at));
    assert_int_equal(*at, '\t');
    at += strcspn(at, "\n") + 1;
  }
  assert_int_equal(end, n_samples);
  free(labels);
}

static int64_t parse_clock(const char *clock, char decimal)
{
  int h, m, s, ms;
  char mark;
  assert_int_equal(sscanf(clock, "%d:%d:%d%c%d", &h, &m, &s, &mark, &ms), 5);
  assert_int_equal(mark, decimal);
  return ((h * 60 + m) * 60 + s) * 1000 + ms;
}

// Cues follow each other without overlap, have at most two lines of 42 characters, and end with the audio.
static void check_cues(const char *path, char decimal)
{
  char *cues = read_file(path, NULL);
  int64_t end = 0;
  int n = 0;
  for (char *arrow = cues; (arrow = strstr(arrow, " --> ")); arrow += 5, n++) {
    assert_true(parse_clock(arrow - 12, decimal) >= end);
    end = parse_clock(arrow + 5, decimal);
    const char *lines = strchr(arrow, '\n') + 1, *blank = strstr(lines, "\n\n");
    assert_non_null(blank);
    const size_t n_first = strcspn(lines, "\n");
    assert_true(n_first >= 1 && n_first <= 60);
    if (lines + n_first < blank) assert_true(strcspn(lines + n_first + 1, "\n") <= 60);
  }
  assert_true(n >= 4);
  assert_int_equal(end, (n_samples * 1000 + RATE / 2) / RATE);
  free(cues);
}

static void test_subtitles(void **state)
{
  check_cues("a.srt", ',');
  check_cues("a.vtt", '.');
  char *srt = read_file("a.srt", NULL), *vtt = read_file("a.vtt", NULL);
  assert_int_equal(strncmp(srt, "1\n00:00:00,", 11), 0);
  assert_non_null(strstr(srt, "this <are> 1984 problems!\""));
  assert_int_equal(strncmp(vtt, "WEBVTT\n\n", 8), 0);
  assert_non_null(strstr(vtt, "&amp; this &lt;are&gt; 1984"));
  free(srt);
  free(vtt);
}

static void test_lyrics(void **state)
{
  char *lyrics = read_file("a.lrc", NULL), *at = lyrics;
  int64_t last = -1;
  while (*at) {
    int m, s, cs;
    assert_int_equal(sscanf(at, "[%d:%d.%d]", &m, &s, &cs), 3);
    assert_true((m * 60 + s) * 100 + cs > last);
    last = (m * 60 + s) * 100 + cs;
    at += strcspn(at, "\n") + 1;
  }
  assert_int_equal(last, (n_samples * 100 + RATE / 2) / RATE);
  free(lyrics);
}

// What stands in a text comes out as valid JSON, TextGrid and UTF-8, whatever it is.
static void test_strange_names(void **state)
{
  NmError err = {0};
  NmTimings *timings = nm_timings_new(&err);
  assert_non_null(timings);
  const NmTiming word = {NM_TIMING_WORD, 0, 240, "a\"b\\c\x01\xff", "caf\xc3\xa9 \"x\"\n", 0};
  const NmTiming phone = {NM_TIMING_PHONE, 0, 240, "AH0", "", 1};
  assert_int_equal(nm_timings_add(timings, &word, &err), NM_OK);
  assert_int_equal(nm_timings_add(timings, &phone, &err), NM_OK);
  FILE *file = fopen("strange.json", "w");
  assert_non_null(file);
  assert_int_equal(nm_timings_write_json(timings, 240, file, &err), NM_OK);
  fclose(file);
  json_error_t cause;
  json_t *root = json_load_file("strange.json", 0, &cause);
  if (!root) fail_msg("%s", cause.text);
  const json_t *kept = json_array_get(json_object_get(root, "words"), 0);
  assert_string_equal(json_string_value(json_object_get(kept, "word")), "a\"b\\c\x01\xef\xbf\xbd");
  assert_string_equal(json_string_value(json_object_get(kept, "source")), "caf\xc3\xa9 \"x\"\n");
  json_decref(root);
  file = fopen("strange.TextGrid", "w");
  assert_non_null(file);
  assert_int_equal(nm_timings_write_textgrid(timings, 240, file, &err), NM_OK);
  fclose(file);
  char *grid = read_file("strange.TextGrid", NULL);
  assert_non_null(strstr(grid, "text = \"a\"\"b\\c \xef\xbf\xbd\""));
  free(grid);
  nm_timings_free(timings);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_json),      cmocka_unit_test(test_textgrid), cmocka_unit_test(test_labels),
      cmocka_unit_test(test_subtitles), cmocka_unit_test(test_lyrics),   cmocka_unit_test(test_strange_names),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
