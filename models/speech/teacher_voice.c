// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/teacher_voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/arena.h"
#include "dsp/base/rng.h"
#include "models/attention/cache.h"

enum { FRAMES_PER_TOKEN = 40, N_CHUNK = 64, PIECES_MAX = 1 + 2 * NM_TEACHER_BLOCKS_MAX };

// What lies between two attentions of a step. Absent variables are NM_VAR_NONE.
typedef struct {
  NmGraph *graph;
  NmVar frame, position, noise; // of the first piece: [1, 1, 82], [1, 1, d_model], [1, 1, 2 d_prenet]
  NmVar x_in, heard;            // of the others: [1, 1, d_model]
  NmVar x;                      // [1, 1, d_model]
  NmTeacherHeard next;          // what the next attention takes
  NmTeacherFrames frames;       // of the last piece
} Piece;

// Of one phrase, on the arena.
typedef struct {
  float *frames, *queries, *keys, *weights; // [S, n_stack, 82] [S, d_model] [K, d_model] [S, K]
  float *x, *q, *k, *v, *heard, *noise;     // one row each
} Scratch;

struct NmTeacher {
  NmTeacherFile file;
  NmPool *pool;
  NmGraph *encoder, *shower; // laid out for each phrase; the shower computes the weights that are shown
  Piece pieces[PIECES_MAX];  // prenet; then of each block, after self-attention and after cross-attention
  NmKvCache *self[NM_TEACHER_BLOCKS_MAX], *cross[NM_TEACHER_BLOCKS_MAX];
  float *positions; // [NM_TEACHER_STEPS_MAX, d_model]
  NmArena arena;
  Scratch scratch;
};

void nm_teacher_free(NmTeacher *t)
{
  if (!t) return;
  for (int i = 0; i < PIECES_MAX; ++i) nm_graph_free(t->pieces[i].graph);
  for (int i = 0; i < NM_TEACHER_BLOCKS_MAX; ++i) {
    nm_kv_cache_free(t->self[i]);
    nm_kv_cache_free(t->cross[i]);
  }
  nm_graph_free(t->encoder);
  nm_graph_free(t->shower);
  nm_teacher_file_close(&t->file);
  nm_arena_fini(&t->arena);
  free(t->positions);
  free(t);
}

static void show(NmGraph *g, NmVar x)
{
  if (x != NM_VAR_NONE) nm_graph_output(g, x);
}

static NmVar row_input(NmGraph *g, int64_t n)
{
  return nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, 1, n));
}

static void build_first(const NmNet *net, const NmTeacherConfig *c, Piece *p)
{
  NmGraph *g = net->graph;
  const NmTeacherInputs in = {.memory = NM_VAR_NONE,
                              .len = NM_VAR_NONE,
                              .frames = row_input(g, NM_ACOUSTIC_N_OUT),
                              .positions = row_input(g, c->d_model),
                              .noise = row_input(g, 2 * (int64_t)c->d_prenet)};
  p->frame = in.frames;
  p->position = in.positions;
  p->noise = in.noise;
  p->x = nm_teacher_prenet(net, c, &in);
  p->next = nm_teacher_self_in(net, c, 0, p->x);
}

static void build_middle(const NmNet *net, const NmTeacherConfig *c, int block, bool after_cross, Piece *p)
{
  p->x_in = row_input(net->graph, c->d_model);
  p->heard = row_input(net->graph, c->d_model);
  if (!after_cross) {
    p->x = nm_teacher_self_out(net, c, block, p->x_in, p->heard);
    p->next.q = nm_teacher_cross_query(net, c, block, p->x);
    return;
  }
  p->x = nm_teacher_cross_out(net, c, block, p->x_in, p->heard);
  if (block + 1 < c->n_decoder)
    p->next = nm_teacher_self_in(net, c, block + 1, p->x);
  else
    nm_teacher_out(net, c, p->x, &p->frames);
}

