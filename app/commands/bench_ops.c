// SPDX-License-Identifier: GPL-3.0-or-later
// `neume bench ops`: the kernels that a voice spends its time in, on a batch of training's size. Those of
// matrices are held against a plain product of matrices, the others against a copy of memory. Backward is
// counted as twice the work of forward: two products, or values and gradients instead of values.
#include <stdio.h>
#include <stdlib.h>

#include "app/commands/bench_measure.h"
#include "app/commands/bench_tasks.h"

enum { B = 8, T = 1024, C = 192, N_WIDE = 512, N_FFT = 1024, HOP = 256, N_WORDS = 100 };

// Builds the op over x [B, T, C]; how many multiplications it takes, 0 when its cost is memory.
typedef struct {
  const char *name;
  NmVar (*build)(NmGraph *g, NmVar x);
  double n_multiplications;
} Row;

static NmVar weights(NmGraph *g, NmShape shape)
{
  return nm_graph_input_with_grad(g, shape);
}

static NmVar build_linear(NmGraph *g, NmVar x)
{
  return nm_linear(g, x, weights(g, NM_SHAPE2(C, N_WIDE)), weights(g, NM_SHAPE1(N_WIDE)));
}

static NmVar build_conv(NmGraph *g, NmVar x)
{
  return nm_conv1d(g, x, weights(g, NM_SHAPE3(3, C, N_WIDE)), weights(g, NM_SHAPE1(N_WIDE)),
                   nm_conv_same(3, 1));
}

static NmVar build_depthwise(NmGraph *g, NmVar x)
{
  NmConv conv = nm_conv_same(7, 1);
  conv.groups = C;
  return nm_conv1d(g, x, weights(g, NM_SHAPE3(7, 1, C)), weights(g, NM_SHAPE1(C)), conv);
}

static NmVar build_sq_dist(NmGraph *g, NmVar x)
{
  return nm_sq_dist(g, x, weights(g, NM_SHAPE3(B, N_WORDS, C)));
}

static NmVar build_lstm(NmGraph *g, NmVar x)
{
  return nm_lstm(g, x, weights(g, NM_SHAPE2(C, 4 * C)), weights(g, NM_SHAPE2(C, 4 * C)),
                 weights(g, NM_SHAPE1(4 * C)), false);
}

static NmVar build_add(NmGraph *g, NmVar x)
{
  return nm_add(g, x, weights(g, NM_SHAPE3(B, T, C)));
}

static NmVar build_norm(NmGraph *g, NmVar x)
{
  return nm_layer_norm(g, x, weights(g, NM_SHAPE1(C)), weights(g, NM_SHAPE1(C)), 1e-5);
}

static NmVar build_softmax(NmGraph *g, NmVar x)
{
  return nm_softmax(g, x);
}

static NmVar build_permute(NmGraph *g, NmVar x)
{
  return nm_permute(g, x, (const int[]){0, 2, 1, 3});
}

static NmVar build_gather(NmGraph *g, NmVar x)
{
  int32_t *index = malloc(sizeof *index * B * T);
  if (!index) return nm_graph_fail(g, "out of memory");
  for (int i = 0; i < B * T; ++i) index[i] = i % T / 2;
  const NmVar y = nm_gather_rows(g, x, nm_graph_const_int(g, NM_SHAPE2(B, T), index));
  free(index);
  return y;
}

static NmVar build_stft(NmGraph *g, NmVar x)
{
  return nm_stft(g, nm_reshape(g, x, NM_SHAPE2(B, (int64_t)T * C)), N_FFT, HOP);
}

static const Row rows[] = {
    {"linear", build_linear, (double)B *T *C *N_WIDE},
    {"convolution of 3", build_conv, 3.0 * B *T *C *N_WIDE},
    {"squared distance", build_sq_dist, (double)B *T *C *N_WORDS},
    {"lstm", build_lstm, 2.0 * B *T *C * 4 * C},
    {"depthwise of 7", build_depthwise, 0},
    {"layer norm", build_norm, 0},
    {"gelu", nm_gelu, 0},
    {"relu", nm_relu, 0},
    {"add", build_add, 0},
    {"softmax", build_softmax, 0},
    {"permute", build_permute, 0},
    {"gather rows", build_gather, 0},
    {"stft", build_stft, 0},
};

// Values that are read and written.
static double count_values(const NmGraph *g, NmVar x, NmVar y)
{
  return (double)nm_shape_count(nm_graph_shape(g, x)) + (double)nm_shape_count(nm_graph_shape(g, y));
}

static NmStatus measure(NmBench *bench, const Row *row, double sgemm, double copy)
{
  NmVar loss;
  NmGraph *g = bench->graph;
  nm_graph_reset(g);
  const NmVar x = nm_graph_input_with_grad(g, NM_SHAPE3(B, T, C)), y = row->build(g, x);
  if (nm_bench_plan(bench, y, &loss) != NM_OK) return bench->err.status;
  const bool products = row->n_multiplications > 0;
  const double n = products ? 2 * row->n_multiplications : sizeof(float) * count_values(g, x, y);
  const double floor = products ? 2 * sgemm : copy;
  nm_bench_draw(bench, x);
  const NmBenchTimes t = nm_bench_graph(bench, loss);
  printf("%-18s %8.2f %8.2f %8.1f %8.1f %s %6.2f %6.2f\n", row->name, 1e3 * t.forward, 1e3 * t.backward,
         1e-9 * n / t.forward, 2e-9 * n / t.backward, products ? "GFLOP/s" : "GB/s   ", n / t.forward / floor,
         2 * n / t.backward / floor);
  fflush(stdout);
  return NM_OK;
}

int nm_bench_ops(const NmArgs *args)
{
  NmBench bench;
  int exit_code = nm_bench_open(&bench, args);
  const double sgemm = exit_code ? 0 : nm_bench_sgemm(&bench, 1e9),
               copy = exit_code ? 0 : nm_bench_copy(&bench);
  if (exit_code == 0) {
    printf("tensors of [%d, %d, %d] on %s; %d threads; floors: sgemm %.1f GFLOP/s, copy %.1f GB/s\n", B, T, C,
           bench.backend->name, nm_pool_get_n_threads(bench.pool), 2e-9 * sgemm, 1e-9 * copy);
    printf("%-18s %8s %8s %8s %8s %7s %6s %6s\n", "", "ms", "backward", "rate", "backward", "", "ratio",
           "back.");
  }
  for (size_t i = 0; i < sizeof rows / sizeof *rows && exit_code == 0; ++i)
    if (measure(&bench, &rows[i], sgemm, copy) != NM_OK) exit_code = nm_message_fail_input(&bench.err);
  nm_bench_close(&bench);
  return exit_code;
}
