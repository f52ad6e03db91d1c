// SPDX-License-Identifier: GPL-3.0-or-later
// `neume speak --jsonl`: one answer per line, mistakes stay in their line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/speak_request.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE

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

// The n-th line of the program's answers.
static json_t *answer(const Ran *ran, int n)
{
  const char *line = ran->out;
  json_error_t cause;
  for (int i = 0; i < n && line; i++) line = strchr(line, '\n') + 1;
  json_t *root = json_loads(line, JSON_DISABLE_EOF_CHECK, &cause);
  if (!root) fail_msg("answer %d: %s in %s", n, cause.text, ran->out);
  return root;
}

static int count_lines(const Ran *ran)
{
  int n = 0;
  for (const char *at = ran->out; (at = strchr(at, '\n')); at++) n++;
  return n;
}

static void expect_ok(const Ran *ran, int n, const char *id)
{
  json_t *root = answer(ran, n);
  if (!json_is_true(json_object_get(root, "ok"))) {
    fail_msg("answer %d: %s", n, json_string_value(json_object_get(root, "error")));
  }
  assert_true(json_is_true(json_object_get(root, "complete")));
  assert_string_equal(json_string_value(json_object_get(root, "id")), id);
  json_decref(root);
}

static void expect_failed(const Ran *ran, int n, const char *cause)
{
  json_t *root = answer(ran, n);
  const char *error = json_string_value(json_object_get(root, "error"));
  assert_true(json_is_false(json_object_get(root, "ok")));
  if (!strstr(error, cause)) fail_msg("answer %d: %s", n, error);
  json_decref(root);
}

static void test_requests(void **state)
{
  Ran ran =
      RUN("{\"id\": \"a\", \"text\": \"Hello.\", \"out\": \"a.wav\"}\n"
          "\n"
          "{\"id\": \"b\", \"ssml\": \"<speak>Hi<break time='1s'/>you</speak>\", \"out\": \"b.flac\", "
          "\"timings\": [\"b.json\", \"b.srt\"], \"rate\": \"fast\", \"pitch\": 2, \"seed\": 3}\n"
          "{\"id\": \"c\", \"text\": \"Bye.\", \"out\": \"c.pcm\", \"raw\": true, \"voice\": \"other\"}",
          NEUME, "speak", "--jsonl");
  assert_int_equal(ran.exit_code, 0);
  assert_int_equal(count_lines(&ran), 3);
  expect_ok(&ran, 0, "a");
  expect_ok(&ran, 1, "b");
  expect_ok(&ran, 2, "c");
  assert_true(file_exists("a.wav") && file_exists("b.flac") && file_exists("b.json") && file_exists("b.srt"));
  assert_int_equal(count_files(), 5);
  ran_free(&ran);
}

// What one request says does not depend on those before it.
static void test_resident_equals_single(void **state)
{
  Ran ran = RUN("{\"text\": \"Something else first.\", \"out\": \"x.wav\", \"rate\": 2}\n"
                "{\"text\": \"Hello, world.\", \"out\": \"resident.wav\"}\n",
                NEUME, "speak", "--jsonl");
  assert_int_equal(ran.exit_code, 0);
  ran_free(&ran);
  ran = RUN(NULL, NEUME, "speak", "Hello, world.", "-o", "single.wav");
  assert_int_equal(ran.exit_code, 0);
  ran_free(&ran);
  size_t n, n_same;
  char *single = read_file("single.wav", &n), *resident = read_file("resident.wav", &n_same);
  assert_int_equal(n, n_same);
  assert_memory_equal(single, resident, n);
  free(single);
  free(resident);
}

