// SPDX-License-Identifier: GPL-3.0-or-later
// A context of libneume from within: what it has loaded, who may work with it, and how calls begin and end.
#ifndef NM_HOSTS_LIBRARY_CONTEXT_H
#define NM_HOSTS_LIBRARY_CONTEXT_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "app/hosts/library/scope.h"
#include "app/hosts/neume.h"
#include "models/emotion/emotion.h"
#include "models/song/model.h"
#include "models/song/syllabify.h"
#include "models/speech/speak.h"

struct NeumeContext {
  atomic_int n_owners; // the program, and every stream made from it
  pthread_mutex_t lock;
  atomic_uint n_cancelled; // how often neume_cancel was called
  atomic_bool cancel;      // the call that works shall end
  char *assets, *lexicon;  // NULL: the usual places; none
  NeumeLogFn log;
  void *log_user;
  NmScope scope; // of the call that works
  NmPool *pool;
  NmText *text; // from here on loaded when needed; NULL before
  NmVoice *voice;
  NmSpeaker *speaker;
  NmSyllabifier *syllabifier;
  NmSongModel songs; // params NULL: not yet
  NmEmotionModel *emotion;
};

// Waits for the calls before and begins one. NM_ERR_CANCELLED when it was cancelled while waiting,
// NM_ERR_BAD_ARG within a callback of the same context; then it has not begun.
NmStatus nm_context_enter(NeumeContext *context, NmError *err) NM_NODISCARD;
void nm_context_leave(NeumeContext *context);

NeumeContext *nm_context_hold(NeumeContext *context);

// Within a call. What is loaded already costs nothing; what failed is tried again.
NmStatus nm_context_need_text(NeumeContext *context, NmError *err) NM_NODISCARD;
NmStatus nm_context_need_speech(NeumeContext *context, NmError *err) NM_NODISCARD;
NmStatus nm_context_need_syllables(NeumeContext *context, NmError *err) NM_NODISCARD;
NmStatus nm_context_need_songs(NeumeContext *context, NmError *err) NM_NODISCARD;
NmStatus nm_context_need_emotion(NeumeContext *context, NmError *err) NM_NODISCARD;

#endif
