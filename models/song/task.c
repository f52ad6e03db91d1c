// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/task.h"

#define LEAST_SHARE 1e-6

static NmVar int_input(NmGraph *g, int64_t B, int64_t T)
{
  return nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, T));
}

static void add_inputs(NmGraph *g, const NmSongBatch *b, NmSongTaskGraph *t)
{
  t->in = nm_song_input(g, nm_song_task_from(b->task), false, b->B, b->S);
  t->out = nm_song_input(g, nm_song_task_to(b->task), true, b->B, b->T);
  t->sight = (NmSongSight){.len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(b->B)),
                           .segment = int_input(g, b->B, b->T),
                           .len_memory = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(b->B)),
                           .segment_memory = int_input(g, b->B, b->S)};
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) t->choices[i] = int_input(g, b->B, b->T);
  t->bar_places = nm_song_task_to(b->task) == NM_SONG_MELODY ? int_input(g, b->B, b->T) : NM_VAR_NONE;
  t->alignment = t->weights = t->strayed = NM_VAR_NONE;
  if (b->alignment) t->alignment = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE4(b->B, 1, b->T, b->S));
}

static void add_choices(const NmNet *net, const NmSongConfig *c, NmSongSide side, NmVar state,
                        double smoothing, NmSongTaskGraph *t)
{
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) {
    t->logits[i] = nm_song_logits(net, c, side, i, state);
    t->nll[i] = nm_sum(net->graph, nm_cross_entropy(net->graph, t->logits[i], t->choices[i], smoothing), -1);
    const bool with_place = side == NM_SONG_MELODY && i == NM_CHOICE_GAP;
    if (i + 1 < NM_SONG_N_CHOICES)
      state = nm_song_choose(net, c, side, i, state, t->choices[i], with_place ? t->bar_places : NM_VAR_NONE);
  }
}

// Half the distance between what is heard and what should be, which is 0 to 1, over the positions.
static NmVar measure_strayed(NmGraph *g, const NmSongTaskGraph *t, int32_t n_positions)
{
  const NmVar difference = nm_abs(g, nm_sub(g, t->weights, t->alignment));
  return nm_affine(g, nm_sum(g, difference, -1), .5 / n_positions, 0);
}

// Minus the logarithm of the share of attention that lies inside the alignment, mean over the positions. The
// paper takes the distance above; near an even attention that has hardly a gradient, and the alignment is
// learned many times slower.
static NmVar constrain(NmGraph *g, const NmSongTaskGraph *t, int32_t n_positions)
{
  const NmVar inside = nm_sum(g, nm_mul(g, t->weights, t->alignment), 3);
  const NmVar best = nm_sum(g, nm_square(g, t->alignment), 3); // an even attention inside; 0 in the padding
  const NmVar lacking = nm_sub(g, nm_ln(g, best, LEAST_SHARE), nm_ln(g, inside, LEAST_SHARE));
  return nm_affine(g, nm_sum(g, lacking, -1), 1.0 / n_positions, 0);
}

NmSongTaskGraph nm_song_task_build(const NmNet *net, const NmSongConfig *config, const NmSongBatch *b,
                                   const NmSongLossOptions *options)
{
  NmGraph *g = net->graph;
  NmSongTaskGraph t;
  const NmSongSide from = nm_song_task_from(b->task), to = nm_song_task_to(b->task);
  add_inputs(g, b, &t);
  const NmVar memory = nm_song_encode(net, config, from, &t.in, t.sight.len_memory);
  const NmVar state =
      nm_song_decode(net, config, to, &t.out, memory, &t.sight, b->alignment ? &t.weights : NULL);
  add_choices(net, config, to, state, options->smoothing, &t);
  t.loss = nm_affine(g, t.nll[0], 1.0 / b->n_positions, 0);
  for (int i = 1; i < NM_SONG_N_CHOICES; ++i)
    t.loss = nm_add(g, t.loss, nm_affine(g, t.nll[i], 1.0 / b->n_positions, 0));
  if (!b->alignment) return t;
  t.strayed = measure_strayed(g, &t, b->n_positions);
  if (options->constraint > 0)
    t.loss = nm_add(g, t.loss, nm_affine(g, constrain(g, &t, b->n_positions), options->constraint, 0));
  return t;
}

void nm_song_task_set(NmGraph *g, const NmSongTaskGraph *t, const NmSongBatch *b)
{
  nm_graph_set_int(g, t->in.syllables, b->syllables_in);
  nm_graph_set_int(g, t->in.features, b->features_in);
  nm_graph_set_int(g, t->out.syllables, b->syllables_out);
  nm_graph_set_int(g, t->out.features, b->features_out);
  nm_graph_set_int(g, t->sight.len, b->len_out);
  nm_graph_set_int(g, t->sight.segment, b->segment_out);
  nm_graph_set_int(g, t->sight.len_memory, b->len_in);
  nm_graph_set_int(g, t->sight.segment_memory, b->segment_in);
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) nm_graph_set_int(g, t->choices[i], b->choices[i]);
  nm_graph_set_int(g, t->bar_places, b->bar_places);
  if (b->alignment) nm_graph_set(g, t->alignment, b->alignment);
}
