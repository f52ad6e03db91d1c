// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens, the length regulator and the prepared corpus.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/speech/aligner.h"
#include "models/speech/corpus.h"

static const NmToken phrase[] = {{0, -1, 0},
                                 {30, 0, 0},
                                 {3, 0, 0},
                                 {31, 1, NM_BOUNDARY_COMMA},
                                 {0, -1, NM_BOUNDARY_COMMA},
                                 {40, 2, NM_BOUNDARY_QUESTION},
                                 {0, -1, NM_BOUNDARY_QUESTION}};
enum { N = sizeof phrase / sizeof *phrase };

static void places_know_word_edges_and_the_boundary_ahead(void **state)
{
  float features[N * NM_TOKEN_N_FEATURES];
  int32_t places[N];
  nm_tokens_describe(phrase, N, features, places);
  assert_int_equal(places[1], NM_BOUNDARY_COMMA * 4 + 2);    // first in its word
  assert_int_equal(places[2], NM_BOUNDARY_COMMA * 4 + 1);    // last in its word
  assert_int_equal(places[3], NM_BOUNDARY_COMMA * 4 + 3);    // both
  assert_int_equal(places[5], NM_BOUNDARY_QUESTION * 4 + 3); // the question is ahead
  for (int i = 0; i < N; ++i) assert_true(places[i] >= 0 && places[i] < NM_TOKEN_N_PLACES);
  for (int i = 0; i < N * NM_TOKEN_N_FEATURES; ++i) assert_true(features[i] >= 0 && features[i] <= 2);
}

static void mirrored_phrases_have_mirrored_distances(void **state)
{
  NmToken mirrored[N];
  float a[N * NM_TOKEN_N_FEATURES], b[N * NM_TOKEN_N_FEATURES];
  int32_t places[N];
  for (int i = 0; i < N; ++i) mirrored[i] = phrase[N - 1 - i];
  nm_tokens_describe(phrase, N, a, places);
  nm_tokens_describe(mirrored, N, b, places);
  for (int i = 0; i < N; ++i)
    for (int f = 2; f < 8; f += 2) {
      const float left = a[i * NM_TOKEN_N_FEATURES + f], right = b[(N - 1 - i) * NM_TOKEN_N_FEATURES + f + 1];
      assert_true(fabsf(left - right) < 1e-6f);
    }
}

static void every_frame_has_its_token_in_order(void **state)
{
  const int32_t n_frames[] = {3, 1, 5, 2};
  int32_t index[11];
  float features[11 * NM_FRAME_N_FEATURES];
  assert_int_equal(nm_frames_describe(n_frames, 4, index, features), 11);
  const int32_t want[] = {0, 0, 0, 1, 2, 2, 2, 2, 2, 3, 3};
  assert_memory_equal(index, want, sizeof want);
  for (int t = 0; t < 11; ++t)
    assert_true(fabsf(features[t * NM_FRAME_N_FEATURES] + features[t * NM_FRAME_N_FEATURES + 1] - 1) < 1e-6f);
}

static void states_have_a_pause_around_every_word(void **state)
{
  NmArena arena;
  const NmToken *states;
  int32_t n;
  NmError err = {0};
  nm_arena_init(&arena, 0);
  assert_int_equal(nm_corpus_parse_states(&arena, "HH.AH0.L.OW1/, DH.EH1.R/?", &states, &n, &err), NM_OK);
  assert_int_equal(n, 4 + 3 + 3);
  assert_int_equal(states[0].phone, NM_PHONE_PAUSE);
  assert_int_equal(states[4].boundary, NM_BOUNDARY_COMMA);
  assert_int_equal(states[5].word, -1);
  assert_int_equal(states[5].boundary, NM_BOUNDARY_COMMA);
  assert_int_equal(states[6].word, 1);
  assert_int_equal(states[9].boundary, NM_BOUNDARY_QUESTION);
  assert_int_equal(nm_corpus_parse_states(&arena, "HH.XX9", &states, &n, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "XX9"));
  nm_arena_fini(&arena);
}

