// SPDX-License-Identifier: GPL-3.0-or-later
// The recurrent baseline's decoder step by step, R candidates side by side: what NmSongDecoder holds in place
// of blocks and caches when the model is recurrent (NmSongConfig.recurrent).
#ifndef NM_SONG_RECURRENT_H
#define NM_SONG_RECURRENT_H

#include "models/song/model.h"

typedef struct NmSongRecurrent NmSongRecurrent;

// NULL when memory is out. `model` is borrowed.
NmSongRecurrent *nm_song_recurrent_new(const NmSongModel *model, NmSongSide side, int32_t n_rows,
                                       NmError *err);
void nm_song_recurrent_free(NmSongRecurrent *recurrent);

// A new source, k and v [n_source, d_model] (nm_song_lstm_memory); every row forgets.
NmStatus nm_song_recurrent_start(NmSongRecurrent *recurrent, const float *k, const float *v, int32_t n_source,
                                 NmError *err) NM_NODISCARD;

// The next position of every row: features and syllables as nm_song_input has them (syllables for lyrics
// only) -> x [R, d_model], weights [R, n_source] of the first head. Never allocates.
void nm_song_recurrent_step(NmSongRecurrent *recurrent, const int32_t *features, const int32_t *syllables,
                            float *x, float *weights);

// Row r goes on from what row index[r] was; the indices are valid.
void nm_song_recurrent_reorder(NmSongRecurrent *recurrent, const int32_t *index);

#endif
