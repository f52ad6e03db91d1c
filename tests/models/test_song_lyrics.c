// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a scorer that knows nothing: whatever it says, what comes out are words of the dictionary, a
// syllable for each unit, that rhyme where they should.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/lyric_rules.h"
#include "tests/support/song_weights.h"

enum { N_CASES = 1000, N_UNITS_MAX = 60, N_ROWS_MAX = 6 };

typedef struct {
  NmLexicon *lexicon;
  NmText *text;
  NmSyllabifier *syllabifier;
  NmVocabulary *vocabulary;
  NmLexisSource source;
  NmLexis lexis;
} Words;

static Words words;

typedef struct {
  uint64_t seed, at;
  int32_t n_rows;
  const NmSearchTask *task;
  float wild;
} Scorer;

static NmStatus get_logits(void *self, int32_t field, float *logits)
{
  Scorer *s = self;
  const int32_t n = s->n_rows * s->task->n_tokens[field];
  for (int32_t i = 0; i < n; ++i) logits[i] = s->wild * (nm_rng_uniform_at(s->seed, s->at++) - .5f);
  return NM_OK;
}

static NmStatus take(void *self, int32_t field, const int32_t *tokens)
{
  return NM_OK;
}

static NmStatus reorder(void *self, const int32_t *index)
{
  return NM_OK;
}

static int set_up(void **state)
{
  NmError err = {0};
  words.lexicon = nm_lexicon_new(NM_LEXICON, &err);
  words.text = nm_text_new(NM_LEXICON, NULL, &err);
  words.syllabifier = nm_syllabifier_new(words.text, NM_HYPHENS, &err);
  words.vocabulary = nm_vocabulary_new(tiny_song_vocabulary, strlen(tiny_song_vocabulary), &err);
  if (!words.syllabifier || !words.vocabulary) return -1;
  words.source = (NmLexisSource){
      .lexicon = words.lexicon, .syllabifier = words.syllabifier, .vocabulary = words.vocabulary};
  return nm_lexis_init(&words.lexis, &words.source, &err) ? -1 : 0;
}

static int tear_down(void **state)
{
  nm_lexis_fini(&words.lexis);
  nm_vocabulary_free(words.vocabulary);
  nm_syllabifier_free(words.syllabifier);
  nm_text_free(words.text);
  nm_lexicon_free(words.lexicon);
  return 0;
}

static int32_t find(const char *word)
{
  return nm_lexis_find(&words.lexis, &words.source, word, strlen(word));
}

static void test_lexis(void **state)
{
  const NmLexis *lexis = &words.lexis;
  const int32_t night = find("night"), light = find("light"), river = find("river"), heaven = find("heaven");
  assert_true(night >= 0 && light >= 0 && river >= 0 && heaven >= 0);
  assert_int_equal(find("zebra"), -1);
  assert_int_equal(lexis->words[night].rhyme, lexis->words[light].rhyme);
  assert_int_not_equal(lexis->words[night].rhyme, lexis->words[river].rhyme);
  assert_int_equal(lexis->words[river].n, 2);
  assert_int_equal(lexis->words[find("away")].rhyme, lexis->words[find("day")].rhyme);
  for (int32_t i = 0; i < lexis->n_words; ++i) {
    int32_t node = 0;
    for (int k = 0; k < lexis->words[i].n; ++k) {
      int32_t child = lexis->nodes[node].child_first;
      while (lexis->nodes[child].syllable != lexis->words[i].syllables[k] ||
             lexis->nodes[child].stress != lexis->words[i].stresses[k])
        ++child;
      assert_true(child < lexis->nodes[node].child_first + lexis->nodes[node].n_children);
      assert_true(lexis->nodes[child].rest >> (lexis->words[i].n - 1 - k) & 1);
      node = child;
    }
    assert_int_equal(lexis->nodes[node].word, i);
  }
}

// A list keeps what it has and the dictionary knows.
static void test_list(void **state)
{
  static const char list[] = "night\nriver\nbrgh\no'er\n\nzebra\nmoon";
  NmLexisSource source = words.source;
  NmLexis lexis;
  NmError err = {0};
  source.list = list;
  source.len = strlen(list);
  assert_int_equal(nm_lexis_init(&lexis, &source, &err), NM_OK);
  assert_int_equal(lexis.n_words, 3);
  assert_true(nm_lexis_find(&lexis, &source, "moon", 4) >= 0);
  assert_int_equal(nm_lexis_find(&lexis, &source, "heaven", 6), -1);
  nm_lexis_fini(&lexis);
  source.list = "river";
  source.len = 5;
  assert_int_equal(nm_lexis_init(&lexis, &source, &err), NM_ERR_BAD_DATA);
}

