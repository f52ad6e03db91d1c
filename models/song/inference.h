// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding step by step: words to notes or notes to words, several candidates side by side. What is chosen,
// and why, is the caller's; this knows what the network thinks of each choice and where each candidate
// stands.
//
//   nm_song_decoder_set_lyrics(decoder, words, n, frames, &err);
//   while (nm_song_decoder_next(decoder)) {
//     for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
//       logits = nm_song_decoder_logits(decoder, c); // [n_rows, n_values]
//       ... a value for each row ...
//       nm_song_decoder_choose(decoder, c, values);
//     }
//   }
//   notes = nm_song_decoder_get_notes(decoder, row, &n);
//
// Any order of choosing and asking within a position is fixed: 0, 1, 2, 3. Nothing is allocated between two
// calls of nm_song_decoder_set_*. One thread at a time; decoders of one model share its weights.
#ifndef NM_SONG_INFERENCE_H
#define NM_SONG_INFERENCE_H

#include "models/song/model.h"

typedef struct NmSongDecoder NmSongDecoder;

// A decoder that makes `side`. n_rows: candidates side by side; n_most: positions of a song, at most (a
// candidate that comes there is finished). NULL and `err` when memory is out or a size is below 1. `model` is
// borrowed.
NmSongDecoder *nm_song_decoder_new(const NmSongModel *model, NmSongSide side, int32_t n_rows, int32_t n_most,
                                   NmError *err);
void nm_song_decoder_free(NmSongDecoder *decoder);

// What to sing (for a decoder of melodies) or what to put words to (for one of lyrics); every row starts
// anew. frames [n_rows]: of the melody that each row makes; for lyrics, the first is that of the melody, and
// of the others only the style is read. The last token of all ends the song. NM_ERR_BAD_ARG for n < 1 or the
// wrong side.
NmStatus nm_song_decoder_set_lyrics(NmSongDecoder *decoder, const NmLyricToken *tokens, int32_t n,
                                    const NmSongFrame *frames, NmError *err) NM_NODISCARD;
NmStatus nm_song_decoder_set_melody(NmSongDecoder *decoder, const NmNoteToken *tokens, int32_t n,
                                    const NmSongFrame *frames, NmError *err) NM_NODISCARD;

// Where a row stands: the position that is being made, or after the last one.
typedef struct {
  int32_t n;    // positions made
  int32_t unit; // the syllable that is sung, or the group of notes that gets a syllable
  int64_t time; // ticks from the beginning to where the rest before the next note begins (melodies)
  NmSongPlace place;
  bool finished; // nothing is to be made any more
} NmSongRow;

const NmSongRow *nm_song_decoder_get_row(const NmSongDecoder *decoder, int32_t row);
int32_t nm_song_decoder_get_n_rows(const NmSongDecoder *decoder);
// Syllables of the words given, or groups of notes of the melody given (a group is sung on one syllable), and
// the line each is in.
int32_t nm_song_decoder_get_n_units(const NmSongDecoder *decoder);
const NmSongPlace *nm_song_decoder_get_unit(const NmSongDecoder *decoder, int32_t unit);
// Positions of the source: syllables, or notes.
int32_t nm_song_decoder_get_n_source(const NmSongDecoder *decoder);

// Begins the next position of every row; false when all are finished. Rows that are finished go along and
// what they choose is ignored. Call it only when all choices of the position before were made.
bool nm_song_decoder_next(NmSongDecoder *decoder);

// [n_rows, nm_song_n_values]; valid until the next call that changes the decoder. Syllables that are none are
// at -1e9.
const float *nm_song_decoder_logits(NmSongDecoder *decoder, int choice);
// values [n_rows]. For a melody: tie, class of the gap, pitch (in C major or A minor), class of the length.
// For lyrics: end, stress, syllable, mark. The last choice ends the position: a note with NM_TIE_NO goes on
// to the next syllable, any syllable to the next group of notes. Values out of range are brought into it.
void nm_song_decoder_choose(NmSongDecoder *decoder, int choice, const int32_t *values);

// What the head that knows the alignment saw of the source at this position: [n_rows, n_source], each row
// sums to 1. Valid from nm_song_decoder_next to the next one.
const float *nm_song_decoder_get_weights(const NmSongDecoder *decoder);

// Row r goes on from what row index[r] was; between positions or between choices (ask for the logits again
// then). NM_ERR_BAD_ARG for an index outside.
NmStatus nm_song_decoder_reorder(NmSongDecoder *decoder, const int32_t *index) NM_NODISCARD;

// What a row has made so far: [n]. Line ends of notes are those of their syllables.
const NmNoteToken *nm_song_decoder_get_notes(const NmSongDecoder *decoder, int32_t row, int32_t *n);
const NmLyricToken *nm_song_decoder_get_lyrics(const NmSongDecoder *decoder, int32_t row, int32_t *n);

#endif
