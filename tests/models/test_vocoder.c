// SPDX-License-Identifier: GPL-3.0-or-later
// The vocoder's source and filter: the graph that is trained and the code that speaks are one synthesis.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/vocoder/filter.h"
#include "models/vocoder/vocoder.h"

enum {
  T = 12,
  HOP = NM_VOCODER_HOP,
  N_BANDS = NM_VOCODER_N_BANDS,
  N_BINS = NM_VOCODER_N_BINS,
  N_FFT = NM_VOCODER_N_FFT
};

static void pulses_are_the_sum_of_cosines(void **state)
{
  float f0[3] = {100, 140, 180}, voicing[3] = {1, 1, 1}, y[2 * HOP];
  nm_vocoder_pulses(f0, voicing, 3, .25, y);
  double phase = .25;
  for (int i = 0; i < 2 * HOP; ++i) {
    const double f = f0[i / HOP] + (f0[i / HOP + 1] - f0[i / HOP]) * (i % HOP) / HOP;
    phase += f / NM_VOCODER_RATE_HZ;
    const int n = (int)floor(.49 * NM_VOCODER_RATE_HZ / f);
    double sum = 0;
    for (int k = 1; k <= n; ++k) sum += cos(2 * 3.14159265358979 * k * phase);
    const double want = sqrt(4 * f / NM_VOCODER_RATE_HZ) * sum;
    if (!(fabs(y[i] - want) <= 2e-3 * (1 + fabs(want))))
      fail_msg("sample %d: %g, not %g", i, (double)y[i], want);
  }
}

static void pulses_have_unit_power_and_keep_silent_when_unvoiced(void **state)
{
  enum { LONG = 200 };
  static float f0[LONG], voicing[LONG], y[(LONG - 1) * HOP];
  for (int t = 0; t < LONG; ++t) f0[t] = 150, voicing[t] = t < LONG / 2;
  nm_vocoder_pulses(f0, voicing, LONG, 0, y);
  double power = 0, rest = 0;
  for (int i = 0; i < (LONG / 2 - 1) * HOP; ++i) power += y[i] * y[i];
  for (int i = (LONG / 2) * HOP; i < (LONG - 1) * HOP; ++i) rest += fabsf(y[i]);
  assert_true(fabs(power / ((LONG / 2 - 1) * HOP) - 1) < .05);
  assert_true(rest == 0);
}

static void fill_random(NmRng *rng, float *x, int n, float mean, float deviation)
{
  for (int i = 0; i < n; ++i) x[i] = mean + deviation * (float)nm_rng_normal(rng);
}

static void a_filtered_frame_is_that_of_the_graph(void **state)
{
  static float envelope[T * N_BANDS], heads[T * 3 * N_BINS], f0[T], voicing[T], pulses[(T - 1) * HOP],
      noise[(T - 1) * HOP];
  static float want[(T - 1) * HOP], got[(T + 3) * HOP];
  NmRng rng;
  nm_rng_init(&rng, 5);
  fill_random(&rng, envelope, T * N_BANDS, -2, 1);
  fill_random(&rng, heads, T * 3 * N_BINS, 0, .2f);
  fill_random(&rng, noise, (T - 1) * HOP, 0, 1);
  for (int t = 0; t < T; ++t) f0[t] = 180, voicing[t] = 1;
  nm_vocoder_pulses(f0, voicing, T, 0, pulses);

  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  const NmVar sound = nm_vocoder_synthesis(&net, nm_graph_const(g, NM_SHAPE3(1, T, 3 * N_BINS), heads),
                                           nm_graph_const(g, NM_SHAPE3(1, T, N_BANDS), envelope),
                                           nm_graph_const(g, NM_SHAPE2(1, (T - 1) * HOP), pulses),
                                           nm_graph_const(g, NM_SHAPE2(1, (T - 1) * HOP), noise));
  nm_graph_output(g, sound);
  assert_int_equal(nm_graph_plan(g, false, NULL), NM_OK);
  nm_graph_forward(g);
  nm_graph_get(g, sound, want);

  NmFilter *filter = nm_filter_new();
  for (int t = 2; t < T - 2; t += 3) { // frames whose window does not reach over the ends
    const int start = t * HOP - N_FFT / 2;
    const NmFilterFrames frames = {.n = T - 2 - t < 3 ? T - 2 - t : 3,
                                   .envelope = envelope + t * N_BANDS,
                                   .heads = heads + t * 3 * N_BINS,
                                   .pulses = pulses + start,
                                   .noise = noise + start,
                                   .voiced = {true, true, true}};
    nm_filter_run(filter, &frames, got + start);
  }
  double signal = 0, error = 0;
  for (int i = 4 * HOP; i < (T - 5) * HOP; ++i) { // where only those frames sound
    signal += want[i] * want[i];
    error += (want[i] - got[i]) * (want[i] - got[i]);
  }
  if (!(10 * log10(signal / error) >= 60)) fail_msg("SNR %.1f dB", 10 * log10(signal / error));
  nm_filter_free(filter);
  nm_graph_free(g);
  nm_params_free(params);
}

