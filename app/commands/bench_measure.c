// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "dsp/base/rng.h"

enum { N_RUNS_MIN = 3, N_RUNS_MAX = 201, SIDE_MAX = 1024, COPY_BYTES = 64 << 20 };

int nm_bench_open(NmBench *bench, const NmArgs *args)
{
  int64_t n_threads = 0;
  *bench = (NmBench){0};
  if (!nm_args_get_integer(args, "threads", 0, 256, &n_threads)) return NM_EXIT_USAGE;
  bench->pool = nm_pool_new((int)n_threads);
  bench->graph = bench->pool ? nm_graph_new(nm_backend_cpu(), bench->pool) : NULL;
  return bench->graph ? 0 : nm_message_fail(NM_EXIT_FAILED, "cannot start the threads");
}

void nm_bench_close(NmBench *bench)
{
  nm_graph_free(bench->graph);
  nm_pool_free(bench->pool);
  *bench = (NmBench){0};
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

double nm_bench_median(void (*run)(void *ctx), void *ctx)
{
  double seconds[N_RUNS_MAX], spent = 0;
  int n = 0;
  run(ctx);
  while (n < N_RUNS_MIN || (n < N_RUNS_MAX && spent < .2)) {
    const double start = nm_clock_now();
    run(ctx);
    spent += seconds[n++] = nm_clock_now() - start;
  }
  qsort(seconds, (size_t)n, sizeof *seconds, by_size);
  return seconds[n / 2];
}

void nm_bench_draw(NmBench *bench, NmVar x)
{
  float *values = nm_graph_data(bench->graph, x);
  const int64_t n = nm_shape_count(nm_graph_shape(bench->graph, x));
  for (int64_t i = 0; i < n; ++i) values[i] = 2 * nm_rng_uniform_at((uint64_t)x, (uint64_t)i) - 1;
}

NmStatus nm_bench_plan(NmBench *bench, NmVar out, NmVar *loss)
{
  *loss = nm_sum(bench->graph, out, -1);
  return nm_graph_plan(bench->graph, true, &bench->err);
}

typedef struct {
  NmGraph *graph;
  NmVar loss;
} Run;

static void run_forward(void *ctx)
{
  const Run *run = ctx;
  nm_graph_forward(run->graph);
}

static void run_backward(void *ctx)
{
  const Run *run = ctx;
  nm_graph_backward(run->graph, run->loss);
}

NmBenchTimes nm_bench_graph(NmBench *bench, NmVar loss)
{
  Run run = {bench->graph, loss};
  NmBenchTimes times = {.forward = nm_bench_median(run_forward, &run)};
  times.backward = nm_bench_median(run_backward, &run);
  return times;
}

double nm_bench_sgemm(NmBench *bench, double n_multiplications)
{
  const double side = fmax(1, fmin(SIDE_MAX, round(cbrt(n_multiplications))));
  NmGraph *g = bench->graph;
  nm_graph_reset(g);
  const NmVar a = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, (int64_t)side, (int64_t)side));
  const NmVar b = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, (int64_t)side, (int64_t)side));
  nm_graph_output(g, nm_matmul(g, a, b, false));
  if (nm_graph_plan(g, false, &bench->err) != NM_OK) return 0;
  nm_bench_draw(bench, a);
  nm_bench_draw(bench, b);
  Run run = {.graph = g};
  return side * side * side / nm_bench_median(run_forward, &run);
}

static void run_copy(void *ctx)
{
  char *bytes = ctx;
  memcpy(bytes, bytes + COPY_BYTES, COPY_BYTES);
}

double nm_bench_copy(void)
{
  char *bytes = malloc((size_t)2 * COPY_BYTES);
  if (!bytes) return 0;
  memset(bytes, 1, (size_t)2 * COPY_BYTES);
  const double seconds = nm_bench_median(run_copy, bytes);
  free(bytes);
  return 2.0 * COPY_BYTES / seconds;
}
