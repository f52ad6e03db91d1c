// SPDX-License-Identifier: GPL-3.0-or-later
// A recurrent song model: decoding step by step gives what the whole graph gives, and rows keep their memory
// when they are put in another order.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/inference.h"

enum { N_WORDS = 5, N_NOTES = 6, N_ROWS = 3, N_MOST = 12, D = 16 };

static const char vocabulary[] = "la\nlo\nli\n";

static const NmLyricToken words[N_WORDS] = {{NM_SYLLABLE_FIRST, NM_END_WORD, 1, 2, 0},
                                            {NM_SYLLABLE_FIRST + 1, NM_END_LINE, 0, 3, 1},
                                            {NM_SYLLABLE_FIRST + 2, NM_END_NOTHING, 1, 2, 0},
                                            {NM_SYLLABLE_UNKNOWN, NM_END_WORD, 0, 1, 0},
                                            {NM_SYLLABLE_FIRST, NM_END_SONG, 2, 2, 3}};

// Values of the choices: tie, class of the gap, pitch, class of the length.
static const int32_t melody[N_NOTES][NM_SONG_N_CHOICES] = {{0, 0, 60, 5},  {1, 1, 62, 7}, {0, 0, 64, 3},
                                                           {0, 2, 67, 10}, {0, 0, 65, 5}, {0, 3, 60, 9}};

static void open_model(NmSongModel *model)
{
  NmError err = {0};
  NmSongConfig config = nm_song_config_defaults();
  config.d_model = D;
  config.n_heads = 2;
  config.n_encoder = 2;
  config.n_decoder = 3;
  config.recurrent = 1;
  if (nm_song_model_init(model, &config, vocabulary, 1, &err) != NM_OK) fail_msg("%s", err.message);
}

static NmSongDecoder *open_decoder(const NmSongModel *model, const NmSongFrame *frames, int32_t n_rows)
{
  NmError err = {0};
  NmSongDecoder *d = nm_song_decoder_new(model, NM_SONG_MELODY, n_rows, N_MOST, &err);
  if (!d || nm_song_decoder_set_lyrics(d, words, N_WORDS, frames, &err) != NM_OK) fail_msg("%s", err.message);
  return d;
}

// Note i of every row; `pitch` replaces the pitch of row 1. Answers the logits of row 0's length.
static void make_note(NmSongDecoder *d, int i, int32_t pitch, float *len_logits)
{
  assert_true(nm_song_decoder_next(d));
  const int32_t n_rows = nm_song_decoder_get_n_rows(d);
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
    int32_t values[N_ROWS];
    const float *logits = nm_song_decoder_logits(d, c);
    if (c == NM_CHOICE_LEN) memcpy(len_logits, logits, (size_t)n_rows * NM_SONG_N_LENS * sizeof *logits);
    for (int r = 0; r < n_rows; ++r) values[r] = r == 1 && c == NM_CHOICE_PITCH ? pitch : melody[i][c];
    nm_song_decoder_choose(d, c, values);
  }
}

static void check_equal(const float *a, const float *b, size_t n)
{
  for (size_t i = 0; i < n; ++i)
    if (!(fabs((double)a[i] - b[i]) <= 1e-4)) fail_msg("value %zu: %g, not %g", i, a[i], b[i]);
}

typedef struct {
  NmGraph *graph;
  NmSongInput source, target;
  NmVar segment, segment_memory, values[NM_SONG_N_CHOICES - 1], bar_place, logits, weights;
} Whole;

static void build_whole(Whole *w, const NmSongModel *model)
{
  NmError err = {0};
  NmGraph *g = w->graph = nm_graph_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, model->params, 0};
  const NmSongConfig *c = &model->config;
  w->source = nm_song_input(g, NM_SONG_LYRIC, false, 1, N_WORDS);
  w->target = nm_song_input(g, NM_SONG_MELODY, true, 1, N_NOTES);
  w->segment = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N_NOTES));
  w->segment_memory = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N_WORDS));
  w->bar_place = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N_NOTES));
  const NmSongSight sight = {NM_VAR_NONE, w->segment, NM_VAR_NONE, w->segment_memory};
  const NmVar memory = nm_song_encode(&net, c, NM_SONG_LYRIC, &w->source, NM_VAR_NONE);
  NmVar state = nm_song_decode(&net, c, NM_SONG_MELODY, &w->target, memory, &sight, &w->weights);
  for (int i = 0; i < NM_CHOICE_LEN; ++i) {
    w->values[i] = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, N_NOTES));
    state = nm_song_choose(&net, c, NM_SONG_MELODY, i, state, w->values[i],
                           i == NM_CHOICE_GAP ? w->bar_place : NM_VAR_NONE);
  }
  w->logits = nm_song_logits(&net, c, NM_SONG_MELODY, NM_CHOICE_LEN, state);
  nm_graph_output(g, w->logits);
  nm_graph_output(g, w->weights);
  if (nm_graph_plan(g, false, &err) != NM_OK) fail_msg("%s", err.message);
}

