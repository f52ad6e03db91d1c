// SPDX-License-Identifier: GPL-3.0-or-later
// A document as what is sung and played: the song with its verses in turn and the bars before it, how the
// voice and the band are set, and the plan of the voice. What `neume render`, `neume sing`, `neume backing`
// and the studio make sound of.
#ifndef NM_JOBS_PROJECT_H
#define NM_JOBS_PROJECT_H

#include "app/document/document.h"
#include "app/jobs/cache.h"
#include "app/jobs/sing_mix.h"
#include "app/jobs/speech.h"
#include "models/sing/sing.h"

typedef struct {
  NmSong *song;      // all outputs count from its beginning
  int64_t n_lead_in; // ticks by which it moved against the document
  NmSingStyle style; // curves included
  NmSingPoint *pitch_points;
  NmSingStyle *lines; // [song->n_lines]
  NmSingBand band;    // without stems; strings are the document's
  bool has_band;
  int32_t n_passes; // verses one after the other, and
  int64_t period;   // ticks from one to the next
  NmChordWish *wishes;
  NmSinger *singer; // NULL when it was only read, and
  NmSingPlan *plan;
} NmProject;

// The song of a document and its settings, without a plan. `speech` knows the speakers; NULL: there is to be
// no voice, and none is looked for. `note` (may be NULL) hears of chords that are none. NM_ERR_BAD_ARG when
// the document wants a speaker that the voice has not; NM_ERR_BAD_DATA; NM_ERR_NO_MEMORY. End it with
// nm_project_fini, also after a failure.
NmStatus nm_project_read(NmProject *project, const NmDocument *doc, const NmSpeech *speech,
                         void (*note)(void *user, const char *message), void *user,
                         NmError *err) NM_NODISCARD;

// The same with the plan of the song for a voice (borrowed; its text front end too). `note` also hears what
// cannot be sung as written. Other errors as nm_sing_plan_new.
NmStatus nm_project_init(NmProject *project, const NmDocument *doc, NmSpeech *speech,
                         void (*note)(void *user, const char *message), void *user,
                         NmError *err) NM_NODISCARD;
void nm_project_fini(NmProject *project);

// A phrase's samples [n_samples]: from the cache (may be NULL), else sung and put there. *was_there (may be
// NULL) says which.
NmStatus nm_project_sing_phrase(NmProject *project, NmCache *cache, const NmHash *salt, int32_t phrase,
                                float *samples, bool *was_there, NmError *err) NM_NODISCARD;

#endif
