// SPDX-License-Identifier: GPL-3.0-or-later
// The song model's weights file: parameters, configuration and vocabulary.
#ifndef NM_SONG_MODEL_H
#define NM_SONG_MODEL_H

#include "models/song/network.h"

// Read directly. Shared by any number of decoders of one thread.
typedef struct {
  NmParams *params;
  NmSongConfig config;
  NmVocabulary *vocabulary;
  NmPool *pool;
} NmSongModel;

// Opens, checks that every tensor is there, has its shape and is used. `pool` is borrowed, may be NULL. On
// failure nothing is held: NM_ERR_BAD_DATA names the file and the cause.
NmStatus nm_song_model_open(NmSongModel *model, const char *path, NmPool *pool, NmError *err) NM_NODISCARD;
// One that has learned nothing, for tests: weights drawn from `seed`, the vocabulary of `text` (its size goes
// to the configuration).
NmStatus nm_song_model_init(NmSongModel *model, const NmSongConfig *config, const char *text, uint64_t seed,
                            NmError *err) NM_NODISCARD;
void nm_song_model_close(NmSongModel *model);

// The metadata to save weights with; freed by the caller. NULL when memory is out.
char *nm_song_model_metadata(const NmSongConfig *config, const NmVocabulary *vocabulary);

#endif
