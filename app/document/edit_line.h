// SPDX-License-Identifier: GPL-3.0-or-later
// The notes of one line, to be exchanged for others: by edits of melodies and takes.
#ifndef NM_DOCUMENT_EDIT_LINE_H
#define NM_DOCUMENT_EDIT_LINE_H

#include "app/document/edit.h"

// Notes at ticks of the draft, by onset, and which syllables of the line (from 0) are sung on them, by note.
typedef struct {
  NmSongNote *notes; // [n]
  NmSongLink *links; // [n_links]
  int32_t n, n_links;
} NmEditLine;

void nm_edit_line_fini(NmEditLine *line);

// The line's first syllable in a song, and how many it has.
int32_t nm_edit_line_first(const NmSong *song, int32_t line);
int32_t nm_edit_line_count(const NmSong *song, int32_t line);

// The present notes of a line.
void nm_edit_line_read(NmEdit *edit, int32_t line, NmEditLine *notes);

// The notes of a line of another song, placed where the line's notes are (edits.h). The draft takes a finer
// resolution if it must. `song` has as many syllables in that line, or the edit fails.
void nm_edit_line_from_song(NmEdit *edit, int32_t line, const NmSong *song, int32_t line_from,
                            NmEditLine *notes);

// As a take's list of notes, and from it.
json_t *nm_edit_line_to_take(NmEdit *edit, const NmEditLine *notes);
void nm_edit_line_from_take(NmEdit *edit, const json_t *take, NmEditLine *notes);

// Puts them in place of the line's notes; other verses' words on those come to stand on the new ones in
// order.
void nm_edit_line_put(NmEdit *edit, int32_t line, const NmEditLine *notes);

#endif
