// SPDX-License-Identifier: GPL-3.0-or-later
// A song rendered into a folder in the background: the job of `neume render`, with the same bytes.
#ifndef NM_STUDIO_RENDERING_H
#define NM_STUDIO_RENDERING_H

#include <limits.h>

#include "app/jobs/render.h"

// All calls from one thread, the user's.
typedef struct NmRendering NmRendering;

typedef struct {
  char name[NM_RENDER_NAME_LEN], folder[PATH_MAX]; // as in NmRenderRequest
  const char *ending;                              // ".wav"; lives on
  bool stems, emotion, force;
} NmRenderingOrder;

// Begins with a copy of the document as it is. `wake` is called from the thread when there is something new.
// NULL when memory or threads are out.
NmRendering *nm_rendering_new(const NmDocument *doc, const NmRenderingOrder *order, void (*wake)(void *user),
                              void *user);

// Stops soon, and leaves the folder as it was.
void nm_rendering_cancel(NmRendering *rendering);

// Gives it up, and waits until its thread has ended; NULL is fine.
void nm_rendering_free(NmRendering *rendering);

typedef struct {
  bool is_over;
  double done;       // 0 to 1
  const char *doing; // "singing", to be translated
  NmError err;       // when it is over: NM_OK, NM_ERR_CANCELLED, or why it failed
  int n_files;
  int n_notes;    // what could not be sung or written as it is,
  char note[512]; // the first of those
} NmRenderingState;

NmRenderingState nm_rendering_get_state(NmRendering *rendering);

#endif
