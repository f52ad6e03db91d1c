// SPDX-License-Identifier: GPL-3.0-or-later
// What the speed benchmarks share: times of a graph, and the floors of this machine to hold them against.
#ifndef NM_COMMANDS_BENCH_MEASURE_H
#define NM_COMMANDS_BENCH_MEASURE_H

#include "app/command.h"
#include "models/engine/ops.h"

// A graph on a backend, with threads.
typedef struct {
  const NmBackend *backend;
  NmPool *pool;
  NmGraph *graph;
  int n_repeat; // runs in a row of each measurement: on a card the wait at the end would count otherwise
  NmError err;  // the first failure of a measurement
} NmBench;

// Medians, in seconds.
typedef struct {
  double forward, backward;
} NmBenchTimes;

// Reads --threads and --backend and makes the graph; 0 or an exit code, with the message given. Close it also
// then.
int nm_bench_open(NmBench *bench, const NmArgs *args);
void nm_bench_close(NmBench *bench);

// Median seconds of run(ctx): at least three calls, and about a fifth of a second of them.
double nm_bench_median(void (*run)(void *ctx), void *ctx);

// Drawn values of -1 to 1 for an input of the graph, once it is planned.
void nm_bench_draw(NmBench *bench, NmVar x);

// Plans the graph with gradients, the sum of `out` being the loss.
NmStatus nm_bench_plan(NmBench *bench, NmVar out, NmVar *loss) NM_NODISCARD;

// The times of the planned graph.
NmBenchTimes nm_bench_graph(NmBench *bench, NmVar loss);

// Multiply-adds a second of one plain product of square matrices with about this many of them (a cube's side
// at most 1024, on a card 8192). 0 on failure.
double nm_bench_sgemm(NmBench *bench, double n_multiplications);

// Bytes a second of a copy from memory to memory, read and write counted. 0 on failure.
double nm_bench_copy(NmBench *bench);

#endif
