// SPDX-License-Identifier: GPL-3.0-or-later
// A lyric sheet as people paste it to a song of words without notes.
//
// Understood: a title line, "Title: ...", "by ..."; blank lines between stanzas (also in double-spaced text);
// labels such as "[Chorus]", "Verse 2:", "# Bridge"; a label without words, which stands for the words it had
// before; "(x2)" behind a line, a label or a stanza, which is written out; numbers of verses; Markdown, LRC
// and ChordPro; lines of chords and tablature, which are left out; any usual encoding and line end. Very long
// lines are parted at clause marks.
#ifndef NM_SONG_SHEET_H
#define NM_SONG_SHEET_H

#include "models/song/song.h"
#include "models/song/syllabify.h"

enum {
  NM_SHEET_BYTES_MAX = 1 << 20,
  NM_SHEET_LINES_MAX = 4096,    // lines of the song, those written out included
  NM_SHEET_LINE_WORDS_MAX = 16, // longer lines are parted
  NM_SHEET_NOTES_MAX = 8
};

// All in the song's memory but the song itself.
typedef struct {
  NmSong *song;     // lyrics only, finished: words, syllables, stress, phones, one verse
  int32_t *same_as; // [song->n_lines] the first line of the same words, letters compared; itself if new
  int32_t *stanza_same_as; // [n_stanzas] the first stanza of the same words, line by line
  const char **labels;     // [n_stanzas] what stood above each; NULL: nothing
  int32_t n_stanzas;
  char notes[NM_SHEET_NOTES_MAX][96]; // what was left out or changed, in words
  int32_t n_notes;
} NmSheet;

// Reads n bytes; `name` is for messages. NM_ERR_BAD_DATA, saying what is wrong with the text: no words to
// sing, no text at all, more than the limits above. On an error the sheet is empty.
NmStatus nm_sheet_read(const uint8_t *bytes, size_t n, const char *name, NmSyllabifier *syllabifier,
                       NmSheet *sheet, NmError *err) NM_NODISCARD;
// The words of lines [line_first, + n_lines) of a finished song as a sheet of one verse, so that they can be
// composed anew: syllable by syllable as they are. Words whose phones or stress are not known are looked up
// where the dictionary divides them alike; `syllabifier` may be NULL. NM_ERR_BAD_DATA when there are no
// lines.
NmStatus nm_sheet_from_song(const NmSong *song, int32_t line_first, int32_t n_lines,
                            NmSyllabifier *syllabifier, NmSheet *sheet, NmError *err) NM_NODISCARD;
void nm_sheet_fini(NmSheet *sheet);

// For sheet_song.c: finds the lines and stanzas of the same words.
NmStatus nm_sheet_mark_repeats(NmSheet *sheet, const char *name, NmError *err) NM_NODISCARD;

#endif
