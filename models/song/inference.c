// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/inference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/attention/cache.h"
#include "models/song/recurrent.h"

// What lies between two self-attentions of a position. Absent variables are NM_VAR_NONE.
typedef struct {
  NmGraph *graph;
  NmSongInput in;                // of the first piece: [1, n_rows]
  NmVar x_in, heard;             // of the others: [1, n_rows, d_model]
  NmSongHeard memory;            // [1, S, d_model]
  NmVar segment, segment_memory; // (int) [1, n_rows], [1, S]
  NmVar x, weights;              // [1, n_rows, d_model], [1, 1, n_rows, S]
  NmSongHeard next;              // what the next self-attention takes
} Piece;

// A choice: takes what was chosen before, gives logits.
typedef struct {
  NmGraph *graph;
  NmVar state_in, values, bar_place; // [1, n_rows, d_model], (int) [1, n_rows]
  NmVar state, logits;
} Head;

typedef struct {
  NmSongRow at;
  NmSongFrame frame;
  int32_t values[NM_SONG_N_CHOICES];
} Row;

struct NmSongDecoder {
  const NmSongModel *model;
  NmSongSide side;
  int32_t n_rows, n_most, n_source, n_units;
  NmGraph *encoder;
  NmSongRecurrent *recurrent; // of a recurrent model, in place of pieces and caches
  Piece pieces[NM_SONG_LAYERS_MAX + 1];
  NmKvCache *caches[NM_SONG_LAYERS_MAX];
  float *relative[NM_SONG_LAYERS_MAX]; // [H, 2 reach + 1]
  Head heads[NM_SONG_N_CHOICES];
  Row *rows, *rows_before; // [n_rows]
  NmNoteToken *notes;      // [2, n_rows, n_most], the second for reordering; melodies
  NmLyricToken *lyrics;    // likewise
  float *x, *q, *k, *v, *heard, *state, *state_before;            // [n_rows, d_model]
  int32_t *features, *syllables, *segments, *values, *bar_places; // [n_rows, ...]
  NmArena arena;                                                  // of one source
  NmSongPlace *units;                                             // [n_units]
  float *weights; // [2, n_rows, n_source], the second for reordering
};

void nm_song_decoder_free(NmSongDecoder *d)
{
  if (!d) return;
  nm_graph_free(d->encoder);
  nm_song_recurrent_free(d->recurrent);
  for (int i = 0; i <= NM_SONG_LAYERS_MAX; ++i) nm_graph_free(d->pieces[i].graph);
  for (int i = 0; i < NM_SONG_LAYERS_MAX; ++i) {
    nm_kv_cache_free(d->caches[i]);
    free(d->relative[i]);
  }
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) nm_graph_free(d->heads[i].graph);
  void *const held[] = {
      d->rows,   d->rows_before, d->notes, d->lyrics,       d->x,        d->q,         d->k,
      d->v,      d->heard,       d->state, d->state_before, d->features, d->syllables, d->segments,
      d->values, d->bar_places};
  for (size_t i = 0; i < sizeof held / sizeof *held; ++i) free(held[i]);
  nm_arena_fini(&d->arena);
  free(d);
}

static NmStatus finish_graph(NmGraph *g, NmError *err)
{
  const NmStatus status = nm_graph_plan(g, false, err);
  if (status == NM_OK) nm_graph_prepare(g);
  return status;
}

static NmVar row_input(const NmSongDecoder *d, NmGraph *g)
{
  return nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, d->n_rows, d->model->config.d_model));
}

static void show(NmGraph *g, NmVar x)
{
  if (x != NM_VAR_NONE) nm_graph_output(g, x);
}

