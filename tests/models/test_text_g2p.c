// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/base/rng.h"
#include "models/text/g2p_train.h"
#include "models/text/text.h"

static NmLexicon *lexicon;
static char path_weights[64], path_checkpoint[64];

static int set_up(void **state)
{
  lexicon = nm_lexicon_new(NM_LEXICON, NULL);
  snprintf(path_weights, sizeof path_weights, "g2p-%d.safetensors", (int)getpid());
  snprintf(path_checkpoint, sizeof path_checkpoint, "g2p-%d.checkpoint", (int)getpid());
  return lexicon ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_lexicon_free(lexicon);
  unlink(path_weights);
  unlink(path_checkpoint);
  return 0;
}

static void test_letters_are_encoded_with_edges(void **state)
{
  int32_t ids[NM_G2P_WORD_MAX + 2];
  char longest[NM_G2P_WORD_MAX + 2];
  assert_int_equal(nm_g2p_encode("az", 2, ids), 4);
  assert_int_equal(ids[0], NM_G2P_EDGE);
  assert_int_equal(ids[1], 1);
  assert_int_equal(ids[2], 26);
  assert_int_equal(ids[3], NM_G2P_EDGE);
  assert_int_equal(nm_g2p_encode("", 0, ids), 0);
  assert_int_equal(nm_g2p_encode("a'b", 3, ids), 0);
  memset(longest, 'a', sizeof longest);
  assert_int_equal(nm_g2p_encode(longest, NM_G2P_WORD_MAX, ids), NM_G2P_WORD_MAX + 2);
  assert_int_equal(nm_g2p_encode(longest, NM_G2P_WORD_MAX + 1, ids), 0);
}

enum { FRAMES = 5, SYMBOLS = 3 };

// Sums the probability of every path that says `phones`.
static double sum_paths(const double p[FRAMES][SYMBOLS], const int *phones, int n)
{
  double sum = 0;
  int n_paths = 1;
  for (int t = 0; t < FRAMES; t++) n_paths *= SYMBOLS;
  for (int path = 0; path < n_paths; path++) {
    int last = 0, at = 0, code = path;
    double product = 1;
    bool fits = true;
    for (int t = 0; t < FRAMES; t++, code /= SYMBOLS) {
      const int symbol = code % SYMBOLS;
      product *= p[t][symbol];
      if (symbol && symbol != last) {
        fits = fits && at < n && phones[at] == symbol;
        at++;
      }
      last = symbol;
    }
    if (fits && at == n) sum += product;
  }
  return sum;
}

// The most probable sequence of at least one phone among all up to FRAMES long.
static int find_best(const double p[FRAMES][SYMBOLS], int *best)
{
  double probability = -1;
  int n_best = 0;
  for (int n = 1; n <= FRAMES; n++)
    for (int code = 0; code < 1 << n; code++) {
      int phones[FRAMES];
      for (int i = 0; i < n; i++) phones[i] = 1 + (code >> i & 1);
      const double sum = sum_paths(p, phones, n);
      if (sum <= probability) continue;
      probability = sum;
      n_best = n;
      memcpy(best, phones, sizeof phones);
    }
  return n_best;
}

static void test_decoding_finds_the_most_probable_phones(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int round = 0; round < 200; round++) {
    double p[FRAMES][SYMBOLS];
    float log_prob[FRAMES][NM_N_PHONES];
    int32_t phones[FRAMES];
    int best[FRAMES];
    for (int t = 0; t < FRAMES; t++) {
      double sum = 0;
      for (int s = 0; s < SYMBOLS; s++) sum += p[t][s] = .02 + nm_rng_uniform(&rng) * (s ? 1 : 3);
      for (int v = 0; v < NM_N_PHONES; v++) log_prob[t][v] = -30;
      for (int s = 0; s < SYMBOLS; s++) {
        p[t][s] /= sum;
        log_prob[t][s] = (float)log(p[t][s]);
      }
    }
    const int n_best = find_best((const double(*)[SYMBOLS])p, best);
    const int32_t n = nm_g2p_decode(&log_prob[0][0], FRAMES, phones, FRAMES);
    assert_true(n >= 1);
    int found[FRAMES];
    for (int32_t i = 0; i < n; i++) found[i] = phones[i];
    const double ours = sum_paths((const double(*)[SYMBOLS])p, found, n);
    const double theirs = sum_paths((const double(*)[SYMBOLS])p, best, n_best);
    if (!(ours >= theirs - 1e-6)) fail_msg("%g instead of %g", ours, theirs);
  }
}

