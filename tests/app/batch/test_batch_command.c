// SPDX-License-Identifier: GPL-3.0-or-later
// `neume batch` as a user drives it, with models that know nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/batch_fixture.h"
#include "tests/support/program.h"
#include "tests/support/tiny_assets.h"

#define NEUME NM_PROGRAM
#define BATCH(...) RUN(NULL, NEUME, "batch", __VA_ARGS__)

static int set_up(void **state)
{
  char folder[PATH_MAX];
  batch_enter();
  make_tiny_assets("assets", NM_LEXICON, NM_HYPHENS);
  assert_non_null(realpath("assets", folder));
  setenv("NEUME_ASSETS", folder, 1);
  setenv("LADSPA_PATH", NM_LADSPA_TINY, 1);
  batch_write("in/one.txt", "The boats come home when day is done.\n");
  batch_write("in/x/two.txt", "The night is long, the stars will stay.\n");
  return 0;
}

static int tear_down(void **state)
{
  batch_leave();
  return 0;
}

static void expect_out(Ran ran, int code, const char *in_out, const char *in_err)
{
  const bool fine = ran.exit_code == code && strstr(ran.out, in_out) && strstr(ran.err, in_err);
  if (!fine) fail_msg("exit %d\n%s\n%s", ran.exit_code, ran.out, ran.err);
  ran_free(&ran);
}

static void expect_same_files(const char *a, const char *b)
{
  size_t n_a = 0, n_b = 0;
  char *x = read_file(a, &n_a), *y = read_file(b, &n_b);
  if (!x || !y) fail_msg("%s or %s is missing", a, b);
  if (n_a != n_b || memcmp(x, y, n_a)) fail_msg("%s and %s differ", a, b);
  free(x);
  free(y);
}

// A chain makes what its commands make one by one, though their models were loaded before.
static void test_chain_is_its_commands(void **state)
{
  expect_out(
      BATCH(
          "compose -o {}.mid --seed 5 | sing -o {}.flac --timings {}.json | emotion -o {}.csv -o {}.json.txt",
          "in/**", "-o", "out", "-j", "2"),
      0, "in/x/two.txt -> x/two.csv", "2 inputs in ");
  expect_exit(RUN(NULL, NEUME, "compose", "in/x/two.txt", "-o", "two.mid", "--seed", "5"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "sing", "two.mid", "-o", "two.flac", "--timings", "two.json"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "emotion", "two.flac", "-o", "two.csv", "-o", "two.json.txt"), 0, NULL);
  expect_same_files("two.mid", "out/x/two.mid");
  expect_same_files("two.flac", "out/x/two.flac");
  expect_same_files("two.json", "out/x/two.json");
  expect_same_files("two.csv", "out/x/two.csv");
  expect_same_files("two.json.txt", "out/x/two.json.txt");
}

// What goes into folders: what a render makes of a song, file by file.
static void test_folders(void **state)
{
  struct stat before, after;
  expect_exit(BATCH("compose | render --no-cache --no-emotion", "in/**", "-o", "out"), 0, NULL);
  assert_int_equal(stat("out/x/two/two.wav", &before), 0);
  assert_true(file_exists("out/x/two/two.lrc"));
  expect_out(BATCH("compose | render --no-cache --no-emotion", "in/**", "-o", "out", "--resume"), 0,
             "done before", "2 skipped");
  remove("out/x/two/two.lrc");
  expect_out(BATCH("compose | render --no-cache --no-emotion", "in/**", "-o", "out", "--resume"), 0,
             "done before", "1 ok, 0 failed, 1 skipped");
  assert_int_equal(stat("out/x/two/two.wav", &after), 0);
  assert_int_equal(before.st_size, after.st_size);
  batch_write("other/one/one.wav", "mine");
  expect_exit(BATCH("compose | render --no-cache --no-emotion", "in/one.txt", "-o", "other"), 4, NULL);
  batch_expect_text("other/one/one.wav", "mine");
}

// What an earlier run made is no input, wherever it lies.
static void test_outputs_among_inputs(void **state)
{
  expect_out(BATCH("lyrics", "in/**", "-o", "in/out"), 4, "", "2 inputs"); // no melodies, but that is told
  expect_out(BATCH("compose -o .abc", "in/**", "-o", "in"), 0, "", "2 ok");
  expect_out(BATCH("compose -o .abc", "in/**", "-o", "in", "--resume"), 0, "", "2 inputs in ");
  expect_out(BATCH("lyrics -o {}.words.txt", "in/**/*.abc", "-o", "in", "--resume"), 0, // another step may
             "in/x/two.abc -> x/two.words.txt", "2 ok");
}

