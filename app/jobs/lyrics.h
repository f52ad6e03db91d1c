// SPDX-License-Identifier: GPL-3.0-or-later
// Lyrics from the command line: a file, standard input or the words themselves, read as a sheet.
#ifndef NM_JOBS_LYRICS_H
#define NM_JOBS_LYRICS_H

#include "models/song/sheet.h"

// What reading lyrics needs. Zero-initialise.
typedef struct {
  NmText *text;
  NmSyllabifier *syllabifier;
} NmLyricsReader;

// Finds and opens the dictionary, the spelling of unknown words (if there) and the hyphenation patterns.
NmStatus nm_lyrics_reader_open(NmLyricsReader *reader, NmError *err) NM_NODISCARD;
void nm_lyrics_reader_close(NmLyricsReader *reader);

// Reads the sheet `argument` names: a file, "-" for standard input, or, with white space in it and no file of
// that name, the words themselves. NM_ERR_IO when it cannot be read, NM_ERR_BAD_DATA when it has no words or
// is a song file. *name (may be NULL) is what messages call it.
NmStatus nm_lyrics_read(NmLyricsReader *reader, const char *argument, NmSheet *sheet, const char **name,
                        NmError *err) NM_NODISCARD;

#endif
