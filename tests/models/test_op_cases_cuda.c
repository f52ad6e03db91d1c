// SPDX-License-Identifier: GPL-3.0-or-later
// Every op on the CUDA backend against the CPU: values, and gradients that are added to. Skipped where there
// is no graphics card.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/engine/cuda/backend.h"
#include "tests/models/op_cases.h"

// Largest difference allowed, relative to the largest value: products are in tf32 on the card.
#define TOLERANCE_PRODUCTS 4e-3
#define TOLERANCE 4e-5
#define TOLERANCE_PATHS 2e-3 // sums of hundreds of logarithms in float, on both sides

static const NmBackend *card;
static char why_not[sizeof((NmError){0}.message)];

// Sizes as in training, where blocks and tails of the kernels meet.
#define REAL(shape, low, high)                                                                               \
  {                                                                                                          \
    NM_TYPE_REAL, shape, low, high                                                                           \
  }
#define INT(shape, low, high)                                                                                \
  {                                                                                                          \
    NM_TYPE_INT, shape, low, high                                                                            \
  }
#define S1 NM_SHAPE1
#define S2 NM_SHAPE2
#define S3 NM_SHAPE3

static NmVar build_linear(NmGraph *g, const NmVar *in)
{
  return nm_linear(g, in[0], in[1], in[2]);
}
static NmVar build_conv(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], (NmConv){2, 1, 2, 2, 1});
}
static NmVar build_dilated(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], nm_conv_same(5, 4));
}
static NmVar build_depthwise(NmGraph *g, const NmVar *in)
{
  NmConv conv = nm_conv_same(7, 1);
  conv.groups = 192;
  return nm_conv1d(g, in[0], in[1], in[2], conv);
}
static NmVar build_norm(NmGraph *g, const NmVar *in)
{
  return nm_layer_norm(g, in[0], in[1], in[2], 1e-5);
}
static NmVar build_stft512(NmGraph *g, const NmVar *in)
{
  return nm_stft(g, in[0], 512, 128);
}
static NmVar build_stft2048(NmGraph *g, const NmVar *in)
{
  return nm_stft(g, in[0], 2048, 512);
}
static NmVar build_istft(NmGraph *g, const NmVar *in)
{
  return nm_istft(g, in[0], 1024, 256);
}
static NmVar build_min_phase(NmGraph *g, const NmVar *in)
{
  return nm_min_phase(g, in[0]);
}
static NmVar build_attention(NmGraph *g, const NmVar *in)
{
  NmAttention a = nm_attention_defaults(2);
  a.len_k = in[3];
  a.relative = in[4];
  return nm_attention(g, in[0], in[1], in[2], &a);
}
static NmVar build_window(NmGraph *g, const NmVar *in)
{
  NmAttention a = nm_attention_defaults(4);
  a.pattern = NM_PATTERN_WINDOW;
  a.left = 100;
  a.right = 7;
  return nm_attention(g, in[0], in[1], in[2], &a);
}
static NmVar build_forward_sum(NmGraph *g, const NmVar *in)
{
  return nm_forward_sum(g, nm_log_softmax(g, in[0]), in[1], in[2], in[3]);
}
static NmVar build_distance(NmGraph *g, const NmVar *in)
{
  return nm_sq_dist(g, in[0], in[1]);
}
static NmVar build_gather(NmGraph *g, const NmVar *in)
{
  return nm_gather_rows(g, in[0], in[1]);
}

