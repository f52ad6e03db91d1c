// SPDX-License-Identifier: GPL-3.0-or-later
// The song network: step by step with caches it says what the whole graph says, also after candidates were
// exchanged; what is hidden is hidden; lines see themselves alone; a weights file that does not fit is
// refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/song/inference.h"
#include "models/song/task.h"
#include "tests/support/compare.h"

enum { N_ROWS = 3, N_MOST = 64, D = 24, N_LYRICS = 14 };

static const char vocabulary[] = "la\nlove\nthe\nmoon\nis\nhigh\n";

static NmSongConfig tiny_config(void)
{
  return (NmSongConfig){
      .d_model = D, .n_heads = 2, .d_inner = 32, .n_encoder = 1, .n_decoder = 2, .reach = 4};
}

static void make_model(NmSongModel *model)
{
  const NmSongConfig config = tiny_config();
  assert_int_equal(nm_song_model_init(model, &config, vocabulary, 7, NULL), NM_OK);
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int32_t i = 0; i < nm_params_get_n(model->params);
       ++i) { // biases and relative tables are zero at first
    const int64_t n = nm_shape_count(nm_params_get_shape(model->params, i));
    float *values = calloc((size_t)n, sizeof *values);
    nm_params_get(model->params, i, values);
    for (int64_t k = 0; k < n; ++k) values[k] += .1f * (float)nm_rng_normal(&rng);
    nm_params_set(model->params, i, values);
    free(values);
  }
}

static void make_lyrics(NmLyricToken *tokens)
{
  for (int i = 0; i < N_LYRICS; ++i)
    tokens[i] = (NmLyricToken){.syllable = NM_SYLLABLE_FIRST + i % 6,
                               .end = i % 5 == 4 ? NM_END_LINE : NM_END_WORD,
                               .stress = (int8_t)(i % 3),
                               .vowel = (int8_t)(i % 16),
                               .mark = (int8_t)(i % NM_N_MARKS)};
  tokens[N_LYRICS - 1].end = NM_END_SONG;
}

static const NmSongFrame frames[N_ROWS] = {{NM_STYLE_HYMN, NM_MODE_MAJOR, 3, 24, NM_SONG_NO_SHIFT},
                                           {NM_STYLE_ANY, NM_MODE_MINOR, 0, 0, NM_SONG_NO_SHIFT},
                                           {NM_STYLE_ART, NM_MODE_MAJOR, 2, 0, NM_SONG_NO_SHIFT + 1}};

// Logits of every position of a row: as the steps gave them.
typedef struct {
  float *logits[NM_SONG_N_CHOICES]; // [N_MOST, n_values]
  float weights[N_MOST * N_MOST];   // [N_MOST, n_source]
} Heard;

static void start_heard(Heard *h, const NmSongModel *m, NmSongSide side)
{
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c)
    h->logits[c] = calloc((size_t)(N_MOST * nm_song_n_values(&m->config, side, c)), sizeof(float));
}

static void swap_heard(Heard *heard, const int32_t *index, const NmSongModel *m, NmSongSide side)
{
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
    const size_t size = (size_t)(N_MOST * nm_song_n_values(&m->config, side, c)) * sizeof(float);
    float *copies[N_ROWS];
    for (int r = 0; r < N_ROWS; ++r) {
      copies[r] = malloc(size);
      memcpy(copies[r], heard[index[r]].logits[c], size);
    }
    for (int r = 0; r < N_ROWS; ++r) {
      free(heard[r].logits[c]);
      heard[r].logits[c] = copies[r];
    }
  }
  float(*weights)[N_MOST * N_MOST] = malloc(N_ROWS * sizeof *weights);
  for (int r = 0; r < N_ROWS; ++r) memcpy(weights[r], heard[index[r]].weights, sizeof *weights);
  for (int r = 0; r < N_ROWS; ++r) memcpy(heard[r].weights, weights[r], sizeof *weights);
  free(weights);
}