// A small vocoder with random weights in a file.
static void save_small(const char *path, const NmVocoderConfig *config)
{
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  NmError err = {0};
  nm_vocoder_network(&net, config, nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, 1, NM_VOCODER_N_FEATURES)));
  assert_int_equal(nm_params_seal(params, 3, &err), NM_OK);
  char *metadata = nm_vocoder_metadata(config);
  assert_int_equal(nm_params_save(params, path, NM_STORE_F16, false, metadata, &err), NM_OK);
  free(metadata);
  nm_params_free(params);
  nm_graph_free(g);
}

static void same_sound_for_any_number_of_threads_and_every_length(void **state)
{
  enum { LONG = 70 };
  static float envelope[LONG * N_BANDS], f0[LONG], own[LONG], voicing[LONG], first[LONG * HOP],
      other[LONG * HOP];
  const char *path = "test_vocoder.safetensors";
  const NmVocoderConfig config = {.d_model = 16, .n_blocks = 2, .d_inner = 24, .len_kernel = 7};
  NmRng rng;
  NmError err = {0};
  nm_rng_init(&rng, 9);
  fill_random(&rng, envelope, LONG * N_BANDS, -2, 1);
  for (int t = 0; t < LONG; ++t) f0[t] = 120 + t, own[t] = 200, voicing[t] = t % 20 < 14;
  save_small(path, &config);
  for (int n_threads = 1; n_threads <= 4; n_threads *= 2) {
    NmPool *pool = nm_pool_new(n_threads);
    NmVocoder *vocoder = nm_vocoder_new(path, pool, &err);
    assert_non_null(vocoder);
    float *samples = n_threads == 1 ? first : other;
    NmVocoderFrames frames = {.envelope = envelope, .f0_hz = f0, .voicing = voicing, .T = LONG};
    assert_int_equal(nm_vocoder_run(vocoder, &frames, 1, samples, &err), NM_OK);
    if (n_threads > 1) assert_memory_equal(first, other, sizeof first);
    frames.f0_own_hz = f0; // as when nothing is said of it
    assert_int_equal(nm_vocoder_run(vocoder, &frames, 1, other, &err), NM_OK);
    assert_memory_equal(first, other, sizeof first);
    frames.f0_own_hz = own;
    assert_int_equal(nm_vocoder_run(vocoder, &frames, 1, other, &err), NM_OK);
    assert_memory_not_equal(first, other, sizeof first);
    for (frames.T = 1; frames.T <= LONG; frames.T += 23)
      assert_int_equal(nm_vocoder_run(vocoder, &frames, 1, other, &err), NM_OK);
    frames.T = 0;
    assert_int_equal(nm_vocoder_run(vocoder, &frames, 1, other, &err), NM_ERR_BAD_ARG);
    nm_vocoder_free(vocoder);
    nm_pool_free(pool);
  }
  for (int i = 0; i < LONG * HOP; ++i) assert_true(isfinite(first[i]));
  unlink(path);
}

static void a_wrong_file_is_named(void **state)
{
  NmError err = {0};
  assert_null(nm_vocoder_new("no/such/file.safetensors", NULL, &err));
  assert_non_null(strstr(err.message, "no/such/file.safetensors"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(pulses_are_the_sum_of_cosines),
                                     cmocka_unit_test(pulses_have_unit_power_and_keep_silent_when_unvoiced),
                                     cmocka_unit_test(a_filtered_frame_is_that_of_the_graph),
                                     cmocka_unit_test(same_sound_for_any_number_of_threads_and_every_length),
                                     cmocka_unit_test(a_wrong_file_is_named)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
