// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/teacher_model.h"

#include <math.h>
#include <string.h>

#define STOP_WEIGHT 5 // of the one step that ends a recording (Li et al. 2019, section 3.7)

static bool allocate(NmTeacherBatch *b, NmArena *arena, bool guided)
{
  const size_t n = (size_t)b->speech.B * (size_t)b->S;
  b->n_item_steps = nm_arena_calloc(arena, (size_t)b->speech.B, sizeof(int32_t));
  b->frames = nm_arena_calloc(arena, n * NM_ACOUSTIC_N_OUT, sizeof(float));
  b->stop = nm_arena_calloc(arena, n, sizeof(float));
  b->stop_mask = nm_arena_calloc(arena, n, sizeof(float));
  if (guided) b->guide = nm_arena_calloc(arena, n * (size_t)b->speech.K, sizeof(float));
  return b->n_item_steps && b->frames && b->stop && b->stop_mask && (b->guide || !guided);
}

// The last frame of the step before; nothing before the first.
static void fill_frames(NmTeacherBatch *b, int64_t row, int32_t n_stack)
{
  const NmSpeechBatch *x = &b->speech;
  for (int64_t s = 1; s < b->n_item_steps[row]; ++s) {
    const int64_t t = row * x->T + s * n_stack - 1;
    float *y = b->frames + (row * b->S + s) * NM_ACOUSTIC_N_OUT;
    memcpy(y, x->envelope + t * NM_ACOUSTIC_N_BANDS, NM_ACOUSTIC_N_BANDS * sizeof *y);
    y[NM_ACOUSTIC_N_BANDS] = x->f0[t];
    y[NM_ACOUSTIC_N_BANDS + 1] = x->voicing[t];
  }
}

static void fill_stop(NmTeacherBatch *b, int64_t row)
{
  const int64_t last = row * b->S + b->n_item_steps[row] - 1;
  for (int64_t s = row * b->S; s <= last; ++s) b->stop_mask[s] = 1;
  b->stop[last] = 1;
  b->stop_mask[last] = STOP_WEIGHT;
}

// Where the aligner is at each frame, in tokens: its path with straight lines through the tokens.
static double find_place(const NmSpeechBatch *x, int64_t row, int64_t t)
{
  const int32_t *index = x->index + row * x->T;
  int64_t first = t, end = t + 1;
  while (first > 0 && index[first - 1] == index[t]) --first;
  while (end < x->T && index[end] == index[t]) ++end;
  return index[t] + ((double)(t - first) + .5) / (double)(end - first) - .5;
}

static void fill_guide(NmTeacherBatch *b, int64_t row, int32_t n_stack, const NmTeacherGuide *guide)
{
  const NmSpeechBatch *x = &b->speech;
  const int64_t n = b->n_item_steps[row], K = x->len[row];
  const double width = guide->diagonal ? guide->width * (double)K : guide->width;
  for (int64_t s = 0; s < n; ++s) {
    float *y = b->guide + (row * b->S + s) * x->K;
    const double place =
        guide->diagonal ? ((double)s + .5) / (double)n * (double)K - .5 : find_place(x, row, s * n_stack);
    for (int64_t k = 0; k < K; ++k) {
      const double d = ((double)k - place) / width;
      y[k] = (float)(1 - exp(-d * d / 2));
    }
  }
}

typedef struct {
  NmTeacherBatch *batch;
  const NmTeacherGuide *guide;
  int32_t n_stack;
} FillJob;

static void fill_row(void *ctx, int64_t row, int worker)
{
  const FillJob *job = ctx;
  fill_frames(job->batch, row, job->n_stack);
  fill_stop(job->batch, row);
  if (job->guide) fill_guide(job->batch, row, job->n_stack, job->guide);
}

NmStatus nm_teacher_batch_fill(NmTeacherBatch *batch, NmArena *arena, NmPool *pool, const NmUtteranceSet *set,
                               const int32_t *which, int32_t B, const NmTeacherConfig *config,
                               const NmTeacherGuide *guide)
{
  *batch = (NmTeacherBatch){0};
  NmStatus status = nm_speech_batch_fill(&batch->speech, arena, set, which, B, config->n_stack);
  if (status != NM_OK) return status;
  batch->S = batch->speech.T / config->n_stack;
  if (!allocate(batch, arena, guide != NULL)) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < B; ++i) {
    batch->n_item_steps[i] = batch->speech.len_stacks[i];
    batch->n_steps += batch->n_item_steps[i];
  }
  nm_pool_run(pool, B, fill_row, &(FillJob){batch, guide, config->n_stack});
  return NM_OK;
}

