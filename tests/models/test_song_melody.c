// SPDX-License-Identifier: GPL-3.0-or-later
// Melodies of a scorer that knows nothing: whatever it says, what comes out keeps to every rule of the plan.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/melody_rules.h"

enum { N_CASES = 3000, N_SYLLABLES_MAX = 60, N_ROWS_MAX = 8 };

// Answers what its rows were told to, from a seed: every row by its own number.
typedef struct {
  uint64_t seed, at;
  int32_t n_rows;
  const NmSearchTask *task;
  float wild; // how far the log-odds spread
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

static int32_t make_words(NmRng *rng, NmLyricToken *tokens, int32_t *same_as, int32_t *n_lines)
{
  const int32_t n = 1 + (int32_t)nm_rng_below(rng, N_SYLLABLES_MAX - 1);
  int32_t len = 0, lens[N_SYLLABLES_MAX];
  *n_lines = 0;
  for (int32_t i = 0; i < n; ++i) {
    ++len;
    const bool line = i + 1 == n || nm_rng_below(rng, 6) == 0;
    tokens[i] = (NmLyricToken){.end = (int8_t)(line                       ? NM_END_LINE
                                               : nm_rng_below(rng, 3) > 0 ? NM_END_WORD
                                                                          : NM_END_NOTHING),
                               .stress = (int8_t)nm_rng_below(rng, NM_N_STRESSES)};
    if (!line) continue;
    lens[*n_lines] = len;
    same_as[*n_lines] = *n_lines;
    for (int32_t l = 0; l < *n_lines; ++l)
      if (lens[l] == len && same_as[l] == l && nm_rng_below(rng, 3) == 0) same_as[*n_lines] = l;
    ++*n_lines;
    len = 0;
  }
  tokens[n - 1].end = NM_END_SONG;
  return n;
}

static NmMelodyOptions make_options(NmRng *rng)
{
  NmMelodyOptions o = nm_melody_defaults();
  o.meter = (int32_t)nm_rng_below(rng, NM_SONG_N_METERS);
  o.minor = nm_rng_below(rng, 2);
  o.accidentals = nm_rng_below(rng, 4) == 0;
  o.syncopation = nm_rng_below(rng, 4) == 0;
  o.low = (int16_t)(48 + nm_rng_below(rng, 20));
  o.high = (int16_t)(o.low + NM_MELODY_RANGE_LEAST + (int)nm_rng_below(rng, 16));
  o.n_melisma = 1 + (int32_t)nm_rng_below(rng, 5);
  o.n_same = 1 + (int32_t)nm_rng_below(rng, 5);
  o.n_bars = 1 + (int32_t)nm_rng_below(rng, 3);
  if (o.meter && nm_rng_below(rng, 2)) {
    const NmSongMeter meter = nm_song_class_meter(o.meter);
    o.pickup = 4 * NM_SONG_TICKS / meter.beat_unit * (int32_t)nm_rng_below(rng, (uint64_t)meter.n_beats);
  }
  return o;
}

static void expect_valid(const NmMelodyPlan *plan, const NmMelodyRules *rules, int32_t row, uint64_t seed)
{
  const char *why;
  int32_t n;
  const NmMelodyNote *notes = nm_melody_rules_get_notes(rules, row, &n);
  const int32_t fault = nm_melody_check(plan, notes, n, &why);
  if (fault >= 0)
    fail_msg("case %d, row %d: note %d of %d breaks the rule of %s", (int)seed, row, fault, n, why);
}

// In parts of some lines, as long lyrics are.
static void run_case(uint64_t seed)
{
  NmRng rng;
  NmArena arena;
  NmMelodyPlan plan;
  NmSearchTask task;
  NmError err = {0};
  NmLyricToken tokens[N_SYLLABLES_MAX];
  NmSearchRow rows[N_ROWS_MAX];
  int32_t same_as[N_SYLLABLES_MAX], n_lines;
  nm_rng_init(&rng, seed);
  nm_arena_init(&arena, 1 << 16);
  NmMelodyOptions options = make_options(&rng);
  const int32_t n = make_words(&rng, tokens, same_as, &n_lines);
  NmStatus made = nm_melody_plan_init(&plan, &options, tokens, n, same_as, &arena, &err);
  // A first line of few syllables can be over before it comes to a place that it, or a copy of it, may close
  // on.
  if (made == NM_ERR_BAD_DATA && options.pickup) {
    options.pickup = 0;
    made = nm_melody_plan_init(&plan, &options, tokens, n, same_as, &arena, &err);
  }
  if (made) fail_msg("case %d, %d syllables, meter %d: %s", (int)seed, n, options.meter, err.message);
  NmSearchConfig config = nm_search_defaults();
  config.method = (NmSearchMethod)nm_rng_below(&rng, NM_SEARCH_N_METHODS);
  config.n_rows = config.method == NM_SEARCH_DIVERSE ? 8 : 1 + (int32_t)nm_rng_below(&rng, N_ROWS_MAX);
  config.nucleus = 1;
  config.seed = seed;
  NmMelodyRules *rules = nm_melody_rules_new(&plan, config.n_rows);
  Scorer scorer = {
      .seed = seed, .n_rows = config.n_rows, .task = &task, .wild = nm_rng_below(&rng, 2) ? 1 : 60};
  nm_melody_rules_set_task(rules, &task);
  task.scorer = (NmSearchScorer){&scorer, get_logits, take, reorder};
  nm_search_begin(&config, rows);
  for (int32_t line = 0, next; line < n_lines; line = next) {
    next = line + 1 + (int32_t)nm_rng_below(&rng, (uint64_t)n_lines);
    if (next > n_lines) next = n_lines;
    nm_melody_rules_set_window(rules, line > 2 ? line - 2 : 0, next);
    const NmStatus status = nm_search_run(&config, &task, &arena, rows);
    if (status) fail_msg("case %d: %s", (int)seed, nm_status_text(status));
  }
  for (int32_t r = 0; r < config.n_rows; ++r)
    if (rows[r].score > -INFINITY) expect_valid(&plan, rules, r, seed);
  nm_melody_rules_free(rules);
  nm_arena_fini(&arena);
}

static void test_always_valid(void **state)
{
  for (uint64_t seed = 0; seed < N_CASES; ++seed) run_case(seed);
}

// The check is one that can fail.
static void test_check_sees(void **state)
{
  NmArena arena;
  NmMelodyPlan plan;
  NmError err = {0};
  const char *why;
  const NmMelodyOptions options = nm_melody_defaults();
  const NmLyricToken words[] = {{.end = NM_END_WORD}, {.end = NM_END_NOTHING}, {.end = NM_END_SONG}};
  const NmMelodyNote good[] = {
      {0, 0, 0, 24, 64, false}, {24, 1, 0, 24, 65, false}, {48, 2, 0, 48, 60, false}};
  NmMelodyNote notes[3];
  nm_arena_init(&arena, 1 << 12);
  assert_int_equal(nm_melody_plan_init(&plan, &options, words, 3, NULL, &arena, &err), NM_OK);
  assert_int_equal(nm_melody_check(&plan, good, 3, &why), -1);
#define EXPECT(AT, WHY, ...)                                                                                 \
  do {                                                                                                       \
    memcpy(notes, good, sizeof notes);                                                                       \
    __VA_ARGS__;                                                                                             \
    assert_int_equal(nm_melody_check(&plan, notes, 3, &why), AT);                                            \
    assert_string_equal(why, WHY);                                                                           \
  } while (0)
  EXPECT(1, "key or range", notes[1].pitch = 66);
  EXPECT(1, "key or range", notes[1].pitch = 76);
  EXPECT(2, "close", notes[2].pitch = 62);
  EXPECT(2, "meter", notes[2].len = 72);
  EXPECT(2, "meter", notes[2].len = 12);
  EXPECT(1, "order", notes[0].tie = true);
  EXPECT(2, "rest", notes[2].gap = 24; notes[2].onset = 72; notes[2].len = 24);
#undef EXPECT
  nm_arena_fini(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_always_valid), cmocka_unit_test(test_check_sees)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
