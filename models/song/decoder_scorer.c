// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/decoder_scorer.h"

#include <string.h>

static NmStatus get_logits(void *self, int32_t field, float *logits)
{
  NmDecoderScorer *scorer = self;
  if (field == 0) scorer->ended = !nm_song_decoder_next(scorer->decoder);
  const size_t n = (size_t)nm_song_n_values(&scorer->model->config, scorer->side, field) *
                   (size_t)nm_song_decoder_get_n_rows(scorer->decoder);
  if (scorer->ended)
    memset(logits, 0, n * sizeof *logits);
  else
    memcpy(logits, nm_song_decoder_logits(scorer->decoder, field), n * sizeof *logits);
  return NM_OK;
}

static NmStatus take(void *self, int32_t field, const int32_t *tokens)
{
  NmDecoderScorer *scorer = self;
  if (!scorer->ended) nm_song_decoder_choose(scorer->decoder, field, tokens);
  return NM_OK;
}

static NmStatus reorder(void *self, const int32_t *index)
{
  NmDecoderScorer *scorer = self;
  return scorer->ended ? NM_OK : nm_song_decoder_reorder(scorer->decoder, index);
}

NmSearchScorer nm_decoder_scorer(NmDecoderScorer *scorer)
{
  return (NmSearchScorer){scorer, get_logits, take, reorder};
}