// Lines of words end where those of the melody do.
static int32_t end_of(const NmSongDecoder *d, int r)
{
  const int32_t unit = nm_song_decoder_get_row(d, r)->unit;
  if (unit + 1 == nm_song_decoder_get_n_units(d)) return NM_END_SONG;
  const bool same = nm_song_decoder_get_unit(d, unit + 1)->line == nm_song_decoder_get_unit(d, unit)->line;
  return same ? NM_END_WORD : NM_END_LINE;
}

// Chooses at random and writes down what was offered.
static void decode(NmSongDecoder *d, const NmSongModel *m, NmSongSide side, Heard *heard)
{
  static const int32_t index[N_ROWS] = {1, 0, 1};
  NmRng rng;
  nm_rng_init(&rng, 11);
  const int32_t S = nm_song_decoder_get_n_source(d);
  for (int step = 0; nm_song_decoder_next(d); ++step) {
    if (step == 6) {
      assert_int_equal(nm_song_decoder_reorder(d, index), NM_OK);
      swap_heard(heard, index, m, side);
    }
    int32_t at[N_ROWS];
    for (int r = 0; r < N_ROWS; ++r) at[r] = nm_song_decoder_get_row(d, r)->n;
    for (int r = 0; r < N_ROWS; ++r)
      if (!nm_song_decoder_get_row(d, r)->finished)
        memcpy(heard[r].weights + at[r] * S, nm_song_decoder_get_weights(d) + r * S,
               (size_t)S * sizeof(float));
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
      const int32_t n = nm_song_n_values(&m->config, side, c);
      int32_t values[N_ROWS];
      const float *logits = nm_song_decoder_logits(d, c);
      for (int r = 0; r < N_ROWS; ++r) {
        if (!nm_song_decoder_get_row(d, r)->finished)
          memcpy(heard[r].logits[c] + (int64_t)at[r] * n, logits + (int64_t)r * n,
                 (size_t)n * sizeof *logits);
        const bool syllable = side == NM_SONG_LYRIC && c == NM_CHOICE_SYLLABLE;
        const int first = syllable ? NM_SYLLABLE_FIRST : 0;
        values[r] = first + (int32_t)nm_rng_below(&rng, (uint64_t)(n - first));
        if (side == NM_SONG_MELODY && c == NM_CHOICE_TIE) values[r] = nm_rng_below(&rng, 4) == 0;
        if (side == NM_SONG_LYRIC && c == NM_CHOICE_END) values[r] = end_of(d, r);
      }
      nm_song_decoder_choose(d, c, values);
    }
  }
}

// The same song teacher-forced.
static void check_row(const NmSongModel *m, NmSongTask task, const NmSongItem *item, const Heard *heard)
{
  const NmSongSide side = nm_song_task_to(task);
  const NmSongBatchOptions plain = nm_song_batch_options_plain();
  const NmSongLossOptions loss = {0, 1};
  NmSongBatch b;
  NmArena arena;
  NmRng rng = {1};
  nm_arena_init(&arena, 1 << 16);
  assert_int_equal(nm_song_batch_fill(&b, &arena, &item, 1, task, &plain, &rng), NM_OK);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  const NmSongTaskGraph t = nm_song_task_build(&(NmNet){g, m->params, 0}, &m->config, &b, &loss);
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) nm_graph_output(g, t.logits[c]);
  nm_graph_output(g, t.weights);
  assert_int_equal(nm_graph_plan(g, false, NULL), NM_OK);
  nm_song_task_set(g, &t, &b);
  nm_graph_forward(g);
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
    const int32_t n = nm_song_n_values(&m->config, side, c);
    float *logits = nm_graph_data(g, t.logits[c]);
    for (int32_t i = 0; side == NM_SONG_LYRIC && c == NM_CHOICE_SYLLABLE && i < b.T; ++i)
      logits[i * n] = logits[i * n + 1] = -1e9f;
    assert_true(nm_max_difference(logits, heard->logits[c], (int64_t)b.T * n) <= 1e-4);
  }
  assert_true(nm_max_difference(nm_graph_data(g, t.weights), heard->weights, (int64_t)b.T * b.S) <= 1e-5);
  nm_graph_free(g);
  nm_arena_fini(&arena);
}