static const NmOpCase large[] = {
    {"large linear",
     NM_OP_LINEAR,
     {REAL(S3(7, 333, 192), -1, 1), REAL(S2(192, 768), -1, 1), REAL(S1(768), -1, 1)},
     build_linear},
    {"large strided convolution",
     NM_OP_CONV1D,
     {REAL(S3(5, 301, 64), -1, 1), REAL(S3(5, 64, 128), -1, 1), REAL(S1(128), -1, 1)},
     build_conv},
    {"large dilated convolution",
     NM_OP_CONV1D,
     {REAL(S3(5, 96, 80), -1, 1), REAL(S3(5, 80, 192), -1, 1), REAL(S1(192), -1, 1)},
     build_dilated},
    {"large depthwise convolution",
     NM_OP_CONV1D_DEPTHWISE,
     {REAL(S3(9, 301, 192), -1, 1), REAL(S3(7, 1, 192), -1, 1), REAL(S1(192), -1, 1)},
     build_depthwise},
    {"large layer norm",
     NM_OP_LAYER_NORM,
     {REAL(S3(9, 301, 192), -2, 1), REAL(S1(192), .5, 1.5), REAL(S1(192), -1, 1)},
     build_norm},
    {"stft 512", NM_OP_STFT, {REAL(S2(3, 13056), -1, 1)}, build_stft512},
    {"stft 2048", NM_OP_STFT, {REAL(S2(3, 13056), -1, 1)}, build_stft2048},
    {"istft 1024", NM_OP_ISTFT, {REAL(S3(3, 64, 1026), -1, 1)}, build_istft},
    {"minimum phase 1024", NM_OP_MIN_PHASE, {REAL(S3(3, 64, 513), -5, 1)}, build_min_phase},
    {"large attention",
     NM_OP_ATTENTION,
     {REAL(S3(5, 133, 192), -1, 1), REAL(S3(5, 133, 192), -1, 1), REAL(S3(5, 133, 192), -1, 1),
      INT(S1(5), 60, 133), REAL(S2(2, 33), -1, 1)},
     build_attention},
    {"large window",
     NM_OP_ATTENTION,
     {REAL(S3(2, 1000, 256), -1, 1), REAL(S3(2, 1000, 256), -1, 1), REAL(S3(2, 1000, 256), -1, 1)},
     build_window},
    {"large forward sum",
     NM_OP_FORWARD_SUM,
     {REAL(S3(6, 400, 90), -3, 3), INT(S2(6, 90), 0, 2), INT(S1(6), 200, 401), INT(S1(6), 40, 91)},
     build_forward_sum},
    {"large distances",
     NM_OP_SQ_DIST,
     {REAL(S3(6, 400, 80), -1, 1), REAL(S3(6, 90, 80), -1, 1)},
     build_distance},
    {"large gather", NM_OP_GATHER_ROWS, {REAL(S3(8, 90, 192), -1, 1), INT(S2(8, 400), -1, 90)}, build_gather},
};

static NmOpCases nm_op_cases_large(void)
{
  return (NmOpCases){large, sizeof large / sizeof *large};
}

static void draw(NmGraph *g, const NmOpCase *c, const NmVar *in, int n)
{
  NmRng rng;
  nm_rng_init(&rng, 17);
  for (int i = 0; i < n; ++i) {
    const int64_t count = nm_shape_count(c->in[i].shape);
    float *reals = calloc((size_t)count, sizeof *reals);
    int32_t *ints = calloc((size_t)count, sizeof *ints);
    for (int64_t k = 0; k < count; ++k) {
      const double x = c->in[i].low + (c->in[i].high - c->in[i].low) * nm_rng_uniform(&rng);
      reals[k] = (float)x;
      ints[k] = (int32_t)floor(x);
    }
    if (c->in[i].type == NM_TYPE_REAL)
      nm_graph_set(g, in[i], reals);
    else
      nm_graph_set_int(g, in[i], ints);
    free(reals);
    free(ints);
  }
}

// How the op meets the gradients of its inputs: zeros to add to, nothing yet (they are its to begin), or what
// a later op gave.
typedef enum { ZEROS, FRESH, GIVEN, N_WAYS } Way;

// Inputs as the op sees them.
static void pass(NmGraph *g, Way way, const NmVar *in, int n, NmVar *x)
{
  for (int i = 0; i < n; ++i)
    x[i] = way == ZEROS || nm_graph_type(g, in[i]) == NM_TYPE_INT ? in[i] : nm_affine(g, in[i], 1, 0);
}

static NmVar add_squares(NmGraph *g, NmVar loss, const NmVar *x, int n)
{
  for (int i = 0; i < n; ++i)
    if (nm_graph_type(g, x[i]) == NM_TYPE_REAL) loss = nm_add(g, loss, nm_sum(g, nm_square(g, x[i]), -1));
  return loss;
}

