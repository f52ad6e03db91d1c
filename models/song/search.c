// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

// A way on: a row and its next token; -1 for a row that is done and stays as it is.
typedef struct {
  double rank, score, log_prob;
  int32_t row, token;
  bool forced;
} Option;

// A token that may be drawn.
typedef struct {
  double odds;
  int32_t token;
} Chance;

typedef struct {
  const NmSearchConfig *config;
  const NmSearchTask *task;
  NmSearchRow *rows, *spare; // [n_rows]
  NmRng *rngs;               // [n_rows]
  float *logits;             // [n_rows, n_most]
  float *bias, *log_probs;   // [n_most]
  Chance *chances;           // [n_most]
  int32_t *order;            // [n_most]
  Option *options;           // [n_rows * n_rows + n_rows]
  Option *chosen;            // [n_rows]
  int32_t *index, *tokens;   // [n_rows]
  int32_t n_rows, n_groups, n_most;
} Search;

NmSearchConfig nm_search_defaults(void)
{
  return (NmSearchConfig){.method = NM_SEARCH_SAMPLE,
                          .n_rows = 8,
                          .n_groups = 4,
                          .diversity = .5f,
                          .temperature = 1,
                          .nucleus = .9f};
}

void nm_search_begin(const NmSearchConfig *config, NmSearchRow *rows)
{
  for (int32_t r = 0; r < config->n_rows; ++r) rows[r] = (NmSearchRow){0};
  if (config->method == NM_SEARCH_SAMPLE) return;
  const int32_t n_groups = config->method == NM_SEARCH_DIVERSE ? config->n_groups : 1;
  const int32_t len = config->n_rows / n_groups;
  for (int32_t r = 0; r < config->n_rows; ++r)
    if (r % len) rows[r].log_prob = rows[r].score = -INFINITY;
}

static bool check(const NmSearchConfig *config, const NmSearchTask *task)
{
  if (config->n_rows < 1 || config->method < 0 || config->method >= NM_SEARCH_N_METHODS) return false;
  if (config->method == NM_SEARCH_DIVERSE &&
      (config->n_groups < 1 || config->n_rows % config->n_groups || !(config->diversity >= 0)))
    return false;
  if (config->method == NM_SEARCH_SAMPLE &&
      (!(config->temperature > 0) || !(config->nucleus > 0) || !(config->nucleus <= 1)))
    return false;
  if (task->n_fields < 1 || task->n_fields > NM_SEARCH_FIELDS_MAX) return false;
  for (int32_t f = 0; f < task->n_fields; ++f)
    if (task->n_tokens[f] < 1) return false;
  return true;
}

static NmStatus allocate(Search *s, NmArena *arena)
{
  const size_t n_rows = (size_t)s->n_rows, n_most = (size_t)s->n_most;
  s->spare = nm_arena_calloc(arena, n_rows, sizeof *s->spare);
  s->rngs = nm_arena_calloc(arena, n_rows, sizeof *s->rngs);
  s->logits = nm_arena_calloc(arena, n_rows * n_most, sizeof *s->logits);
  s->bias = nm_arena_calloc(arena, n_most, sizeof *s->bias);
  s->log_probs = nm_arena_calloc(arena, n_most, sizeof *s->log_probs);
  s->chances = nm_arena_calloc(arena, n_most, sizeof *s->chances);
  s->order = nm_arena_calloc(arena, n_most, sizeof *s->order);
  s->options = nm_arena_calloc(arena, n_rows * n_rows + n_rows, sizeof *s->options);
  s->chosen = nm_arena_calloc(arena, n_rows, sizeof *s->chosen);
  s->index = nm_arena_calloc(arena, n_rows, sizeof *s->index);
  s->tokens = nm_arena_calloc(arena, n_rows, sizeof *s->tokens);
  const bool ok = s->spare && s->rngs && s->logits && s->bias && s->log_probs && s->chances && s->order &&
                  s->options && s->chosen && s->index && s->tokens;
  return ok ? NM_OK : NM_ERR_NO_MEMORY;
}

