// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be spoken, text or SSML as it comes, into a speaker.
#ifndef NM_JOBS_SPEAK_INPUT_H
#define NM_JOBS_SPEAK_INPUT_H

#include <stdbool.h>

#include "app/formats/ssml.h"

typedef enum { NM_INPUT_AUTO, NM_INPUT_TEXT, NM_INPUT_SSML } NmSpeakInputKind;

// Zero-initialise, then set the first part.
typedef struct {
  NmSpeaker *speaker;    // which session the input belongs to; borrowed
  const char *name;      // of the input, for messages; borrowed
  NmSpeakInputKind kind; // auto: SSML when it begins so
  NmProsody prosody;
  float voice_hz;                                // what "+20Hz" is measured against
  void (*note)(void *user, const char *message); // of the markup; may be NULL
  void *user;

  NmSsml *ssml;
  bool begun;
  int64_t n_bytes;
} NmSpeakInput;

// The next n bytes; `at_end` with the last. What the first bytes are is decided with them: give more than
// a few. NM_ERR_BAD_DATA for zero bytes and malformed SSML; otherwise what the speaker answers.
NmStatus nm_speak_input_feed(NmSpeakInput *input, const char *bytes, size_t n, bool at_end,
                             NmError *err) NM_NODISCARD;
void nm_speak_input_fini(NmSpeakInput *input);

#endif
