// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a prepared and aligned corpus (corpus.h) whose frames a model made: item after item, of silent
// audio.
#ifndef NM_SPEECH_CORPUS_WRITER_H
#define NM_SPEECH_CORPUS_WRITER_H

#include "models/speech/corpus.h"

// Zero-initialise, then open.
typedef struct {
  const char *dir; // borrowed
  FILE *index, *envelope, *f0, *durations;
  int64_t n_frames; // written
} NmCorpusWriter;

// What was made of an item; borrowed. Durations are those of the states that nm_corpus_item_keeps at
// NM_UTTERANCE_MIN_PAUSE, and sum to T.
typedef struct {
  const float *envelope, *f0_hz; // [T, 80] [T]
  const int32_t *durations;      // [kept states] frames
  int32_t T;
} NmCorpusFrames;

// Makes the folder if need be. After an error, close all the same.
NmStatus nm_corpus_writer_open(NmCorpusWriter *writer, const char *dir, NmError *err) NM_NODISCARD;

// Closes the files and, if `status` is NM_OK and all was written, gives the corpus its index; without one it
// cannot be opened. Returns `status`, or NM_ERR_IO.
NmStatus nm_corpus_writer_close(NmCorpusWriter *writer, NmStatus status, NmError *err) NM_NODISCARD;

// The item as it is in `corpus`, aligned.
void nm_corpus_writer_keep(NmCorpusWriter *writer, const NmCorpus *corpus, const NmCorpusItem *item);

// The item's words with these frames, said by `speaker`.
void nm_corpus_writer_add(NmCorpusWriter *writer, const NmCorpusItem *item, const char *speaker,
                          NmSplit split, const NmCorpusFrames *frames);

#endif
