// SPDX-License-Identifier: GPL-3.0-or-later
// Composing and writing in the background: a thread that is asked for variants of a song and hands them over
// as they come; between them, how the words of a line lie on its notes. What is asked for last counts; what
// was under way is given up.
#ifndef NM_STUDIO_MUSE_H
#define NM_STUDIO_MUSE_H

#include "app/jobs/variants.h"
#include "app/jobs/weigh.h"

enum { NM_MUSE_SONGS_MAX = 32 };

// All calls from one thread, the user's.
typedef struct NmMuse NmMuse;

// What does the work: nm_muse_art, or a test's own.
typedef struct {
  NmStatus (*make)(NmSongTools *tools, const NmVariantsRequest *request, NmVariantsTake take, void *user,
                   NmError *err);
  NmLineWeights *(*weigh)(NmSongTools *tools, const NmSong *song, int32_t line);
} NmMuseArt;

extern const NmMuseArt nm_muse_art; // nm_variants_make, nm_weigh_line

// `wake` is called from the thread when there is something new. Without a thread all is done within
// nm_muse_ask: for tests that are to come out the same every time. NULL when memory or threads are out.
NmMuse *nm_muse_new(const NmMuseArt *art, bool threaded, void (*wake)(void *user), void *user);
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

// Asks how a line of a song (copied) is weighed, `revision` being the document's. False when memory is out.
bool nm_muse_weigh(NmMuse *muse, const NmSong *song, int32_t line, uint64_t revision);
// What has come since the last call and was asked for last, the caller's; NULL: nothing.
NmLineWeights *nm_muse_take_weights(NmMuse *muse, uint64_t *revision);

typedef struct {
  NmSong *song;
  double score;
} NmMuseSong;

// The songs that have come since the last call, the caller's; answers how many.
int nm_muse_take(NmMuse *muse, NmMuseSong songs[NM_MUSE_SONGS_MAX]);

#endif
