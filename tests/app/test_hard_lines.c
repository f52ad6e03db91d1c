// SPDX-License-Identifier: GPL-3.0-or-later
// A hundred lines that trip voices up: nothing skipped, nothing repeated, each file as long as its timings.
// With the fake voice, and with the real one where its weights are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/program.h"

enum { RATE = 24000, N_HEADER = 44, N_LINES_MIN = 100 };

static char **lines; // [n_lines]
static int n_lines;

static int set_up(void **state)
{
  char *text = read_file(NM_TEST_DATA "/data/hard_lines.txt", NULL);
  if (!text) return -1;
  lines = calloc(strlen(text) + 1, sizeof *lines);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) lines[n_lines++] = strdup(line);
  free(text);
  enter_scratch();
  return n_lines < N_LINES_MIN ? -1 : 0;
}

static int tear_down(void **state)
{
  for (int i = 0; i < n_lines; i++) free(lines[i]);
  free(lines);
  leave_scratch();
  return 0;
}

static char *make_requests(void)
{
  json_t *request = json_object();
  char *all = calloc(1, 1), out[32], timings[32];
  for (int i = 0; i < n_lines; i++) {
    snprintf(out, sizeof out, "%d.wav", i);
    snprintf(timings, sizeof timings, "%d.json", i);
    json_object_set_new(request, "text", json_string(lines[i]));
    json_object_set_new(request, "out", json_string(out));
    json_object_set_new(request, "timings", json_string(timings));
    json_object_set_new(request, "force", json_true());
    char *line = json_dumps(request, JSON_COMPACT);
    if (!line) fail_msg("line %d of hard_lines.txt is no UTF-8", i + 1);
    all = realloc(all, strlen(all) + strlen(line) + 2);
    assert_non_null(all);
    strcat(strcat(all, line), "\n");
    free(line);
  }
  json_decref(request);
  return all;
}

static int64_t to_sample(const json_t *item, const char *name)
{
  return llround(json_number_value(json_object_get(item, name)) * RATE);
}

// The file is as long as its timings say, and its phones tile it.
static void check_length(int i, const json_t *timings)
{
  char name[32];
  size_t n;
  int64_t at = 0;
  snprintf(name, sizeof name, "%d.wav", i);
  char *wav = read_file(name, &n);
  assert_non_null(wav);
  free(wav);
  const json_t *phones = json_object_get(timings, "phones");
  for (size_t j = 0; j < json_array_size(phones); j++) {
    assert_int_equal(to_sample(json_array_get(phones, j), "start"), at);
    at = to_sample(json_array_get(phones, j), "end");
  }
  assert_int_equal(at, json_integer_value(json_object_get(timings, "samples")));
  assert_int_equal(at, (int64_t)(n - N_HEADER) / 2);
}

// The words' sources, one after the other, are the line: no part of it is missing, none comes twice.
static void check_sources(int i, const json_t *timings)
{
  const json_t *words = json_object_get(timings, "words");
  const char *at = lines[i];
  for (size_t j = 0; j < json_array_size(words); j++) {
    const char *source = json_string_value(json_object_get(json_array_get(words, j), "source"));
    for (; *source; source++) {
      if (isspace((unsigned char)*source)) continue;
      while (isspace((unsigned char)*at)) at++;
      if (*source != *at) fail_msg("line %d: '%s' is said where '%.30s' stands", i + 1, source, at);
      at++;
    }
  }
  while (isspace((unsigned char)*at)) at++;
  if (*at) fail_msg("line %d: '%.30s' is not said", i + 1, at);
}

static void check_line(int i, const char *answer)
{
  char name[32];
  json_error_t cause;
  json_t *told = json_loads(answer, JSON_DISABLE_EOF_CHECK, &cause);
  if (!json_is_true(json_object_get(told, "ok"))) {
    fail_msg("line %d: %s", i + 1, json_string_value(json_object_get(told, "error")));
  }
  if (!json_is_true(json_object_get(told, "complete"))) fail_msg("line %d: skips or repeats", i + 1);
  snprintf(name, sizeof name, "%d.json", i);
  json_t *timings = json_load_file(name, 0, &cause);
  assert_non_null(timings);
  check_length(i, timings);
  check_sources(i, timings);
  json_decref(timings);
  json_decref(told);
}

static void check_program(const char *program)
{
  char *requests = make_requests();
  Ran ran = RUN(requests, program, "speak", "--jsonl");
  if (ran.exit_code) print_error("%s%s", ran.err, ran.exit_code == 4 ? "" : "\n");
  const char *answer = ran.out;
  for (int i = 0; i < n_lines; i++) {
    if (!*answer) fail_msg("no answer to line %d: %s", i + 1, ran.err);
    check_line(i, answer);
    answer = strchr(answer, '\n') + 1;
  }
  assert_int_equal(ran.exit_code, 0);
  ran_free(&ran);
  free(requests);
}

static void test_with_the_fake_voice(void **state)
{
  check_program(NM_PROGRAM_FAKE);
}

static void test_with_the_voice(void **state)
{
  if (!file_exists(NM_ASSETS "/voice.safetensors")) {
    print_message("no weights in %s: the voice is not tested\n", NM_ASSETS);
    skip();
  }
  check_program(NM_PROGRAM);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_with_the_fake_voice),
      cmocka_unit_test(test_with_the_voice),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
