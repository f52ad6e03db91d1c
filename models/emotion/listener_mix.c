// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener_mix.h"

#include <math.h>
#include <stdlib.h>

static const double past_s[3] = {2, 6, 15};
static const double fade_s[NM_MIX_FADES] = {5, 15, 40};

#define CHANGE_S 4

static int by_size(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

// The mean of values that count less the longer they are past.
static float fading_mean(const float *y, int64_t n, int64_t stride, double seconds, double tau_s)
{
  double sum = 0, weights = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double w = exp(-(double)(n - 1 - i) * seconds / tau_s);
    sum += w * y[i * stride];
    weights += w;
  }
  return (float)(sum / weights);
}

void nm_mix_summarise(const float *y, const float *c, int64_t n, int64_t stride, double seconds,
                      float *scratch, NmMixState *s)
{
  double sum = 0, square = 0, model = 0;
  for (int64_t i = 0; i < n; ++i) {
    sum += y[i * stride];
    model += c[i * stride];
    scratch[i] = y[i * stride];
  }
  for (int64_t i = 0; i < n; ++i)
    square += (y[i * stride] - sum / (double)n) * (y[i * stride] - sum / (double)n);
  qsort(scratch, (size_t)n, sizeof *scratch, by_size);
  const int64_t back = (int64_t)nearbyint(CHANGE_S / seconds), before = n - 1 > back ? n - 1 - back : 0;
  const float last = y[(n - 1) * stride];
  s->said[0] = (float)(sum / (double)n);
  s->said[1] = last;
  for (int k = 0; k < 3; ++k) s->said[2 + k] = fading_mean(y, n, stride, seconds, past_s[k]);
  s->said[5] = .5f * (scratch[(n - 1) / 2] + scratch[n / 2]);
  s->said[6] = last - y[before * stride];
  s->spread = (float)sqrt(square / (double)n);
  s->model_mean = (float)(model / (double)n);
  s->model_last = c[(n - 1) * stride];
}

void nm_mix_describe(const NmMixState *s, float c, double after_s, float *out)
{
  const float model[3] = {c, s->model_mean, s->model_last};
  int n = 0;
  out[n++] = 1;
  for (int k = -1; k < NM_MIX_FADES; ++k) {
    const float fade = k < 0 ? 1 : (float)exp(-after_s / fade_s[k]);
    for (int i = 0; i < NM_MIX_SAID; ++i) out[n++] = s->said[i] * fade;
    for (int i = 0; i < 3; ++i) out[n++] = model[i] * fade;
    if (k >= 0) out[n++] = fade;
  }
  out[n++] = (c - s->model_mean) * s->spread;
  out[n++] = (c - s->model_last) * s->spread;
}

float nm_mix_apply(const NmMixState *state, const float *weights, float c, double after_s)
{
  float x[NM_MIX_N], sum = 0;
  nm_mix_describe(state, c, after_s, x);
  for (int i = 0; i < NM_MIX_N; ++i) sum += weights[i] * x[i];
  return fminf(fmaxf(sum, -1), 1);
}
