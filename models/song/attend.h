// SPDX-License-Identifier: GPL-3.0-or-later
// What the network's attention makes of a song that is there: it is made to sing the song note by note, and
// at each note the head that learned the alignment tells which syllables it looks at (Sheng et al. 2021,
// "SongMASS", section 3.3).
#ifndef NM_SONG_ATTEND_H
#define NM_SONG_ATTEND_H

#include "models/song/inference.h"

// A line of a finished song, heard with a few lines before and behind. `weights` [n_notes, n_syllables]:
// notes [note_first, + n_notes) of the song, which are all those of the line, by the line's syllables; a row
// sums to 1 or, where it looks at other lines, to less. Notes that no syllable of the line is sung on stay 0,
// and syllables of one note share what it gives them. NM_ERR_BAD_ARG, NM_ERR_NO_MEMORY.
NmStatus nm_song_attend(const NmSongModel *model, const NmSong *song, int32_t line, int32_t note_first,
                        int32_t n_notes, float *weights, NmError *err) NM_NODISCARD;

#endif
