// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/library/scope.h"

#include <pthread.h>
#include <string.h>

#include "dsp/base/log.h"

static _Thread_local NeumeLogFn log_now;
static _Thread_local void *log_user_now;

static void take_message(void *user, NmLogLevel level, const char *message)
{
  static const NeumeLogLevel levels[] = {[NM_LOG_DEBUG] = NEUME_LOG_INFO,
                                         [NM_LOG_INFO] = NEUME_LOG_INFO,
                                         [NM_LOG_WARNING] = NEUME_LOG_WARNING,
                                         [NM_LOG_ERROR] = NEUME_LOG_ERROR};
  if (log_now) log_now(log_user_now, levels[level], message);
}

// Kept for as long as the process lives: (locale_t)0, when memory was out, leaves threads as they are.
static locale_t plain;

static void install(void)
{
  plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  nm_log_set_sink(take_message, NULL);
}

void nm_scope_install(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

void nm_scope_begin(NmScope *scope, NeumeLogFn log, void *log_user)
{
  nm_scope_install();
  *scope = (NmScope){uselocale(plain), log_now, log_user_now};
  log_now = log;
  log_user_now = log_user;
}

void nm_scope_end(const NmScope *scope)
{
  uselocale(scope->locale);
  log_now = scope->log;
  log_user_now = scope->log_user;
}

NeumeStatus nm_hand_out_error(const NmError *from, NeumeError *to)
{
  _Static_assert((int)NEUME_NO_MEMORY == NM_ERR_NO_MEMORY && (int)NEUME_BAD_ARGUMENT == NM_ERR_BAD_ARG &&
                     (int)NEUME_BAD_DATA == NM_ERR_BAD_DATA && (int)NEUME_IO == NM_ERR_IO &&
                     (int)NEUME_UNSUPPORTED == NM_ERR_UNSUPPORTED && (int)NEUME_CANCELLED == NM_ERR_CANCELLED,
                 "both count alike");
  _Static_assert(sizeof to->message == sizeof from->message, "both messages are as long");
  if (!to || from->status == NM_OK) return (NeumeStatus)from->status;
  to->status = (NeumeStatus)from->status;
  to->offset = from->offset;
  to->line = from->line;
  memcpy(to->message, from->message, sizeof to->message);
  if (!to->message[0]) strcpy(to->message, nm_status_text(from->status));
  return to->status;
}