static NmStatus build_piece(NmTeacher *t, int i, NmError *err)
{
  static const Piece none = {.frame = NM_VAR_NONE,
                             .position = NM_VAR_NONE,
                             .noise = NM_VAR_NONE,
                             .x_in = NM_VAR_NONE,
                             .heard = NM_VAR_NONE,
                             .next = {NM_VAR_NONE, NM_VAR_NONE, NM_VAR_NONE},
                             .frames = {.out = NM_VAR_NONE, .stop = NM_VAR_NONE}};
  Piece *p = &t->pieces[i];
  *p = none;
  p->graph = nm_graph_new(nm_backend_cpu(), t->pool);
  if (!p->graph) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmNet net = {p->graph, t->file.params, 0};
  if (i == 0)
    build_first(&net, &t->file.config, p);
  else
    build_middle(&net, &t->file.config, (i - 1) / 2, (i - 1) % 2 == 1, p);
  const NmVar shown[] = {p->x, p->next.q, p->next.k, p->next.v, p->frames.out, p->frames.stop};
  for (size_t k = 0; k < sizeof shown / sizeof *shown; ++k) show(p->graph, shown[k]);
  const NmStatus status = nm_graph_plan(p->graph, false, err);
  if (status == NM_OK) nm_graph_prepare(p->graph);
  return status;
}

static NmStatus make_caches(NmTeacher *t, int block, NmError *err)
{
  const NmTeacherConfig *c = &t->file.config;
  NmKvCacheConfig cache = nm_kv_cache_defaults(c->n_heads, c->d_model);
  cache.n_most = NM_TEACHER_STEPS_MAX;
  cache.n_chunk = 1;
  if (!(t->self[block] = nm_kv_cache_new(&cache, t->pool, err))) return err->status;
  cache.pattern = NM_PATTERN_FULL;
  cache.n_chunk = N_CHUNK;
  return (t->cross[block] = nm_kv_cache_new(&cache, t->pool, err)) ? NM_OK : err->status;
}

static NmStatus prepare(NmTeacher *t, NmError *err)
{
  const NmTeacherConfig *c = &t->file.config;
  NmStatus status = NM_OK;
  t->encoder = nm_graph_new(nm_backend_cpu(), t->pool);
  t->shower = nm_graph_new(nm_backend_cpu(), t->pool);
  t->positions = calloc(NM_TEACHER_STEPS_MAX * (size_t)c->d_model, sizeof *t->positions);
  if (!t->encoder || !t->shower || !t->positions) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_teacher_positions(NM_TEACHER_STEPS_MAX, c->d_model, t->positions);
  for (int i = 0; i < 1 + 2 * c->n_decoder && status == NM_OK; ++i) status = build_piece(t, i, err);
  for (int i = 0; i < c->n_decoder && status == NM_OK; ++i) status = make_caches(t, i, err);
  return status;
}

NmTeacher *nm_teacher_new(const char *path, NmPool *pool, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmTeacher *t = calloc(1, sizeof *t);
  if (!t) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  t->pool = pool;
  nm_arena_init(&t->arena, 1 << 20);
  if (nm_teacher_file_open(&t->file, path, nm_backend_cpu(), pool, err) == NM_OK && prepare(t, err) == NM_OK)
    return t;
  nm_teacher_free(t);
  return NULL;
}

const NmTeacherFile *nm_teacher_get_file(const NmTeacher *teacher)
{
  return &teacher->file;
}

static bool allocate(NmTeacher *t, int64_t K, int64_t n_steps)
{
  Scratch *s = &t->scratch;
  const NmTeacherConfig *c = &t->file.config;
  const size_t n = (size_t)n_steps, d = (size_t)c->d_model;
  nm_arena_reset(&t->arena);
  s->frames = nm_arena_calloc(&t->arena, n * (size_t)c->n_stack * NM_ACOUSTIC_N_OUT, sizeof(float));
  s->queries = nm_arena_calloc(&t->arena, n * d, sizeof(float));
  s->keys = nm_arena_calloc(&t->arena, (size_t)K * d, sizeof(float));
  float **rows[] = {&s->x, &s->q, &s->k, &s->v, &s->heard};
  bool good = s->frames && s->queries && s->keys;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    good = (*rows[i] = nm_arena_calloc(&t->arena, d, sizeof(float))) && good;
  s->noise = nm_arena_calloc(&t->arena, 2 * (size_t)c->d_prenet, sizeof(float));
  return good && s->noise;
}

static NmStatus fill_cache(NmKvCache *cache, const float *k, const float *v, int64_t K, int64_t d)
{
  NmStatus status = NM_OK;
  nm_kv_cache_reset(cache);
  for (int64_t i = 0; i < K && status == NM_OK; i += N_CHUNK)
    status = nm_kv_cache_append(cache, k + i * d, v + i * d, K - i < N_CHUNK ? K - i : N_CHUNK);
  return status;
}