static void free_heard(Heard *heard)
{
  for (int r = 0; r < N_ROWS; ++r)
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) free(heard[r].logits[c]);
  free(heard);
}

static void test_melody_steps(void **state)
{
  NmSongModel m;
  NmLyricToken lyrics[N_LYRICS];
  Heard *heard = calloc(N_ROWS, sizeof *heard);
  make_model(&m);
  make_lyrics(lyrics);
  for (int r = 0; r < N_ROWS; ++r) start_heard(&heard[r], &m, NM_SONG_MELODY);
  NmSongDecoder *d = nm_song_decoder_new(&m, NM_SONG_MELODY, N_ROWS, N_MOST, NULL);
  assert_non_null(d);
  // Frames move with rows, so that all rows are alike here but for what they choose.
  const NmSongFrame same[N_ROWS] = {frames[0], frames[0], frames[0]};
  assert_int_equal(nm_song_decoder_set_lyrics(d, lyrics, N_LYRICS, same, NULL), NM_OK);
  decode(d, &m, NM_SONG_MELODY, heard);
  for (int r = 0; r < N_ROWS; ++r) {
    NmSongItem item = {.lyrics = lyrics, .n_lyrics = N_LYRICS, .frame = same[r]};
    item.notes = nm_song_decoder_get_notes(d, r, &item.n_notes);
    assert_true(nm_song_item_fits(&item));
    check_row(&m, NM_TASK_COMPOSE, &item, &heard[r]);
  }
  nm_song_decoder_free(d);
  free_heard(heard);
  nm_song_model_close(&m);
}

static void make_notes(NmNoteToken *notes, int32_t n)
{
  for (int32_t i = 0; i < n; ++i)
    notes[i] = (NmNoteToken){.gap = (int16_t)(i % 7 == 0 ? 12 : 0),
                             .len = (int16_t)(12 + 12 * (i % 3)),
                             .pitch = (int8_t)(60 + i * 5 % 12),
                             .tie = i % 4 == 1 && i % 6 != 5 ? NM_TIE_YES : NM_TIE_NO,
                             .end = i % 6 == 5 ? NM_END_LINE : NM_END_NOTHING};
  notes[n - 1].end = NM_END_SONG;
  notes[n - 1].tie = NM_TIE_NO;
}

static void test_lyric_steps(void **state)
{
  enum { N_NOTES = 23 };
  NmSongModel m;
  NmNoteToken notes[N_NOTES];
  Heard *heard = calloc(N_ROWS, sizeof *heard);
  make_model(&m);
  make_notes(notes, N_NOTES);
  for (int r = 0; r < N_ROWS; ++r) start_heard(&heard[r], &m, NM_SONG_LYRIC);
  NmSongDecoder *d = nm_song_decoder_new(&m, NM_SONG_LYRIC, N_ROWS, N_MOST, NULL);
  const NmSongFrame same[N_ROWS] = {frames[2], frames[2], frames[2]};
  assert_int_equal(nm_song_decoder_set_melody(d, notes, N_NOTES, same, NULL), NM_OK);
  assert_int_equal(nm_song_decoder_get_n_units(d), nm_song_count_groups(notes, N_NOTES));
  decode(d, &m, NM_SONG_LYRIC, heard);
  for (int r = 0; r < N_ROWS; ++r) {
    NmSongItem item = {.notes = notes, .n_notes = N_NOTES, .frame = same[r]};
    item.lyrics = nm_song_decoder_get_lyrics(d, r, &item.n_lyrics);
    assert_true(nm_song_item_fits(&item));
    check_row(&m, NM_TASK_WRITE, &item, &heard[r]);
  }
  nm_song_decoder_free(d);
  free_heard(heard);
  nm_song_model_close(&m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_melody_steps), cmocka_unit_test(test_lyric_steps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
