// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with inputs: outputs, failures that stay alone, what is not done twice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool is_there(const char *path)
{
  return file_exists(path) != 0;
}

// --- outputs ---

static void test_outputs(void **state)
{
  batch_write("in/a.txt", "a");
  batch_write("in/x/b.txt", "b");
  batch_expect("compose -k D | emotion", "in/**", NULL, NM_OK, 2, 0, 0);
  batch_expect_text("out/a.csv", "mood(song(a)D)");
  batch_expect_text("out/x/b.csv", "mood(song(b)D)");
  assert_false(is_there("out/a.wav"));
  assert_false(is_there("out/.neume-batch/work-1-of-1-0"));
}

static void set_keep(BatchFixture *f)
{
  f->settings.keep = true;
  f->run.n_threads = 3;
}

static void test_kept_and_named(void **state)
{
  batch_write("in/a.txt", "a");
  batch_write("in/x/b.txt", "b");
  batch_write("in/x/b.more", "!");
  batch_write("common", "?");
  batch_expect("compose -o {}.mid -o sub/my-{}.abc --with {}.more --audio {}.ogg --json > {}.said | emotion "
               "--with common",
               "in/x/b.txt", set_keep, NM_OK, 1, 0, 0);
  batch_expect_text("out/b.mid", "song(b)!");
  batch_expect_text("out/sub/my-b.abc", "song(b)!");
  batch_expect_text("out/b.ogg", "song(b)!");
  batch_expect_text("out/b.csv", "mood(song(b)!)?");
  // A stage knows its input by its own name, wherever it is done.
  batch_expect_text("out/b.said", "{\"text\": \"b\", \"file\": \"b.txt\", \"threads\": 3}");
}

static void set_flat(BatchFixture *f)
{
  f->naming.flat = true;
}

static void test_flat(void **state)
{
  batch_write("in/x/a.txt", "1");
  batch_write("in/y/a.txt", "2");
  batch_expect("compose", "in/**", set_flat, NM_OK, 2, 0, 0);
  batch_expect_text("out/a.txt.musicxml", "song(1)");
  batch_expect_text("out/a.txt-2.musicxml", "song(2)");
}

static void read_jobs(BatchFixture *f)
{
  assert_int_equal(nm_batch_list_read(&f->list, "jobs", &f->err), NM_OK);
}

static void test_jobs_have_chains_and_options(void **state)
{
  batch_write("a.txt", "a");
  batch_write("b.txt", "b");
  batch_write("jobs", "{\"input\":\"b.txt\",\"options\":{\"key\":\"G\"},\"output\":\"deep/er/b.json\"}\n"
                      "{\"input\":\"b.txt\",\"id\":2,\"chain\":\"compose -o "
                      ".abc\",\"options\":{\"compose\":{\"key\":\"C\"}}}\n");
  batch_expect("compose -k D | emotion", "a.txt", read_jobs, NM_OK, 3, 0, 0);
  batch_expect_text("out/a.csv", "mood(song(a)D)");
  batch_expect_text("out/deep/er/b.json", "mood(song(b)G)G");
  batch_expect_text("out/b-2.abc", "song(b)C");
}

static void test_names_of_any_bytes(void **state)
{
  batch_write("in/-o.txt", "dash");
  batch_write("in/a b'\"$.txt", "quotes");
  batch_write("in/\xff\xfe.txt", "bytes");
  batch_write("in/new\nline.txt", "lines");
  batch_expect("compose | emotion", "in/*", NULL, NM_OK, 4, 0, 0);
  batch_expect_text("out/-o.csv", "mood(song(dash))");
  batch_expect_text("out/a b'\"$.csv", "mood(song(quotes))");
  batch_expect_text("out/\xff\xfe.csv", "mood(song(bytes))");
  batch_expect("compose | emotion", "in/*", set_resume, NM_OK, 0, 0, 4);
}

