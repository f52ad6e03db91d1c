// SPDX-License-Identifier: GPL-3.0-or-later
// Products with half-precision weights against the sum written out, in double, on operands rounded alike; and
// how far the rounding takes them from the exact product.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/engine/cpu/half.h"
#include "models/engine/ops.h"
#include "models/engine/safetensors.h"

typedef struct {
  int64_t n_items, n_values, n_before, M, K, N, step;
  bool biased;
  NmThen then;
} Case;

// Odd sizes, narrow and wide results, rows that overlap, items with zeros around them.
static const Case cases[] = {{1, 3 * 2, 0, 3, 2, 1, 2, true, NM_THEN_NOTHING},
                             {1, 7 * 5, 0, 7, 5, 3, 5, false, NM_THEN_NOTHING},
                             {1, 20 * 64, 0, 20, 64, 64, 64, true, NM_THEN_NOTHING},
                             {1, 101 * 33, 0, 101, 33, 130, 33, true, NM_THEN_NOTHING},
                             {1, 250 * 48, 0, 250, 48, 321, 48, true, NM_THEN_GELU},
                             {3, 40 * 6, 3 * 6, 40, 7 * 6, 80, 6, true, NM_THEN_NOTHING},
                             {2, 9 * 5, 5, 9, 3 * 5, 17, 5, false, NM_THEN_NOTHING},
                             {2, 30 * 8, 8, 14, 4 * 8, 48, 2 * 8, true, NM_THEN_RELU},
                             {1, 1, 0, 1, 1, 1, 1, true, NM_THEN_NOTHING},
                             {1, 300, 0, 300, 1, 20, 1, false, NM_THEN_GELU}};

typedef struct {
  NmHalfProduct p;
  uint16_t *w;
  float *x, *b, *y;
  void *packed, *scratch;
} Work;

static float to_bfloat(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void *make_room(size_t size)
{
  return aligned_alloc(64, (size + 63) / 64 * 64);
}

static Work start(const Case *c, NmPool *pool)
{
  Work k = {.w = malloc((size_t)(c->K * c->N) * 2 + 1),
            .x = malloc((size_t)(c->n_items * c->n_values) * sizeof(float)),
            .b = malloc((size_t)c->N * sizeof(float)),
            .y = malloc((size_t)(c->n_items * c->M * c->N) * sizeof(float))};
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int64_t i = 0; i < c->K * c->N; ++i) k.w[i] = nm_half_from_float((float)nm_rng_normal(&rng));
  for (int64_t i = 0; i < c->n_items * c->n_values; ++i) k.x[i] = (float)nm_rng_normal(&rng);
  for (int64_t i = 0; i < c->N; ++i) k.b[i] = (float)nm_rng_normal(&rng);
  k.packed = make_room(nm_cpu_half_size_packed(c->K, c->N));
  nm_cpu_half_pack(pool, k.w, c->K, c->N, k.packed);
  k.p = (NmHalfProduct){.x = k.x,
                        .n_items = c->n_items,
                        .n_values = c->n_values,
                        .n_before = c->n_before,
                        .M = c->M,
                        .K = c->K,
                        .N = c->N,
                        .step = c->step,
                        .packed = k.packed,
                        .b = c->biased ? k.b : NULL,
                        .y = k.y,
                        .then = c->then};
  k.scratch = make_room(nm_cpu_half_scratch(&k.p));
  nm_cpu_half_product(pool, &k.p, k.scratch);
  return k;
}

static void finish(Work *k)
{
  free(k->w);
  free(k->x);
  free(k->b);
  free(k->y);
  free(k->packed);
  free(k->scratch);
}

static double apply(NmThen then, double x)
{
  if (then == NM_THEN_RELU) return x > 0 ? x : 0;
  if (then == NM_THEN_GELU) return .5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
  return x;
}

static double naive(const Work *k, int64_t item, int64_t m, int64_t n, bool rounded)
{
  double sum = k->p.b ? k->p.b[n] : 0;
  for (int64_t i = 0; i < k->p.K; ++i) {
    const int64_t at = m * k->p.step + i - k->p.n_before;
    if (at < 0 || at >= k->p.n_values) continue;
    const float x = k->x[item * k->p.n_values + at], w = nm_half_to_float(k->w[i * k->p.N + n]);
    sum += rounded ? (double)to_bfloat(x) * to_bfloat(w) : (double)x * w;
  }
  return apply(k->p.then, sum);
}

