// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a song's lyrics: set as a file says them, or found where it says none.
#ifndef NM_FORMATS_SONG_LINES_H
#define NM_FORMATS_SONG_LINES_H

#include "models/song/song.h"

typedef struct {
  int16_t verse, stanza;
  int32_t n_words;
} NmSongNewLine;

// Replaces the lines of a finished song: each new line takes the next n_words words of its verse, and words
// and syllables move into the order of the new lines. NM_ERR_BAD_ARG, and nothing changed, when the lines do
// not take every word exactly once; NM_ERR_NO_MEMORY.
NmStatus nm_song_lines_set(NmSong *song, const NmSongNewLine *lines, int32_t n_lines) NM_NODISCARD;

// Cuts the words of every verse into lines where punctuation, capitals, rests, long notes and `hints` (the
// source breaks after word i; [n_words], or NULL) agree best with lines of about eight syllables, by dynamic
// programming over the places; eight beats of rest end a stanza. The words must stand verse after verse.
// NM_ERR_NO_MEMORY.
NmStatus nm_song_divide_lines(NmSong *song, const bool *hints) NM_NODISCARD;

#endif
