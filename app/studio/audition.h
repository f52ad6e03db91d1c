// SPDX-License-Identifier: GPL-3.0-or-later
// Candidates to be heard one after the other: songs, melodies and words that were composed, or a line's
// takes. The one that is chosen is in the document, as one step; another takes its place, so that whatever is
// kept is undone at once. When the document changes otherwise, the choice stands as it is.
#ifndef NM_STUDIO_AUDITION_H
#define NM_STUDIO_AUDITION_H

#include "app/studio/muse.h"
#include "app/studio/studio.h"
#include "ui/views/candidates.h"

enum { NM_AUDITION_MAX = NM_MUSE_SONGS_MAX, NM_AUDITION_NOTES_MAX = 96 };

typedef enum { NM_AUDITION_SONG, NM_AUDITION_MELODY, NM_AUDITION_WORDS, NM_AUDITION_TAKES } NmAuditionKind;

typedef struct {
  NmSong *song; // NULL: as it was, or a take
  char title[128], detail[128], score[16];
  NmCandidateNote notes[NM_AUDITION_NOTES_MAX];
} NmAuditionRow;

// Zero-initialise.
typedef struct {
  bool open;
  NmAuditionKind kind;
  int32_t line_first, n_lines;             // of the document; n_lines 0: all of it
  NmAuditionRow rows[NM_AUDITION_MAX + 1]; // [n], the first is how it was
  NmCandidate shown[NM_AUDITION_MAX + 1];  // the same for the view
  int n, chosen;
  bool is_step;      // what is chosen differs from how it was: a step of the document
  uint64_t revision; // of the document as it was left here
  bool plays;        // until `end`
  double end;        // tick
  NmCandidates view;
} NmAudition;

// Begins to choose among what nm_studio_audition_add brings; what was chosen before stays.
void nm_studio_audition_begin(NmStudio *studio, NmAuditionKind kind, int32_t line_first, int32_t n_lines);
// Takes the song. The first one is in force at once, but not heard.
void nm_studio_audition_add(NmStudio *studio, NmSong *song, double score);
// Begins with the takes of a line; whether it has any.
void nm_studio_audition_takes(NmStudio *studio, int32_t line);
bool nm_studio_has_takes(const NmStudio *studio, int32_t line);

void nm_studio_audition_choose(NmStudio *studio, int row, bool plays);
// What is chosen stays, with the others as takes where they are melodies of lines; or all is as it was.
void nm_studio_audition_keep(NmStudio *studio);
void nm_studio_audition_drop(NmStudio *studio);
void nm_studio_audition_close(NmStudio *studio); // as it stands

// How high the list is, 0 when there is none; and the list.
float nm_studio_audition_get_height(NmStudio *studio, float most);
void nm_studio_show_audition(NmStudio *studio, NmRect rect);

#endif
