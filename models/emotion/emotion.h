// SPDX-License-Identifier: GPL-3.0-or-later
// What music feels like from moment to moment: sound in, a row for every half second out. Streaming, in
// constant memory: a row comes when NM_EMOTION_REACH_S seconds of sound after it are known (or the sound
// ends), and is the same whatever the sizes of the blocks and the number of threads.
#ifndef NM_EMOTION_EMOTION_H
#define NM_EMOTION_EMOTION_H

#include <stdbool.h>

#include "dsp/base/pool.h"

#define NM_EMOTION_STEP_S 0.5   // seconds from row to row
#define NM_EMOTION_REACH_S 28.0 // rows are never later than this behind the sound

enum {
  NM_EMOTION_RATE_HZ = 24000,
  NM_EMOTION_STEP = 12000,  // samples from row to row
  NM_EMOTION_HASH_SIZE = 17 // hexadecimal digits of a model's hash, and the end
};

// One half second.
typedef struct {
  double time_s;          // its centre, from the first sample
  float valence, arousal; // -1..1
  // What the half minute around it would be rated with as a whole: for a summary of all of a sound, take the
  // mean.
  float whole_valence, whole_arousal;
  // 0 (as unsure as without listening) to 1: one less the expected error over the labels' spread.
  float confidence;
  // From the music of the training data; above 1 is farther than 99 % of it: speech, noise, silence.
  float distance;
} NmEmotionRow;

// A model: weights that any number of streams read.
typedef struct NmEmotionModel NmEmotionModel;

// Loads and checks a weights file (neume train emotion). NULL and `err`: the file, what is wrong, where.
NmEmotionModel *nm_emotion_model_open(const char *path, NmError *err);
void nm_emotion_model_close(NmEmotionModel *model);

// Sixteen hexadecimal digits that depend on the whole weights file: what a listener is bound to.
const char *nm_emotion_model_get_hash(const NmEmotionModel *model);

// How far valence and arousal spread in the labels that it learned from: a confidence of c is an expected
// error of (1 - c) of it.
void nm_emotion_model_get_spread(const NmEmotionModel *model, float spread[2]);

struct NmListener;

// One sound being listened to. One thread at a time per object.
typedef struct NmEmotion NmEmotion;

// `model` and `pool` (may be NULL) are borrowed. NULL when memory is out (`err` says so).
NmEmotion *nm_emotion_new(NmEmotionModel *model, NmPool *pool, NmError *err);
void nm_emotion_free(NmEmotion *emotion);

// From now on rows are as this listener hears them (models/emotion/listener.h); NULL: as people do on
// average. Before the first sample. Borrowed. NM_ERR_BAD_ARG when the listener belongs to another model.
NmStatus nm_emotion_set_listener(NmEmotion *emotion, const struct NmListener *listener,
                                 NmError *err) NM_NODISCARD;

// The next n samples, mono at 24 kHz, full scale 1 (samples that are no numbers count as 0). Up to `capacity`
// rows that they complete into `rows`; *n_taken says how many samples were used, all unless capacity was
// reached. Returns the number of rows.
int64_t nm_emotion_push(NmEmotion *emotion, const float *x, int64_t n, int64_t *n_taken, NmEmotionRow *rows,
                        int64_t capacity);

// The sound has ended: its last rows; call until it returns 0, then a new sound may begin. A sound of n >= 1
// samples has nm_emotion_get_n_rows(n) rows in all.
int64_t nm_emotion_finish(NmEmotion *emotion, NmEmotionRow *rows, int64_t capacity);

// Whole half seconds, and a last one of at least a quarter; at least 1 for n >= 1.
int64_t nm_emotion_get_n_rows(int64_t n_samples);

// For listening live: the newest half second, some two seconds old, from what is known so far. Its row will
// come later and may differ. Costs as much as the rows of ten seconds. False when there is none. No listener
// is asked.
bool nm_emotion_peek(NmEmotion *emotion, NmEmotionRow *row);

// Forgets the sound.
void nm_emotion_reset(NmEmotion *emotion);

// A whole sound x [n], n >= 1, at once: rows [nm_emotion_get_n_rows(n)]. The same bytes as pushing it.
void nm_emotion_run(NmEmotion *emotion, const float *x, int64_t n, NmEmotionRow *rows);

#endif
