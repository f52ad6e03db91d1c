// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/hosts/library/context.h"

#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/hosts/library/options.h"

const char *neume_get_version(void)
{
  return NM_VERSION;
}

void neume_context_set_log(NeumeContext *context, NeumeLogFn log, void *user)
{
  if (!context) return;
  context->log = log;
  context->log_user = user;
}

// --- calls ---

// A call counts the cancellations when it begins to wait: if there are more when its turn comes, it is over.
NmStatus nm_context_enter(NeumeContext *context, NmError *err)
{
  if (!context) return nm_error_set(err, NM_ERR_BAD_ARG, "no context was given");
  const unsigned n_cancelled = atomic_load(&context->n_cancelled);
  if (pthread_mutex_lock(&context->lock))
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "a callback may call nothing but neume_cancel on the context that works for it");
  atomic_store(&context->cancel, false);
  if (atomic_load(&context->n_cancelled) != n_cancelled) {
    pthread_mutex_unlock(&context->lock);
    return nm_error_set(err, NM_ERR_CANCELLED, "cancelled");
  }
  nm_scope_begin(&context->scope, context->log, context->log_user);
  return NM_OK;
}

void nm_context_leave(NeumeContext *context)
{
  nm_scope_end(&context->scope);
  pthread_mutex_unlock(&context->lock);
}

void neume_cancel(NeumeContext *context)
{
  if (!context) return;
  atomic_fetch_add(&context->n_cancelled, 1);
  atomic_store(&context->cancel, true);
}

// --- making and freeing ---

// A thread that locks it twice gets an error, where others would wait for themselves for ever.
static bool init_lock(pthread_mutex_t *lock)
{
  pthread_mutexattr_t attributes;
  if (pthread_mutexattr_init(&attributes)) return false;
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  const bool done = !pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return done;
}

static NmStatus keep(const NeumeOption *options, const char *name, char **copy, NmError *err)
{
  const char *value = nm_options_get(options, name);
  if (!value || (*copy = strdup(value))) return NM_OK;
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus fill(NeumeContext *context, const NeumeOption *options, NmError *err)
{
  static const char *const known[] = {"assets", "threads", "lexicon", NULL};
  int64_t n_threads = 1;
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = nm_options_get_integer(options, "threads", 1, 256, &n_threads, err);
  if (!status) status = keep(options, "assets", &context->assets, err);
  if (!status) status = keep(options, "lexicon", &context->lexicon, err);
  if (!status && !(context->pool = nm_pool_new((int)n_threads)))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "cannot start the threads");
  return status;
}

NeumeContext *neume_context_new(const NeumeOption *options, NeumeError *err)
{
  NmError error = {0};
  NeumeContext *context = calloc(1, sizeof *context);
  nm_scope_install();
  if (!context || !init_lock(&context->lock)) {
    free(context);
    nm_error_set(&error, NM_ERR_NO_MEMORY, "out of memory");
    nm_hand_out_error(&error, err);
    return NULL;
  }
  atomic_init(&context->n_owners, 1);
  if (fill(context, options, &error) == NM_OK) return context;
  neume_context_free(context);
  nm_hand_out_error(&error, err);
  return NULL;
}

NeumeContext *nm_context_hold(NeumeContext *context)
{
  atomic_fetch_add(&context->n_owners, 1);
  return context;
}

void neume_context_free(NeumeContext *context)
{
  if (!context || atomic_fetch_sub(&context->n_owners, 1) > 1) return;
  nm_emotion_model_close(context->emotion);
  if (context->songs.params) nm_song_model_close(&context->songs);
  nm_syllabifier_free(context->syllabifier);
  nm_speaker_free(context->speaker);
  nm_voice_free(context->voice);
  nm_text_free(context->text);
  nm_pool_free(context->pool);
  pthread_mutex_destroy(&context->lock);
  free(context->assets);
  free(context->lexicon);
  free(context);
}

// --- what it needs ---

