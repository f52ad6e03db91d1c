// SPDX-License-Identifier: GPL-3.0-or-later
// Words to songs: what was asked for and what the words suggest make a plan (melody_plan.h), the network is
// searched within it, and the candidates are ranked.
#ifndef NM_SONG_COMPOSE_H
#define NM_SONG_COMPOSE_H

#include "models/song/compose_align.h"
#include "models/song/inference.h"
#include "models/song/rank.h"
#include "models/song/sheet.h"

enum { NM_COMPOSE_CANDIDATES_MAX = 64, NM_COMPOSE_AUTO = INT16_MIN };

// What is wanted; nm_compose_defaults leaves everything to choice.
typedef struct {
  int fifths;    // -7 to 7, or NM_COMPOSE_AUTO
  int mode;      // NM_MODE_UNKNOWN: chosen
  int meter;     // class, or NM_COMPOSE_AUTO
  int pickup;    // ticks, or NM_COMPOSE_AUTO
  double bpm;    // quarter notes a minute; 0: chosen
  int low, high; // MIDI keys, or NM_COMPOSE_AUTO both
  int style;     // NmSongStyle
  bool vary;     // lines of the same words get tunes of their own
  bool accidentals, syncopation;
  bool align;        // ask the attention too which syllable is on which notes
  int32_t n_melisma; // notes of a syllable, at most; 0: as the melody's defaults
  int32_t n_candidates;
  NmSearchMethod method;
  float temperature, nucleus;
  uint64_t seed;
  const atomic_bool *cancel; // NULL: never
  atomic_int *n_steps;       // counts steps of the search, about one a note; NULL: nobody looks
} NmComposeRequest;

NmComposeRequest nm_compose_defaults(void);

// One song.
typedef struct {
  NmSong *song; // finished: the words of the sheet, notes, links, key, meter, tempo
  double score, log_prob;
  double reasons[NM_N_RANKS];
  NmComposeAlignment alignment; // if wanted; in the song's arena
} NmComposeCandidate;

typedef struct {
  NmComposeCandidate *candidates; // [n], the best first, no two alike
  int32_t n, n_made;              // n_made: before equal ones were dropped
  int fifths, meter;
  bool minor;
  double bpm;
} NmComposed;

// NM_ERR_BAD_ARG for a request out of range (a sentence tells what), NM_ERR_BAD_DATA when no melody is
// possible, NM_ERR_NO_MEMORY. On success the caller ends it with nm_composed_fini. Same model, sheet and
// request: the same songs.
NmStatus nm_compose(const NmSongModel *model, const NmSheet *sheet, const NmComposeRequest *request,
                    NmComposed *composed, NmError *err) NM_NODISCARD;
void nm_composed_fini(NmComposed *composed);

#endif
