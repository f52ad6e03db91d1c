// SPDX-License-Identifier: GPL-3.0-or-later
// A prepared speech corpus: a folder written by `neume prepare speech`, read by every speech training.
//
//   index.tsv      header, then a line per recording: speaker, id, prompt, split (train, valid, test or
//                  taught), frame_first, n_frames, raise (pitch factor of an augmented copy, 1 for the
//                  recording itself), tokens
//   envelope.f32   [frames, 80] ln STFT amplitude, f0-adaptive envelope, little-endian floats
//   f0.f32         [frames] Hz, 0 where unvoiced
//   audio.s16      [frames * 256] samples; frame t is centred on sample 256 t
//   durations.tsv  a line per line of the index: id, then frames of each state; written by
//                  `neume train aligner`
//
// Tokens: words separated by spaces, phones of a word joined by '.', then ',' '-' ';' '.' '!' '?' after a
// slash for what follows the word. States are a pause, the first word's phones, a pause, the second word's...
// and a last pause; every pause may last no time. A text-only item (durations from elsewhere) has n_frames 0.
#ifndef NM_SPEECH_CORPUS_H
#define NM_SPEECH_CORPUS_H

#include <stdbool.h>
#include <stdio.h>

#include "dsp/base/arena.h"
#include "dsp/base/map.h"
#include "models/speech/tokens.h"

typedef enum {
  NM_SPLIT_TRAIN,
  NM_SPLIT_VALID,
  NM_SPLIT_TEST,
  NM_SPLIT_TAUGHT // no recording: what a voice said (distill_voice.h); trains the acoustic model alone
} NmSplit;

const char *nm_corpus_split_name(NmSplit split);

typedef struct {
  const char *id, *prompt;
  int32_t speaker; // index into NmCorpus.speakers
  NmSplit split;
  int64_t frame_first;
  int32_t n_frames;      // 0: durations only
  float raise;           // pitch factor
  const NmToken *states; // [n_states]
  int32_t n_states;
  const float *durations; // [n_states] frames, 0 for a pause passed over; NULL before alignment
} NmCorpusItem;

typedef struct {
  NmCorpusItem *items;   // [n_items]
  const char **speakers; // [n_speakers]
  int32_t n_items, n_speakers;
  const float *envelope; // [n_frames, 80]
  const float *f0_hz;    // [n_frames]
  const int16_t *audio;  // [n_frames * 256]
  int64_t n_frames;
  NmArena arena;
  NmMap maps[3];
} NmCorpus;

// Opens the corpus in folder `dir`. On failure nothing is held.
NmStatus nm_corpus_open(NmCorpus *corpus, const char *dir, NmError *err) NM_NODISCARD;
void nm_corpus_close(NmCorpus *corpus);

// The speaker of that name; -1 when there is none, or for NULL.
int32_t nm_corpus_find_speaker(const NmCorpus *corpus, const char *name);

// Writes durations.tsv from the items' durations (items without are written empty), atomically.
NmStatus nm_corpus_save_durations(const NmCorpus *corpus, const char *dir, NmError *err) NM_NODISCARD;

// The states without the pauses passed over: tokens [n_states at most] and whole frames that sum to n_frames
// when the item has frames (each >= 1). Pauses shorter than `min_pause` frames are given to a stop after them
// (its closure), otherwise to the phone before. Returns the number of tokens.
int32_t nm_corpus_item_tokens(const NmCorpusItem *item, int32_t min_pause, NmToken *tokens, float *durations);

// Whether that function keeps state k.
bool nm_corpus_item_keeps(const NmCorpusItem *item, int32_t k, int32_t min_pause);

// The item's states as the text of a tokens column.
void nm_corpus_print_states(const NmCorpusItem *item, FILE *file);

// The text form of a tokens column to states, on the arena; NM_ERR_BAD_DATA for an unknown phone.
NmStatus nm_corpus_parse_states(NmArena *arena, const char *text, const NmToken **states, int32_t *n,
                                NmError *err) NM_NODISCARD;

#endif
