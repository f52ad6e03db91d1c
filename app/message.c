// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "dsp/base/log.h"

static bool is_quiet;

static void print(const char *kind, const char *fmt, va_list args)
{
  char line[2048];
  vsnprintf(line, sizeof line, fmt, args);
  fprintf(stderr, "neume: %s%s\n", kind, line);
}

void nm_message(const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  print("", fmt, args);
  va_end(args);
}

void nm_message_warning(const char *fmt, ...)
{
  va_list args;
  if (is_quiet) return;
  va_start(args, fmt);
  print("warning: ", fmt, args);
  va_end(args);
}

int nm_message_fail(int exit_code, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  print("", fmt, args);
  va_end(args);
  return exit_code;
}

static int fail(const NmError *err, int exit_code_io)
{
  const char *text = err->message[0] ? err->message : nm_status_text(err->status);
  switch (err->status) {
  case NM_ERR_CANCELLED: return nm_message_fail(NM_EXIT_INTERRUPTED, "%s", text);
  case NM_ERR_BAD_DATA:
  case NM_ERR_UNSUPPORTED: return nm_message_fail(NM_EXIT_INPUT, "%s", text);
  case NM_ERR_IO: return nm_message_fail(exit_code_io, "%s", text);
  default: return nm_message_fail(NM_EXIT_FAILED, "%s", text);
  }
}

int nm_message_fail_input(const NmError *err)
{
  return fail(err, NM_EXIT_INPUT);
}

int nm_message_fail_output(const NmError *err)
{
  return fail(err, NM_EXIT_FAILED);
}

void nm_message_set_quiet(bool quiet)
{
  is_quiet = quiet;
}

bool nm_message_is_quiet(void)
{
  return is_quiet;
}

static void take_log(void *user, NmLogLevel level, const char *message)
{
  if (level == NM_LOG_WARNING) nm_message_warning("%s", message);
  if (level == NM_LOG_ERROR) nm_message("%s", message);
}

void nm_message_install(void)
{
  nm_log_set_sink(take_log, NULL);
}
