// SPDX-License-Identifier: GPL-3.0-or-later
// Composing and writing in the background: a thread that is asked for variants of a song and hands them over
// as they come. What is asked for last counts; what was under way is given up.
#ifndef NM_STUDIO_MUSE_H
#define NM_STUDIO_MUSE_H

#include "app/jobs/variants.h"

enum { NM_MUSE_SONGS_MAX = 32 };

// All calls from one thread, the user's.
typedef struct NmMuse NmMuse;

// What does the work: nm_variants_make, or a test's own.
typedef NmStatus (*NmMuseMake)(NmSongTools *tools, const NmVariantsRequest *request, NmVariantsTake take,
                               void *user, NmError *err);

// `wake` is called from the thread when there is something new. Without a thread all is done within
// nm_muse_ask: for tests that are to come out the same every time. NULL when memory or threads are out.
NmMuse *nm_muse_new(NmMuseMake make, bool threaded, void (*wake)(void *user), void *user);
// Waits for a step of the search.
void nm_muse_free(NmMuse *muse);

// Asks for variants: the request is copied with all it borrows, its `cancel` and `n_steps` are the muse's
// own. Songs that were not taken are dropped. False when memory is out.
bool nm_muse_ask(NmMuse *muse, const NmVariantsRequest *request);
// Gives up; what has come may still be taken.
void nm_muse_stop(NmMuse *muse);

typedef struct {
  bool works;
  float part;        // of the work that is done, about
  char trouble[512]; // why it ended; empty when all is well
} NmMuseState;

NmMuseState nm_muse_get_state(NmMuse *muse);

typedef struct {
  NmSong *song;
  double score;
} NmMuseSong;

// The songs that have come since the last call, the caller's; answers how many.
int nm_muse_take(NmMuse *muse, NmMuseSong songs[NM_MUSE_SONGS_MAX]);

#endif
