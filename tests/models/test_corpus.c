// SPDX-License-Identifier: GPL-3.0-or-later
// A prepared corpus and a recipe, as files that may be damaged: what does not fit is refused with the file,
// the line and the cause.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/engine/train.h"
#include "models/speech/batch.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"

#define HEADER "speaker\tid\tprompt\tsplit\tframe_first\tn_frames\traise\ttokens\n"
#define FIRST "ann\ta_1\ta\ttrain\t0\t16\t1\tHH.AH0/, L.OW1/.\n"
#define SECOND "bob\tb_1\tb\tvalid\t16\t0\t1\tAY1\n"
#define DURATIONS "a_1\t2 3 3 0 4 3 1\nb_1\t0 4.5 1\n"

enum { N_FRAMES = 32 };

static void write_text(const char *path, const char *text)
{
  write_file(path, text, strlen(text));
}

static int set_up(void **state)
{
  static float envelope[N_FRAMES * NM_ACOUSTIC_N_BANDS], f0_hz[N_FRAMES];
  static const int16_t audio[N_FRAMES * 256];
  for (int i = 0; i < N_FRAMES; ++i) f0_hz[i] = i % 3 ? 100 + (float)i : 0;
  enter_scratch();
  mkdir("corpus", 0777);
  write_file("corpus/envelope.f32", envelope, sizeof envelope);
  write_file("corpus/f0.f32", f0_hz, sizeof f0_hz);
  write_file("corpus/audio.s16", audio, sizeof audio);
  write_text("corpus/index.tsv", HEADER FIRST SECOND);
  write_text("corpus/durations.tsv", DURATIONS);
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static void test_a_good_corpus_opens(void **state)
{
  NmCorpus corpus;
  NmUtteranceSet set;
  NmError err = {0};
  if (nm_corpus_open(&corpus, "corpus", &err) != NM_OK) fail_msg("%s", err.message);
  assert_int_equal(corpus.n_items, 2);
  assert_int_equal(corpus.n_speakers, 2);
  assert_int_equal(corpus.items[0].n_states, 7);
  assert_int_equal(corpus.items[1].n_states, 3);
  assert_int_equal(corpus.items[1].split, NM_SPLIT_VALID);
  if (nm_utterances_init(&set, &corpus, &err) != NM_OK) fail_msg("%s", err.message);
  assert_int_equal(set.n, 2);
  assert_int_equal(set.utterances[0].T, 16);
  nm_utterances_fini(&set);
  assert_int_equal(nm_corpus_save_durations(&corpus, "corpus", &err), NM_OK);
  nm_corpus_close(&corpus);
  char *text = read_file("corpus/durations.tsv", NULL);
  assert_string_equal(text, DURATIONS);
  free(text);
}

static void expect_refusal(const char *cause)
{
  NmCorpus corpus;
  NmError err = {0};
  const NmStatus status = nm_corpus_open(&corpus, "corpus", &err);
  if (status != NM_ERR_BAD_DATA || strncmp(err.message, "corpus/", 7) != 0 || !strstr(err.message, cause))
    fail_msg("expected '%s', got '%s'", cause, status == NM_OK ? "no error" : err.message);
}

static void test_damaged_indexes_are_refused(void **state)
{
  static const struct {
    const char *row, *cause;
  } cases[] = {
      {"", "durations.tsv: 2 lines for 0 items"},
      {"ann\ta_1\n", "line 2: expected 8 columns"},
      {"ann\ta_1\ta\ttrain\t0\t16\t1\tHH\tAH0\n", "line 2: expected 8 columns"},
      {"ann\ta_1\ta\ttrain\t0\t16\t1\tHH", "the last line is cut short"},
      {"ann\ta_1\ta\ttraining\t0\t16\t1\tHH\n", "line 2: 'training' is not train, valid, test or taught"},
      {"ann\ta_1\ta\ttrain\t0\t33\t1\tHH\n", "line 2: frames beyond the end"},
      {"ann\ta_1\ta\ttrain\t-1\t16\t1\tHH\n", "line 2: frames beyond the end"},
      {"ann\ta_1\ta\ttrain\t9223372036854775807\t1\t1\tHH\n", "line 2: frames beyond the end"},
      {"ann\ta_1\ta\ttrain\t0\t4294967296\t1\tHH\n", "line 2: frames beyond the end"},
      {"ann\ta_1\ta\ttrain\t0\tmany\t1\tHH\n", "line 2: frames beyond the end"},
      {"ann\ta_1\ta\ttrain\t0\t16\tnan\tHH\n", "line 2: 'nan' is no factor of pitch"},
      {"ann\ta_1\ta\ttrain\t0\t16\t0\tHH\n", "line 2: '0' is no factor of pitch"},
      {"ann\ta_1\ta\ttrain\t0\t16\t1\tHH.XX\n", "line 2: unknown phone 'XX'"},
      {"ann\ta_1\ta\ttrain\t0\t16\t1\t..\n", "line 2: unknown phone ''"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[512];
    snprintf(text, sizeof text, HEADER "%s", cases[i].row);
    write_text("corpus/index.tsv", text);
    expect_refusal(cases[i].cause);
  }
}

static void test_zero_bytes_are_refused(void **state)
{
  static const char index[] = HEADER "ann\0a_1\n", durations[] = "a_1\0\t2\nb_1\t1\n";
  write_file("corpus/index.tsv", index, sizeof index - 1);
  expect_refusal("index.tsv: a zero byte");
  write_text("corpus/index.tsv", HEADER FIRST SECOND);
  write_file("corpus/durations.tsv", durations, sizeof durations - 1);
  expect_refusal("durations.tsv: a zero byte");
}

static void test_damaged_durations_are_refused(void **state)
{
  static const struct {
    const char *text, *cause;
  } cases[] = {
      {"a_1\t2 3 3 0 4 3 1\n", "1 lines for 2 items"},
      {"b_1\t2\na_1\t1\n", "line 1: expected the durations of a_1"},
      {"a_1\t2 3 3 0 4 3\nb_1\t\n", "line 1: expected 7 durations"},
      {"a_1\t2 3 3 0 4 3 1 1\nb_1\t\n", "line 1: more than 7 durations"},
      {"a_1\t2 3 3 0 4 3 one\nb_1\t\n", "line 1: expected 7 durations"},
      {"a_1\t2 3 3 0 4 3 -1\nb_1\t\n", "line 1: expected 7 durations"},
      {"a_1\t2 3 3 0 4 3 inf\nb_1\t\n", "line 1: expected 7 durations"},
      {"a_1\t2 3 3 0 4 3 nan\nb_1\t\n", "line 1: expected 7 durations"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    write_text("corpus/durations.tsv", cases[i].text);
    expect_refusal(cases[i].cause);
  }
}

// Well formed, but they do not fit the recording.
static void test_durations_must_sum_to_the_frames(void **state)
{
  static const char *const texts[] = {"a_1\t2 3 3 0 4 3 2\nb_1\t\n", "a_1\t0 0 0 0 0 0 0\nb_1\t\n",
                                      "a_1\t2 3.5 2.5 0 4 3 1\nb_1\t\n"};
  for (int i = 0; i < 3; ++i) {
    NmCorpus corpus;
    NmUtteranceSet set;
    NmError err = {0};
    write_text("corpus/durations.tsv", texts[i]);
    assert_int_equal(nm_corpus_open(&corpus, "corpus", &err), NM_OK);
    assert_int_equal(nm_utterances_init(&set, &corpus, &err), NM_ERR_BAD_DATA);
    assert_non_null(strstr(err.message, "durations.tsv: a_1"));
    nm_corpus_close(&corpus);
  }
}

static void test_features_must_fit_each_other(void **state)
{
  write_file("corpus/f0.f32", "abc", 3);
  expect_refusal("f0.f32: 3 bytes do not fit 32 frames");
  write_file("corpus/envelope.f32", "", 0);
  expect_refusal("f0.f32: 3 bytes do not fit 0 frames");
}

static bool open_and_close(void *ctx)
{
  NmCorpus corpus;
  const NmStatus status = nm_corpus_open(&corpus, "corpus", NULL);
  if (status == NM_OK) nm_corpus_close(&corpus);
  return status == NM_OK;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(open_and_close, NULL, false) > 0);
}

static void test_recipes(void **state)
{
  static const struct {
    const char *text, *cause;
  } cases[] = {
      {"", "line 1"},
      {"[1]", "not an object"},
      {"{\"steps\": 1,\n \"steps\": 2}", "line 2: duplicate"},
      {"{\"steps\": 0}", "\"steps\" must be a number from 1 to 100"},
      {"{\"steps\": 1e400}", "real number overflow"},
      {"{\"steps\": 2.5}", "\"steps\" must be a whole number"},
      {"{\"steps\": \"many\"}", "\"steps\" must be a number"},
      {"{\"licence\": 3}", "\"licence\" must be a text"},
      {"{\"stepps\": 3}", "\"stepps\" means nothing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmError err = {0};
    write_text("recipe.json", cases[i].text);
    NmRecipe *recipe = nm_recipe_open("recipe.json", &err);
    if (recipe) {
      (void)nm_recipe_get_integer(recipe, "steps", 10, 1, 100);
      (void)nm_recipe_get_text(recipe, "licence", "");
      assert_int_equal(nm_recipe_check(recipe, &err), NM_ERR_BAD_DATA);
      nm_recipe_close(recipe);
    }
    if (err.status != NM_ERR_BAD_DATA || strncmp(err.message, "recipe.json: ", 13) != 0 ||
        !strstr(err.message, cases[i].cause))
      fail_msg("expected '%s', got '%s'", cases[i].cause, err.message);
  }
}

// As a user meets them.
static void test_the_program_tells(void **state)
{
  write_text("recipe.json", "{\"stepps\": 3}");
  Ran ran = RUN(NULL, NM_PROGRAM, "train", "aligner", "-r", "recipe.json", "-c", "corpus", "-o", "a.st");
  assert_int_equal(ran.exit_code, 3);
  assert_non_null(strstr(ran.err, "recipe.json: \"stepps\" means nothing"));
  ran_free(&ran);
  write_text("recipe.json", "{}");
  write_text("corpus/index.tsv", HEADER "ann\n");
  ran = RUN(NULL, NM_PROGRAM, "train", "aligner", "-r", "recipe.json", "-c", "corpus", "-o", "a.st");
  assert_int_equal(ran.exit_code, 3);
  assert_non_null(strstr(ran.err, "corpus/index.tsv: line 2: expected 8 columns"));
  ran_free(&ran);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_a_good_corpus_opens),
      T(test_damaged_indexes_are_refused),
      T(test_zero_bytes_are_refused),
      T(test_damaged_durations_are_refused),
      T(test_durations_must_sum_to_the_frames),
      T(test_features_must_fit_each_other),
      T(test_memory_out),
      T(test_recipes),
      T(test_the_program_tells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