static void test_splits_are_a_tenth_and_a_fiftieth(void **state)
{
  int counts[3] = {0};
  for (int i = 0; i < 20000; i++) {
    char word[16];
    const int len = snprintf(word, sizeof word, "word%d", i);
    counts[nm_g2p_split(word, (size_t)len)]++;
  }
  assert_in_range(counts[NM_G2P_TEST], 1800, 2200);
  assert_in_range(counts[NM_G2P_VALID], 320, 480);
  assert_int_equal(nm_g2p_split("hello", 5), nm_g2p_split("hello", 5));
}

static NmG2pTraining small_training(void)
{
  NmG2pTraining training = {.config = nm_g2p_defaults(),
                            .lexicon = lexicon,
                            .n_batch = 32,
                            .dropout = .1,
                            .weight_decay = .01,
                            .average = .9,
                            .weight_between = .3,
                            .seed = 1};
  training.config.n_channels = 16;
  training.config.n_blocks = 2;
  training.config.n_heads = 2;
  training.config.n_inner = 32;
  return training;
}

static NmG2pTrainer *new_trainer(void)
{
  NmError err = {0};
  const NmG2pTraining training = small_training();
  NmG2pTrainer *trainer = nm_g2p_trainer_new(nm_backend_cpu(), NULL, &training, &err);
  if (!trainer) fail_msg("%s", err.message);
  return trainer;
}

static double run_steps(NmG2pTrainer *trainer, int64_t first, int64_t n)
{
  NmError err = {0};
  double loss = 0;
  for (int64_t step = first; step < first + n; step++)
    if (nm_g2p_trainer_step(trainer, step, 5e-3, &loss, &err) != NM_OK) fail_msg("%s", err.message);
  assert_true(isfinite(loss));
  return loss;
}

static void test_training_learns(void **state)
{
  NmG2pScore score;
  NmG2pTrainer *trainer = new_trainer();
  assert_true(nm_g2p_trainer_get_n_words(trainer) > 90000);
  const double first = run_steps(trainer, 0, 1);
  double last = 0;
  for (int64_t step = 1; step < 121; step++) {
    const double loss = run_steps(trainer, step, 1);
    if (step >= 101) last += loss / 20;
  }
  if (!(last < .7 * first)) fail_msg("from %g to %g only", first, last);
  assert_int_equal(nm_g2p_trainer_validate(trainer, NM_G2P_VALID, 20, &score, NULL), NM_OK);
  assert_int_equal(score.n_words, 20);
  assert_true(score.phones > 0 && score.phones <= score.phones_stressed &&
              score.words <= score.words_stressed);
  nm_g2p_trainer_free(trainer);
}

static void test_the_same_seed_gives_the_same_loss(void **state)
{
  NmG2pTrainer *a = new_trainer(), *b = new_trainer();
  const double loss = run_steps(a, 0, 5);
  assert_true(loss == run_steps(b, 0, 5));
  nm_g2p_trainer_free(a);
  nm_g2p_trainer_free(b);
}

static void test_resuming_is_not_stopping(void **state)
{
  NmError err = {0};
  NmG2pTrainer *a = new_trainer(), *b = new_trainer();
  (void)run_steps(a, 0, 3);
  assert_int_equal(nm_params_save_checkpoint(nm_g2p_trainer_get_params(a), path_checkpoint, NULL, &err),
                   NM_OK);
  assert_int_equal(nm_params_load_checkpoint(nm_g2p_trainer_get_params(b), path_checkpoint, NULL, &err),
                   NM_OK);
  assert_true(run_steps(a, 3, 3) == run_steps(b, 3, 3));
  nm_g2p_trainer_free(a);
  nm_g2p_trainer_free(b);
}

