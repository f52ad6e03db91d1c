// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/rendering.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/kit/words.h"

enum { CACHE_BYTES = 512 << 20 };

struct NmRendering {
  pthread_t thread;
  pthread_mutex_t lock; // of the state
  NmRenderingState state;
  atomic_bool cancel;
  NmRenderingOrder order;
  NmDocument *doc;
  void (*wake)(void *user);
  void *user;
};

// The job's words, marked for translation.
static const char *find_doing(const char *what)
{
  static const char *const doings[] = {N_("planning"), N_("singing"), N_("listening"), N_("done")};
  for (size_t i = 0; i < sizeof doings / sizeof *doings; i++)
    if (!strcmp(doings[i], what)) return doings[i];
  return "";
}

static void take_progress(void *user, const char *what, double done)
{
  NmRendering *rendering = user;
  pthread_mutex_lock(&rendering->lock);
  bool moved = done >= rendering->state.done + .002 || rendering->state.doing != find_doing(what);
  if (moved) rendering->state.done = done;
  rendering->state.doing = find_doing(what);
  pthread_mutex_unlock(&rendering->lock);
  if (moved) rendering->wake(rendering->user);
}

static void take_note(void *user, const char *message)
{
  NmRendering *rendering = user;
  NmRenderingState *state = &rendering->state;
  pthread_mutex_lock(&rendering->lock);
  if (state->n_notes++ == 0) snprintf(state->note, sizeof state->note, "%s", message);
  pthread_mutex_unlock(&rendering->lock);
}

static void render(NmRendering *rendering, NmRenderStats *stats, NmError *err)
{
  NmSpeech speech;
  NmRenderRequest request = nm_render_defaults();
  request.name = rendering->order.name;
  request.folder = rendering->order.folder;
  request.ending = rendering->order.ending;
  request.stems = rendering->order.stems;
  request.emotion = rendering->order.emotion;
  request.force = rendering->order.force;
  request.n_threads = 1;
  request.cancel = &rendering->cancel;
  request.progress = take_progress;
  request.note = take_note;
  request.user = rendering;
  if (nm_speech_open(&speech, 1, err)) return;
  request.cache = nm_cache_new(NULL, CACHE_BYTES, NULL); // without one everything is sung anew
  NmStatus status = nm_render_run(&speech, rendering->doc, &request, stats, err);
  if (!status) *err = (NmError){0};
  nm_cache_free(request.cache);
  nm_speech_close(&speech);
}

static void *run(void *user)
{
  NmRendering *rendering = user;
  NmRenderStats stats = {0};
  NmError err = {0};
  render(rendering, &stats, &err);
  pthread_mutex_lock(&rendering->lock);
  rendering->state.err = err;
  rendering->state.n_files = stats.n_files;
  rendering->state.is_over = true;
  pthread_mutex_unlock(&rendering->lock);
  rendering->wake(rendering->user);
  return NULL;
}

NmRendering *nm_rendering_new(const NmDocument *doc, const NmRenderingOrder *order, void (*wake)(void *user),
                              void *user)
{
  NmRendering *rendering = calloc(1, sizeof *rendering);
  if (!rendering) return NULL;
  rendering->order = *order;
  rendering->wake = wake;
  rendering->user = user;
  rendering->state.doing = "";
  rendering->doc = nm_document_copy(doc);
  pthread_mutex_init(&rendering->lock, NULL);
  if (rendering->doc && pthread_create(&rendering->thread, NULL, run, rendering) == 0) return rendering;
  pthread_mutex_destroy(&rendering->lock);
  nm_document_free(rendering->doc);
  free(rendering);
  return NULL;
}

void nm_rendering_cancel(NmRendering *rendering)
{
  atomic_store(&rendering->cancel, true);
}

void nm_rendering_free(NmRendering *rendering)
{
  if (!rendering) return;
  nm_rendering_cancel(rendering);
  pthread_join(rendering->thread, NULL);
  pthread_mutex_destroy(&rendering->lock);
  nm_document_free(rendering->doc);
  free(rendering);
}

NmRenderingState nm_rendering_get_state(NmRendering *rendering)
{
  pthread_mutex_lock(&rendering->lock);
  NmRenderingState state = rendering->state;
  pthread_mutex_unlock(&rendering->lock);
  return state;
}
