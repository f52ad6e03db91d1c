// SPDX-License-Identifier: GPL-3.0-or-later
// How a song is sung: what is known of it at a moment, phrase by phrase. Never changed once made; shared by
// reference between threads.
#ifndef NM_STUDIO_SUNG_H
#define NM_STUDIO_SUNG_H

#include "app/document/document.h"
#include "app/jobs/cache.h"
#include "app/jobs/project.h"
#include "ui/views/peaks.h"
#include "ui/views/phones.h"

// The sound of a phrase, which depends on its key alone.
typedef struct NmSungPhrase NmSungPhrase;
struct NmSungPhrase {
  uint64_t key[2];
  int64_t n;
  float *samples; // [n]
  NmPeaks *peaks;
  uint8_t *spectrum; // [n_frames, NM_N_MELS] 0 to 255
  int32_t n_frames;
};

// Sings, or takes from the cache (may be NULL). One share; NULL and `err`.
NmSungPhrase *nm_sung_phrase_new(NmProject *project, NmCache *cache, const NmHash *salt, int32_t i,
                                 NmError *err);
NmSungPhrase *nm_sung_phrase_share(NmSungPhrase *phrase);
void nm_sung_phrase_release(NmSungPhrase *phrase);

// A phrase in the song. Seconds and samples are the document's, which may begin after the lead-in.
typedef struct {
  int64_t start, n; // samples
  uint64_t key[2];
  NmSungPhrase *sound; // NULL: not yet
  float *pitch;        // [n_frames] MIDI keys, a frame of NM_VOICE_HOP samples from `start` on
  int32_t n_frames;
} NmSungPlace;

typedef struct {
  uint64_t revision;     // of the document
  NmPhoneBox *phones;    // [n_phones]
  NmSingSource *sources; // [n_phones] where in the document they come from
  NmSungPlace *places;   // [n_places] by start
  int32_t n_phones, n_places, n_sung;
  NmSingReport report;
} NmSung;

// The plan of a project, nothing sung yet. `revision` is the document's. One share; NULL when memory is out.
NmSung *nm_sung_new(const NmProject *project, uint64_t revision);
// A copy that shares what was sung, for another phrase to be put in.
NmSung *nm_sung_copy(const NmSung *sung);
NmSung *nm_sung_share(NmSung *sung);
void nm_sung_release(NmSung *sung);

#endif
