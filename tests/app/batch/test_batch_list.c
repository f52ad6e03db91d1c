// SPDX-License-Identifier: GPL-3.0-or-later
// The inputs: patterns, lists, JSON Lines, the names of their outputs, and parts of a list.
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

#include "app/jobs/batch/text.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/fail_alloc.h"
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

static void touch(const char *path)
{
  batch_write(path, "x");
}

// --- files and patterns ---

static void expect_inputs(const char *operand, const char *inputs)
{
  NmBatchList list;
  NmError err = {0};
  char text[1024] = "";
  nm_batch_list_init(&list);
  if (nm_batch_list_add(&list, operand, &err)) fail_msg("%s: %s", operand, err.message);
  for (int64_t i = 0; i < list.n; ++i) strcat(strcat(text, i ? " " : ""), list.jobs[i].input);
  assert_string_equal(text, inputs);
  nm_batch_list_fini(&list);
}

static void expect_no_inputs(const char *operand, NmStatus status, const char *said)
{
  NmBatchList list;
  NmError err = {0};
  nm_batch_list_init(&list);
  assert_int_equal(nm_batch_list_add(&list, operand, &err), status);
  if (!strstr(err.message, said)) fail_msg("%s: %s", operand, err.message);
  nm_batch_list_fini(&list);
}

static void make_files(void)
{
  static const char *const names[] = {"b.txt",     "a.txt",   "B.txt",     ".hidden.txt", "a.abc",
                                      "x/1.txt",   "x/2.txt", "x/y/3.txt", "x/y/z/4.txt", "x/.git/5.txt",
                                      "[odd].txt", "@at.txt", "x10.txt",   "x9.txt"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) touch(names[i]);
  assert_int_equal(symlink("..", "x/loop"), 0);
}

static void test_patterns(void **state)
{
  make_files();
  expect_inputs("a.txt", "a.txt");
  expect_inputs("missing.txt", "missing.txt"); // the job's own question
  expect_inputs("?.txt", "B.txt a.txt b.txt"); // by bytes
  expect_inputs("a.*", "a.abc a.txt");
  expect_inputs("x*.txt", "x10.txt x9.txt");
  expect_inputs("*/*.txt", "x/1.txt x/2.txt");
  expect_inputs("x/**/*.txt", "x/1.txt x/2.txt x/y/3.txt x/y/z/4.txt");
  expect_inputs("x/**", "x/1.txt x/2.txt x/y/3.txt x/y/z/4.txt");
  expect_inputs("x/**/z/*", "x/y/z/4.txt");
  expect_inputs("x/loop/b.*", "x/loop/b.txt"); // links are followed where they are named
  expect_inputs("[ab].txt", "a.txt b.txt");
  expect_inputs(".*.txt", ".hidden.txt");
  expect_inputs("[odd].txt", "[odd].txt"); // a file that is there is itself
  expect_inputs("@at.txt", "@at.txt");
  expect_no_inputs("*.mid", NM_ERR_BAD_DATA, "no file is named like *.mid");
  expect_no_inputs("nowhere/*", NM_ERR_BAD_DATA, "no file");
  expect_no_inputs("x", NM_ERR_BAD_DATA, "'x/*.txt'");
}

static void test_patterns_from_the_root(void **state)
{
  char here[PATH_MAX], pattern[PATH_MAX + 16], found[PATH_MAX + 16];
  touch("x/1.txt");
  assert_non_null(getcwd(here, sizeof here));
  snprintf(pattern, sizeof pattern, "%s//x/?.txt", here);
  snprintf(found, sizeof found, "%s/x/1.txt", here);
  expect_inputs(pattern, found);
}

static void test_lists(void **state)
{
  batch_write("list", "a.txt\n\nb c.txt\r\n*.txt\nlast");
  expect_inputs("@list", "a.txt b c.txt *.txt last");
  write_file("zero", "a\0b\n", 4);
  expect_no_inputs("@zero", NM_ERR_BAD_DATA, "zero, line 1");
  expect_no_inputs("@nowhere", NM_ERR_IO, "cannot read the list nowhere");
}

// --- JSON Lines ---

static void test_jobs(void **state)
{
  NmBatchList list;
  NmError err = {0};
  batch_write(
      "jobs",
      "{\"input\": \"a.txt\"}\n\n{\"input\":\"b\",\"id\":7,\"chain\":\"speak\",\"options\":{\"seed\":3},"
      "\"output\":\"x/b.wav\"}\n{\"input\":\"c\",\"id\":\"seven\",\"output\":null}");
  nm_batch_list_init(&list);
  assert_int_equal(nm_batch_list_read(&list, "jobs", &err), NM_OK);
  assert_int_equal(list.n, 3);
  assert_string_equal(list.jobs[0].input, "a.txt");
  assert_null(list.jobs[0].id);
  assert_int_equal(list.jobs[1].line, 3);
  assert_string_equal(list.jobs[1].id, "7");
  assert_string_equal(list.jobs[1].chain, "speak");
  assert_string_equal(list.jobs[1].options, "{\"seed\":3}");
  assert_string_equal(list.jobs[1].output, "x/b.wav");
  assert_string_equal(list.jobs[2].id, "seven");
  nm_batch_list_fini(&list);
}