static void save(NmG2pTrainer *trainer)
{
  char *metadata = nm_g2p_trainer_describe(trainer);
  assert_non_null(metadata);
  assert_int_equal(
      nm_params_save(nm_g2p_trainer_get_params(trainer), path_weights, NM_STORE_F16, true, metadata, NULL),
      NM_OK);
  free(metadata);
}

static void test_weights_serve_the_text(void **state)
{
  static const char *const words[] = {"blorping", "q", "xyzzy",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  NmError err = {0};
  NmG2pTrainer *trainer = new_trainer();
  (void)run_steps(trainer, 0, 2);
  save(trainer);
  nm_g2p_trainer_free(trainer);
  NmG2p *g2p = nm_g2p_new(path_weights, &err);
  if (!g2p) fail_msg("%s", err.message);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    NmReading first, again;
    assert_true(nm_g2p_guess(g2p, words[i], strlen(words[i]), &first));
    assert_true(nm_g2p_guess(g2p, words[i], strlen(words[i]), &again));
    assert_true(first.n >= 1);
    assert_int_equal(first.n, again.n);
    assert_memory_equal(first.phones, again.phones, sizeof *first.phones * (size_t)first.n);
    int n_primary = 0, n_vowels = 0;
    for (int32_t k = 0; k < first.n; k++) {
      n_primary += nm_phone_get_stress(first.phones[k]) == 1;
      n_vowels += nm_phone_is_vowel(first.phones[k]);
    }
    assert_int_equal(n_primary, n_vowels > 0);
  }
  NmReading none;
  assert_false(nm_g2p_guess(g2p, "", 0, &none));
  assert_false(nm_g2p_guess(g2p, "caf\xc3\xa9", 5, &none));
  nm_g2p_free(g2p);
  NmSentence sentence;
  NmText *text = nm_text_new(NM_LEXICON, path_weights, &err);
  assert_non_null(text);
  assert_int_equal(nm_text_analyse(text, "Zorblax!", 8, NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  assert_int_equal(sentence.n_words, 1);
  nm_text_free(text);
}

static void test_strange_weights_are_refused(void **state)
{
  NmError err = {0};
  NmG2pTrainer *trainer = new_trainer();
  assert_null(nm_g2p_new("no/such.safetensors", &err));
  assert_non_null(strstr(err.message, "no/such.safetensors"));
  assert_int_equal(nm_params_save(nm_g2p_trainer_get_params(trainer), path_weights, NM_STORE_F32, false,
                                  "{\"model\":\"vocoder\"}", NULL),
                   NM_OK);
  assert_null(nm_g2p_new(path_weights, &err));
  assert_int_equal(err.status, NM_ERR_BAD_DATA);
  NmG2pTraining other = small_training();
  other.config.n_inner = 48;
  NmG2pTrainer *stranger = nm_g2p_trainer_new(nm_backend_cpu(), NULL, &other, &err);
  char *metadata = nm_g2p_trainer_describe(stranger);
  assert_int_equal(
      nm_params_save(nm_g2p_trainer_get_params(trainer), path_weights, NM_STORE_F32, false, metadata, NULL),
      NM_OK);
  assert_null(nm_g2p_new(path_weights, &err));
  assert_non_null(strstr(err.message, "g2p") ? err.message : strstr(err.message, "block"));
  assert_null(nm_text_new(NM_LEXICON, path_weights, &err));
  free(metadata);
  nm_g2p_trainer_free(stranger);
  nm_g2p_trainer_free(trainer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_letters_are_encoded_with_edges),
      cmocka_unit_test(test_decoding_finds_the_most_probable_phones),
      cmocka_unit_test(test_splits_are_a_tenth_and_a_fiftieth),
      cmocka_unit_test(test_training_learns),
      cmocka_unit_test(test_the_same_seed_gives_the_same_loss),
      cmocka_unit_test(test_resuming_is_not_stopping),
      cmocka_unit_test(test_weights_serve_the_text),
      cmocka_unit_test(test_strange_weights_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