static double measure_snr_db(const Work *k, bool rounded)
{
  double signal = 0, noise = 1e-300;
  for (int64_t item = 0, at = 0; item < k->p.n_items; ++item)
    for (int64_t m = 0; m < k->p.M; ++m)
      for (int64_t n = 0; n < k->p.N; ++n, ++at) {
        const double want = naive(k, item, m, n, rounded), error = want - k->y[at];
        signal += want * want;
        noise += error * error;
      }
  return 10 * log10(signal / noise);
}

static void a_product_is_the_sum_of_rounded_operands(void **state)
{
  if (!nm_cpu_half_can()) skip();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    Work k = start(&cases[i], NULL);
    const double exact_db = measure_snr_db(&k, true), true_db = measure_snr_db(&k, false);
    if (!(exact_db >= 120)) fail_msg("case %zu: %.1f dB from the sum of rounded operands", i, exact_db);
    if (!(true_db >= 45)) fail_msg("case %zu: %.1f dB from the exact product", i, true_db);
    finish(&k);
  }
}

static void threads_change_nothing(void **state)
{
  if (!nm_cpu_half_can()) skip();
  NmPool *pool = nm_pool_new(4);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    Work one = start(&cases[i], NULL), four = start(&cases[i], pool);
    assert_memory_equal(one.y, four.y, (size_t)(one.p.n_items * one.p.M * one.p.N) * sizeof(float));
    finish(&one);
    finish(&four);
  }
  nm_pool_free(pool);
}

static NmVar build(NmGraph *g, NmParams *params, NmVar x)
{
  const NmVar w = nm_graph_param(g, params, "conv", NM_SHAPE3(3, 10, 24), nm_init_fan_in(30));
  const NmVar b = nm_graph_param(g, params, "bias", NM_SHAPE1(24), NM_INIT_ONES);
  const NmVar u = nm_graph_param(g, params, "linear", NM_SHAPE2(24, 70), nm_init_fan_in(24));
  const NmVar v = nm_graph_param(g, params, "last", NM_SHAPE2(70, 9), nm_init_fan_in(70));
  const NmVar y = nm_gelu(g, nm_conv1d(g, x, w, b, nm_conv_same(3, 1)));
  const NmVar z = nm_relu(g, nm_linear(g, y, u, NM_VAR_NONE)); // read twice, y once
  return nm_add(g, nm_linear(g, z, v, NM_VAR_NONE), nm_linear(g, z, v, NM_VAR_NONE));
}

static void run(NmParams *params, const float *x, float *y)
{
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  const NmVar in = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(2, 11, 10)), out = build(g, params, in);
  nm_graph_output(g, out);
  assert_int_equal(nm_graph_plan(g, false, NULL), NM_OK);
  nm_graph_set(g, in, x);
  nm_graph_forward(g);
  nm_graph_get(g, out, y);
  nm_graph_free(g);
}

// The same network with its values in memory, and read from a file in half precision.
static void a_file_in_half_precision_gives_the_same_network(void **state)
{
  char path[] = "/tmp/neume_half_XXXXXX";
  enum { N_IN = 2 * 11 * 10, N_OUT = 2 * 11 * 9 };
  float x[N_IN], want[N_OUT], got[N_OUT];
  double signal = 0, noise = 0;
  const int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  build(g, params, nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(2, 11, 10)));
  nm_graph_free(g);
  assert_int_equal(nm_params_seal(params, 1, NULL), NM_OK);
  assert_int_equal(nm_params_save(params, path, NM_STORE_F16, false, NULL, NULL), NM_OK);
  for (int i = 0; i < N_IN; ++i) x[i] = sinf((float)(i * i));
  run(params, x, want);
  NmParams *loaded = nm_params_load(nm_backend_cpu(), NULL, path, NULL, NULL);
  assert_non_null(loaded);
  for (int round = 0; round < 2; ++round) run(loaded, x, got);
  for (int i = 0; i < N_OUT; ++i) {
    signal += want[i] * want[i];
    noise += (want[i] - got[i]) * (want[i] - got[i]);
  }
  if (!(10 * log10(signal / noise) >= 45)) fail_msg("%.1f dB apart", 10 * log10(signal / noise));
  nm_params_free(loaded);
  nm_params_free(params);
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_product_is_the_sum_of_rounded_operands),
                                     cmocka_unit_test(threads_change_nothing),
                                     cmocka_unit_test(a_file_in_half_precision_gives_the_same_network)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
