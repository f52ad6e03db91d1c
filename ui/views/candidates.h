// SPDX-License-Identifier: GPL-3.0-or-later
// A list of things to choose from by ear: songs, melodies, words. One row is in force; a click or the arrows
// up and down choose another, Enter keeps it, Escape goes back to how it was.
#ifndef NM_UI_VIEWS_CANDIDATES_H
#define NM_UI_VIEWS_CANDIDATES_H

#include "ui/kit/widget.h"

// A note of a small picture, all of 0 to 1: from the left, its width, from the bottom.
typedef struct {
  float x, w, y;
} NmCandidateNote;

typedef struct {
  const char *title, *detail;
  const char *score;            // "" for none
  const NmCandidateNote *notes; // [n_notes]
  int n_notes;
} NmCandidate;

typedef struct {
  const NmCandidate *rows; // [n]
  int n, chosen;           // chosen: the row in force
  bool works;              // more are to come
  const char *title, *hint, *keep, *drop, *coming;
} NmCandidatesModel;

typedef enum {
  NM_CANDIDATES_NOTHING,
  NM_CANDIDATES_CHOOSE, // a row is to be in force, and to be heard
  NM_CANDIDATES_KEEP,
  NM_CANDIDATES_DROP
} NmCandidatesEditKind;

typedef struct {
  NmCandidatesEditKind kind;
  int row;
} NmCandidatesEdit;

// Zero-initialise.
typedef struct {
  float scroll; // units above the upper edge
} NmCandidates;

// Its keys are taken wherever the keyboard is, but for text fields and menus.
NmCandidatesEdit nm_candidates_show(NmKit *kit, NmCandidates *candidates, const NmCandidatesModel *model,
                                    NmRect rect);

// How high it would like to be for so many rows.
float nm_candidates_get_height(int n);

// Scrolls as little as needed to have a row in sight.
void nm_candidates_reveal(NmCandidates *candidates, int row, int n, NmRect rect);

#endif