static void add_inputs(NmGraph *g, const NmTeacherConfig *config, const NmTeacherBatch *b, NmTeacherModel *m)
{
  const int64_t B = b->speech.B, K = b->speech.K, T = b->speech.T, S = b->S;
  m->in = nm_acoustic_inputs(g, B, K);
  m->positions_tokens = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, K, config->d_model));
  m->decoding =
      (NmTeacherInputs){.len = m->in.len,
                        .frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, S, NM_ACOUSTIC_N_OUT)),
                        .positions = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, S, config->d_model)),
                        .noise = NM_VAR_NONE};
  m->envelope = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_ACOUSTIC_N_BANDS));
  m->f0 = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->voicing = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->frame_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->f0_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->stop = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, S, 1));
  m->stop_mask = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, S, 1));
  m->guide = b->guide ? nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE4(B, 1, S, K)) : NM_VAR_NONE;
}

static void add_losses(NmGraph *g, NmTeacherModel *m)
{
  const NmVar out = m->frames.out;
  const int n = NM_ACOUSTIC_N_BANDS;
  m->loss_envelope = nm_loss_l1(g, nm_slice(g, out, 2, 0, n), m->envelope, m->frame_mask);
  m->loss_f0 = nm_loss_l1(g, nm_slice(g, out, 2, n, 1), m->f0, m->f0_mask);
  m->loss_voicing = nm_loss_bce(g, nm_slice(g, out, 2, n + 1, 1), m->voicing, m->frame_mask);
  m->loss_stop = nm_loss_bce(g, m->frames.stop, m->stop, m->stop_mask);
}

// The first half of every block's heads is guided; the others find their own use.
static void add_guide(NmGraph *g, const NmTeacherConfig *config, const NmTeacherBatch *b, NmTeacherModel *m)
{
  const int32_t n = (config->n_heads + 1) / 2;
  NmVar sum = NM_VAR_NONE;
  for (int32_t i = 0; i < config->n_decoder; ++i) {
    const NmVar strayed = nm_sum(g, nm_mul(g, nm_slice(g, m->frames.weights[i], 1, 0, n), m->guide), -1);
    sum = i ? nm_add(g, sum, strayed) : strayed;
  }
  m->loss_guide = nm_affine(g, sum, 1.0 / ((double)b->n_steps * n * config->n_decoder), 0);
}

NmTeacherModel nm_teacher_model_build(const NmNet *net, const NmTeacherConfig *config,
                                      const NmTeacherBatch *batch, bool with_weights)
{
  NmTeacherModel m = {.loss_guide = NM_VAR_NONE};
  add_inputs(net->graph, config, batch, &m);
  m.decoding.memory = nm_teacher_encode(net, config, &m.in, m.positions_tokens);
  m.frames = nm_teacher_decode(net, config, &m.decoding, with_weights || batch->guide);
  add_losses(net->graph, &m);
  if (batch->guide) add_guide(net->graph, config, batch, &m);
  return m;
}

void nm_teacher_model_set(NmGraph *g, const NmTeacherModel *m, const NmTeacherBatch *b,
                          const float *positions)
{
  nm_graph_set_int(g, m->in.phones, b->speech.phones);
  nm_graph_set_int(g, m->in.places, b->speech.places);
  nm_graph_set(g, m->in.features, b->speech.features);
  nm_graph_set_int(g, m->in.speaker, b->speech.speaker);
  nm_graph_set_int(g, m->in.len, b->speech.len);
  nm_graph_set(g, m->positions_tokens, positions);
  nm_graph_set(g, m->decoding.positions, positions);
  nm_graph_set(g, m->decoding.frames, b->frames);
  nm_graph_set(g, m->envelope, b->speech.envelope);
  nm_graph_set(g, m->f0, b->speech.f0);
  nm_graph_set(g, m->voicing, b->speech.voicing);
  nm_graph_set(g, m->frame_mask, b->speech.frame_mask);
  nm_graph_set(g, m->f0_mask, b->speech.f0_mask);
  nm_graph_set(g, m->stop, b->stop);
  nm_graph_set(g, m->stop_mask, b->stop_mask);
  if (b->guide) nm_graph_set(g, m->guide, b->guide);
}
