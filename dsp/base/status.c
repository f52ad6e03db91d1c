// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/status.h"

#include <stdarg.h>
#include <stdio.h>

static void fill(NmError *err, NmStatus status, int64_t offset, int64_t line, const char *fmt, va_list args)
{
  if (!err) return;
  err->status = status;
  err->offset = offset;
  err->line = line;
  vsnprintf(err->message, sizeof err->message, fmt, args);
}

NmStatus nm_error_set(NmError *err, NmStatus status, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  fill(err, status, -1, 0, fmt, args);
  va_end(args);
  return status;
}

NmStatus nm_error_set_at(NmError *err, NmStatus status, int64_t offset, int64_t line, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  fill(err, status, offset, line, fmt, args);
  va_end(args);
  return status;
}

const char *nm_status_text(NmStatus status)
{
  static const char *const text[] = {"done",     "out of memory",         "bad argument",
                                     "bad data", "input or output error", "not supported",
                                     "cancelled"};
  return (size_t)status < sizeof text / sizeof *text ? text[status] : "unknown status";
}

NmStatus nm_size_mul(size_t a, size_t b, size_t *out)
{
  return __builtin_mul_overflow(a, b, out) ? NM_ERR_BAD_DATA : NM_OK;
}