// The spelling of unknown words is the one asset that can be done without.
NmStatus nm_context_need_text(NeumeContext *context, NmError *err)
{
  char lexicon[PATH_MAX], g2p[PATH_MAX];
  if (context->text) return NM_OK;
  NmStatus status = nm_assets_find_in(context->assets, "english.lexicon", lexicon, err);
  if (status) return status;
  const bool has_g2p = !nm_assets_find_in(context->assets, "g2p.safetensors", g2p, NULL);
  NmText *text = nm_text_new(lexicon, has_g2p ? g2p : NULL, err);
  if (!text) return err->status;
  if (context->lexicon) status = nm_text_add_user_lexicon(text, context->lexicon, err);
  if (status)
    nm_text_free(text);
  else
    context->text = text;
  return status;
}

static NmStatus load_voice(NeumeContext *context, NmError *err)
{
  char acoustic[PATH_MAX], vocoder[PATH_MAX];
  NmStatus status = nm_assets_find_in(context->assets, "voice.safetensors", acoustic, err);
  if (!status) status = nm_assets_find_in(context->assets, "vocoder.safetensors", vocoder, err);
  if (status) return status;
  context->voice = nm_voice_new(acoustic, vocoder, context->pool, err);
  return context->voice ? NM_OK : err->status;
}

NmStatus nm_context_need_speech(NeumeContext *context, NmError *err)
{
  NmStatus status = nm_context_need_text(context, err);
  if (!status && !context->voice) status = load_voice(context, err);
  if (status || context->speaker) return status;
  context->speaker = nm_speaker_new(context->text, context->voice);
  return context->speaker ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

NmStatus nm_context_need_syllables(NeumeContext *context, NmError *err)
{
  char hyphens[PATH_MAX];
  NmStatus status = nm_context_need_text(context, err);
  if (status || context->syllabifier) return status;
  status = nm_assets_find_in(context->assets, "english.hyphens", hyphens, err);
  if (status) return status;
  context->syllabifier = nm_syllabifier_new(context->text, hyphens, err);
  return context->syllabifier ? NM_OK : err->status;
}

NmStatus nm_context_need_songs(NeumeContext *context, NmError *err)
{
  char path[PATH_MAX];
  if (context->songs.params) return NM_OK;
  const NmStatus status = nm_assets_find_in(context->assets, "song.safetensors", path, err);
  return status ? status : nm_song_model_open(&context->songs, path, context->pool, err);
}

NmStatus nm_context_need_emotion(NeumeContext *context, NmError *err)
{
  char path[PATH_MAX];
  if (context->emotion) return NM_OK;
  const NmStatus status = nm_assets_find_in(context->assets, "emotion.safetensors", path, err);
  if (status) return status;
  context->emotion = nm_emotion_model_open(path, err);
  return context->emotion ? NM_OK : err->status;
}

// --- loading ahead ---

static NmStatus need_songs(NeumeContext *context, NmError *err)
{
  const NmStatus status = nm_context_need_syllables(context, err);
  return status ? status : nm_context_need_songs(context, err);
}

static NmStatus load(NeumeContext *context, const char *what, NmError *err)
{
  static const struct {
    const char *name;
    NmStatus (*need)(NeumeContext *context, NmError *err);
  } parts[] = {{"speech", nm_context_need_speech},
               {"singing", nm_context_need_speech},
               {"songs", need_songs},
               {"emotion", nm_context_need_emotion}};
  for (size_t i = 0; what && i < sizeof parts / sizeof *parts; ++i)
    if (!strcmp(what, parts[i].name)) return parts[i].need(context, err);
  return nm_error_set(err, NM_ERR_BAD_ARG, "nothing can be loaded that is called '%.100s'",
                      what ? what : "NULL");
}

NeumeStatus neume_context_load(NeumeContext *context, const char *what, NeumeError *err)
{
  NmError error = {0};
  if (nm_context_enter(context, &error) == NM_OK) {
    error.status = load(context, what, &error);
    nm_context_leave(context);
  }
  return nm_hand_out_error(&error, err);
}