// Runs the encoder and keeps what every block's cross-attention sees of it.
static NmStatus encode(NmTeacher *t, const NmTeacherText *text, NmError *err)
{
  NmGraph *g = t->encoder;
  const NmTeacherConfig *c = &t->file.config;
  const int64_t K = text->n;
  NmTeacherHeard heard[NM_TEACHER_BLOCKS_MAX];
  nm_graph_reset(g);
  const NmNet net = {g, t->file.params, 0};
  const NmAcousticInputs in = nm_acoustic_inputs(g, 1, K);
  const NmVar positions = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, K, c->d_model));
  const NmVar memory = nm_teacher_encode(&net, c, &in, positions);
  for (int i = 0; i < c->n_decoder; ++i) {
    heard[i] = nm_teacher_cross_memory(&net, c, i, memory);
    show(g, heard[i].k);
    show(g, heard[i].v);
  }
  NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  nm_graph_set_int(g, in.phones, text->phones);
  nm_graph_set_int(g, in.places, text->places);
  nm_graph_set(g, in.features, text->features);
  nm_graph_set_int(g, in.speaker, &text->speaker);
  nm_graph_set_int(g, in.len, &text->n);
  nm_graph_set(g, positions, t->positions);
  nm_graph_forward(g);
  nm_graph_get(g, heard[c->align_head / c->n_heads].k, t->scratch.keys);
  for (int i = 0; i < c->n_decoder && status == NM_OK; ++i)
    status =
        fill_cache(t->cross[i], nm_graph_data(g, heard[i].k), nm_graph_data(g, heard[i].v), K, c->d_model);
  for (int i = 0; i < c->n_decoder; ++i) nm_kv_cache_reset(t->self[i]);
  return status;
}

static void run_piece(NmTeacher *t, int i)
{
  const Piece *p = &t->pieces[i];
  Scratch *s = &t->scratch;
  nm_graph_set(p->graph, p->x_in, s->x);
  nm_graph_set(p->graph, p->heard, s->heard);
  nm_graph_forward(p->graph);
  nm_graph_get(p->graph, p->x, s->x);
  nm_graph_get(p->graph, p->next.q, s->q);
  nm_graph_get(p->graph, p->next.k, s->k);
  nm_graph_get(p->graph, p->next.v, s->v);
}

static NmStatus run_block(NmTeacher *t, int block, int64_t step)
{
  const NmTeacherConfig *c = &t->file.config;
  Scratch *s = &t->scratch;
  NmStatus status = nm_kv_cache_append(t->self[block], s->k, s->v, 1);
  if (status == NM_OK) status = nm_kv_cache_attend(t->self[block], s->q, 1, s->heard);
  if (status != NM_OK) return status;
  run_piece(t, 1 + 2 * block);
  if (block == c->align_head / c->n_heads)
    memcpy(s->queries + step * c->d_model, s->q, (size_t)c->d_model * sizeof *s->q);
  status = nm_kv_cache_attend(t->cross[block], s->q, 1, s->heard);
  if (status == NM_OK) run_piece(t, 2 + 2 * block);
  return status;
}

// Dropout at one half, as the training has it.
static void draw_noise(NmTeacher *t, const NmTeacherOptions *options, int64_t step)
{
  const int64_t n = 2 * (int64_t)t->file.config.d_prenet;
  for (int64_t i = 0; i < n; ++i) {
    const bool kept = nm_rng_uniform_at(options->seed, (uint64_t)(step * n + i)) >= .5f;
    t->scratch.noise[i] = options->noise ? (kept ? 2 : 0) : 1;
  }
}

// The step's frames. *ended after the last.
static NmStatus run_step(NmTeacher *t, const NmTeacherOptions *options, int64_t step, bool *ended)
{
  const NmTeacherConfig *c = &t->file.config;
  const int64_t n_row = (int64_t)c->n_stack * NM_ACOUSTIC_N_OUT;
  float frame[NM_ACOUSTIC_N_OUT] = {0}, *out = t->scratch.frames + step * n_row;
  const Piece *first = &t->pieces[0], *last = &t->pieces[2 * c->n_decoder];
  NmStatus status = NM_OK;
  if (step > 0) memcpy(frame, out - NM_ACOUSTIC_N_OUT, sizeof frame);
  if (step > 0) frame[NM_ACOUSTIC_N_BANDS + 1] = frame[NM_ACOUSTIC_N_BANDS + 1] > 0 ? 1 : 0;
  draw_noise(t, options, step);
  nm_graph_set(first->graph, first->frame, frame);
  nm_graph_set(first->graph, first->position, t->positions + step * c->d_model);
  nm_graph_set(first->graph, first->noise, t->scratch.noise);
  run_piece(t, 0);
  for (int i = 0; i < c->n_decoder && status == NM_OK; ++i) status = run_block(t, i, step);
  nm_graph_get(last->graph, last->frames.out, out);
  *ended = nm_graph_get_scalar(last->graph, last->frames.stop) > 0;
  return status;
}