static void test_wrong_jobs(void **state)
{
  static const char *const cases[][2] = {
      {"nonsense", "no JSON"},
      {"[1]", "no JSON object"},
      {"{}", "\"input\" is missing"},
      {"{\"input\": 3}", "\"input\" is no text"},
      {"{\"input\": \"\"}", "\"input\" is no text"},
      {"{\"inptu\": \"a\"}", "did you mean \"input\"?"},
      {"{\"input\": \"a\", \"id\": 1.5}", "\"id\" is no text"},
      {"{\"input\": \"a\", \"options\": []}", "\"options\" is no object"},
      {"{\"input\": \"a\", \"output\": \"../b\"}", "no file below"},
      {"{\"input\": \"a\", \"output\": \"/b\"}", "no file below"},
      {"{\"input\": \"a\", \"output\": \"b/\"}", "no file below"},
      {"{\"input\": \"a\", \"input\": \"b\"}", "duplicate"},
      {"{\"input\": \"a\"} x", "no JSON"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmBatchList list;
    NmError err = {0};
    nm_batch_list_init(&list);
    assert_int_equal(nm_batch_list_parse(&list, cases[i][0], strlen(cases[i][0]), 1, &err), NM_ERR_BAD_DATA);
    if (!strstr(err.message, cases[i][1])) fail_msg("%s: %s", cases[i][0], err.message);
    assert_int_equal(list.n, 0);
    nm_batch_list_fini(&list);
  }
}

static void test_wrong_lines_are_all_told(void **state)
{
  NmBatchList list;
  NmError err = {0};
  batch_write("jobs", "{\"input\":\"a\"}\n{\n\n{\"input\":\"b\"}\n3\n");
  nm_batch_list_init(&list);
  assert_int_equal(nm_batch_list_read(&list, "jobs", &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "jobs: 2 lines are wrong; nothing was done"));
  assert_int_equal(nm_batch_list_read(&list, "none", &err), NM_ERR_IO);
  nm_batch_list_fini(&list);
}

// --- names ---

// Keys of the operands, divided by blanks.
static void expect_keys(const char *const *operands, const NmBatchNaming *naming, const char *keys)
{
  NmBatchList list;
  NmError err = {0};
  char text[1024] = "";
  nm_batch_list_init(&list);
  for (; *operands; ++operands) {
    const bool is_job = **operands == '{';
    assert_int_equal(is_job ? nm_batch_list_parse(&list, *operands, strlen(*operands), 1, &err)
                            : nm_batch_list_add(&list, *operands, &err),
                     NM_OK);
  }
  if (nm_batch_list_name(&list, naming, &err)) fail_msg("%s", err.message);
  for (int64_t i = 0; i < list.n; ++i) strcat(strcat(text, i ? " " : ""), list.jobs[i].key);
  assert_string_equal(text, keys);
  nm_batch_list_fini(&list);
}

#define KEYS(naming, keys, ...) expect_keys((const char *const[]){__VA_ARGS__, NULL}, naming, keys)

static void test_names(void **state)
{
  const NmBatchNaming mirrored = {0}, flat = {NULL, true}, rooted = {"in", false};
  KEYS(&mirrored, "a", "in/x/a.txt");
  KEYS(&mirrored, "a b", "in/x/a.txt", "in/x/b.txt");
  KEYS(&mirrored, "x/a y/a", "in/x/a.txt", "in/y/a.txt");
  KEYS(&mirrored, "x/a b", "in/x/a.txt", "in/./q/../b.txt");
  KEYS(&mirrored, "a in/a", "a.txt", "in/a.txt");
  KEYS(&rooted, "x/a x/b", "in/x/a.txt", "in/x/b.txt");
  KEYS(&flat, "a b", "in/x/a.txt", "in/y/b.txt");
  KEYS(&mirrored, "a.b .c d", "a.b.c", ".c", "d"); // only the last ending goes
}

static void test_clashes(void **state)
{
  const NmBatchNaming mirrored = {0}, flat = {NULL, true};
  KEYS(&mirrored, "a.txt a.abc b", "a.txt", "a.abc", "b.txt");
  KEYS(&flat, "a.txt-2 a.txt b", "y/a.txt", "x/a.txt", "b.txt"); // the order of the paths, not of the list
  KEYS(&flat, "a.txt a.txt-2 b", "x/a.txt", "y/a.txt", "b.txt");
  KEYS(&flat, "a.txt a.txt-2 a.abc", "x/a.txt", "y/a.txt", "z/a.abc");
  KEYS(&mirrored, "a.txt.1 a.txt.2 a.txt.3", "a.txt.1", "a.txt.2", "a.txt.3");
  KEYS(&mirrored, "a-1 a-x_y", "{\"input\": \"a.txt\", \"id\": 1}",
       "{\"input\": \"a.txt\", \"id\": \"x/y\"}");
  KEYS(&mirrored, "a b", "a.txt", "b.txt", "a.txt", "./a.txt", "x/../b.txt"); // given twice, done once
}

static void expect_no_names(const char *a, const char *b, const NmBatchNaming *naming, const char *said)
{
  NmBatchList list;
  NmError err = {0};
  nm_batch_list_init(&list);
  assert_int_equal(nm_batch_list_parse(&list, a, strlen(a), 3, &err), NM_OK);
  assert_int_equal(nm_batch_list_parse(&list, b, strlen(b), 7, &err), NM_OK);
  assert_int_not_equal(nm_batch_list_name(&list, naming, &err), NM_OK);
  if (!strstr(err.message, said)) fail_msg("%s", err.message);
  nm_batch_list_fini(&list);
}

static void test_wrong_names(void **state)
{
  const NmBatchNaming mirrored = {0}, rooted = {"in", false};
  expect_no_names("{\"input\":\"a\",\"id\":1}", "{\"input\":\"b\",\"id\":\"1\"}", &mirrored,
                  "lines 3 and 7 have the same \"id\", '1'");
  expect_no_names("{\"input\":\"a\",\"output\":\"o.wav\"}", "{\"input\":\"b\",\"output\":\"o.wav\"}",
                  &mirrored, "lines 3 and 7 have the same \"output\"");
  expect_no_names("{\"input\":\"in/a\"}", "{\"input\":\"inner/b\"}", &rooted,
                  "inner/b does not lie below --root in");
}

// Whatever the names, keys are all different, and do not depend on the order of the inputs.
static void test_random_names(void **state)
{
  static const char *const parts[] = {"a", "a-2", "a.txt", "b", "a-2.txt", "a.txt-2"};
  const NmBatchNaming naming = {NULL, true};
  NmError err = {0};
  srand(1);
  for (int round = 0; round < 50; ++round) {
    NmBatchList lists[2];
    char paths[40][64];
    for (int i = 0; i < 40; ++i)
      snprintf(paths[i], sizeof paths[i], "%d/%s%s", rand() % 5, parts[rand() % 6], rand() % 2 ? ".txt" : "");
    for (int k = 0; k < 2; ++k) {
      nm_batch_list_init(&lists[k]);
      for (int i = 0; i < 40; ++i)
        assert_int_equal(nm_batch_list_add(&lists[k], paths[k ? 39 - i : i], &err), NM_OK);
      assert_int_equal(nm_batch_list_name(&lists[k], &naming, &err), NM_OK);
    }
    assert_int_equal(lists[0].n, lists[1].n);
    for (int64_t i = 0; i < lists[0].n; ++i)
      for (int64_t j = 0; j < lists[1].n; ++j) {
        const NmBatchJob *a = &lists[0].jobs[i], *b = &lists[1].jobs[j];
        assert_int_equal(!strcmp(a->input, b->input), !strcmp(a->key, b->key));
      }
    nm_batch_list_fini(&lists[0]);
    nm_batch_list_fini(&lists[1]);
  }
}

// Names that are no UTF-8 come back as they were.
static void test_any_bytes_as_json(void **state)
{
  static const char *const names[] = {
      "", "plain", "\xc3\xa4", "\xff\xfe.txt", "a\xc3", "\xf0\x9f\x8e\xb5", "\x80\xf4\x8f\xbf\xbf"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    json_t *string = nm_batch_text_encode(names[i]);
    assert_non_null(string);
    char *text = strdup(json_string_value(string));
    nm_batch_text_decode(text);
    assert_string_equal(text, names[i]);
    free(text);
    json_decref(string);
  }
  assert_null(nm_batch_text_encode(NULL));
}

// --- parts ---

static void test_parts_cover_all_once(void **state)
{
  NmBatchList list;
  const NmBatchNaming naming = {0};
  NmError err = {0};
  char name[32];
  nm_batch_list_init(&list);
  for (int i = 0; i < 100; ++i) {
    snprintf(name, sizeof name, "in/%d.txt", i);
    assert_int_equal(nm_batch_list_add(&list, name, &err), NM_OK);
  }
  assert_int_equal(nm_batch_list_name(&list, &naming, &err), NM_OK);
  for (int by_hash = 0; by_hash < 2; ++by_hash)
    for (int n = 1; n <= 101; n += 5)
      for (int64_t i = 0; i < list.n; ++i) {
        int n_having = 0;
        for (int k = 1; k <= n; ++k)
          n_having += nm_batch_shard_has(&(NmBatchShard){k, n, by_hash}, &list.jobs[i], i);
        assert_int_equal(n_having, 1);
      }
  nm_batch_list_fini(&list);
}

static void set_slurm(const char *id, const char *min, const char *max, const char *step, const char *count)
{
  const char *const names[] = {"ID", "MIN", "MAX", "STEP", "COUNT"}, *const values[] = {id, min, max, step,
                                                                                        count};
  for (int i = 0; i < 5; ++i) {
    char name[64];
    snprintf(name, sizeof name, "SLURM_ARRAY_TASK_%s", names[i]);
    if (values[i])
      setenv(name, values[i], 1);
    else
      unsetenv(name);
  }
}

static void expect_shard(const char *text, int64_t k, int64_t n)
{
  NmBatchShard shard = {0};
  NmError err = {0};
  if (nm_batch_shard_parse(text, &shard, &err)) fail_msg("%s: %s", text, err.message);
  assert_int_equal(shard.k, k);
  assert_int_equal(shard.n, n);
}

static void expect_no_shard(const char *text, const char *said)
{
  NmBatchShard shard = {0};
  NmError err = {0};
  assert_int_equal(nm_batch_shard_parse(text, &shard, &err), NM_ERR_BAD_ARG);
  if (!strstr(err.message, said)) fail_msg("%s: %s", text, err.message);
}

static void test_shards(void **state)
{
  expect_shard("1/1", 1, 1);
  expect_shard("3/10", 3, 10);
  expect_no_shard("0/3", "counted from 1");
  expect_no_shard("4/3", "counted from 1");
  expect_no_shard("1/9999999", "up to 1000000");
  expect_no_shard("1", "not understood");
  expect_no_shard("1/2/3", "not understood");
  expect_no_shard("-1/3", "not understood");
  expect_no_shard("1/99999999999999999999", "not understood");
  set_slurm(NULL, NULL, NULL, NULL, NULL);
  expect_no_shard("slurm", "SLURM_ARRAY_TASK_ID is not set");
  set_slurm("1", "1", "10", "1", "10");
  expect_shard("slurm", 1, 10);
  set_slurm("0", "0", "9", "1", "10");
  expect_shard("slurm", 1, 10);
  set_slurm("8", "0", "9", "4", "3"); // --array=0-9:4
  expect_shard("slurm", 3, 3);
  set_slurm("8", "0", "9", "4", NULL);
  expect_shard("slurm", 3, 3);
  set_slurm("5", "1", "7", "1", "3"); // --array=1,5,7
  expect_no_shard("slurm", "gaps");
  set_slurm("7", "0", "9", "4", "3");
  expect_no_shard("slurm", "gaps");
  set_slurm("x", "0", "9", "4", "3");
  expect_no_shard("slurm", "do not go together");
  set_slurm("3", "5", "9", "1", "5");
  expect_no_shard("slurm", "do not go together");
  set_slurm("3", "1", NULL, "0", "5");
  expect_no_shard("slurm", "do not go together");
  set_slurm(NULL, NULL, NULL, NULL, NULL);
}

static bool collect(void *ctx)
{
  NmBatchList list;
  const NmBatchNaming naming = {0};
  static const char job[] = "{\"input\": \"x.txt\", \"id\": 5, \"options\": {}, \"output\": \"o.wav\"}";
  nm_batch_list_init(&list);
  NmStatus status = nm_batch_list_add(&list, "a.txt", NULL);
  if (!status) status = nm_batch_list_add(&list, "a.abc", NULL);
  if (!status) status = nm_batch_list_parse(&list, job, sizeof job - 1, 1, NULL);
  if (!status) status = nm_batch_list_name(&list, &naming, NULL);
  nm_batch_list_fini(&list);
  return status == NM_OK;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(collect, NULL, false) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_patterns),
      TEST(test_patterns_from_the_root),
      TEST(test_lists),
      TEST(test_jobs),
      TEST(test_wrong_jobs),
      TEST(test_wrong_lines_are_all_told),
      TEST(test_names),
      TEST(test_clashes),
      TEST(test_wrong_names),
      TEST(test_random_names),
      TEST(test_any_bytes_as_json),
      TEST(test_parts_cover_all_once),
      TEST(test_shards),
      TEST(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