static NmStatus build_head(NmSongDecoder *d, int choice, NmError *err)
{
  const NmSongConfig *c = &d->model->config;
  Head *h = &d->heads[choice];
  if (!(h->graph = nm_graph_new(nm_backend_cpu(), d->model->pool)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmNet net = {h->graph, d->model->params, 0};
  const bool with_place = d->side == NM_SONG_MELODY && choice == NM_CHOICE_GAP + 1;
  h->values = h->bar_place = NM_VAR_NONE;
  h->state = h->state_in = row_input(d, h->graph);
  if (choice > 0) h->values = nm_graph_input(h->graph, NM_TYPE_INT, NM_SHAPE2(1, d->n_rows));
  if (with_place) h->bar_place = nm_graph_input(h->graph, NM_TYPE_INT, NM_SHAPE2(1, d->n_rows));
  if (choice > 0)
    h->state = nm_song_choose(&net, c, d->side, choice - 1, h->state_in, h->values, h->bar_place);
  h->logits = nm_song_logits(&net, c, d->side, choice, h->state);
  show(h->graph, h->state);
  show(h->graph, h->logits);
  return finish_graph(h->graph, err);
}

static void build_first(NmSongDecoder *d, const NmNet *net, Piece *p)
{
  p->in = nm_song_input(net->graph, d->side, true, 1, d->n_rows);
  p->x = nm_song_decoder_start(net, &d->model->config, d->side, &p->in);
  p->next = nm_song_self_in(net, &d->model->config, d->side, 0, p->x);
}

static void build_block(NmSongDecoder *d, const NmNet *net, int i, Piece *p)
{
  const NmSongConfig *c = &d->model->config;
  NmGraph *g = net->graph;
  const bool last = i + 1 == c->n_decoder;
  p->x_in = row_input(d, g);
  p->heard = row_input(d, g);
  p->memory.k = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, d->n_source, c->d_model));
  p->memory.v = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, d->n_source, c->d_model));
  p->segment = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, d->n_rows));
  p->segment_memory = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, d->n_source));
  // Cross-attention knows no order of queries, so the rows are queries of one item.
  NmAttention attention = nm_attention_defaults(c->n_heads);
  attention.pattern = NM_PATTERN_SEGMENTS;
  attention.segment_q = p->segment;
  attention.segment_k = p->segment_memory;
  p->x = nm_song_self_out(net, c, d->side, i, p->x_in, p->heard);
  p->x = nm_song_cross(net, c, d->side, i, p->x, &p->memory, &attention, last ? &p->weights : NULL);
  if (last)
    p->x = nm_song_decoder_end(net, d->side, p->x);
  else
    p->next = nm_song_self_in(net, c, d->side, i + 1, p->x);
}

// Piece 0, or what follows block i - 1's self-attention. The second kind depends on the source's length.
static NmStatus build_piece(NmSongDecoder *d, int i, NmError *err)
{
  static const Piece none = {.in = {NM_VAR_NONE, NM_VAR_NONE},
                             .x_in = NM_VAR_NONE,
                             .heard = NM_VAR_NONE,
                             .memory = {NM_VAR_NONE, NM_VAR_NONE, NM_VAR_NONE},
                             .segment = NM_VAR_NONE,
                             .segment_memory = NM_VAR_NONE,
                             .x = NM_VAR_NONE,
                             .weights = NM_VAR_NONE,
                             .next = {NM_VAR_NONE, NM_VAR_NONE, NM_VAR_NONE}};
  Piece *p = &d->pieces[i];
  NmGraph *g = p->graph;
  *p = none;
  p->graph = g;
  nm_graph_reset(g);
  const NmNet net = {g, d->model->params, 0};
  if (i == 0)
    build_first(d, &net, p);
  else
    build_block(d, &net, i - 1, p);
  const NmVar shown[] = {p->x, p->weights, p->next.q, p->next.k, p->next.v};
  for (size_t k = 0; k < sizeof shown / sizeof *shown; ++k) show(g, shown[k]);
  return finish_graph(g, err);
}

