// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding: several sequences grow side by side, a field of a step at a time, by the log-probabilities of a
// scorer and within the rules of a task. What the rules forbid cannot be chosen, so that a finished row is
// valid whatever the scorer says.
//
//   greedy   the most probable, one row
//   beam     the rows of highest mean log-probability per step
//   diverse  beams in groups, each kept off what the groups before it chose at the same step
//            (Vijayakumar et al. 2018, Hamming diversity)
//   sample   each row by itself, from the nucleus (Holtzman et al. 2020) at a temperature
//
// Same scorer, rules and configuration: the same rows. A sampled row depends on its own number alone, not on
// how many there are.
#ifndef NM_SONG_SEARCH_H
#define NM_SONG_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dsp/base/arena.h"

enum { NM_SEARCH_FIELDS_MAX = 8 };

typedef enum {
  NM_SEARCH_GREEDY,
  NM_SEARCH_BEAM,
  NM_SEARCH_DIVERSE,
  NM_SEARCH_SAMPLE,
  NM_SEARCH_N_METHODS
} NmSearchMethod;

typedef struct {
  NmSearchMethod method;
  int32_t n_rows;             // beams or samples side by side, >= 1; greedy rows are all alike
  int32_t n_groups;           // of diverse: a divisor of n_rows
  float diversity;            // taken off a token for each earlier group that has it, >= 0
  float temperature, nucleus; // > 0; (0, 1]
  uint64_t seed;
  const atomic_bool *cancel; // looked at before every step; NULL: never
  atomic_int *n_steps;       // counts them; NULL: nobody looks
} NmSearchConfig;

// Sampling, 8 rows, nucleus .9 at temperature 1; 4 groups at .5 when diverse.
NmSearchConfig nm_search_defaults(void);

// What predicts. The rows stand at the same step; a step has `n_fields` fields in order.
typedef struct {
  void *self;
  // Log-odds (any constant may be missing) of a field given all before it: logits [n_rows, n_tokens[field]].
  NmStatus (*get_logits)(void *self, int32_t field, float *logits);
  // The field's tokens [n_rows] were chosen; after the last field the step ends.
  NmStatus (*take)(void *self, int32_t field, const int32_t *tokens);
  // Row r goes on from what row index[r] was.
  NmStatus (*reorder)(void *self, const int32_t *index);
} NmSearchScorer;

// What is valid.
typedef struct {
  void *self;
  bool (*is_done)(void *self, int32_t row);
  // Adds to bias [n_tokens[field]], which is all 0: -INFINITY forbids, at least one token must be left.
  void (*get_bias)(void *self, int32_t row, int32_t field, float *bias);
  void (*take)(void *self, int32_t row, int32_t field, int32_t token);
  NmStatus (*reorder)(void *self, const int32_t *index);
} NmSearchRules;

typedef struct {
  int32_t n_fields;
  int32_t n_tokens[NM_SEARCH_FIELDS_MAX];
  NmSearchScorer scorer;
  NmSearchRules rules;
  int32_t n_steps_max;
} NmSearchTask;

// How a row came out. log_prob is the scorer's own (without the rules' bias; a token that was the only one
// allowed counts 0) over n_choices fields that were free.
typedef struct {
  double log_prob; // -INFINITY: the row holds nothing (fewer continuations than rows)
  double score;    // the same with the bias: what beams are chosen by
  int32_t n_steps, n_choices;
} NmSearchRow;

// Runs until all rows are done. rows [config->n_rows] go on from what they hold (nm_search_begin for new
// ones), so that a long task may be run in parts. Work memory is the arena's. NM_ERR_BAD_ARG for a config or
// task out of range; NM_ERR_BAD_DATA when n_steps_max was reached or the rules left nothing;
// NM_ERR_CANCELLED; what the scorer answers.
NmStatus nm_search_run(const NmSearchConfig *config, const NmSearchTask *task, NmArena *arena,
                       NmSearchRow *rows) NM_NODISCARD;

// All rows alike and empty: for beams only the first counts, until it has branched.
void nm_search_begin(const NmSearchConfig *config, NmSearchRow *rows);

#endif
