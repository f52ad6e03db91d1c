// SPDX-License-Identifier: GPL-3.0-or-later
// The voice in the background: a thread that sings what changed, what is next to be heard first.
#ifndef NM_STUDIO_VOICE_H
#define NM_STUDIO_VOICE_H

#include "app/studio/sung.h"

// All calls from one thread, the user's.
typedef struct NmStudioVoice NmStudioVoice;

// `wake` is called from the thread when there is something new. NULL when memory or threads are out.
NmStudioVoice *nm_studio_voice_new(void (*wake)(void *user), void *user);
// Waits until the phrase that is being sung is done.
void nm_studio_voice_free(NmStudioVoice *voice);

// Sings a document (copied) from now on: phrases from second `from_s` on first. What is under way is given
// up.
void nm_studio_voice_sing(NmStudioVoice *voice, const NmDocument *doc, int verse, double from_s);

// A copy in which only one verse is sung, when there are several; the studio shows one. NULL: memory is out.
NmDocument *nm_studio_copy_verse(const NmDocument *doc, int verse);

enum { NM_VOICE_STATE_SPEAKERS = 32 };

typedef struct {
  bool loads, works;
  int32_t n_sung, n_phrases; // of the song that is being sung
  char trouble[512];         // why it is not sung; empty when all is well
  int n_speakers;            // once it is loaded
  const char *speakers[NM_VOICE_STATE_SPEAKERS];
} NmStudioVoiceState;

NmStudioVoiceState nm_studio_voice_get_state(NmStudioVoice *voice);

// Whether something is being sung, or is about to be.
bool nm_studio_voice_is_busy(NmStudioVoice *voice);

// What is sung by now, NULL for nothing; a share for the caller.
NmSung *nm_studio_voice_get(NmStudioVoice *voice);

#endif
