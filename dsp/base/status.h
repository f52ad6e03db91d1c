// SPDX-License-Identifier: GPL-3.0-or-later
// Status codes and error messages: every fallible call of Neume answers with an NmStatus.
#ifndef NM_BASE_STATUS_H
#define NM_BASE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NM_NODISCARD __attribute__((warn_unused_result))
#define NM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define NM_NODISCARD
#define NM_PRINTF(fmt, args)
#endif

typedef enum {
  NM_OK = 0,
  NM_ERR_NO_MEMORY,   // an allocation failed
  NM_ERR_BAD_ARG,     // the caller broke the contract of the function
  NM_ERR_BAD_DATA,    // a file or a text is malformed; NmError says where and why
  NM_ERR_IO,          // the operating system refused to read, write or open
  NM_ERR_UNSUPPORTED, // well formed, but not something this build can do
  NM_ERR_CANCELLED    // the caller's cancel flag was seen
} NmStatus;

// What went wrong, in a sentence a user can act on: it names the file, the place, the cause and the way out.
// Owned by the caller, filled by loaders; `message` is empty when nothing went wrong.
typedef struct {
  NmStatus status;
  int64_t offset; // byte offset in the file, -1 when unknown
  int64_t line;   // 1-based line, 0 when unknown
  char message[512];
} NmError;

// Fills `err` (which may be NULL) and returns `status`, so that a loader can `return nm_error_set(...)`.
// Any thread; never allocates.
NmStatus nm_error_set(NmError *err, NmStatus status, const char *fmt, ...) NM_PRINTF(3, 4);

// As nm_error_set, and records the place. Pass offset -1 or line 0 for "unknown".
NmStatus nm_error_set_at(NmError *err, NmStatus status, int64_t offset, int64_t line, const char *fmt, ...)
    NM_PRINTF(5, 6);

// A short English name for a status: "out of memory", "bad data"...
const char *nm_status_text(NmStatus status);

// a * b into *out; NM_ERR_BAD_DATA when it overflows. For sizes that come from files.
NmStatus nm_size_mul(size_t a, size_t b, size_t *out) NM_NODISCARD;

#endif
