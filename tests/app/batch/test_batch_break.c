// SPDX-License-Identifier: GPL-3.0-or-later
// Batches that are killed, interrupted, run beside each other and in parts; summaries.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/interrupt.h"
#include "app/jobs/batch/summary.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/program.h"

static int set_up(void **state)
{
  batch_enter();
  return 0;
}

static int tear_down(void **state)
{
  batch_leave();
  return 0;
}

static void write_inputs(int n, const char *order)
{
  for (int i = 0; i < n; ++i) {
    char path[32], text[32];
    snprintf(path, sizeof path, "in/%02d", i);
    snprintf(text, sizeof text, "%s %d", order, i);
    batch_write(path, text);
  }
}

static pid_t start_apart(const char *chain, void (*set)(BatchFixture *f))
{
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    setpgid(0, 0);
    _exit(batch_run_apart(chain, "in/*", set));
  }
  return child;
}

// The status it ended with; -1 when it was killed.
static int wait_for(pid_t child)
{
  int state;
  assert_int_equal(waitpid(child, &state, 0), child);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

static void wait_for_begun(int n)
{
  for (int i = 0; batch_count_begun("") < n; ++i) {
    assert_true(i < 1000);
    usleep(10000);
  }
}

static int count_files_in(const char *folder)
{
  char line[128];
  snprintf(line, sizeof line, "find %s -type f -not -path '*/.neume-batch/*' | wc -l", folder);
  Ran ran = RUN(NULL, "/bin/sh", "-c", line);
  const int n = atoi(ran.out);
  ran_free(&ran);
  return n;
}

// --- killed ---

static void check_outputs(int n)
{
  for (int i = 0; i < n; ++i) {
    char path[32], text[64];
    snprintf(path, sizeof path, "out/%02d.csv", i);
    snprintf(text, sizeof text, "mood(song(slow %d))", i);
    batch_expect_text(path, text);
  }
  assert_int_equal(count_files_in("out"), n);
}

// Jobs that are done, by their keys "00".."39".
static int read_done(bool done[40])
{
  char *text = read_file("out/.neume-batch/journal-1-of-1.jsonl", NULL), *rest = text, *line;
  int n = 0;
  memset(done, 0, 40);
  while ((line = strsep(&rest, "\n"))) {
    const char *key = strstr(line, "\"key\":\"");
    char path[32];
    if (!rest || !key || !strstr(line, "\"state\":\"ok\"")) continue; // a torn line has no end
    snprintf(path, sizeof path, "out/%02d.csv", atoi(key + 7));
    done[atoi(key + 7)] = file_exists(path); // it comes after its line
  }
  for (int i = 0; i < 40; ++i) n += done[i];
  free(text);
  return n;
}

static void check_not_begun(const bool done[40])
{
  for (int i = 0; i < 40; ++i) {
    char text[32];
    snprintf(text, sizeof text, "compose slow %d\n", i);
    char *begun = read_file("begun", NULL);
    if (done[i] && begun && strstr(begun, text)) fail_msg("%d was done twice", i);
    free(begun);
  }
}

static void test_killed_at_any_moment(void **state)
{
  bool done[40];
  int n_done = 0, n_kills = 0;
  write_inputs(40, "slow");
  srand(3);
  while (n_kills < 60 && n_done < 40) {
    const int n_before = n_done;
    remove("begun");
    const pid_t child = start_apart("compose | emotion", set_resume);
    usleep((useconds_t)(rand() % 250000));
    kill(n_kills % 2 ? child : -child, SIGKILL); // alone, or with its children
    wait_for(child);
    ++n_kills;
    bool seen[40];
    memcpy(seen, done, sizeof seen);
    n_done = file_exists("out/.neume-batch/journal-1-of-1.jsonl") ? read_done(done) : 0;
    if (n_kills > 1 && n_before) check_not_begun(seen);
    assert_true(n_done >= n_before);
    assert_true(count_files_in("out") <= 40);
  }
  batch_expect("compose | emotion", "in/*", set_resume, NM_OK, 40 - n_done, 0, n_done);
  check_outputs(40);
  assert_int_equal(count_files_in("out/.neume-batch"), 0); // all hidden: see count_files_in
  assert_false(file_exists("out/.neume-batch/work-1-of-1-0") ||
               file_exists("out/.neume-batch/work-1-of-1-1"));
}

static void test_torn_journal(void **state)
{
  struct stat info;
  const char *journal = "out/.neume-batch/journal-1-of-1.jsonl";
  batch_write("in/a", "a");
  batch_expect("compose", "in/*", NULL, NM_OK, 1, 0, 0);
  assert_int_equal(stat(journal, &info), 0);
  assert_int_equal(truncate(journal, info.st_size - 5), 0);
  remove("out/a.musicxml"); // outputs come after their line
  batch_expect("compose", "in/*", set_resume, NM_OK, 1, 0, 0);
  batch_expect("compose", "in/*", set_resume, NM_OK, 0, 0, 1);
  batch_write("in/b", "b");
  FILE *file = fopen(journal, "a");
  fputs("{\"job\":3}\n[]\n\xff\n{\"job\":\"x\",\"outputs\":[1,{\"path\":2}]}\n{", file);
  fclose(file);
  batch_expect("compose", "in/*", set_resume, NM_OK, 1, 0, 1);
}

static void test_stale_work_is_removed(void **state)
{
  batch_write("in/a", "a");
  batch_write("out/.neume-batch/work-1-of-1-7/1/half.wav", "half");
  batch_write("out/.neume-batch/work-2-of-3-0/1/half.wav", "half");
  batch_expect("compose", "in/*", NULL, NM_OK, 1, 0, 0);
  assert_false(file_exists("out/.neume-batch/work-1-of-1-7"));
  assert_false(file_exists("out/.neume-batch/work-2-of-3-0"));
}

// --- interrupted ---

static void test_interrupted(void **state)
{
  write_inputs(6, "slow");
  batch_write("in/zz", "hang");
  const pid_t child = start_apart("compose", NULL);
  wait_for_begun(7);
  usleep(100000);
  kill(child, SIGINT);
  assert_int_equal(wait_for(child), NM_ERR_CANCELLED);
  assert_int_equal(kill(-child, 0), -1); // nobody of the group is left
  assert_false(file_exists("out/.neume-batch/work-1-of-1-0") ||
               file_exists("out/.neume-batch/work-1-of-1-1"));
  batch_write("in/zz", "mended");
  batch_expect("compose", "in/*", set_resume, NM_OK, 1, 0, 6);
}

// --- beside each other ---

static void set_part_1(BatchFixture *f)
{
  f->run.shard = (NmBatchShard){1, 2, false};
  f->run.resume = true;
}

static void set_part_2(BatchFixture *f)
{
  f->run.shard = (NmBatchShard){2, 2, false};
}

static void set_third(BatchFixture *f)
{
  f->run.shard = (NmBatchShard){2, 3, false};
}

static void test_two_at_once(void **state)
{
  batch_write("in/a", "hang");
  batch_write("in/b", "b");
  pid_t child = start_apart("compose", NULL);
  wait_for_begun(2);
  batch_expect("compose", "in/*", set_resume, NM_ERR_IO, 0, 0, 0);
  batch_expect("compose", "in/*", set_part_2, NM_ERR_IO, 0, 0, 0);
  kill(child, SIGKILL);
  wait_for(child);
  remove("out/b.musicxml");
  child = start_apart("compose", set_part_1);
  wait_for_begun(3);
  batch_expect("compose", "in/*", set_third, NM_ERR_IO, 0, 0, 0);
  batch_expect("compose", "in/*", set_part_1, NM_ERR_IO, 0, 0, 0);
  batch_expect("compose", "in/*", set_part_2, NM_OK, 1, 0, 0);
  kill(child, SIGKILL);
  wait_for(child);
}

// --- parts and summaries ---

typedef struct {
  char text[512];
} Troubles;

static void note_trouble(void *user, const char *input, int64_t part, const char *what, const char *reason)
{
  Troubles *t = user;
  const size_t n = strlen(t->text);
  snprintf(t->text + n, sizeof t->text - n, "%s %s %d; ", input, what, (int)part);
}

static NmBatchSums sum_up(const char *path, Troubles *troubles)
{
  NmBatchState look;
  NmBatchSums sums;
  NmError err = {0};
  *troubles = (Troubles){0};
  assert_int_equal(nm_batch_state_look(&look, "out", &err), NM_OK);
  if (nm_batch_summary_write(&look, 0, path, true, note_trouble, troubles, &sums, &err))
    fail_msg("%s", err.message);
  return sums;
}

static void expect_csv(const char *path, int n_rows, const char *row)
{
  char *text = read_file(path, NULL);
  int n = 0;
  assert_non_null(text);
  for (const char *at = text; *at; ++at) n += *at == '\n';
  assert_int_equal(n, n_rows + 1);
  if (!strstr(text, row)) fail_msg("%s", text);
  free(text);
}

static void test_parts_are_merged(void **state)
{
  Troubles troubles;
  write_inputs(5, "a");
  batch_write("in/03", "fail");
  batch_expect("compose", "in/*", set_part_2, NM_OK, 1, 1, 0);
  NmBatchSums sums = sum_up("sums.csv", &troubles);
  assert_string_equal(troubles.text, "in/00 missing 1; in/02 missing 1; in/03 failed 2; in/04 missing 1; ");
  assert_true(sums.n_jobs == 5 && sums.n_ok == 1 && sums.n_failed == 1 && sums.n_missing == 3);
  assert_true(sums.n_parts == 2 && sums.n_parts_begun == 1);
  expect_csv("sums.csv", 5, "in/02,,1,missing,,,,,,0,\n");
  batch_expect("compose", "in/*", set_part_1, NM_OK, 3, 0, 0);
  sums = sum_up("sums.csv", &troubles);
  assert_string_equal(troubles.text, "in/03 failed 2; ");
  assert_true(sums.n_jobs == 5 && sums.n_ok == 4 && sums.n_missing == 0 && sums.n_parts_begun == 2 &&
              !sums.differ);
  expect_csv("sums.csv", 5, ",3,compose,compose: there is nothing to sing,0,\n");
  batch_write("in/05", "new"); // a part that was begun on another list
  batch_expect("compose", "in/*", set_part_1, NM_OK, 0, 0, 3);
  sums = sum_up("sums.json", &troubles);
  assert_true(sums.differ && sums.n_jobs == 6);
  assert_string_equal(troubles.text, "in/03 failed 2; in/05 missing 2; ");
  json_t *json = json_load_file("sums.json", 0, NULL);
  assert_int_equal(json_array_size(json_object_get(json, "files")), 6);
  assert_int_equal(json_integer_value(json_object_get(json, "missing")), 1);
  json_decref(json);
}

// What one part did, the whole need not do again.
static void test_parts_then_the_whole(void **state)
{
  write_inputs(5, "a");
  batch_expect("compose", "in/*", set_part_2, NM_OK, 2, 0, 0);
  batch_expect("compose", "in/*", set_resume, NM_OK, 3, 0, 2);
}

static void test_no_summaries(void **state)
{
  NmBatchState look;
  NmBatchSums sums;
  NmError err = {0};
  assert_int_equal(nm_batch_state_look(&look, "nowhere", &err), NM_ERR_IO);
  batch_write("out/.neume-batch/x", "");
  assert_int_equal(nm_batch_state_look(&look, "out", &err), NM_OK);
  assert_int_equal(nm_batch_summary_write(&look, 0, NULL, false, NULL, NULL, &sums, &err), NM_ERR_BAD_DATA);
  batch_write("out/.neume-batch/journal-1-of-1.jsonl",
              "{\"neume_batch\":1,\"roll\":\"../roll\",\"parts\":1,\"part\":1,\"started_ns\":1}\n");
  assert_int_equal(nm_batch_summary_write(&look, 0, NULL, false, NULL, NULL, &sums, &err), NM_ERR_IO);
  batch_write("out/.neume-batch/journal-1-of-1.jsonl",
              "{\"neume_batch\":1,\"roll\":\"roll\",\"parts\":-5,\"part\":1,\"started_ns\":1}\n");
  assert_int_equal(nm_batch_summary_write(&look, 0, NULL, false, NULL, NULL, &sums, &err), NM_ERR_BAD_DATA);
  assert_int_equal(nm_batch_summary_check("a.txt", &err), NM_ERR_UNSUPPORTED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_killed_at_any_moment), TEST(test_torn_journal), TEST(test_stale_work_is_removed),
      TEST(test_interrupted),          TEST(test_two_at_once),  TEST(test_parts_are_merged),
      TEST(test_parts_then_the_whole), TEST(test_no_summaries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