static NmStatus make_cache(NmSongDecoder *d, int i, NmError *err)
{
  const NmSongConfig *c = &d->model->config;
  char name[96];
  const int64_t n_relative = 2 * (int64_t)c->reach + 1;
  snprintf(name, sizeof name, "%s_decoder.%d.self.relative", d->side == NM_SONG_LYRIC ? "lyric" : "melody",
           i);
  const int32_t param = nm_params_find(d->model->params, name);
  if (param < 0) return nm_error_set(err, NM_ERR_BAD_DATA, "the weights have no %s", name);
  d->relative[i] = calloc((size_t)(c->n_heads * n_relative), sizeof(float));
  if (!d->relative[i]) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_params_get(d->model->params, param, d->relative[i]);
  NmKvCacheConfig cache = nm_kv_cache_defaults(c->n_heads, c->d_model);
  cache.n_rows = d->n_rows;
  cache.n_most = d->n_most;
  cache.n_chunk = 1;
  cache.relative = d->relative[i];
  cache.n_relative = n_relative;
  return (d->caches[i] = nm_kv_cache_new(&cache, d->model->pool, err)) ? NM_OK : err->status;
}

static bool allocate(NmSongDecoder *d)
{
  const size_t R = (size_t)d->n_rows, n = R * (size_t)d->model->config.d_model;
  float **const floats[] = {&d->x, &d->q, &d->k, &d->v, &d->heard, &d->state, &d->state_before};
  int32_t **const ints[] = {&d->syllables, &d->segments, &d->values, &d->bar_places};
  bool good = (d->rows = calloc(R, sizeof *d->rows)) != NULL;
  good = (d->rows_before = calloc(R, sizeof *d->rows_before)) && good;
  for (size_t i = 0; i < sizeof floats / sizeof *floats; ++i)
    good = (*floats[i] = calloc(n, sizeof(float))) && good;
  for (size_t i = 0; i < sizeof ints / sizeof *ints; ++i)
    good = (*ints[i] = calloc(R, sizeof(int32_t))) && good;
  good = (d->features = calloc(R * NM_SONG_FEATURES_MAX, sizeof(int32_t))) && good;
  if (d->side == NM_SONG_MELODY)
    return (d->notes = calloc(2 * R * (size_t)d->n_most, sizeof *d->notes)) && good;
  return (d->lyrics = calloc(2 * R * (size_t)d->n_most, sizeof *d->lyrics)) && good;
}

static NmStatus make_pieces(NmSongDecoder *d, NmError *err)
{
  const NmSongConfig *c = &d->model->config;
  for (int i = 0; i <= c->n_decoder; ++i)
    if (!(d->pieces[i].graph = nm_graph_new(nm_backend_cpu(), d->model->pool)))
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = build_piece(d, 0, err);
  for (int i = 0; i < c->n_decoder && status == NM_OK; ++i) status = make_cache(d, i, err);
  return status;
}

static NmStatus prepare(NmSongDecoder *d, NmError *err)
{
  const bool recurrent = d->model->config.recurrent;
  NmStatus status = NM_OK;
  if (!allocate(d) || !(d->encoder = nm_graph_new(nm_backend_cpu(), d->model->pool)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!recurrent)
    status = make_pieces(d, err);
  else if (!(d->recurrent = nm_song_recurrent_new(d->model, d->side, d->n_rows, err)))
    status = err->status;
  for (int i = 0; i < NM_SONG_N_CHOICES && status == NM_OK; ++i) status = build_head(d, i, err);
  return status;
}

NmSongDecoder *nm_song_decoder_new(const NmSongModel *model, NmSongSide side, int32_t n_rows, int32_t n_most,
                                   NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmStatus status = NM_OK;
  NmSongDecoder *d = n_rows > 0 && n_most > 0 ? calloc(1, sizeof *d) : NULL;
  if (n_rows < 1 || n_most < 1)
    status = nm_error_set(err, NM_ERR_BAD_ARG, "a decoder needs rows and positions");
  else if (!d)
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    *d = (NmSongDecoder){.model = model, .side = side, .n_rows = n_rows, .n_most = n_most};
    nm_arena_init(&d->arena, 1 << 16);
    status = prepare(d, err);
  }
  if (status == NM_OK) return d;
  nm_song_decoder_free(d);
  return NULL;
}

// --- the source ---

