// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the program as a user does and keeps what it said.
#ifndef NM_TEST_SUPPORT_PROGRAM_H
#define NM_TEST_SUPPORT_PROGRAM_H

#include <stddef.h>

typedef struct {
  int exit_code;   // 128 + number when a signal ended it
  char *out, *err; // terminated; binary output has n_out bytes
  size_t n_out, n_err;
  long rss_kb; // peak memory
} Ran;

// Runs argv (ends with NULL, argv[0] is the program) with `input` (NULL: nothing) on standard input. Nothing
// is a terminal. Fails the test when it cannot be started. Free with ran_free.
Ran run_program(const char *const *argv, const char *input);

// As run_program for argv of the macro's arguments.
#define RUN(input, ...) run_program((const char *const[]){__VA_ARGS__, NULL}, input)

void ran_free(Ran *ran);

// Fails the test, and shows what was said, unless `ran` ended with `code` and (unless NULL) said `in_err` on
// standard error. Frees it.
void expect_exit(Ran ran, int code, const char *in_err);

// Makes an empty folder for the test and goes there; `leave` goes back and removes it.
void enter_scratch(void);
void leave_scratch(void);

// A whole file, terminated; NULL when there is none.
char *read_file(const char *path, size_t *n);
void write_file(const char *path, const void *bytes, size_t n);
int file_exists(const char *path);

// Files in the current folder, hidden ones included.
int count_files(void);

#endif