static void test_clashing_outputs_are_refused(void **state)
{
  batch_write("a.txt", "a");
  batch_write("out/a.csv", "a");
  batch_write("b/x-a.txt", "b");
  batch_write("jobs", "{\"input\":\"b.txt\",\"output\":\"a.csv\"}\n");
  batch_expect("compose | emotion", "a.txt", read_jobs, NM_ERR_BAD_ARG, 0, 0, 0);
  batch_expect("compose | emotion -o {}.csv -o {}.csv", "a.txt", NULL, NM_ERR_BAD_ARG, 0, 0, 0);
  batch_write("jobs", "{\"input\":\"out/a.csv\"}\n");
  batch_expect("compose | emotion", "a.txt", read_jobs, NM_ERR_BAD_ARG, 0, 0, 0);
  batch_write("jobs", "{\"input\":\"out/in.csv\",\"output\":\"in.csv\"}\n");
  batch_expect("compose | emotion", "a.txt", read_jobs, NM_ERR_BAD_ARG, 0, 0, 0);
}

// --- failures ---

static const BatchTold *find_told(const BatchFixture *f, const char *input)
{
  for (int i = 0; i < f->n_told; ++i)
    if (!strcmp(f->told[i].input, input)) return &f->told[i];
  fail_msg("nothing was told of %s", input);
  return NULL;
}

static void expect_reason(const BatchFixture *f, const char *input, const char *reason)
{
  const BatchTold *told = find_told(f, input);
  assert_int_equal(told->outcome, NM_BATCH_FAILED);
  if (!strstr(told->reason, reason)) fail_msg("%s: %s", input, told->reason);
}

static void test_failures_stay_alone(void **state)
{
  static const char *const orders[] = {"crash", "hang", "fail", "nothing", "good", "warn"};
  BatchFixture *f = malloc(sizeof *f);
  for (int i = 0; i < 6; ++i) {
    char path[32];
    snprintf(path, sizeof path, "in/%s", orders[i]);
    batch_write(path, orders[i]);
  }
  batch_begin(f, "compose | emotion");
  batch_add(f, "in/*");
  batch_add(f, "in/missing");
  assert_int_equal(mkfifo("in/pipe", 0666), 0);
  batch_add(f, "in/pipe");
  f->run.timeout_s = .5;
  f->run.n_workers = 4;
  if (batch_run(f)) fail_msg("%s", f->err.message);
  assert_int_equal(f->totals.n_ok, 2);
  assert_int_equal(f->totals.n_failed, 6);
  expect_reason(f, "in/crash", "compose crashed");
  expect_reason(f, "in/hang", "compose: not done after 0.5 s");
  expect_reason(f, "in/fail", "compose: there is nothing to sing");
  expect_reason(f, "in/nothing", "nothing.wav was not written");
  expect_reason(f, "in/missing", "cannot be read: No such file");
  expect_reason(f, "in/pipe", "cannot be read: it is no ordinary file");
  batch_expect_text("out/good.csv", "mood(song(good))");
  batch_expect_text("out/warn.csv", "mood(song(warn))");
  assert_false(is_there("out/fail.csv"));
  batch_end(f);
  free(f);
}

static void set_memory(BatchFixture *f)
{
  f->run.memory_bytes = 256 << 20;
}

static void test_memory_is_limited(void **state)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  batch_write("in/a", "a");
  batch_write("in/memory", "memory");
  batch_expect("compose", "in/*", set_memory, NM_OK, 1, 1, 0);
#endif
}

// Nothing of an input that fails is left, though its first stage was done.
static void test_failing_in_the_second_stage(void **state)
{
  batch_write("a", "a");
  batch_expect("compose -o {}.mid --audio {}.wav | emotion -k fail", "a", NULL, NM_OK, 0, 1, 0);
  assert_int_equal(batch_count_begun(""), 2);
  assert_false(is_there("out/a.mid") || is_there("out/a.wav") || is_there("out/a.csv"));
  batch_expect("compose -o {}.mid --audio {}.wav | emotion", "a", set_resume, NM_OK, 1, 0, 0);
  assert_true(is_there("out/a.mid") && is_there("out/a.wav") && is_there("out/a.csv"));
}