// The encoder over its features, whose results go to the blocks that hear them.
static NmStatus encode(NmSongDecoder *d, const int32_t *syllables, const int32_t *features,
                       const int32_t *segments, NmError *err)
{
  const NmSongConfig *c = &d->model->config;
  NmGraph *g = d->encoder;
  const NmSongSide side = d->side == NM_SONG_LYRIC ? NM_SONG_MELODY : NM_SONG_LYRIC;
  const int n_heard = c->recurrent ? 1 : c->n_decoder;
  NmSongHeard heard[NM_SONG_LAYERS_MAX];
  nm_graph_reset(g);
  const NmNet net = {g, d->model->params, 0};
  const NmSongInput in = nm_song_input(g, side, false, 1, d->n_source);
  const NmVar memory = nm_song_encode(&net, c, side, &in, NM_VAR_NONE);
  for (int i = 0; i < n_heard; ++i) {
    heard[i] = c->recurrent ? nm_song_recurrent_memory(&net, c, d->side, memory)
                            : nm_song_cross_memory(&net, c, d->side, i, memory);
    show(g, heard[i].k);
    show(g, heard[i].v);
  }
  NmStatus status = finish_graph(g, err);
  if (status != NM_OK) return status;
  if (syllables) nm_graph_set_int(g, in.syllables, syllables);
  nm_graph_set_int(g, in.features, features);
  nm_graph_forward(g);
  if (c->recurrent)
    return nm_song_recurrent_start(d->recurrent, nm_graph_data(g, heard[0].k), nm_graph_data(g, heard[0].v),
                                   d->n_source, err);
  for (int i = 0; i < c->n_decoder && status == NM_OK; ++i) {
    Piece *p = &d->pieces[i + 1];
    if ((status = build_piece(d, i + 1, err)) != NM_OK) break;
    nm_graph_set(p->graph, p->memory.k, nm_graph_data(g, heard[i].k));
    nm_graph_set(p->graph, p->memory.v, nm_graph_data(g, heard[i].v));
    nm_graph_set_int(p->graph, p->segment_memory, segments);
  }
  return status;
}

static void start_rows(NmSongDecoder *d, const NmSongFrame *frames)
{
  for (int32_t r = 0; r < d->n_rows; ++r)
    d->rows[r] = (Row){.frame = frames[r], .at = {.place = d->units[0]}};
  for (int i = 0; i < d->model->config.n_decoder && !d->recurrent; ++i) nm_kv_cache_reset(d->caches[i]);
}

// Room for a source; NULL when memory is out.
static NmSongPlace *start_source(NmSongDecoder *d, int32_t n, int32_t **features, int32_t **segments)
{
  nm_arena_reset(&d->arena);
  d->n_source = n;
  d->units = nm_arena_calloc(&d->arena, (size_t)n, sizeof *d->units);
  d->weights = nm_arena_calloc(&d->arena, 2 * (size_t)d->n_rows * (size_t)n, sizeof *d->weights);
  *features = nm_arena_calloc(&d->arena, (size_t)n * NM_SONG_FEATURES_MAX, sizeof **features);
  *segments = nm_arena_calloc(&d->arena, (size_t)n, sizeof **segments);
  NmSongPlace *places = nm_arena_calloc(&d->arena, (size_t)n, sizeof *places);
  return d->units && d->weights && *features && *segments ? places : NULL;
}

static NmStatus check_source(const NmSongDecoder *d, NmSongSide side, int32_t n, NmError *err)
{
  if (d->side != side && n > 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG,
                      n > 0 ? "a decoder of this side does not take such a source"
                            : "there is nothing to begin with");
}