static void check_theme(const NmLyricPlan *plan, const NmLyricSyllable *s, int32_t n)
{
  for (int32_t i = 0; i < n; ++i)
    for (int32_t k = 0; k < plan->n_theme && s[i].end != NM_END_NOTHING; ++k)
      if (plan->lexis->nodes[s[i].node].word == plan->theme[k]) return;
  fail_msg("no word of the theme is there");
}

static void run_case(uint64_t seed)
{
  static const char *const schemes[] = {NULL, "AABB", "ABAB", "XAXA", "AAAA", "abba", "A"};
  NmRng rng;
  NmArena arena;
  NmSearchTask task;
  float strengths[N_UNITS_MAX];
  int32_t lines[N_UNITS_MAX], theme[2] = {find("moon"), find("river")};
  NmSearchRow rows[N_ROWS_MAX];
  nm_rng_init(&rng, seed);
  nm_arena_init(&arena, 1 << 16);
  const int32_t n = 1 + (int32_t)nm_rng_below(&rng, N_UNITS_MAX - 1);
  int32_t line = 0;
  for (int32_t i = 0; i < n; ++i) {
    strengths[i] = (float)nm_rng_uniform(&rng);
    lines[i] = line;
    line += nm_rng_below(&rng, 6) == 0 && i + 1 < n;
  }
  const NmLyricPlan plan = {.lexis = &words.lexis,
                            .strengths = strengths,
                            .lines = lines,
                            .scheme = schemes[nm_rng_below(&rng, 7)],
                            .theme = theme,
                            .n_units = n,
                            .n_lines = line + 1,
                            .n_theme = (int32_t)nm_rng_below(&rng, 3),
                            .stress = .5f,
                            .strict = nm_rng_below(&rng, 2),
                            .boost = 1};
  NmSearchConfig config = nm_search_defaults();
  config.method = (NmSearchMethod)nm_rng_below(&rng, NM_SEARCH_N_METHODS);
  config.n_rows = config.method == NM_SEARCH_DIVERSE ? 4 : 1 + (int32_t)nm_rng_below(&rng, N_ROWS_MAX);
  config.n_groups = 2;
  config.seed = seed;
  NmLyricRules *rules = nm_lyric_rules_new(&plan, config.n_rows);
  Scorer scorer = {
      .seed = seed, .n_rows = config.n_rows, .task = &task, .wild = nm_rng_below(&rng, 2) ? 1 : 60};
  nm_lyric_rules_set_task(rules, nm_vocabulary_get_n(words.vocabulary), &task);
  task.scorer = (NmSearchScorer){&scorer, get_logits, take, reorder};
  nm_search_begin(&config, rows);
  for (int32_t unit = 0, next; unit < n; unit = next) {
    next = unit + 1 + (int32_t)nm_rng_below(&rng, (uint64_t)n);
    if (next > n) next = n;
    nm_lyric_rules_set_window(rules, unit > 5 ? unit - 5 : 0, next);
    const NmStatus status = nm_search_run(&config, &task, &arena, rows);
    if (status) fail_msg("case %d: %s", (int)seed, nm_status_text(status));
  }
  for (int32_t r = 0; r < config.n_rows; ++r) {
    const char *why;
    int32_t n_made;
    const NmLyricSyllable *made = nm_lyric_rules_get(rules, r, &n_made);
    if (!(rows[r].score > -INFINITY)) continue;
    const int32_t fault = nm_lyric_check(&plan, made, n_made, &why);
    if (fault >= 0)
      fail_msg("case %d, row %d: syllable %d of %d breaks the rule of %s", (int)seed, r, fault, n, why);
    if (plan.n_theme && n > 12 && line == 0) check_theme(&plan, made, n_made);
  }
  nm_lyric_rules_free(rules);
  nm_arena_fini(&arena);
}

static void test_always_valid(void **state)
{
  for (uint64_t seed = 0; seed < N_CASES; ++seed) run_case(seed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lexis), cmocka_unit_test(test_list),
                                     cmocka_unit_test(test_always_valid)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
