// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench attention`: the attention's kernels, every pattern and many lengths, beside a plain product of
// matrices that takes as many multiplications. Those are counted over the pairs that a pattern shows: two
// products of the head's width forward, five backward (the scores are made again there).
#include <stdio.h>
#include <stdlib.h>

#include "app/commands/bench_measure.h"
#include "app/commands/bench_tasks.h"
#include "models/attention/attention.h"

enum { N_HEADS = 4, N_CHANNELS = 256, T_MIN = 128, T_MAX = 8192, SEGMENT = 100, REACH = 64, N_SINKS = 4 };

typedef struct {
  const char *name;
  NmPattern pattern;
  int64_t left, right;
} Row;

static const Row rows[] = {
    {"full", NM_PATTERN_FULL, -1, -1},           {"causal", NM_PATTERN_CAUSAL, -1, -1},
    {"window", NM_PATTERN_WINDOW, REACH, REACH}, {"segments", NM_PATTERN_SEGMENTS, -1, -1},
    {"sinks", NM_PATTERN_SINKS, REACH, -1},      {NULL, NM_PATTERN_FULL, 0, 0}};

// Keys that query i of T sees.
static int64_t count_keys(const Row *row, int64_t i, int64_t T)
{
  const int64_t first = row->left >= 0 && i > row->left ? i - row->left : 0;
  const int64_t segment_first = i / SEGMENT * SEGMENT;
  switch (row->pattern) {
  case NM_PATTERN_CAUSAL: return i + 1;
  case NM_PATTERN_WINDOW: return (i + row->right + 1 < T ? i + row->right + 1 : T) - first;
  case NM_PATTERN_SEGMENTS:
    return (segment_first + SEGMENT < T ? segment_first + SEGMENT : T) - segment_first;
  case NM_PATTERN_SINKS: return i + 1 - first + (first < N_SINKS ? first : N_SINKS);
  default: return T;
  }
}

static NmStatus set_up(NmBench *bench, const Row *row, int64_t T, NmVar *loss)
{
  NmGraph *g = bench->graph;
  NmVar x[3];
  NmAttention attention = nm_attention_defaults(N_HEADS);
  nm_graph_reset(g);
  for (int i = 0; i < 3; ++i) x[i] = nm_graph_input_with_grad(g, NM_SHAPE3(1, T, N_CHANNELS));
  attention.pattern = row->pattern;
  attention.left = row->left;
  attention.right = row->right;
  attention.n_sinks = N_SINKS;
  attention.segment_q = attention.segment_k = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, T));
  const NmStatus status = nm_bench_plan(bench, nm_attention(g, x[0], x[1], x[2], &attention), loss);
  if (status != NM_OK) return status;
  int32_t *segments = malloc((size_t)T * sizeof *segments);
  if (!segments) return nm_error_set(&bench->err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t i = 0; i < T; ++i) segments[i] = (int32_t)(i / SEGMENT);
  nm_graph_set_int(g, attention.segment_q, segments);
  free(segments);
  for (int i = 0; i < 3; ++i) nm_bench_draw(bench, x[i]);
  return NM_OK;
}

static NmStatus measure(NmBench *bench, const Row *row, int64_t T)
{
  NmVar loss;
  double n_pairs = 0;
  for (int64_t i = 0; i < T; ++i) n_pairs += (double)count_keys(row, i, T);
  const NmStatus status = set_up(bench, row, T, &loss);
  if (status != NM_OK) return status;
  const NmBenchTimes times = nm_bench_graph(bench, loss);
  const double n_forward = 2 * n_pairs * N_CHANNELS, n_backward = 5 * n_pairs * N_CHANNELS;
  const double forward = n_forward / times.forward, backward = n_backward / times.backward;
  const double plain_forward = nm_bench_sgemm(bench, n_forward),
               plain_backward = nm_bench_sgemm(bench, n_backward);
  printf("%-9s %5lld %10.1f %8.1f %6.2f %12.1f %8.1f %6.2f\n", row->name, (long long)T, 2e-9 * forward,
         2e-9 * plain_forward, forward / plain_forward, 2e-9 * backward, 2e-9 * plain_backward,
         backward / plain_backward);
  fflush(stdout);
  return bench->err.status;
}

int nm_bench_attention(const NmArgs *args)
{
  NmBench bench;
  int exit_code = nm_bench_open(&bench, args);
  if (exit_code == 0) {
    printf("attention of %d heads, %d channels; window and sinks reach %d, segments of %d; %d threads\n",
           N_HEADS, N_CHANNELS, REACH, SEGMENT, nm_pool_get_n_threads(bench.pool));
    printf("%-9s %5s %10s %8s %6s %12s %8s %6s\n", "GFLOP/s", "T", "forward", "sgemm", "ratio", "backward",
           "sgemm", "ratio");
  }
  for (const Row *row = rows; row->name && exit_code == 0; ++row)
    for (int64_t T = T_MIN; T <= T_MAX && exit_code == 0; T *= 2)
      if (measure(&bench, row, T) != NM_OK) exit_code = nm_message_fail_input(&bench.err);
  nm_bench_close(&bench);
  return exit_code;
}
