// SPDX-License-Identifier: GPL-3.0-or-later
// A prepared corpus of music and how it felt: DIR/features.safetensors and DIR/labels.safetensors.
#ifndef NM_EMOTION_CORPUS_H
#define NM_EMOTION_CORPUS_H

#include <stdbool.h>

#include "dsp/base/pool.h"
#include "models/emotion/features.h"

// A copy is a training clip in another pitch or tempo, of the same labels: its id is that of its original
// plus a multiple of NM_EMOTION_COPIES.
typedef enum { NM_EMOTION_TRAIN, NM_EMOTION_VALID, NM_EMOTION_COPY } NmEmotionSplit;
enum { NM_EMOTION_COPIES = 10000 };

// A clip or a piece.
typedef struct {
  int32_t id;    // the digits of its name
  int32_t split; // NmEmotionSplit
  int64_t first; // its first step
  int32_t n_steps;
  float static_label[2]; // how the whole was rated: valence, arousal
  int32_t n_measures;    // of its listeners' curves, 0 without
  float duration_s;
  int32_t source; // of several corpora that were joined, which it came from; is not stored
} NmEmotionItem;

// One listener's curve over one piece, a value for each of its measures, which are equally long.
typedef struct {
  int32_t item, listener;
  int64_t first;   // in `values`
  int32_t control; // another curve of the same piece (protocol P3), -1 for none
} NmEmotionCurve;

typedef struct {
  int32_t n_items, n_curves;
  int64_t n_steps, n_values;
  NmEmotionItem *items;   // [n_items], those of a source together
  float *patches;         // [n_steps, NM_PATCH]
  float *rows;            // [n_steps, NM_STEP]
  float *labels;          // [n_steps, 2] valence and arousal
  NmEmotionCurve *curves; // [n_curves]
  float *values;          // [n_values, 2]
} NmEmotionCorpus;

// NM_ERR_IO, NM_ERR_BAD_DATA. Free with nm_emotion_corpus_fini, also after a failure.
NmStatus nm_emotion_corpus_open(NmEmotionCorpus *corpus, const char *dir, NmError *err) NM_NODISCARD;
void nm_emotion_corpus_fini(NmEmotionCorpus *corpus);

// How many corpora were joined; 0 when there is nothing, 1 for one that was opened.
int32_t nm_emotion_corpus_get_n_sources(const NmEmotionCorpus *corpus);

// Adds copies of all of `more`, as a further source. NM_ERR_NO_MEMORY leaves the corpus as it was.
NmStatus nm_emotion_corpus_append(NmEmotionCorpus *corpus, const NmEmotionCorpus *more,
                                  NmError *err) NM_NODISCARD;
NmStatus nm_emotion_corpus_save(const NmEmotionCorpus *corpus, const char *dir, NmError *err) NM_NODISCARD;

// What was prepared.
typedef struct {
  int64_t n_items, n_steps, n_curves;
} NmEmotionPrepared;

// Reads a folder: its table and, for each item, NAME.opus, .ogg, .flac, .mp3 or .wav. Either labels.tsv,
// averaged labels of equally long clips, with columns song_id, split (train, valid), v_<s> and a_<s>
// (one each for every half second, in order), static_v, static_a; or curves.tsv, single listeners, with
// columns piece, split, listener, control (another listener of the piece), duration_s, valence and arousal
// (lists, one value for each measure). The steps of a piece have the mean of its curves. Writes the corpus to
// the folder `out`.
// Of averaged labels, every training clip is copied at each of the speeds [n_speeds]. Sounds are heard on the
// threads of `pool`, which may be NULL.
NmStatus nm_emotion_prepare(NmPool *pool, const char *dir, const char *out, const float *speeds, int n_speeds,
                            NmEmotionPrepared *done, NmError *err) NM_NODISCARD;

#endif
