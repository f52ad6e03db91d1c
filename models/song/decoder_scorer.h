// SPDX-License-Identifier: GPL-3.0-or-later
// The network as what a search asks: the rows of a decoder are those of the search.
#ifndef NM_SONG_DECODER_SCORER_H
#define NM_SONG_DECODER_SCORER_H

#include "models/song/inference.h"
#include "models/song/search.h"

typedef struct {
  const NmSongModel *model;
  NmSongSide side;        // that the decoder makes
  NmSongDecoder *decoder; // borrowed, with a source set
  bool ended;             // all its rows are finished: it has nothing more to say
} NmDecoderScorer;

// `scorer` is borrowed. A decoder that has ended answers that all is equally likely.
NmSearchScorer nm_decoder_scorer(NmDecoderScorer *scorer);

#endif