NmStatus nm_song_decoder_set_lyrics(NmSongDecoder *d, const NmLyricToken *tokens, int32_t n,
                                    const NmSongFrame *frames, NmError *err)
{
  int32_t *features, *segments;
  NmStatus status = check_source(d, NM_SONG_LYRIC, n, err);
  if (status != NM_OK) return status;
  NmSongPlace *places = start_source(d, n, &features, &segments);
  int32_t *syllables = nm_arena_calloc(&d->arena, (size_t)n, sizeof *syllables);
  if (!places || !syllables) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_lyric_places(tokens, n, places);
  for (int32_t i = 0; i < n; ++i) {
    nm_lyric_features(&tokens[i], &places[i], false, features + i * nm_song_n_features(NM_SONG_LYRIC, false));
    syllables[i] = tokens[i].syllable;
    segments[i] = places[i].line;
    d->units[i] = places[i];
  }
  d->n_units = n;
  status = encode(d, syllables, features, segments, err);
  if (status == NM_OK) start_rows(d, frames);
  return status;
}

NmStatus nm_song_decoder_set_melody(NmSongDecoder *d, const NmNoteToken *tokens, int32_t n,
                                    const NmSongFrame *frames, NmError *err)
{
  int32_t *features, *segments;
  NmStatus status = check_source(d, NM_SONG_MELODY, n, err);
  if (status != NM_OK) return status;
  NmSongPlace *places = start_source(d, n, &features, &segments);
  if (!places) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_note_places(tokens, n, places);
  d->n_units = 0;
  int64_t time = 0;
  for (int32_t i = 0; i < n; ++i) {
    time += tokens[i].gap;
    nm_note_features(&tokens[i], &frames[0], &places[i], nm_song_bar_place(&frames[0], time), false,
                     features + i * nm_song_n_features(NM_SONG_MELODY, false));
    time += tokens[i].len;
    segments[i] = places[i].line;
    if (places[i].run == 0) d->units[d->n_units++] = places[i];
  }
  status = encode(d, NULL, features, segments, err);
  if (status == NM_OK) start_rows(d, frames);
  return status;
}

// --- positions ---

static void fill_inputs(NmSongDecoder *d)
{
  const int n_features = nm_song_n_features(d->side, true);
  for (int32_t r = 0; r < d->n_rows; ++r) {
    const Row *row = &d->rows[r];
    int32_t *features = d->features + r * n_features;
    const int64_t last = (int64_t)r * d->n_most + row->at.n - 1;
    d->segments[r] = row->at.place.line;
    if (d->side == NM_SONG_MELODY) {
      nm_note_features_out(row->at.n ? &d->notes[last] : NULL, &row->frame, &row->at.place,
                           nm_song_bar_place(&row->frame, row->at.time), features);
    } else {
      nm_lyric_features_out(row->at.n ? &d->lyrics[last] : NULL, &row->frame, &row->at.place, features);
      d->syllables[r] = row->at.n ? d->lyrics[last].syllable : NM_SYLLABLE_MASK;
    }
  }
}

static void run_piece(NmSongDecoder *d, int i)
{
  const Piece *p = &d->pieces[i];
  NmGraph *g = p->graph;
  nm_graph_set(g, p->x_in, d->x);
  nm_graph_set(g, p->heard, d->heard);
  nm_graph_set_int(g, p->segment, d->segments);
  nm_graph_set_int(g, p->in.syllables, d->syllables);
  nm_graph_set_int(g, p->in.features, d->features);
  nm_graph_forward(g);
  nm_graph_get(g, p->x, d->x);
  nm_graph_get(g, p->weights, d->weights);
  nm_graph_get(g, p->next.q, d->q);
  nm_graph_get(g, p->next.k, d->k);
  nm_graph_get(g, p->next.v, d->v);
}

static bool run_pieces(NmSongDecoder *d)
{
  run_piece(d, 0);
  for (int i = 0; i < d->model->config.n_decoder; ++i) {
    // Every row has made a position each time, so the caches never have more than n_most.
    if (nm_kv_cache_append(d->caches[i], d->k, d->v, 1) != NM_OK ||
        nm_kv_cache_attend(d->caches[i], d->q, 1, d->heard) != NM_OK)
      return false;
    run_piece(d, i + 1);
  }
  return true;
}

