// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/rendering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/worker.h"
#include "ui/kit/words.h"

enum { CACHE_BYTES = 512 << 20 };

struct NmRendering {
  NmWorker worker;
  bool is_begun;
  atomic_bool cancel; // its own, since it may come before the beginning
  NmRenderingState state;
  NmRenderingOrder order;
  NmDocument *doc;
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
  nm_worker_lock(&rendering->worker);
  bool moved = done >= rendering->state.done + .002 || rendering->state.doing != find_doing(what);
  if (moved) rendering->state.done = done;
  rendering->state.doing = find_doing(what);
  nm_worker_unlock(&rendering->worker);
  if (moved) nm_worker_wake(&rendering->worker);
}

static void take_note(void *user, const char *message)
{
  NmRendering *rendering = user;
  NmRenderingState *state = &rendering->state;
  nm_worker_lock(&rendering->worker);
  if (state->n_notes++ == 0) snprintf(state->note, sizeof state->note, "%s", message);
  nm_worker_unlock(&rendering->worker);
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

static bool work(void *owner)
{
  NmRendering *rendering = owner;
  NmRenderStats stats = {0};
  NmError err = {0};
  if (rendering->is_begun) return false;
  rendering->is_begun = true;
  nm_worker_unlock(&rendering->worker);
  render(rendering, &stats, &err);
  nm_worker_lock(&rendering->worker);
  rendering->state.err = err;
  rendering->state.n_files = stats.n_files;
  rendering->state.is_over = true;
  nm_worker_wake(&rendering->worker);
  return true;
}

NmRendering *nm_rendering_new(const NmDocument *doc, const NmRenderingOrder *order, void (*wake)(void *user),
                              void *user)
{
  NmRendering *rendering = calloc(1, sizeof *rendering);
  if (!rendering) return NULL;
  rendering->order = *order;
  rendering->state.doing = "";
  rendering->doc = nm_document_copy(doc);
  if (rendering->doc && nm_worker_init(&rendering->worker, true, work, rendering, wake, user))
    return rendering;
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
  nm_worker_fini(&rendering->worker);
  nm_document_free(rendering->doc);
  free(rendering);
}

NmRenderingState nm_rendering_get_state(NmRendering *rendering)
{
  nm_worker_lock(&rendering->worker);
  NmRenderingState state = rendering->state;
  nm_worker_unlock(&rendering->worker);
  return state;
}