// Values, then the gradients of real inputs, one after the other; `at` [NM_CASE_INPUTS_MAX + 2] where each
// begins.
static float *run(const NmOpCase *c, const NmBackend *backend, Way way, int64_t *at)
{
  NmVar in[NM_CASE_INPUTS_MAX], x[NM_CASE_INPUTS_MAX];
  NmError err = {0};
  NmGraph *g = nm_graph_new(backend, NULL);
  int n = 0;
  for (; n < NM_CASE_INPUTS_MAX && c->in[n].shape.n_dims; ++n)
    in[n] = c->in[n].type == NM_TYPE_INT ? nm_graph_input(g, NM_TYPE_INT, c->in[n].shape)
                                         : nm_graph_input_with_grad(g, c->in[n].shape);
  pass(g, way, in, n, x);
  const NmVar y = c->build(g, x);
  const NmVar w = nm_graph_input(g, NM_TYPE_REAL, nm_graph_shape(g, y));
  NmVar loss = nm_sum(g, nm_mul(g, y, w), -1);
  if (way == GIVEN) loss = add_squares(g, loss, x, n);
  nm_graph_output(g, y);
  if (nm_graph_plan(g, true, &err) != NM_OK) fail_msg("%s: %s", c->name, err.message);
  at[0] = 0;
  at[1] = nm_shape_count(nm_graph_shape(g, y));
  for (int i = 0; i < n; ++i)
    at[i + 2] = at[i + 1] + (c->in[i].type == NM_TYPE_REAL ? nm_shape_count(c->in[i].shape) : 0);
  for (int i = n; i < NM_CASE_INPUTS_MAX; ++i) at[i + 2] = at[i + 1];
  float *all = calloc((size_t)at[n + 1] + (size_t)at[1], sizeof *all), *weights = all + at[n + 1];
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int64_t k = 0; k < at[1]; ++k) weights[k] = (float)(2 * nm_rng_uniform(&rng) - 1);
  draw(g, c, in, n);
  nm_graph_set(g, w, weights);
  nm_graph_set_training(g, true, 5);
  nm_graph_forward(g);
  nm_graph_get(g, y, all);
  nm_graph_backward(g, loss);
  for (int i = 0; i < n; ++i)
    if (c->in[i].type == NM_TYPE_REAL) nm_graph_get_grad(g, in[i], all + at[i + 1]);
  nm_graph_free(g);
  return all;
}

static bool has_products(NmOp op)
{
  return op == NM_OP_LINEAR || op == NM_OP_MATMUL || op == NM_OP_CONV1D || op == NM_OP_CONV1D_TRANSPOSE ||
         op == NM_OP_LSTM || op == NM_OP_ATTENTION || op == NM_OP_ATTENTION_WEIGHTS;
}

// The largest difference of one array, relative to its largest value; NaN passes on.
static double distance(const float *a, const float *b, int64_t n)
{
  double top = 1e-3, worst = 0;
  for (int64_t k = 0; k < n; ++k) {
    const double d = fabs((double)a[k] - (double)b[k]);
    if (fabs((double)a[k]) > top) top = fabs((double)a[k]);
    if (!(d <= worst)) worst = d;
  }
  return worst / top;
}

static int check_case(const NmOpCase *c, Way way)
{
  int64_t at[NM_CASE_INPUTS_MAX + 2];
  float *want = run(c, nm_backend_cpu(), way, at), *got = run(c, card, way, at),
        *again = run(c, card, way, at);
  const double tolerance = has_products(c->op)          ? TOLERANCE_PRODUCTS
                           : c->op == NM_OP_FORWARD_SUM ? TOLERANCE_PATHS
                                                        : TOLERANCE;
  int n_bad = 0;
  for (int i = 0; i <= NM_CASE_INPUTS_MAX; ++i) {
    const double d = distance(want + at[i], got + at[i], at[i + 1] - at[i]);
    if (at[i + 1] == at[i] || d <= tolerance) continue;
    if (i)
      print_message("%s: the gradient of input %d is off by %.2g\n", c->name, i - 1, d);
    else
      print_message("%s: the value is off by %.2g\n", c->name, d);
    ++n_bad;
  }
  if (memcmp(got, again, (size_t)at[NM_CASE_INPUTS_MAX + 1] * sizeof *got) != 0) {
    print_message("%s: a second run gives other bytes\n", c->name);
    ++n_bad;
  }
  free(want);
  free(got);
  free(again);
  return n_bad;
}

static void every_op_agrees_with_the_cpu(void **state)
{
  static NmOpCases (*const tables[])(void) = {nm_op_cases_elements, nm_op_cases_matrices, nm_op_cases_signal,
                                              nm_op_cases_attention, nm_op_cases_large};
  NmError err = {0};
  int n = 0, n_bad = 0;
  if (!card) {
    print_message("%s\n", why_not);
    skip();
  }
  for (size_t t = 0; t < sizeof tables / sizeof *tables; ++t) {
    const NmOpCases table = tables[t]();
    for (int i = 0; i < table.n; ++i)
      for (int way = 0; way < N_WAYS; ++way, ++n) n_bad += check_case(&table.cases[i], (Way)way) > 0;
  }
  print_message("%d cases, %d of them wrong\n", n, n_bad);
  if (card->check(card->context_new(), &err) != NM_OK) fail_msg("%s", err.message);
  assert_int_equal(n_bad, 0);
}

int main(void)
{
  NmError err = {0};
  card = nm_backend_cuda(&err);
  snprintf(why_not, sizeof why_not, "%s", err.message);
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_op_agrees_with_the_cpu)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
