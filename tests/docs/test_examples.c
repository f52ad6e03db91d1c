// SPDX-License-Identifier: GPL-3.0-or-later
// Every example of README.md, of the other documents named below and of the manual pages is executed by bash,
// in a folder of its own that holds what the examples name (tests/docs/prepare). Programs that a test cannot
// have are stood in for by tests/docs/stand-ins. What cannot be executed as it stands is listed in
// tests/docs/instead.tsv: the line, what is executed in its place, and why; it is printed. Of these
//   - what has no end, or measures for minutes, is executed and interrupted (tests/docs/for_a_while);
//   - ./demo, ./check and the builds would build, in a test, what the test is built from, and test it:
//     they are checked for syntax or configured only;
//   - what needs sudo would change this machine: tests/packaging and tests/bench/package do the same
//   elsewhere.
//
// $NEUME_EXAMPLES is the program to run them by; the one beside the test when it is not set.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <limits.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/docs/examples.h"
#include "tests/support/program.h"

#define DOCS NM_TEST_DATA "/docs"
#define SOURCES NM_TEST_DATA "/.."

enum { N_INSTEADS_MAX = 64, N_WORDS_MAX = 128 };

static const char *const documents[] = {"README.md"};

// In place of an example's line.
typedef struct {
  char *line, *run, *why;
  bool is_used;
} Instead;

static Instead insteads[N_INSTEADS_MAX];
static int n_insteads;
static char folder[64], stand_ins[96];

static void read_insteads(void)
{
  size_t n;
  static char *text;
  if (!(text = read_file(DOCS "/instead.tsv", &n))) fail_msg("instead.tsv cannot be read");
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    if (*line == '#') continue;
    char *run = strchr(line, '\t'), *why = run ? strchr(run + 1, '\t') : NULL;
    if (!why || n_insteads == N_INSTEADS_MAX) fail_msg("instead.tsv: three columns are wanted: %s", line);
    *run = *why = '\0';
    insteads[n_insteads++] = (Instead){.line = line, .run = run + 1, .why = why + 1};
  }
}

static const char *choose_line(const Example *example)
{
  for (int i = 0; i < n_insteads; i++) {
    if (strcmp(insteads[i].line, example->line)) continue;
    if (!insteads[i].is_used)
      print_message("not executed (%s): %s\n  but: %s\n", insteads[i].why, example->line, insteads[i].run);
    insteads[i].is_used = true;
    return insteads[i].run;
  }
  return example->line;
}

static void expect_done(const char *line)
{
  Ran ran = RUN(NULL, "/bin/bash", "-c", line);
  if (ran.exit_code) fail_msg("exit %d: %s\n%s%s", ran.exit_code, line, ran.out, ran.err);
  ran_free(&ran);
}

