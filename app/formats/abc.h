// SPDX-License-Identifier: GPL-3.0-or-later
// ABC 2.1 with lyrics (w: lines), in and out.
//
// Of a file with several tunes the one that the options name is read (their `part` counts tunes), or the
// first with a note of the others; of a tune with several voices the one with the most syllables, or the one
// that `part` names. Several w: lines under a line of music are verses. Chords are reduced to their top note,
// grace notes and overlays (&) are left out, repeats are read as written, once.
//
// What ABC has no word for, the writer puts into comments that the reader knows and other programs skip:
//   %neume-pickup N/D      the notes before the first full bar, in quarter notes
//   %neume-lines V:S:W ...  verse, stanza and number of words of every line of the lyrics, in their order
//   %neume-lyricist TEXT, %neume-language TEXT
// In a w: line "~" stands between words and "‿" between syllables of a word on the same note; either before a
// syllable says that the one before is still held on the note. \uXXXX is the character of that number, as in
// ABC 2.1, and \u0000 none at all.
#ifndef NM_FORMATS_ABC_H
#define NM_FORMATS_ABC_H

#include "app/formats/song_file.h"

// As NmSongRead (app/formats/song_file.h) describes. Text that is not UTF-8 is read as Latin-1.
NmStatus nm_abc_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                     NmSong **song, NmSongNotes *notes, NmError *err) NM_NODISCARD;

// As NmSongWrite describes. NM_ERR_UNSUPPORTED for lyrics that notation cannot say (nm_score_check_song) and
// for texts that are not UTF-8.
NmStatus nm_abc_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                      NmError *err) NM_NODISCARD;

#endif
