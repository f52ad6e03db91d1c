// SPDX-License-Identifier: GPL-3.0-or-later
// A prepared song corpus: a folder written by `neume prepare song`, read by the trainings and the benchmark.
//
//   syllables.txt  the vocabulary, a syllable a line (tokens.h)
//   songs.bin      little endian: magic "NMSONGS1", u32 items, u32 syllables, u32 notes; then for each item
//   16
//                  bytes: u32 syllables, u32 notes, i32 pick-up, u8 split, style, mode, meter; then for each
//                  syllable u16 id, u16 end + 8 stress + 32 vowel + 512 mark; then for each note i16 gap, i16
//                  length, i8 pitch, u8 tie + 4 end
//
// An item has words, notes or both. With both, every line of one is a line of the other, and every syllable
// has one note or several neighbours (a tie joins them).
#ifndef NM_SONG_CORPUS_H
#define NM_SONG_CORPUS_H

#include <stdio.h>

#include "models/song/tokens.h"

typedef enum { NM_SONG_TRAIN, NM_SONG_VALID, NM_SONG_TEST, NM_SONG_N_SPLITS } NmSongSplit;

typedef struct {
  const NmLyricToken *lyrics; // [n_lyrics]
  const NmNoteToken *notes;   // [n_notes]
  int32_t n_lyrics, n_notes;  // one may be 0
  NmSongFrame frame;
  NmSongSplit split;
} NmSongItem;

typedef struct {
  NmSongItem *items; // [n_items]
  int32_t n_items;
  NmVocabulary *vocabulary;
  NmArena arena;
} NmSongCorpus;

// Opens the corpus in folder `dir` and checks everything. On failure nothing is held, and `err` names the
// file and the cause.
NmStatus nm_song_corpus_open(NmSongCorpus *corpus, const char *dir, NmError *err) NM_NODISCARD;
// The same from memory: songs.bin and syllables.txt.
NmStatus nm_song_corpus_read(NmSongCorpus *corpus, const uint8_t *songs, size_t size, const char *syllables,
                             size_t size_syllables, NmError *err) NM_NODISCARD;
void nm_song_corpus_close(NmSongCorpus *corpus);

// Writes the folder (made if it is not there) from a vocabulary's text and items.
NmStatus nm_song_corpus_save(const char *dir, const char *syllables, const NmSongItem *items, int32_t n_items,
                             NmError *err) NM_NODISCARD;

// Whether words and notes belong together as said above; true for items of one of them.
bool nm_song_item_fits(const NmSongItem *item);

// Groups of notes that are sung on a syllable each.
int32_t nm_song_count_groups(const NmNoteToken *notes, int32_t n);

#endif