static bool is_done(const Search *s, int32_t row)
{
  return s->task->rules.is_done(s->task->rules.self, row);
}

// Log-softmax of a row's logits into log_probs, its bias, and the tokens that are allowed, by number, into
// order; answers how many those are. A scorer that says nonsense (NaN, infinities) counts as saying nothing.
static int32_t score_row(Search *s, int32_t row, int32_t field)
{
  const int32_t n = s->task->n_tokens[field];
  const float *logits = s->logits + (size_t)row * (size_t)n;
  double top = -INFINITY, sum = 0;
  int32_t n_allowed = 0;
  for (int32_t i = 0; i < n; ++i)
    if (isfinite(logits[i]) && logits[i] > top) top = logits[i];
  for (int32_t i = 0; i < n; ++i)
    if (isfinite(logits[i])) sum += exp(logits[i] - top);
  for (int32_t i = 0; i < n; ++i)
    s->log_probs[i] = isfinite(logits[i]) ? (float)(logits[i] - top - log(sum)) : -40;
  memset(s->bias, 0, (size_t)n * sizeof *s->bias);
  s->task->rules.get_bias(s->task->rules.self, row, field, s->bias);
  for (int32_t i = 0; i < n; ++i)
    if (s->bias[i] > -INFINITY) s->order[n_allowed++] = i;
  return n_allowed;
}

// The score of token i after what `row` holds; tokens that had no rival cost nothing.
static Option make_option(const Search *s, int32_t row, int32_t token, bool forced)
{
  const NmSearchRow *held = &s->rows[row];
  Option option = {
      .score = held->score, .log_prob = held->log_prob, .row = row, .token = token, .forced = forced};
  if (!forced) {
    option.log_prob += s->log_probs[token];
    option.score += s->log_probs[token] + s->bias[token];
  }
  option.rank = option.score / (held->n_steps + 1);
  return option;
}

// --- sampling ---

static int compare_chances(const void *a, const void *b)
{
  const Chance *x = a, *y = b;
  if (x->odds != y->odds) return x->odds > y->odds ? -1 : 1;
  return (x->token > y->token) - (x->token < y->token);
}

// Brings those to the front that are not very unlikely, if they hold `wanted` together; how many are then to
// be sorted.
static int32_t gather_likely(Chance *chances, int32_t n, double wanted)
{
  int32_t n_likely = 0;
  double held = 0;
  for (int32_t k = 0; k < n; ++k) {
    if (chances[k].odds < 1e-4) continue;
    const Chance swapped = chances[k];
    chances[k] = chances[n_likely];
    chances[n_likely++] = swapped;
    held += swapped.odds;
  }
  return held >= wanted ? n_likely : n;
}

static int32_t draw(Search *s, int32_t row, int32_t n_allowed)
{
  Chance *chances = s->chances;
  double top = -INFINITY, sum = 0, kept = 0;
  for (int32_t k = 0; k < n_allowed; ++k) {
    const int32_t i = s->order[k];
    chances[k] = (Chance){(s->log_probs[i] + s->bias[i]) / s->config->temperature, i};
    if (chances[k].odds > top) top = chances[k].odds;
  }
  for (int32_t k = 0; k < n_allowed; ++k) sum += chances[k].odds = exp(chances[k].odds - top);
  n_allowed = gather_likely(chances, n_allowed, s->config->nucleus * sum);
  qsort(chances, (size_t)n_allowed, sizeof *chances, compare_chances);
  int32_t n_kept = 0;
  while (n_kept < n_allowed && (n_kept == 0 || kept < s->config->nucleus * sum))
    kept += chances[n_kept++].odds;
  double left = nm_rng_uniform(&s->rngs[row]) * kept;
  for (int32_t k = 0; k < n_kept; ++k)
    if ((left -= chances[k].odds) < 0) return chances[k].token;
  return chances[n_kept - 1].token;
}

