// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static NmLogSink log_sink;
static void *log_user;

void nm_log_set_sink(NmLogSink sink, void *user)
{
  log_sink = sink;
  log_user = user;
}

void nm_log(NmLogLevel level, const char *fmt, ...)
{
  if (!log_sink) return;
  char message[1024];
  va_list args;
  va_start(args, fmt);
  vsnprintf(message, sizeof message, fmt, args);
  va_end(args);
  log_sink(log_user, level, message);
}