// --- what is there already ---

static void test_existing_outputs(void **state)
{
  batch_write("a", "a");
  batch_write("b", "b");
  batch_write("out/a.musicxml", "mine");
  batch_expect("compose", "?", NULL, NM_OK, 1, 1, 0);
  batch_expect_text("out/a.musicxml", "mine");
  batch_expect("compose", "?", NULL, NM_ERR_BAD_ARG, 0, 0, 0); // a batch was begun here
  batch_expect("compose", "?", set_resume, NM_OK, 0, 1, 1);    // not ours
  batch_expect_text("out/a.musicxml", "mine");
  batch_expect("compose", "?", set_skip_existing, NM_OK, 0, 0, 2);
  batch_expect_text("out/a.musicxml", "mine");
  batch_expect("compose", "?", set_force, NM_OK, 2, 0, 0);
  batch_expect_text("out/a.musicxml", "song(a)");
}

static void test_done_is_done(void **state)
{
  batch_write("a", "a");
  batch_write("b", "b");
  batch_expect("compose | emotion", "?", NULL, NM_OK, 2, 0, 0);
  assert_int_equal(batch_count_begun(""), 4);
  batch_expect("compose | emotion", "?", set_resume, NM_OK, 0, 0, 2);
  assert_int_equal(batch_count_begun(""), 4);
  batch_write("b", "c"); // changed
  batch_expect("compose | emotion", "?", set_resume, NM_OK, 1, 0, 1);
  batch_expect_text("out/b.csv", "mood(song(c))");
  sleep(1);
  batch_write("b", "c"); // touched: the content is what counts
  batch_expect("compose | emotion", "?", set_resume, NM_OK, 0, 0, 2);
  batch_write("out/b.csv", "mood(song(x))\n"); // damaged, of the same size
  batch_expect("compose | emotion", "?", set_resume, NM_OK, 1, 0, 1);
  batch_expect_text("out/b.csv", "mood(song(c))");
  remove("out/a.csv");
  batch_expect("compose | emotion", "?", set_resume, NM_OK, 1, 0, 1);
  batch_expect("compose -k D | emotion", "?", set_resume, NM_OK, 2, 0,
               0); // another chain, over its own outputs
  batch_expect_text("out/a.csv", "mood(song(a)D)");
}

static void test_failed_is_tried_again(void **state)
{
  batch_write("a", "fail");
  batch_write("b", "b");
  batch_expect("compose", "?", NULL, NM_OK, 1, 1, 0);
  batch_write("a", "mended");
  batch_expect("compose", "?", set_resume, NM_OK, 1, 0, 1);
  batch_expect_text("out/a.musicxml", "song(mended)");
}

// Another input's output is not written over, not even when going on.
static void test_outputs_of_others(void **state)
{
  batch_write("one/a", "1");
  batch_write("two/a", "2");
  batch_expect("compose", "one/a", NULL, NM_OK, 1, 0, 0);
  batch_expect("compose", "two/a", set_resume, NM_OK, 0, 1, 0);
  batch_expect_text("out/a.musicxml", "song(1)");
}

static void test_folders_that_cannot_be(void **state)
{
  batch_write("a", "a");
  batch_write("out", "a file");
  batch_expect("compose", "a", NULL, NM_ERR_IO, 0, 0, 0);
  remove("out");
  batch_write("out/a.musicxml/x", "a folder");
  batch_expect("compose", "a", set_force, NM_OK, 0, 1, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_outputs),
      TEST(test_kept_and_named),
      TEST(test_flat),
      TEST(test_jobs_have_chains_and_options),
      TEST(test_names_of_any_bytes),
      TEST(test_clashing_outputs_are_refused),
      TEST(test_failures_stay_alone),
      TEST(test_memory_is_limited),
      TEST(test_failing_in_the_second_stage),
      TEST(test_existing_outputs),
      TEST(test_done_is_done),
      TEST(test_failed_is_tried_again),
      TEST(test_outputs_of_others),
      TEST(test_folders_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
