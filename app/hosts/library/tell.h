// SPDX-License-Identifier: GPL-3.0-or-later
// Sound, timings and notes of the models to a caller's functions.
#ifndef NM_HOSTS_LIBRARY_TELL_H
#define NM_HOSTS_LIBRARY_TELL_H

#include "app/hosts/library/context.h"
#include "app/hosts/library/options.h"

// Where they go, and whether they are still wanted: what the functions below have as `user`.
typedef struct {
  NeumeContext *context;
  NeumeSink sink; // as nm_sink_read gave it
} NmTell;

NmStatus nm_tell_audio(void *user, const float *samples, int64_t n, NmError *err) NM_NODISCARD;
NmStatus nm_tell_timing(void *user, const NmTiming *timing, NmError *err) NM_NODISCARD;
void nm_tell_note(void *user, const char *message);
int nm_tell_cancelled(void *user);

// The speaker that the option "voice" names, the first without one.
NmStatus nm_options_get_voice(const NeumeOption *options, const NmVoice *voice, int *speaker,
                              NmError *err) NM_NODISCARD;

#endif
