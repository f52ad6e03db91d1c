// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench train`: steps of every training as `neume train` takes them, batches and optimiser included,
// on a corpus of even lengths. Their products of matrices are held against the best that one product of
// large matrices reaches in the same run.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app/commands/bench_measure.h"
#include "app/commands/bench_tasks.h"
#include "app/commands/bench_trainings.h"

enum { N_WARM = 3, N_STEPS_MIN = 3, N_STEPS_MAX = 1000 };

#define SECONDS 3.0        // of steps that are measured
#define LARGE_PRODUCT 1e15 // multiplications: as large as there is

static const NmBenchTraining *const tables[] = {nm_bench_trainings_speech, nm_bench_trainings_text, NULL};

// Medians over steps.
typedef struct {
  double seconds, rate; // of one step; operations a second
} Result;

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static NmStatus measure(const NmBenchTraining *training, void *trainer, Result *result, NmError *err)
{
  double seconds[N_STEPS_MAX], rates[N_STEPS_MAX], spent = 0;
  int n = 0;
  for (int64_t step = 0; n < N_STEPS_MIN || (n < N_STEPS_MAX && spent < SECONDS); ++step) {
    const double start = nm_clock_now();
    const NmStatus status = training->step(trainer, step, err);
    if (status != NM_OK) return status;
    if (step < N_WARM) continue;
    spent += seconds[n] = nm_clock_now() - start;
    rates[n] = training->count(trainer) / seconds[n];
    ++n;
  }
  qsort(seconds, (size_t)n, sizeof *seconds, by_size);
  qsort(rates, (size_t)n, sizeof *rates, by_size);
  *result = (Result){seconds[n / 2], rates[n / 2]};
  return NM_OK;
}

// What a product of large matrices reaches before or after, whichever is better, is the best there is.
static NmStatus run(const NmBenchTraining *training, NmBench *bench)
{
  Result r;
  const double before = nm_bench_sgemm(bench, LARGE_PRODUCT);
  void *trainer = training->open(bench->backend, bench->pool, &bench->err);
  if (!trainer) return bench->err.status;
  NmStatus status = measure(training, trainer, &r, &bench->err);
  training->close(trainer);
  const double after = nm_bench_sgemm(bench, LARGE_PRODUCT), best = 2 * (before > after ? before : after);
  if (status == NM_OK) status = bench->err.status;
  if (status != NM_OK) return status;
  printf("%-13s %-21s %9.2f %9.2f %11.0f %-6s %10.1f %10.1f %7.2f %%\n", training->name, training->batch,
         1e3 * r.seconds, 1 / r.seconds, training->n / r.seconds, training->unit, 1e-9 * r.rate, 1e-9 * best,
         100 * r.rate / best);
  fflush(stdout);
  return NM_OK;
}

static bool is_wanted(const NmBenchTraining *training, const char *model)
{
  return !model || strcmp(model, "all") == 0 || strcmp(model, training->name) == 0;
}

static int check_model(const char *model)
{
  for (const NmBenchTraining *const *table = tables; *table; ++table)
    for (const NmBenchTraining *t = *table; t->name; ++t)
      if (is_wanted(t, model)) return 0;
  return nm_message_fail(
      NM_EXIT_USAGE,
      "--model is aligner, acoustic, acoustic-gan, teacher, vocoder, vocoder-gan, g2p or all, not %s", model);
}

static NmStatus run_all(NmBench *bench, const char *model)
{
  printf("training on %s, %d threads\n", bench->backend->name, nm_pool_get_n_threads(bench->pool));
  printf("%-13s %-21s %9s %9s %18s %10s %10s %9s\n", "", "batch", "ms", "steps/s", "a second", "GFLOP/s",
         "best", "share");
  fflush(stdout);
  for (const NmBenchTraining *const *table = tables; *table; ++table)
    for (const NmBenchTraining *t = *table; t->name && bench->err.status == NM_OK; ++t)
      if (is_wanted(t, model)) bench->err.status = run(t, bench);
  return bench->err.status;
}

int nm_bench_train(const NmArgs *args)
{
  NmBench bench;
  const char *model = nm_args_get(args, "model");
  int exit_code = nm_bench_open(&bench, args);
  if (exit_code == 0) exit_code = check_model(model);
  if (exit_code == 0 && run_all(&bench, model) != NM_OK) exit_code = nm_message_fail_input(&bench.err);
  nm_bench_close(&bench);
  return exit_code;
}