static void test_failures_stay_in_their_line(void **state)
{
  write_file("there.wav", "mine", 4);
  Ran ran = RUN("not json\n"
                "[1]\n"
                "{\"text\": \"x\"}\n"
                "{\"out\": \"x.wav\"}\n"
                "{\"text\": \"x\", \"out\": \"there.wav\"}\n"
                "{\"text\": \"x\", \"out\": \"-\"}\n"
                "{\"text\": \"x\", \"out\": \"x.mp3\"}\n"
                "{\"text\": \"\", \"out\": \"x.wav\"}\n"
                "{\"ssml\": \"<speak>\", \"out\": \"x.wav\"}\n"
                "{\"text\": \"x\", \"out\": \"x.wav\", \"rate\": 99}\n"
                "{\"text\": \"x\", \"out\": \"x.wav\", \"speed\": 1}\n"
                "{\"text\": \"x\", \"out\": \"x.wav\", \"rat\": 1}\n"
                "{\"text\": \"x\", \"out\": \"x.wav\", \"voice\": \"bob\"}\n"
                "{\"text\": \"x\", \"ssml\": \"x\", \"out\": \"x.wav\"}\n"
                "{\"text\": 5, \"out\": \"x.wav\"}\n"
                "{\"text\": \"x\", \"text\": \"y\", \"out\": \"x.wav\"}\n"
                "{\"text\": \"x\", \"out\": \"x.wav\", \"timings\": \"x.doc\"}\n"
                "{\"id\": \"good\", \"text\": \"x\", \"out\": \"x.wav\"}\n",
                NEUME, "speak", "--jsonl");
  static const char *const causes[] = {"no JSON",
                                       "object",
                                       "\"out\" is missing",
                                       "\"text\" or \"ssml\"",
                                       "--force",
                                       "not \"-\"",
                                       ".opus",
                                       "nothing to say",
                                       "closing",
                                       "\"rate\" must",
                                       "no field \"speed\"",
                                       "did you mean \"rate\"",
                                       "no voice",
                                       "not both",
                                       "a string",
                                       "no JSON",
                                       ".TextGrid"};
  const int n_causes = (int)(sizeof causes / sizeof *causes);
  assert_int_equal(ran.exit_code, 4);
  assert_int_equal(count_lines(&ran), n_causes + 1);
  for (int i = 0; i < n_causes; i++) expect_failed(&ran, i, causes[i]);
  expect_ok(&ran, n_causes, "good");
  assert_int_equal(count_files(), 2);
  ran_free(&ran);
}

static void test_ids(void **state)
{
  Ran ran = RUN("{\"text\": \"x\", \"out\": \"x.wav\"}\n"
                "{\"id\": [1, {\"k\": null}], \"nothing\": 1}\n",
                NEUME, "speak", "--jsonl");
  json_t *first = answer(&ran, 0), *second = answer(&ran, 1);
  assert_int_equal(json_integer_value(json_object_get(first, "id")), 1);
  assert_true(json_is_array(json_object_get(second, "id")));
  assert_int_equal(json_integer_value(json_object_get(second, "line")), 2);
  json_decref(first);
  json_decref(second);
  ran_free(&ran);
}

static void test_endless_line(void **state)
{
  const size_t n = 17 << 20;
  char *input = malloc(n + 64);
  assert_non_null(input);
  memset(input, 'x', n);
  strcpy(input + n, "\n{\"id\": \"b\", \"text\": \"x\", \"out\": \"x.wav\"}\n");
  Ran ran = RUN(input, NEUME, "speak", "--jsonl");
  free(input);
  assert_int_equal(ran.exit_code, 4);
  expect_failed(&ran, 0, "16 megabytes");
  expect_ok(&ran, 1, "b");
  ran_free(&ran);
}

static void test_from_a_file(void **state)
{
  static const char line[] = "{\"id\": \"a\", \"text\": \"x\", \"out\": \"x.wav\"}";
  write_file("requests.jsonl", line, sizeof line - 1);
  Ran ran = RUN(NULL, NEUME, "speak", "--jsonl", "requests.jsonl");
  assert_int_equal(ran.exit_code, 0);
  expect_ok(&ran, 0, "a");
  ran_free(&ran);
  ran = RUN(NULL, NEUME, "speak", "--jsonl", "none.jsonl");
  assert_int_equal(ran.exit_code, 3);
  ran_free(&ran);
  ran = RUN(NULL, NEUME, "speak", "--jsonl", "-o", "x.wav");
  assert_int_equal(ran.exit_code, 2);
  ran_free(&ran);
}

static void test_parse_keeps_defaults(void **state)
{
  static const char bytes[] = "{\"text\": \"x\", \"out\": \"y\", \"energy\": \"-3dB\"}";
  NmSpeakLine line = {.request = {.seed = 9, .force = true, .prosody = nm_prosody_plain()}};
  NmError err = {0};
  line.request.prosody.rate = 1.5f;
  assert_int_equal(nm_speak_line_parse(&line, bytes, sizeof bytes - 1, 150, &err), NM_OK);
  assert_int_equal(line.request.seed, 9);
  assert_true(line.request.force);
  assert_float_equal(line.request.prosody.rate, 1.5, 1e-6);
  assert_float_equal(line.request.prosody.energy_db, -3, 1e-6);
  assert_string_equal(line.request.out, "y");
  nm_speak_line_fini(&line);
}

static void test_answers_that_are_lost_are_a_failure(void **state)
{
  Ran ran = RUN(NULL, "/bin/sh", "-c",
                "echo '{\"text\": \"hi\", \"out\": \"a.wav\"}' | " NEUME " speak --jsonl >/dev/full");
  assert_int_equal(ran.exit_code, 1);
  assert_non_null(strstr(ran.err, "standard output"));
  ran_free(&ran);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_requests),    T(test_resident_equals_single), T(test_failures_stay_in_their_line),
      T(test_ids),         T(test_endless_line),           T(test_answers_that_are_lost_are_a_failure),
      T(test_from_a_file), T(test_parse_keeps_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