// The same with one process at a time, which has all threads.
static void test_any_number_of_processes(void **state)
{
  expect_exit(BATCH("compose | emotion", "in/**", "-o", "one", "-j1"), 0, NULL);
  expect_exit(BATCH("compose | emotion", "in/**", "-o", "three", "-j3"), 0, NULL);
  expect_same_files("one/x/two.csv", "three/x/two.csv");
}

static void test_failures_are_told(void **state)
{
  batch_write("in/empty.txt", "");
  Ran ran = BATCH("compose", "in/**", "in/none.txt", "-o", "out", "-q", "--summary", "sum.json");
  assert_int_equal(ran.exit_code, 4);
  assert_non_null(strstr(ran.out, "in/empty.txt: compose: "));
  assert_non_null(strstr(ran.out, "in/none.txt: cannot be read: No such file"));
  assert_null(strstr(ran.out, "in/one.txt")); // quiet: what went well is not told
  ran_free(&ran);
  json_t *sum = json_load_file("sum.json", 0, NULL);
  assert_int_equal(json_integer_value(json_object_get(sum, "ok")), 2);
  assert_int_equal(json_integer_value(json_object_get(sum, "failed")), 2);
  json_decref(sum);
  expect_out(BATCH("merge", "out", "-o", "merged.csv"), 4, "", "in/empty.txt: failed (part 1): compose: ");
  expect_out(BATCH("compose", "in/**", "-o", "out", "--resume"), 4, "in/one.txt: done before",
             "1 failed, 2 skipped");
}

static void test_json_lines(void **state)
{
  Ran ran = BATCH("compose", "in/one.txt", "-o", "out", "--json");
  json_t *line = json_loads(ran.out, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(line, "state")), "ok");
  assert_string_equal(json_string_value(json_object_get(line, "input")), "in/one.txt");
  assert_int_equal(json_array_size(json_object_get(line, "outputs")), 1);
  json_decref(line);
  ran_free(&ran);
}

static void test_jobs_file(void **state)
{
  batch_write("jobs.jsonl",
              "{\"id\":\"a\",\"input\":\"in/one.txt\",\"options\":{\"seed\":1},\"output\":\"a.mid\"}\n"
              "{\"id\":\"b\",\"input\":\"in/one.txt\",\"chain\":\"speak\"}\n");
  expect_out(BATCH("compose", "--jobs-file", "jobs.jsonl", "-o", "out"), 0, "-> a.mid", "2 ok");
  assert_true(file_exists("out/one-b.wav"));
  batch_write("jobs.jsonl",
              "{\"input\":\"in/one.txt\"}\n{\"input\":\"in/x/two.txt\",\"options\":{\"sede\":1}}\n");
  expect_exit(BATCH("compose", "--jobs-file", "jobs.jsonl", "-o", "new"), 3,
              "jobs.jsonl, line 2: no stage of the chain");
  expect_exit(BATCH("--jobs-file", "jobs.jsonl", "-o", "new"), 3,
              "jobs.jsonl, line 1: the job has no \"chain\"");
  batch_write("jobs.jsonl", "{\"input\":\"in/one.txt\"\n");
  expect_exit(BATCH("compose", "--jobs-file", "jobs.jsonl", "-o", "new"), 3, "jobs.jsonl, line 1: column ");
  assert_false(file_exists("new"));
}

static void test_plan_only(void **state)
{
  expect_out(BATCH("compose -o {}.mid | sing", "in/**", "-o", "out", "--dry-run"), 0,
             "in/one.txt -> one.mid\nin/one.txt -> one.wav\nin/x/two.txt -> x/two.mid\n", "");
  assert_false(file_exists("out"));
}

static void test_parts(void **state)
{
  expect_out(BATCH("compose", "in/**", "-o", "out", "--shard", "1/3"), 0, "one.txt", "1 input in ");
  expect_out(BATCH("merge", "out"), 4, "", "2 of 3 parts were never begun");
  setenv("SLURM_ARRAY_TASK_ID", "1", 1);
  setenv("SLURM_ARRAY_TASK_MIN", "0", 1);
  setenv("SLURM_ARRAY_TASK_COUNT", "3", 1);
  expect_out(BATCH("compose", "in/**", "-o", "out", "--shard", "slurm"), 0, "two.txt", "1 input in ");
  setenv("SLURM_ARRAY_TASK_ID", "2", 1);
  expect_out(BATCH("compose", "in/**", "-o", "out", "--shard", "slurm"), 0, "", "0 inputs");
  unsetenv("SLURM_ARRAY_TASK_ID");
  expect_out(BATCH("merge", "out", "-o", "sum.csv"), 0, "", "2 inputs in 3 parts: 2 ok, 0 failed, 0 missing");
}