bool nm_song_decoder_next(NmSongDecoder *d)
{
  bool going = false;
  for (int32_t r = 0; r < d->n_rows; ++r) going = going || !d->rows[r].at.finished;
  if (!going) return false;
  fill_inputs(d);
  if (d->recurrent)
    nm_song_recurrent_step(d->recurrent, d->features, d->syllables, d->x, d->weights);
  else if (!run_pieces(d))
    return false;
  memcpy(d->state, d->x, (size_t)d->n_rows * (size_t)d->model->config.d_model * sizeof *d->state);
  return true;
}

static int64_t onset_of(const Row *row)
{
  return row->at.time + nm_song_gap_ticks(row->values[NM_CHOICE_GAP]);
}

// Those that are never learned.
static void forbid_first_syllables(const NmSongDecoder *d, float *logits)
{
  for (int32_t r = 0; r < d->n_rows; ++r)
    for (int32_t i = 0; i < NM_SYLLABLE_FIRST; ++i)
      logits[(int64_t)r * d->model->config.n_syllables + i] = -1e9f;
}

// The state before what was chosen last is kept in `state`, so that this may be asked again after a reorder.
const float *nm_song_decoder_logits(NmSongDecoder *d, int choice)
{
  const Head *h = &d->heads[choice];
  nm_graph_set(h->graph, h->state_in, d->state);
  for (int32_t r = 0; r < d->n_rows && choice > 0; ++r) {
    d->values[r] = d->rows[r].values[choice - 1];
    if (h->bar_place != NM_VAR_NONE)
      d->bar_places[r] = nm_song_bar_place(&d->rows[r].frame, onset_of(&d->rows[r]));
  }
  nm_graph_set_int(h->graph, h->values, d->values);
  nm_graph_set_int(h->graph, h->bar_place, d->bar_places);
  nm_graph_forward(h->graph);
  nm_graph_get(h->graph, h->state, d->state_before);
  float *logits = nm_graph_data(h->graph, h->logits);
  if (d->side == NM_SONG_LYRIC && choice == NM_CHOICE_SYLLABLE) forbid_first_syllables(d, logits);
  return logits;
}

static void advance(NmSongDecoder *d, Row *row, bool same_unit)
{
  NmSongRow *at = &row->at;
  ++at->n;
  if (same_unit) {
    if (at->place.run + 1 < NM_SONG_N_RUNS) ++at->place.run;
  } else if (at->unit + 1 < d->n_units) {
    at->place = d->units[++at->unit];
  } else {
    at->finished = true;
  }
  if (at->n == d->n_most) at->finished = true;
}

static int8_t end_of_unit(const NmSongDecoder *d, int32_t unit)
{
  if (unit + 1 == d->n_units) return NM_END_SONG;
  return d->units[unit + 1].line != d->units[unit].line ? NM_END_LINE : NM_END_NOTHING;
}

static void commit_note(NmSongDecoder *d, int32_t r)
{
  Row *row = &d->rows[r];
  const int32_t *v = row->values;
  const bool goes_on = v[NM_CHOICE_TIE] == NM_TIE_YES;
  NmNoteToken *note = &d->notes[(int64_t)r * d->n_most + row->at.n];
  *note = (NmNoteToken){.gap = (int16_t)nm_song_gap_ticks(v[NM_CHOICE_GAP]),
                        .len = (int16_t)nm_song_len_ticks(v[NM_CHOICE_LEN]),
                        .pitch = (int8_t)v[NM_CHOICE_PITCH],
                        .tie = (int8_t)v[NM_CHOICE_TIE],
                        .end = goes_on ? NM_END_NOTHING : end_of_unit(d, row->at.unit)};
  row->at.time += note->gap + note->len;
  advance(d, row, goes_on);
}

static void commit_lyric(NmSongDecoder *d, int32_t r)
{
  Row *row = &d->rows[r];
  const int32_t *v = row->values;
  d->lyrics[(int64_t)r * d->n_most + row->at.n] = (NmLyricToken){.syllable = v[NM_CHOICE_SYLLABLE],
                                                                 .end = (int8_t)v[NM_CHOICE_END],
                                                                 .stress = (int8_t)v[NM_CHOICE_STRESS],
                                                                 .mark = (int8_t)v[NM_CHOICE_MARK]};
  advance(d, row, false);
}