static int32_t find_best(const Search *s, int32_t n_allowed)
{
  int32_t best = s->order[0];
  for (int32_t k = 1; k < n_allowed; ++k) {
    const int32_t i = s->order[k];
    if (s->log_probs[i] + s->bias[i] > s->log_probs[best] + s->bias[best]) best = i;
  }
  return best;
}

static NmStatus choose_alone(Search *s, int32_t field)
{
  for (int32_t r = 0; r < s->n_rows; ++r) {
    s->chosen[r] = (Option){.row = r, .token = -1};
    if (is_done(s, r)) continue;
    const int32_t n_allowed = score_row(s, r, field);
    if (n_allowed == 0) return NM_ERR_BAD_DATA;
    const int32_t token = n_allowed == 1                          ? s->order[0]
                          : s->config->method == NM_SEARCH_SAMPLE ? draw(s, r, n_allowed)
                                                                  : find_best(s, n_allowed);
    s->chosen[r] = make_option(s, r, token, n_allowed == 1);
  }
  return NM_OK;
}

// --- beams ---

static int compare_options(const void *a, const void *b)
{
  const Option *x = a, *y = b;
  if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
  if (x->row != y->row) return x->row < y->row ? -1 : 1;
  return (x->token > y->token) - (x->token < y->token);
}

// Of one row's ways on, the best `len` are enough.
static int32_t add_options(Search *s, int32_t row, int32_t n_allowed, int32_t len, int32_t n_options,
                           const int32_t *n_taken)
{
  Option *first = s->options + n_options;
  int32_t n = 0;
  for (int32_t k = 0; k < n_allowed; ++k) {
    Option option = make_option(s, row, s->order[k], n_allowed == 1);
    if (n_taken) option.rank -= s->config->diversity * n_taken[s->order[k]] / (s->rows[row].n_steps + 1);
    int32_t at = n < len ? n : len;
    while (at > 0 && compare_options(&option, &first[at - 1]) < 0) --at;
    if (at == len) continue;
    if (n < len) ++n;
    memmove(first + at + 1, first + at, (size_t)(n - 1 - at) * sizeof *first);
    first[at] = option;
  }
  return n_options + n;
}

static NmStatus choose_group(Search *s, int32_t field, int32_t first, int32_t len, const int32_t *n_taken)
{
  int32_t n_options = 0;
  for (int32_t r = first; r < first + len; ++r) {
    if (!(s->rows[r].score > -INFINITY)) continue;
    if (is_done(s, r)) {
      s->options[n_options] = make_option(s, r, -1, true);
      s->options[n_options++].rank = s->rows[r].score / (s->rows[r].n_steps ? s->rows[r].n_steps : 1);
      continue;
    }
    const int32_t n_allowed = score_row(s, r, field);
    if (n_allowed == 0) return NM_ERR_BAD_DATA;
    n_options = add_options(s, r, n_allowed, len, n_options, n_taken);
  }
  if (n_options == 0) return NM_ERR_BAD_DATA;
  qsort(s->options, (size_t)n_options, sizeof *s->options, compare_options);
  for (int32_t k = 0; k < len; ++k) {
    s->chosen[first + k] = s->options[k < n_options ? k : 0];
    if (k >= n_options) s->chosen[first + k].score = s->chosen[first + k].log_prob = -INFINITY;
  }
  return NM_OK;
}

// n_taken [n_tokens]: how many beams of earlier groups took each.
static NmStatus choose_in_groups(Search *s, int32_t field, NmArena *arena)
{
  const int32_t len = s->n_rows / s->n_groups;
  int32_t *n_taken =
      s->n_groups > 1 ? nm_arena_calloc(arena, (size_t)s->task->n_tokens[field], sizeof *n_taken) : NULL;
  if (s->n_groups > 1 && !n_taken) return NM_ERR_NO_MEMORY;
  for (int32_t g = 0; g < s->n_groups; ++g) {
    const NmStatus status = choose_group(s, field, g * len, len, n_taken);
    if (status) return status;
    for (int32_t r = g * len; n_taken && r < (g + 1) * len; ++r)
      if (s->chosen[r].token >= 0) ++n_taken[s->chosen[r].token];
  }
  return NM_OK;
}