static void test_usage(void **state)
{
  expect_exit(BATCH("compose", "in/*"), 2, "-o DIR is missing");
  expect_exit(BATCH("compose", "-o", "out"), 2, "files are missing");
  expect_exit(BATCH("-o", "out"), 2, "a chain of commands is missing");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--shard", "2"), 2, "3/10, or slurm");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--split", "x"), 2, "index or hash");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--jobs", "0"), 2, "from 1 to 1024");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--force", "--resume"), 2, "does all anew");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--summary", "x.txt"), 2, ".csv or .json");
  expect_exit(BATCH("compose", "in/**", "-o", "out", "--root", "elsewhere"), 2, "does not lie below");
  expect_exit(BATCH("compose | play", "in/**", "-o", "out"), 2, "'play' is no stage");
  expect_exit(BATCH("compose", "in/*.none", "-o", "out"), 3, "no file is named like");
  expect_exit(BATCH("merge"), 2, "merge takes one folder");
  expect_exit(BATCH("merge", "nowhere"), 3, "holds no batch");
  assert_false(file_exists("out"));
}

// --- plug-ins ---

static void test_plugins(void **state)
{
  expect_exit(BATCH("speak | ladspa:tiny_wide | ladspa:tiny_gain gaindb=-6 -o {}-soft.flac", "in/one.txt",
                    "-o", "out"),
              0, NULL);
  assert_true(file_exists("out/one-soft.flac"));
  expect_exit(BATCH("speak | ladspa:tiny_gian", "in/one.txt", "-o", "out"), 2, "near it is tiny_gain");
  expect_exit(BATCH("speak | ladspa:tiny_gain gaindb=99", "in/one.txt", "-o", "out"), 2,
              "goes from -40 to 40");
  expect_exit(BATCH("speak | ladspa:tiny_meter", "in/one.txt", "-o", "out"), 2, "is no effect");
  expect_out(BATCH("--list-ladspa", "swap"), 0, "tiny_swap (9003): Tiny swap, 2 in, 2 out\n", "");
  batch_write("in/bad.jsonl", "{\"input\":\"in/one.txt\",\"chain\":\"speak | ladspa:tiny_crash\"}\n"
                              "{\"input\":\"in/x/two.txt\",\"chain\":\"speak | ladspa:tiny_gain\"}\n");
  expect_out(BATCH("--jobs-file", "in/bad.jsonl", "-o", "more"), 4, "ladspa:tiny_crash crashed",
             "1 ok, 1 failed");
  expect_out(BATCH("speak | ladspa:tiny_nan", "in/one.txt", "-o", "more", "--resume"), 4, "no numbers, after",
             "");
}

// --- interrupted ---

static void test_interrupted(void **state)
{
  int state_child;
  char path[64];
  for (int i = 0; i < 60; ++i) {
    snprintf(path, sizeof path, "many/%d.txt", i);
    batch_write(path, "The boats come home.\n");
  }
  const pid_t child = fork();
  if (!child) {
    (void)!freopen("/dev/null", "w", stderr);
    (void)!freopen("said", "w", stdout);
    execl(NEUME, NEUME, "batch", "speak", "many/*", "-o", "out", (char *)NULL);
    _exit(99);
  }
  for (int i = 0; i < 1000 && !file_exists("out/0.wav"); ++i) usleep(10000);
  kill(child, SIGINT);
  assert_int_equal(waitpid(child, &state_child, 0), child);
  assert_true(WIFEXITED(state_child));
  assert_int_equal(WEXITSTATUS(state_child), 130);
  Ran ran = BATCH("speak", "many/*", "-o", "out", "--resume");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.out, "many/0.txt: done before"));
  assert_non_null(strstr(ran.err, "0 failed"));
  ran_free(&ran);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_chain_is_its_commands),
      TEST(test_folders),
      TEST(test_outputs_among_inputs),
      TEST(test_any_number_of_processes),
      TEST(test_failures_are_told),
      TEST(test_json_lines),
      TEST(test_jobs_file),
      TEST(test_plan_only),
      TEST(test_parts),
      TEST(test_usage),
      TEST(test_plugins),
      TEST(test_interrupted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