void nm_song_decoder_choose(NmSongDecoder *d, int choice, const int32_t *values)
{
  const int32_t n = nm_song_n_values(&d->model->config, d->side, choice);
  if (choice > 0)
    memcpy(d->state, d->state_before,
           (size_t)d->n_rows * (size_t)d->model->config.d_model * sizeof *d->state);
  for (int32_t r = 0; r < d->n_rows; ++r) {
    d->rows[r].values[choice] = values[r] < 0 ? 0 : values[r] < n ? values[r] : n - 1;
    if (choice + 1 < NM_SONG_N_CHOICES || d->rows[r].at.finished) continue;
    if (d->side == NM_SONG_MELODY)
      commit_note(d, r);
    else
      commit_lyric(d, r);
  }
}

static void reorder_floats(float *to, float *spare, const int32_t *index, int32_t n, int64_t len)
{
  memcpy(spare, to, (size_t)(n * len) * sizeof *to);
  for (int32_t r = 0; r < n; ++r) memcpy(to + r * len, spare + index[r] * len, (size_t)len * sizeof *to);
}

static void reorder_tokens(NmSongDecoder *d, const int32_t *index)
{
  char *tokens = d->notes ? (char *)d->notes : (char *)d->lyrics;
  const size_t size = (d->notes ? sizeof *d->notes : sizeof *d->lyrics) * (size_t)d->n_most;
  char *spare = tokens + size * (size_t)d->n_rows;
  memcpy(spare, tokens, size * (size_t)d->n_rows);
  for (int32_t r = 0; r < d->n_rows; ++r)
    memcpy(tokens + size * (size_t)r, spare + size * (size_t)index[r], size);
}

NmStatus nm_song_decoder_reorder(NmSongDecoder *d, const int32_t *index)
{
  const size_t R = (size_t)d->n_rows;
  for (size_t r = 0; r < R; ++r)
    if (index[r] < 0 || index[r] >= d->n_rows) return NM_ERR_BAD_ARG;
  if (d->recurrent) nm_song_recurrent_reorder(d->recurrent, index);
  for (int i = 0; i < d->model->config.n_decoder && !d->recurrent; ++i)
    if (nm_kv_cache_reorder(d->caches[i], index) != NM_OK) return NM_ERR_BAD_ARG;
  memcpy(d->rows_before, d->rows, R * sizeof *d->rows);
  for (size_t r = 0; r < R; ++r) d->rows[r] = d->rows_before[index[r]];
  reorder_tokens(d, index);
  reorder_floats(d->state, d->x, index, d->n_rows, d->model->config.d_model);
  reorder_floats(d->weights, d->weights + (int64_t)d->n_rows * d->n_source, index, d->n_rows, d->n_source);
  return NM_OK;
}

const float *nm_song_decoder_get_weights(const NmSongDecoder *d)
{
  return d->weights;
}

const NmSongRow *nm_song_decoder_get_row(const NmSongDecoder *d, int32_t row)
{
  return &d->rows[row].at;
}

int32_t nm_song_decoder_get_n_rows(const NmSongDecoder *d)
{
  return d->n_rows;
}

int32_t nm_song_decoder_get_n_units(const NmSongDecoder *d)
{
  return d->n_units;
}

const NmSongPlace *nm_song_decoder_get_unit(const NmSongDecoder *d, int32_t unit)
{
  return &d->units[unit];
}

int32_t nm_song_decoder_get_n_source(const NmSongDecoder *d)
{
  return d->n_source;
}

const NmNoteToken *nm_song_decoder_get_notes(const NmSongDecoder *d, int32_t row, int32_t *n)
{
  *n = d->rows[row].at.n;
  return d->notes ? d->notes + (int64_t)row * d->n_most : NULL;
}

const NmLyricToken *nm_song_decoder_get_lyrics(const NmSongDecoder *d, int32_t row, int32_t *n)
{
  *n = d->rows[row].at.n;
  return d->lyrics ? d->lyrics + (int64_t)row * d->n_most : NULL;
}