// neume reads MP3 and does not write it.
static void make_mp3(const char *path_wav, const char *path)
{
  float block[1024];
  SF_INFO in_info = {0}, out_info;
  SNDFILE *in = sf_open(path_wav, SFM_READ, &in_info);
  assert_non_null(in);
  out_info = (SF_INFO){.samplerate = in_info.samplerate,
                       .channels = in_info.channels,
                       .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
  assert_int_equal(in_info.channels, 1);
  SNDFILE *out = sf_open(path, SFM_WRITE, &out_info);
  assert_non_null(out);
  for (sf_count_t n; (n = sf_read_float(in, block, 1024)) > 0;)
    assert_int_equal(sf_write_float(out, block, n), n);
  sf_close(in);
  assert_int_equal(sf_close(out), 0);
}

static int set_up(void **state)
{
  char line[4 * PATH_MAX];
  const char *program = getenv("NEUME_EXAMPLES") ? getenv("NEUME_EXAMPLES") : NM_PROGRAM;
  strcpy(folder, P_tmpdir "/neume-docs-XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(stand_ins, sizeof stand_ins, "%s/stand-ins", folder);
  snprintf(line, sizeof line,
           "cd %s && mkdir -p bin prepared/build/release && ln -s %s bin/neume && cp " DOCS
           "/stand-ins/* bin && "
           "ln -s %s prepared/build/release/neume && cd prepared && " DOCS "/prepare %s " SOURCES
           " " NM_LEXICON_COMPILE,
           folder, program, program, program);
  expect_done(line);
  for (int i = 0; i < 2; i++) {
    char wav[128], mp3[128];
    snprintf(wav, sizeof wav, "%s/prepared/piece.wav", folder);
    snprintf(mp3, sizeof mp3, "%s/prepared/%s.mp3", folder, i ? "other" : "song");
    make_mp3(wav, mp3);
  }
  snprintf(line, sizeof line, "%s/bin:%s", folder, getenv("PATH"));
  setenv("PATH", line, 1);
  setenv("STAND_INS", stand_ins, 1);
  setenv("XDG_CACHE_HOME", folder, 1);
  setenv("SOURCES", SOURCES, 1);
  unsetenv("NEUME_ASSETS");
  read_insteads();
  return 0;
}

static int tear_down(void **state)
{
  char line[128];
  snprintf(line, sizeof line, "rm -rf %s", folder);
  expect_done(line);
  return 0;
}

// What an example writes is not there yet.
static void remove_outputs(const char *line)
{
  static const char *const names[] = {"-o",        "--output", "--timings", "-t",
                                      "--picture", "--to",     "--stems",   ">"};
  char buffer[PATH_MAX], *words[N_WORDS_MAX], remove[PATH_MAX];
  assert_true(strlen(line) < sizeof buffer);
  const int n = examples_split(line, buffer, words, N_WORDS_MAX);
  for (int i = 0; i + 1 < n; i++) {
    for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
      if (strcmp(words[i], names[j]) || *words[i + 1] == '/' || strstr(words[i + 1], "..")) continue;
      snprintf(remove, sizeof remove, "rm -rf './%s'", words[i + 1]);
      expect_done(remove);
    }
  }
}

// Whether it went as it should.
static bool test_example(const Example *example)
{
  char line[PATH_MAX], home[PATH_MAX];
  const char *chosen = choose_line(example);
  snprintf(line, sizeof line, "cd %s && rm -rf work && cp -a prepared work", folder);
  expect_done(line);
  assert_non_null(getcwd(home, sizeof home));
  snprintf(line, sizeof line, "%s/work", folder);
  assert_int_equal(chdir(line), 0);
  remove_outputs(chosen);
  Ran ran = RUN(NULL, "/bin/bash", "-o", "pipefail", "-c", chosen);
  assert_int_equal(chdir(home), 0);
  const bool ok = ran.exit_code == 0;
  if (!ok) print_error("%s: exit %d: %s\n%s", example->where, ran.exit_code, chosen, ran.err);
  ran_free(&ran);
  return ok;
}

static void print_stand_ins(void)
{
  char line[256];
  if (!file_exists(stand_ins)) return;
  snprintf(line, sizeof line, "sort -u %s | tr '\\n' ' '", stand_ins);
  Ran ran = RUN(NULL, "/bin/bash", "-c", line);
  print_message("stood in for: %s\n", ran.out);
  ran_free(&ran);
}

static void test_all(Examples *examples)
{
  int n_failed = 0;
  for (int i = 0; i < examples->n; i++) n_failed += !test_example(&examples->rows[i]);
  print_message("%d examples\n", examples->n);
  examples_fini(examples);
  assert_int_equal(n_failed, 0);
}

static void test_commands(void **state)
{
  Examples examples = {0};
  examples_add_commands(&examples);
  test_all(&examples);
}

static void test_documents(void **state)
{
  Examples examples = {0};
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, SOURCES "/%s", documents[i]);
    examples_add_markdown(&examples, path, documents[i]);
  }
  test_all(&examples);
}

// The list holds nothing that no document says any more.
static void test_insteads_are_used(void **state)
{
  print_stand_ins();
  for (int i = 0; i < n_insteads; i++)
    if (!insteads[i].is_used) fail_msg("instead.tsv: no example is: %s", insteads[i].line);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commands),
      cmocka_unit_test(test_documents),
      cmocka_unit_test(test_insteads_are_used),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