static void short_pauses_are_given_away_and_no_frame_is_lost(void **state)
{
  NmArena arena;
  NmCorpusItem item = {.n_frames = 40};
  NmToken tokens[16];
  float durations[16], sum = 0;
  const float given[] = {2, 5, 5, 3, 7, 6, 9, 3, 0};
  nm_arena_init(&arena, 0);
  assert_int_equal(nm_corpus_parse_states(&arena, "K.AE1 D.AO1 G", &item.states, &item.n_states, NULL),
                   NM_OK);
  assert_int_equal(item.n_states, 9);
  item.durations = given;
  const int32_t n = nm_corpus_item_tokens(&item, 4, tokens, durations);
  for (int32_t i = 0; i < n; ++i) sum += durations[i];
  assert_int_equal(n,
                   7); // the pause of 3 frames is the closure of D, the one of no frames at the end is gone
  assert_true(durations[2] == 5 && durations[3] == 10);
  assert_true(nm_phone_is_stop(tokens[3].phone) && !nm_phone_is_stop(tokens[2].phone));
  assert_true(sum == 40);
  nm_arena_fini(&arena);
}

static void a_prior_row_is_a_distribution(void **state)
{
  enum { T = 23, K = 7 };
  double f[T + K + 2] = {0};
  float prior[T * K];
  for (int i = 1; i < T + K + 2; ++i) f[i] = f[i - 1] + log(i);
  nm_aligner_prior(T, K, f, K, prior);
  for (int t = 0; t < T; ++t) {
    double sum = 0;
    for (int k = 0; k < K; ++k) sum += exp(prior[t * K + k]);
    assert_true(fabs(sum - 1) < 1e-5);
  }
  assert_true(prior[0] > prior[K - 1] && prior[(T - 1) * K] < prior[T * K - 1]);
}

static void write_file(const char *dir, const char *name, const void *data, size_t size)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  fclose(file);
}

static void a_corpus_comes_back_and_a_broken_one_says_where(void **state)
{
  char dir[] = "corpusXXXXXX";
  NmCorpus corpus;
  NmError err = {0};
  static const float envelope[5 * 80] = {0}, f0[5] = {100, 0, 0, 0, 0};
  static const int16_t audio[5 * 256] = {0};
  const char index[] = "speaker\tid\tprompt\tsplit\tframe_first\tn_frames\traise\ttokens\n"
                       "a\tx1\tx\ttrain\t0\t5\t1\tK.AE1/.\n";
  assert_non_null(mkdtemp(dir));
  write_file(dir, "envelope.f32", envelope, sizeof envelope);
  write_file(dir, "f0.f32", f0, sizeof f0);
  write_file(dir, "audio.s16", audio, sizeof audio);
  write_file(dir, "index.tsv", index, sizeof index - 1);
  write_file(dir, "durations.tsv", "x1\t1 2 2 0\n", 11);
  assert_int_equal(nm_corpus_open(&corpus, dir, &err), NM_OK);
  assert_int_equal(corpus.n_items, 1);
  assert_int_equal(corpus.items[0].n_states, 4);
  assert_true(corpus.items[0].durations[1] == 2);
  assert_int_equal(nm_corpus_save_durations(&corpus, dir, &err), NM_OK);
  nm_corpus_close(&corpus);
  assert_int_equal(nm_corpus_open(&corpus, dir, &err), NM_OK);
  nm_corpus_close(&corpus);
  write_file(dir, "durations.tsv", "x1\t1 2\n", 7);
  assert_int_equal(nm_corpus_open(&corpus, dir, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "line 1"));
  write_file(dir, "f0.f32", f0, 7);
  assert_int_equal(nm_corpus_open(&corpus, dir, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "f0.f32"));
  const char *names[] = {"envelope.f32", "f0.f32", "audio.s16", "index.tsv", "durations.tsv"};
  for (int i = 0; i < 5; ++i) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    unlink(path);
  }
  rmdir(dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(places_know_word_edges_and_the_boundary_ahead),
                                     cmocka_unit_test(mirrored_phrases_have_mirrored_distances),
                                     cmocka_unit_test(every_frame_has_its_token_in_order),
                                     cmocka_unit_test(states_have_a_pause_around_every_word),
                                     cmocka_unit_test(short_pauses_are_given_away_and_no_frame_is_lost),
                                     cmocka_unit_test(a_prior_row_is_a_distribution),
                                     cmocka_unit_test(a_corpus_comes_back_and_a_broken_one_says_where)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