// --- one field of one step ---

static NmStatus go_on(Search *s, int32_t field)
{
  const NmSearchTask *task = s->task;
  bool moved = false;
  NmStatus status = NM_OK;
  for (int32_t r = 0; r < s->n_rows; ++r) {
    s->index[r] = s->chosen[r].row;
    moved |= s->index[r] != r;
  }
  if (moved) {
    status = task->rules.reorder(task->rules.self, s->index);
    if (!status) status = task->scorer.reorder(task->scorer.self, s->index);
    if (status) return status;
  }
  memcpy(s->spare, s->rows, (size_t)s->n_rows * sizeof *s->rows);
  for (int32_t r = 0; r < s->n_rows; ++r) {
    const Option *option = &s->chosen[r];
    s->rows[r] = s->spare[option->row];
    s->tokens[r] = option->token < 0 ? 0 : option->token;
    if (option->token < 0) {
      if (!(option->score > -INFINITY)) s->rows[r].score = s->rows[r].log_prob = -INFINITY;
      continue;
    }
    s->rows[r].score = option->score;
    s->rows[r].log_prob = option->log_prob;
    s->rows[r].n_choices += !option->forced;
    s->rows[r].n_steps += field == task->n_fields - 1;
    task->rules.take(task->rules.self, r, field, option->token);
  }
  return task->scorer.take(task->scorer.self, field, s->tokens);
}

static NmStatus run_step(Search *s, NmArena *arena)
{
  const bool alone = s->config->method == NM_SEARCH_SAMPLE || s->config->method == NM_SEARCH_GREEDY;
  for (int32_t f = 0; f < s->task->n_fields; ++f) {
    NmStatus status = s->task->scorer.get_logits(s->task->scorer.self, f, s->logits);
    if (!status) status = alone ? choose_alone(s, f) : choose_in_groups(s, f, arena);
    if (!status) status = go_on(s, f);
    if (status) return status;
  }
  return NM_OK;
}

static bool all_done(const Search *s)
{
  for (int32_t r = 0; r < s->n_rows; ++r)
    if (!is_done(s, r)) return false;
  return true;
}

NmStatus nm_search_run(const NmSearchConfig *config, const NmSearchTask *task, NmArena *arena,
                       NmSearchRow *rows)
{
  if (!check(config, task)) return NM_ERR_BAD_ARG;
  Search s = {.config = config, .task = task, .rows = rows, .n_rows = config->n_rows, .n_groups = 1};
  if (config->method == NM_SEARCH_DIVERSE) s.n_groups = config->n_groups;
  for (int32_t f = 0; f < task->n_fields; ++f)
    if (task->n_tokens[f] > s.n_most) s.n_most = task->n_tokens[f];
  NmStatus status = allocate(&s, arena);
  for (int32_t r = 0; !status && r < s.n_rows; ++r)
    nm_rng_init(&s.rngs[r], nm_rng_mix(config->seed) + (uint64_t)rows[r].n_steps * 0x10001u + (uint64_t)r);
  NmArena scratch;
  nm_arena_init(&scratch, 1 << 14);
  for (int32_t step = 0; !status && !all_done(&s); ++step) {
    if (step >= task->n_steps_max) status = NM_ERR_BAD_DATA;
    if (config->cancel && atomic_load(config->cancel)) status = NM_ERR_CANCELLED;
    if (config->n_steps) atomic_fetch_add(config->n_steps, 1);
    nm_arena_reset(&scratch);
    if (!status) status = run_step(&s, &scratch);
  }
  nm_arena_fini(&scratch);
  return status;
}