static void set_source(const Whole *w)
{
  int32_t features[N_WORDS * NM_SONG_FEATURES_MAX], syllables[N_WORDS], segments[N_WORDS];
  NmSongPlace places[N_WORDS];
  nm_lyric_places(words, N_WORDS, places);
  for (int i = 0; i < N_WORDS; ++i) {
    nm_lyric_features(&words[i], &places[i], false, features + i * nm_song_n_features(NM_SONG_LYRIC, false));
    syllables[i] = words[i].syllable;
    segments[i] = places[i].line;
  }
  nm_graph_set_int(w->graph, w->source.features, features);
  nm_graph_set_int(w->graph, w->source.syllables, syllables);
  nm_graph_set_int(w->graph, w->segment_memory, segments);
}

static void set_target(const Whole *w, const NmNoteToken *notes, const NmSongFrame *frame)
{
  int32_t features[N_NOTES * NM_SONG_FEATURES_MAX], segments[N_NOTES], values[NM_SONG_N_CHOICES][N_NOTES],
      bar_places[N_NOTES];
  NmSongPlace places[N_NOTES];
  int64_t time = 0;
  nm_note_places(notes, N_NOTES, places);
  for (int i = 0; i < N_NOTES; ++i) {
    nm_note_features_out(i ? &notes[i - 1] : NULL, frame, &places[i], nm_song_bar_place(frame, time),
                         features + i * nm_song_n_features(NM_SONG_MELODY, true));
    bar_places[i] = nm_song_bar_place(frame, time + notes[i].gap);
    time += notes[i].gap + notes[i].len;
    segments[i] = places[i].line;
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) values[c][i] = melody[i][c];
  }
  nm_graph_set_int(w->graph, w->target.features, features);
  nm_graph_set_int(w->graph, w->segment, segments);
  nm_graph_set_int(w->graph, w->bar_place, bar_places);
  for (int c = 0; c < NM_CHOICE_LEN; ++c) nm_graph_set_int(w->graph, w->values[c], values[c]);
}

static void test_steps(void **state)
{
  (void)state;
  const NmSongFrame frame = {.shift = NM_SONG_NO_SHIFT};
  NmSongModel model;
  Whole whole;
  float logits[N_NOTES][NM_SONG_N_LENS], weights[N_NOTES][N_WORDS], want[N_NOTES * NM_SONG_N_LENS],
      want_weights[N_NOTES * N_WORDS];
  int32_t n;
  open_model(&model);
  NmSongDecoder *d = open_decoder(&model, &frame, 1);
  for (int i = 0; i < N_NOTES; ++i) {
    make_note(d, i, 0, logits[i]);
    memcpy(weights[i], nm_song_decoder_get_weights(d), sizeof weights[i]);
  }
  assert_false(nm_song_decoder_next(d));
  const NmNoteToken *notes = nm_song_decoder_get_notes(d, 0, &n);
  assert_int_equal(n, N_NOTES);
  build_whole(&whole, &model);
  set_source(&whole);
  set_target(&whole, notes, &frame);
  nm_graph_forward(whole.graph);
  nm_graph_get(whole.graph, whole.logits, want);
  nm_graph_get(whole.graph, whole.weights, want_weights);
  check_equal(&logits[0][0], want, N_NOTES * NM_SONG_N_LENS);
  check_equal(&weights[0][0], want_weights, N_NOTES * N_WORDS);
  nm_graph_free(whole.graph);
  nm_song_decoder_free(d);
  nm_song_model_close(&model);
}

static void test_reorder(void **state)
{
  (void)state;
  NmSongFrame frames[N_ROWS];
  float one[N_ROWS * NM_SONG_N_LENS], other[N_ROWS * NM_SONG_N_LENS];
  const int32_t index[N_ROWS] = {1, 0, 1}, bad[N_ROWS] = {0, 1, N_ROWS};
  NmSongModel model;
  open_model(&model);
  for (int r = 0; r < N_ROWS; ++r) frames[r] = (NmSongFrame){.shift = NM_SONG_NO_SHIFT};
  NmSongDecoder *a = open_decoder(&model, frames, N_ROWS), *b = open_decoder(&model, frames, N_ROWS);
  for (int i = 0; i < 3; ++i) make_note(a, i, 40 + i, one);
  for (int i = 0; i < 3; ++i) make_note(b, i, 40 + i, other);
  assert_int_equal(nm_song_decoder_reorder(b, bad), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_decoder_reorder(b, index), NM_OK);
  make_note(a, 3, melody[3][NM_CHOICE_PITCH], one);
  make_note(b, 3, melody[3][NM_CHOICE_PITCH], other);
  for (int r = 0; r < N_ROWS; ++r)
    check_equal(other + r * NM_SONG_N_LENS, one + index[r] * NM_SONG_N_LENS, NM_SONG_N_LENS);
  nm_song_decoder_free(a);
  nm_song_decoder_free(b);
  nm_song_model_close(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_reorder)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
