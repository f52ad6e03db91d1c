// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks one message after the other on a thread of its own and writes what comes of it: 701 BEGIN, 705
// AUDIO, 700 INDEX MARK, and at last one of 702 END, 703 STOP, 704 PAUSE. The voice stays in memory.
#ifndef NM_HOSTS_SPEECHD_SPEAKER_H
#define NM_HOSTS_SPEECHD_SPEAKER_H

#include <stdio.h>

#include "app/hosts/neume.h"
#include "app/hosts/speechd/settings.h"

typedef struct NmSdSpeaker NmSdSpeaker;

// Loads the voice and starts the thread. `out`, `log` and `config` are borrowed. NULL and `err`.
NmSdSpeaker *nm_sd_speaker_new(const NmSdConfig *config, FILE *out, FILE *log, NeumeError *err);

// Ends what it speaks, without a word. NULL is fine.
void nm_sd_speaker_free(NmSdSpeaker *speaker);

// All that follows is called from one thread.

// Writes one line between the events. False when nobody reads it.
bool nm_sd_speaker_reply(NmSdSpeaker *speaker, const char *line);

// Replies that it speaks, and does: `ssml` (freed by it). False when it speaks already; then `ssml` is freed
// and nothing is replied.
bool nm_sd_speaker_speak(NmSdSpeaker *speaker, char *ssml, const NmSdSettings *settings);

// Ends the message at once: 703 is written before it returns, and no sound after it. Nothing when it is
// silent.
void nm_sd_speaker_stop(NmSdSpeaker *speaker);

// Ends the message at its next mark, with 704, unless it ends before.
void nm_sd_speaker_pause(NmSdSpeaker *speaker);

// The i-th voice, NULL after the last.
const char *nm_sd_speaker_get_voice(NmSdSpeaker *speaker, int i);

#endif