// The attention of the head that aligns, from the queries that were asked.
static NmStatus show_weights(NmTeacher *t, int64_t S, int64_t K, NmError *err)
{
  NmGraph *g = t->shower;
  const NmTeacherConfig *c = &t->file.config;
  const NmAttention full = nm_attention_defaults(c->n_heads);
  nm_graph_reset(g);
  const NmVar q = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, S, c->d_model));
  const NmVar k = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, K, c->d_model));
  const NmVar weights = nm_slice(g, nm_attention_weights(g, q, k, &full), 1, c->align_head % c->n_heads, 1);
  nm_graph_output(g, weights);
  const NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  t->scratch.weights = nm_arena_calloc(&t->arena, (size_t)(S * K), sizeof(float));
  if (!t->scratch.weights) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_graph_set(g, q, t->scratch.queries);
  nm_graph_set(g, k, t->scratch.keys);
  nm_graph_forward(g);
  nm_graph_get(g, weights, t->scratch.weights);
  return NM_OK;
}

static NmStatus check(const NmTeacher *t, const NmTeacherText *text, NmError *err)
{
  if (text->n < 1 || text->n > NM_TEACHER_STEPS_MAX)
    return nm_error_set(err, NM_ERR_BAD_ARG, "a phrase has 1 to %d phones, not %d", NM_TEACHER_STEPS_MAX,
                        text->n);
  if (text->speaker < 0 || text->speaker >= t->file.config.n_speakers)
    return nm_error_set(err, NM_ERR_BAD_ARG, "there is no speaker %d", text->speaker);
  return NM_OK;
}

static int64_t count_steps(const NmTeacher *t, const NmTeacherText *text, const NmTeacherOptions *options)
{
  const int64_t r = t->file.config.n_stack;
  const int64_t n = options->n_frames_max > 0 ? options->n_frames_max : FRAMES_PER_TOKEN * (int64_t)text->n;
  const int64_t steps = (n + r - 1) / r;
  return steps < NM_TEACHER_STEPS_MAX ? steps : NM_TEACHER_STEPS_MAX;
}

static NmStatus check_frames(const float *frames, int64_t n, NmError *err)
{
  for (int64_t i = 0; i < n; ++i)
    if (!isfinite(frames[i]))
      return nm_error_set(err, NM_ERR_BAD_DATA,
                          "the teacher's weights give frames that are not finite; they are badly trained");
  return NM_OK;
}

NmStatus nm_teacher_say(NmTeacher *t, const NmTeacherText *text, const NmTeacherOptions *options,
                        NmTeacherSaid *said, NmError *err)
{
  bool ended = false;
  int64_t S = 0;
  NmStatus status = check(t, text, err);
  if (status != NM_OK) return status;
  const int64_t n_most = count_steps(t, text, options), n_stack = t->file.config.n_stack;
  if (!allocate(t, text->n, n_most)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  status = encode(t, text, err);
  while (status == NM_OK && S < n_most && !ended) status = run_step(t, options, S++, &ended);
  if (status == NM_OK) status = check_frames(t->scratch.frames, S * n_stack * NM_ACOUSTIC_N_OUT, err);
  if (status == NM_OK) status = show_weights(t, S, text->n, err);
  *said = (NmTeacherSaid){t->scratch.frames, t->scratch.weights, S * n_stack, S, ended};
  return status;
}

void nm_teacher_read_frames(const float *frames, int64_t n, const NmSpeechStats *stats, int32_t speaker,
                            float *envelope, float *f0_hz)
{
  const float mean = stats->f0[2 * speaker], deviation = stats->f0[2 * speaker + 1];
  for (int64_t t = 0; t < n; ++t) {
    const float *row = frames + t * NM_ACOUSTIC_N_OUT;
    for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b)
      envelope[t * NM_ACOUSTIC_N_BANDS + b] = row[b] * stats->envelope_std[b] + stats->envelope_mean[b];
    const float hz = expf(mean + row[NM_ACOUSTIC_N_BANDS] * deviation);
    f0_hz[t] = row[NM_ACOUSTIC_N_BANDS + 1] > 0 ? fminf(fmaxf(hz, 40), 2000) : 0;
  }
}
