// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app/commands/backend_option.h"
#include "dsp/base/rng.h"

enum { N_RUNS_MIN = 3, N_RUNS_MAX = 201, N_REPEAT = 16, COPY_BYTES = 64 << 20 };
enum { SIDE_MAX = 1024, SIDE_MAX_CARD = 8192 };

static bool is_card(const NmBench *bench)
{
  return bench->backend != nm_backend_cpu();
}

int nm_bench_open(NmBench *bench, const NmArgs *args)
{
  int64_t n_threads = 0;
  *bench = (NmBench){0};
  if (!nm_args_get_integer(args, "threads", 0, 256, &n_threads)) return NM_EXIT_USAGE;
  if (!(bench->backend = nm_backend_option_get(args))) return NM_EXIT_USAGE;
  bench->n_repeat = is_card(bench) ? N_REPEAT : 1;
  bench->pool = nm_pool_new((int)n_threads);
  bench->graph = bench->pool ? nm_graph_new(bench->backend, bench->pool) : NULL;
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
  const int64_t n = nm_shape_count(nm_graph_shape(bench->graph, x));
  float *values = malloc((size_t)n * sizeof *values);
  for (int64_t i = 0; values && i < n; ++i) values[i] = 2 * nm_rng_uniform_at((uint64_t)x, (uint64_t)i) - 1;
  if (values)
    nm_graph_set(bench->graph, x, values);
  else
    nm_error_set(&bench->err, NM_ERR_NO_MEMORY, "out of memory");
  free(values);
}

NmStatus nm_bench_plan(NmBench *bench, NmVar out, NmVar *loss)
{
  *loss = nm_sum(bench->graph, out, -1);
  return nm_graph_plan(bench->graph, true, &bench->err);
}

typedef struct {
  NmGraph *graph;
  NmVar out; // waited for at the end
  int n;
} Run;

static void run_forward(void *ctx)
{
  const Run *run = ctx;
  for (int i = 0; i < run->n; ++i) nm_graph_forward(run->graph);
  nm_graph_get_scalar(run->graph, run->out);
}

static void run_backward(void *ctx)
{
  const Run *run = ctx;
  for (int i = 0; i < run->n; ++i) nm_graph_backward(run->graph, run->out);
  nm_graph_get_scalar(run->graph, run->out);
}

NmBenchTimes nm_bench_graph(NmBench *bench, NmVar loss)
{
  Run run = {bench->graph, loss, bench->n_repeat};
  NmBenchTimes times = {.forward = nm_bench_median(run_forward, &run) / run.n};
  times.backward = nm_bench_median(run_backward, &run) / run.n;
  return times;
}

double nm_bench_sgemm(NmBench *bench, double n_multiplications)
{
  const double most = is_card(bench) ? SIDE_MAX_CARD : SIDE_MAX;
  const double side = fmax(1, fmin(most, round(cbrt(n_multiplications))));
  const NmShape shape = NM_SHAPE3(1, (int64_t)side, (int64_t)side);
  NmGraph *g = bench->graph;
  nm_graph_reset(g);
  const NmVar a = nm_graph_input(g, NM_TYPE_REAL, shape), b = nm_graph_input(g, NM_TYPE_REAL, shape);
  const NmVar product = nm_matmul(g, a, b, false);
  nm_graph_output(g, product);
  if (nm_graph_plan(g, false, &bench->err) != NM_OK) return 0;
  nm_bench_draw(bench, a);
  nm_bench_draw(bench, b);
  Run run = {g, product, bench->n_repeat};
  return side * side * side * run.n / nm_bench_median(run_forward, &run);
}

static void run_copy(void *ctx)
{
  char *bytes = ctx;
  memcpy(bytes, bytes + COPY_BYTES, COPY_BYTES);
}

static double copy_on_host(void)
{
  char *bytes = malloc((size_t)2 * COPY_BYTES);
  if (!bytes) return 0;
  memset(bytes, 1, (size_t)2 * COPY_BYTES);
  const double seconds = nm_bench_median(run_copy, bytes);
  free(bytes);
  return 2.0 * COPY_BYTES / seconds;
}

// On a card, a plain pass over memory.
static double copy_on_card(NmBench *bench)
{
  NmGraph *g = bench->graph;
  nm_graph_reset(g);
  const NmVar x = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE1(COPY_BYTES / sizeof(float)));
  const NmVar y = nm_relu(g, x);
  nm_graph_output(g, y);
  if (nm_graph_plan(g, false, &bench->err) != NM_OK) return 0;
  Run run = {g, y, bench->n_repeat};
  return 2.0 * COPY_BYTES * run.n / nm_bench_median(run_forward, &run);
}

double nm_bench_copy(NmBench *bench)
{
  return is_card(bench) ? copy_on_card(bench) : copy_on_host();
}
