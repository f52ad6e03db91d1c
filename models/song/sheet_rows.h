// SPDX-License-Identifier: GPL-3.0-or-later
// What each line of a pasted lyric is: words to sing, a label, a title, chords.
#ifndef NM_SONG_SHEET_ROWS_H
#define NM_SONG_SHEET_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  NM_ROW_WORDS, // sung
  NM_ROW_BLANK, // also rules such as "---"
  NM_ROW_LABEL, // "[Chorus]", "Verse 2:"; `text` without the brackets; words behind it are a row of their own
  NM_ROW_REPEAT,   // "(x2)" alone
  NM_ROW_TITLE,    // "Title: ...", "# ..." (text alone is known by its place only: nm_sheet_find_title)
  NM_ROW_COMPOSER, // "Music by ..."
  NM_ROW_LYRICIST, // "Words: ...", "by ..."
  NM_ROW_CHORDS,   // "Am  G  C", tablature
  NM_ROW_REMARK    // "Key: G", "Capo 2", "{soc}"
} NmSheetRowKind;

typedef struct {
  NmSheetRowKind kind;
  char *text; // in the decoded text, not terminated; no spaces at the ends
  size_t len;
  int32_t line;    // from 1
  int32_t n_times; // how often it is sung: 2 for "(x2)" behind it
} NmSheetRow;

// The rows of `text`, `len` bytes of nm_sheet_decode, into rows [2 * lines]: at most two a line, *n of them.
// The text is changed: chords in brackets, time stamps and emphasis marks between the words are cut out, and
// *n_cut_chords counts the lines that had such chords. Any thread; never allocates.
void nm_sheet_find_rows(char *text, size_t len, NmSheetRow *rows, size_t *n, int32_t *n_cut_chords);

// Marks as title the first row of words when it stands alone before a blank one, is short, has no mark at its
// end, and a stanza of at least two lines follows; and "by ...", "music by ..." behind the title as names.
void nm_sheet_find_title(NmSheetRow *rows, size_t n);

#endif
