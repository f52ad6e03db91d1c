// SPDX-License-Identifier: GPL-3.0-or-later
// The one log sink. Libraries report through it and never print; the program installs a sink that does.
#ifndef NM_BASE_LOG_H
#define NM_BASE_LOG_H

#include "dsp/base/status.h"

typedef enum { NM_LOG_DEBUG, NM_LOG_INFO, NM_LOG_WARNING, NM_LOG_ERROR } NmLogLevel;

// Receives one message without a trailing newline. Called on the thread that logs; must not log itself.
typedef void (*NmLogSink)(void *user, NmLogLevel level, const char *message);

// Installs the sink; NULL discards everything, which is also the initial state. Call before starting threads.
void nm_log_set_sink(NmLogSink sink, void *user);

// Formats into a buffer of 1024 bytes (longer messages are cut) and hands it to the sink.
// Any thread except the audio callback; never allocates.
void nm_log(NmLogLevel level, const char *fmt, ...) NM_PRINTF(2, 3);

#endif
