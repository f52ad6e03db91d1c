// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char scratch[64], home[4096];

static char *read_all(FILE *file, size_t *n)
{
  char *bytes = NULL;
  size_t capacity = 0, len = 0;
  rewind(file);
  do {
    capacity = 2 * capacity + 4096;
    bytes = realloc(bytes, capacity + 1);
    assert_non_null(bytes);
    len += fread(bytes + len, 1, capacity - len, file);
  } while (len == capacity);
  bytes[len] = '\0';
  if (n) *n = len;
  return bytes;
}

static FILE *make_input(const char *input)
{
  FILE *file = tmpfile();
  assert_non_null(file);
  if (input) fwrite(input, 1, strlen(input), file);
  rewind(file);
  return file;
}

Ran run_program(const char *const *argv, const char *input)
{
  Ran ran = {0};
  struct rusage usage;
  int state;
  FILE *in = make_input(input), *out = tmpfile(), *err = tmpfile();
  assert_non_null(out);
  assert_non_null(err);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    dup2(fileno(in), STDIN_FILENO);
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    execv(argv[0], (char *const *)argv);
    _exit(127);
  }
  assert_int_equal(wait4(child, &state, 0, &usage), child);
  ran.exit_code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  ran.rss_kb = usage.ru_maxrss;
  ran.out = read_all(out, &ran.n_out);
  ran.err = read_all(err, &ran.n_err);
  fclose(in);
  fclose(out);
  fclose(err);
  return ran;
}

void ran_free(Ran *ran)
{
  free(ran->out);
  free(ran->err);
  *ran = (Ran){0};
}

void expect_exit(Ran ran, int code, const char *in_err)
{
  if (ran.exit_code != code || (in_err && !strstr(ran.err, in_err)))
    fail_msg("exit %d instead of %d; stderr: %s", ran.exit_code, code, ran.err);
  ran_free(&ran);
}

void enter_scratch(void)
{
  assert_non_null(getcwd(home, sizeof home));
  snprintf(scratch, sizeof scratch, P_tmpdir "/neume-test-XXXXXX");
  assert_non_null(mkdtemp(scratch));
  assert_int_equal(chdir(scratch), 0);
}

static void for_each_file(void (*visit)(const char *name, void *user), void *user)
{
  DIR *dir = opendir(".");
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) visit(entry->d_name, user);
  }
  closedir(dir);
}

static void remove_one(const char *name, void *user)
{
  remove(name);
}

static void count_one(const char *name, void *user)
{
  ++*(int *)user;
}

void leave_scratch(void)
{
  for_each_file(remove_one, NULL);
  assert_int_equal(chdir(home), 0);
  rmdir(scratch);
}

int count_files(void)
{
  int n = 0;
  for_each_file(count_one, &n);
  return n;
}

char *read_file(const char *path, size_t *n)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *bytes = read_all(file, n);
  fclose(file);
  return bytes;
}

void write_file(const char *path, const void *bytes, size_t n)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

int file_exists(const char *path)
{
  return !access(path, F_OK);
}
