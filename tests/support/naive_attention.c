// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/naive_attention.h"

#include <math.h>
#include <stdlib.h>

bool nm_naive_sees(const NmSight *s, int64_t b, int64_t i, int64_t j)
{
  const int64_t p = i + s->Tk - s->Tq;
  if ((s->len_q && i >= s->len_q[b]) || (s->len_k && j >= s->len_k[b])) return false;
  switch (s->pattern) {
  case NM_PATTERN_FULL: return true;
  case NM_PATTERN_CAUSAL: return j <= p;
  case NM_PATTERN_WINDOW: return (s->left < 0 || j >= p - s->left) && (s->right < 0 || j <= p + s->right);
  case NM_PATTERN_SEGMENTS: return s->segment_q[b * s->Tq + i] == s->segment_k[b * s->Tk + j];
  case NM_PATTERN_SINKS: return j <= p && (s->left < 0 || j >= p - s->left || j < s->n_sinks);
  }
  return false;
}

static int64_t relative_at(const NmNaiveAttention *n, int64_t h, int64_t i, int64_t j)
{
  const int64_t reach = n->n_relative / 2, d = j - (i + n->sight.Tk - n->sight.Tq);
  return h * n->n_relative + (d < -reach ? -reach : d > reach ? reach : d) + reach;
}

static int64_t bias_at(const NmNaiveAttention *n, int64_t h, int64_t i, int64_t j)
{
  return ((n->n_bias == 1 ? 0 : h) * n->sight.Tq + i) * n->sight.Tk + j;
}

static int64_t channel_at(int64_t T, int64_t H, int64_t D, int64_t b, int64_t t, int64_t h)
{
  return ((b * T + t) * H + h) * D;
}

static double score(const NmNaiveAttention *n, int64_t b, int64_t h, int64_t i, int64_t j)
{
  const NmSight *s = &n->sight;
  const double *q = n->q + channel_at(s->Tq, s->H, n->D, b, i, h),
               *k = n->k + channel_at(s->Tk, s->H, n->D, b, j, h);
  double sum = 0;
  for (int64_t d = 0; d < n->D; ++d) sum += q[d] * k[d];
  sum *= n->scale != 0 ? n->scale : 1 / sqrt((double)n->D);
  if (n->n_bias) sum += n->bias[bias_at(n, h, i, j)];
  if (n->n_relative) sum += n->relative[relative_at(n, h, i, j)];
  return sum;
}

void nm_naive_attention_row(const NmNaiveAttention *n, int64_t b, int64_t h, int64_t i, double *weights,
                            double *out)
{
  const NmSight *s = &n->sight;
  double top = -INFINITY, sum = 0;
  for (int64_t j = 0; j < s->Tk; ++j) {
    weights[j] = nm_naive_sees(s, b, i, j) ? score(n, b, h, i, j) : -INFINITY;
    top = fmax(top, weights[j]);
  }
  for (int64_t j = 0; j < s->Tk; ++j) {
    weights[j] = weights[j] > -INFINITY ? exp(weights[j] - top) : 0;
    sum += weights[j];
  }
  for (int64_t j = 0; j < s->Tk && sum > 0; ++j) weights[j] /= sum;
  for (int64_t d = 0; out && d < n->Dv; ++d) {
    out[d] = 0;
    for (int64_t j = 0; j < s->Tk; ++j)
      out[d] += weights[j] * n->v[channel_at(s->Tk, s->H, n->Dv, b, j, h) + d];
  }
}

void nm_naive_attention(const NmNaiveAttention *n, double *weights, double *out)
{
  const NmSight *s = &n->sight;
  double *row = malloc((size_t)s->Tk * sizeof *row);
  for (int64_t b = 0; row && b < s->B; ++b)
    for (int64_t h = 0; h < s->H; ++h)
      for (int64_t i = 0; i < s->Tq; ++i)
        nm_naive_attention_row(n, b, h, i, weights ? weights + ((b * s->H + h) * s->Tq + i) * s->Tk : row,
                               out ? out + channel_at(s->Tq, s->H, n->Dv, b, i, h) : NULL);
  free(row);
}

static void back_score(const NmNaiveAttention *n, int64_t b, int64_t h, int64_t i, int64_t j, double d_score,
                       const NmNaiveGrads *grads)
{
  const NmSight *s = &n->sight;
  const int64_t q = channel_at(s->Tq, s->H, n->D, b, i, h), k = channel_at(s->Tk, s->H, n->D, b, j, h);
  const double scale = n->scale != 0 ? n->scale : 1 / sqrt((double)n->D);
  for (int64_t d = 0; d < n->D; ++d) {
    if (grads->q) grads->q[q + d] += d_score * scale * n->k[k + d];
    if (grads->k) grads->k[k + d] += d_score * scale * n->q[q + d];
  }
  if (grads->bias) grads->bias[bias_at(n, h, i, j)] += d_score;
  if (grads->relative) grads->relative[relative_at(n, h, i, j)] += d_score;
}

void nm_naive_attention_back_weights(const NmNaiveAttention *n, const double *weights,
                                     const double *d_weights, const NmNaiveGrads *grads)
{
  const NmSight *s = &n->sight;
  for (int64_t row = 0; row < s->B * s->H * s->Tq; ++row, weights += s->Tk, d_weights += s->Tk) {
    double mean = 0;
    for (int64_t j = 0; j < s->Tk; ++j) mean += weights[j] * d_weights[j];
    for (int64_t j = 0; j < s->Tk; ++j)
      if (weights[j] != 0)
        back_score(n, row / s->Tq / s->H, row / s->Tq % s->H, row % s->Tq, j,
                   weights[j] * (d_weights[j] - mean), grads);
  }
}

void nm_naive_attention_back_out(const NmNaiveAttention *n, const double *weights, const double *d_out,
                                 double *d_weights, double *d_v)
{
  const NmSight *s = &n->sight;
  for (int64_t row = 0; row < s->B * s->H * s->Tq; ++row)
    for (int64_t j = 0; j < s->Tk; ++j) {
      const int64_t b = row / s->Tq / s->H, h = row / s->Tq % s->H, i = row % s->Tq;
      const double *d_o = d_out + channel_at(s->Tq, s->H, n->Dv, b, i, h);
      const int64_t v = channel_at(s->Tk, s->H, n->Dv, b, j, h);
      double sum = 0;
      for (int64_t d = 0; d < n->Dv; ++d) {
        sum += d_o[d] * n->v[v + d];
        d_v[v + d] += weights[row * s->Tk + j] * d_o[d];
      }
      d_weights[row * s->Tk + j] = sum;
    }
}
