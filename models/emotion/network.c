// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/network.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "models/emotion/kernel.h"

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmEmotionConfig, name), low, high                                                        \
  }

const NmConfigField nm_emotion_fields[] = {FIELD(n_members, 1, NM_EMOTION_MEMBERS_MAX),
                                           FIELD(d_model, 8, 512),
                                           FIELD(n_heads, 1, 16),
                                           FIELD(d_inner, 8, 2048),
                                           FIELD(d_local, 8, 512),
                                           FIELD(d_global, 8, 1024),
                                           FIELD(n_filters, 4, 256),
                                           FIELD(scales, 0, 2),
                                           FIELD(patches, 0, 1),
                                           FIELD(n_centres, 0, 4096),
                                           FIELD(kernel_percent, 0, 100)};
const int nm_emotion_n_fields = sizeof nm_emotion_fields / sizeof *nm_emotion_fields;

enum { REACH = 16, N_CONVOLUTIONS = 3, BANDS_LEFT = NM_N_MELS >> N_CONVOLUTIONS };

// Values beyond this many deviations say no more.
#define FARTHEST 4

NmEmotionConfig nm_emotion_config_defaults(void)
{
  return (NmEmotionConfig){.n_members = 3,
                           .d_model = 64,
                           .n_heads = 4,
                           .d_inner = 128,
                           .d_local = 48,
                           .d_global = 96,
                           .n_filters = 24,
                           .scales = NM_EMOTION_BOTH,
                           .patches = 1};
}

NmEmotionInputs nm_emotion_inputs(NmGraph *g, int64_t B, int64_t T)
{
  return (NmEmotionInputs){.patches =
                               nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B * T, NM_N_MELS, NM_PATCH_TIMES)),
                           .rows = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_STEP_PLAIN)),
                           .globals = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_GLOBAL)),
                           .len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B))};
}

// --- a member ---

typedef struct {
  const NmNet *net;
  const NmEmotionConfig *config;
  int member;
} Member;

static NmName name_of(const Member *m, const char *part)
{
  char prefix[24];
  snprintf(prefix, sizeof prefix, "member%d", m->member);
  return nm_net_name(m->net, prefix, part);
}

static NmVar layer(const Member *m, const char *part, NmVar x, int64_t n_out)
{
  return nm_relu(m->net->graph, nm_net_linear(m->net, name_of(m, part).text, x, n_out, 1));
}

// Half as many bands, ReLU.
static NmVar halve(const Member *m, const char *part, NmVar x, int64_t n_out, int64_t len_kernel)
{
  NmGraph *g = m->net->graph;
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const int64_t n_in = nm_shape_channels(nm_graph_shape(g, x));
  const NmName name = name_of(m, part);
  const NmVar w = nm_net_param(m->net, name.text, "w", NM_SHAPE3(len_kernel, n_in, n_out),
                               nm_init_fan_in(len_kernel * n_in));
  const NmVar b = nm_net_param(m->net, name.text, "b", NM_SHAPE1(n_out), NM_INIT_ZEROS);
  NmConv conv = nm_conv_same(len_kernel, 1);
  conv.stride = 2;
  return nm_relu(g, nm_conv1d(g, x, w, b, conv));
}

static NmVar hear_patches(const Member *m, NmVar patches, int64_t B, int64_t T)
{
  const int64_t n = m->config->n_filters;
  NmVar x = halve(m, "bands0", patches, n, 7);
  x = halve(m, "bands1", x, n, 5);
  x = nm_net_dropout(m->net, halve(m, "bands2", x, n, 3));
  x = nm_reshape(m->net->graph, x, NM_SHAPE3(B, T, BANDS_LEFT * n));
  return nm_net_dropout(m->net, layer(m, "local", x, m->config->d_local));
}

static NmVar attend(const Member *m, NmVar x, NmVar len, int64_t reach)
{
  NmAttention attention = nm_attention_defaults(m->config->n_heads);
  attention.pattern = NM_PATTERN_WINDOW;
  attention.left = attention.right = reach;
  attention.len_k = len;
  attention.relative = nm_net_relative(m->net, name_of(m, "block").text, m->config->n_heads, REACH);
  return nm_net_fft_block(m->net, name_of(m, "block").text, x, &attention, m->config->d_inner, 3);
}

// The mean weight of steps to themselves under the long window: what the block's attention would give.
static NmVar weigh_self(const Member *m, NmVar x)
{
  NmGraph *g = m->net->graph;
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  const int64_t B = s.dim[0], T = s.dim[1], H = m->config->n_heads;
  float eye[64 * 64] = {0};
  if (T > 64) return nm_graph_fail(g, "the weight of steps to themselves: at most 64 steps");
  for (int64_t t = 0; t < T; ++t) eye[t * T + t] = 1;
  x = nm_net_norm(m->net, name_of(m, "block.norm_attention").text, x);
  const NmVar q = nm_net_linear(m->net, name_of(m, "block.attention.q").text, x, s.dim[2], 1);
  const NmVar k = nm_net_linear(m->net, name_of(m, "block.attention.k").text, x, s.dim[2], 1);
  NmAttention attention = nm_attention_defaults(m->config->n_heads);
  attention.relative = nm_net_relative(m->net, name_of(m, "block").text, m->config->n_heads, REACH);
  const NmVar weights = nm_attention_weights(g, q, k, &attention);
  const NmVar own = nm_mul(g, weights, nm_graph_const(g, NM_SHAPE4(1, 1, T, T), eye));
  return nm_affine(g, nm_sum(g, own, -1), 1 / (double)(B * H * T), 0);
}

static NmVar scale_up(const Member *m, NmVar x, NmVar len)
{
  NmGraph *g = m->net->graph;
  const NmVar near =
      m->config->scales == NM_EMOTION_ONLY_LONG ? NM_VAR_NONE : attend(m, x, len, NM_EMOTION_SHORT);
  const NmVar far =
      m->config->scales == NM_EMOTION_ONLY_SHORT ? NM_VAR_NONE : attend(m, x, len, NM_EMOTION_LONG);
  if (near == NM_VAR_NONE) return nm_tanh(g, far);
  return nm_tanh(g, far == NM_VAR_NONE ? near : nm_add(g, near, far));
}

static NmVar run_member(const Member *m, const NmEmotionInputs *in, int64_t B, int64_t T, NmVar *hidden,
                        NmVar *self)
{
  const NmEmotionConfig *c = m->config;
  NmGraph *g = m->net->graph;
  NmVar parts[3];
  int n = 0;
  parts[n++] = nm_net_dropout(m->net, layer(m, "row", nm_net_dropout(m->net, in->rows), c->d_local));
  const NmVar whole =
      nm_net_dropout(m->net, layer(m, "global", nm_net_dropout(m->net, in->globals), c->d_global));
  parts[n++] = whole;
  if (c->patches) parts[n++] = hear_patches(m, in->patches, B, T);
  const NmVar x = nm_net_linear(m->net, name_of(m, "fuse").text, nm_concat(g, parts, n, 2), c->d_model, 1);
  if (self) *self = weigh_self(m, x);
  const NmVar seen[2] = {scale_up(m, x, in->len), whole};
  NmVar y = nm_concat(g, seen, 2, 2);
  y = nm_relu(g, nm_net_conv(m->net, name_of(m, "head").text, nm_mask_rows(g, y, in->len), c->d_model, 3));
  *hidden = y;
  return nm_net_linear(m->net, name_of(m, "out").text, nm_net_dropout(m->net, y), NM_EMOTION_OUT, .3);
}

NmEmotionOutput nm_emotion_network(const NmNet *net, const NmEmotionConfig *config, const NmEmotionInputs *in,
                                   bool wants_self)
{
  NmGraph *g = net->graph;
  NmEmotionOutput o = {.self = NM_VAR_NONE};
  if (nm_graph_invalid(g, in->rows))
    return (NmEmotionOutput){.out = NM_VAR_NONE, .spread = NM_VAR_NONE, .self = NM_VAR_NONE};
  const NmShape s = nm_graph_shape(g, in->rows);
  const int n = config->n_members;
  nm_emotion_declare_stats(net, config);
  for (int i = 0; i < n; ++i) {
    const Member m = {net, config, i};
    NmVar self = NM_VAR_NONE;
    o.each[i] = run_member(&m, in, s.dim[0], s.dim[1], &o.hidden[i], wants_self ? &self : NULL);
    o.out = i ? nm_add(g, o.out, o.each[i]) : o.each[i];
    if (wants_self) o.self = i ? nm_add(g, o.self, self) : self;
  }
  o.out = nm_affine(g, o.out, 1. / n, 0);
  for (int i = 0; i < n; ++i) {
    const NmVar off = nm_square(g, nm_slice(g, nm_sub(g, o.each[i], o.out), 2, 0, 2));
    o.spread = i ? nm_add(g, o.spread, off) : off;
  }
  o.spread = nm_affine(g, o.spread, 1. / n, 0);
  if (wants_self) o.self = nm_affine(g, o.self, 1. / n, 0);
  return o;
}

// --- normalisation ---

typedef struct {
  const char *name;
  size_t offset;
  int64_t n;
  bool divides; // its second half
} StatsTensor;

static const StatsTensor tensors[] = {
    {"stats.patch", offsetof(NmEmotionStats, patch), 2 * NM_N_MELS, true},
    {"stats.row", offsetof(NmEmotionStats, row), 2 * NM_STEP_PLAIN, true},
    {"stats.global", offsetof(NmEmotionStats, global), 2 * NM_GLOBAL, true},
    {"stats.label", offsetof(NmEmotionStats, label), 2 * NM_EMOTION_LABELS, true},
    {"known.distance", offsetof(NmEmotionStats, distance), 1, false},
    {"known.whiten", offsetof(NmEmotionStats, whiten), NM_STEP_PLAIN *NM_STEP_PLAIN, false},
    {"known.noise", offsetof(NmEmotionStats, noise), NM_GLOBAL + 1, false}};
enum { N_TENSORS = sizeof tensors / sizeof *tensors };

void nm_emotion_declare_stats(const NmNet *net, const NmEmotionConfig *config)
{
  for (int i = 0; i < N_TENSORS; ++i)
    nm_graph_param(net->graph, net->params, tensors[i].name, NM_SHAPE1(tensors[i].n), NM_INIT_ONES);
  if (!config->n_centres) return;
  const int64_t n = config->n_centres;
  nm_graph_param(net->graph, net->params, "kernel.centres", NM_SHAPE1(n * NM_KERNEL_COLUMNS), NM_INIT_ZEROS);
  nm_graph_param(net->graph, net->params, "kernel.matern", NM_SHAPE1(n * NM_EMOTION_LABELS), NM_INIT_ZEROS);
}

void nm_emotion_set_stats(NmParams *params, const NmEmotionStats *stats)
{
  for (int i = 0; i < N_TENSORS; ++i)
    nm_params_set(params, nm_params_find(params, tensors[i].name),
                  (const float *)((const char *)stats + tensors[i].offset));
}

NmStatus nm_emotion_get_stats(NmParams *params, const char *path, NmEmotionStats *stats, NmError *err)
{
  for (int i = 0; i < N_TENSORS; ++i) {
    float *values = (float *)((char *)stats + tensors[i].offset);
    nm_params_get(params, nm_params_find(params, tensors[i].name), values);
    for (int64_t k = tensors[i].n / 2; tensors[i].divides && k < tensors[i].n; ++k)
      if (!(values[k] > 0))
        return nm_error_set(err, NM_ERR_BAD_DATA, "%s: tensor \"%s\": value %lld is not above 0", path,
                            tensors[i].name, (long long)k);
  }
  if (stats->distance > 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s: tensor \"known.distance\" is not above 0", path);
}

static float limit(float x)
{
  return fminf(fmaxf(x, -FARTHEST), FARTHEST);
}

void nm_emotion_normalise_patch(const NmEmotionStats *stats, const float *patch, float *out)
{
  for (int b = 0; b < NM_N_MELS; ++b)
    for (int t = 0; t < NM_PATCH_TIMES; ++t)
      out[b * NM_PATCH_TIMES + t] = (patch[t * NM_N_MELS + b] - stats->patch[0][b]) / stats->patch[1][b];
}

void nm_emotion_normalise_row(const NmEmotionStats *stats, const float *row, float *out)
{
  for (int i = 0; i < NM_STEP_PLAIN; ++i) out[i] = limit((row[i] - stats->row[0][i]) / stats->row[1][i]);
}

void nm_emotion_normalise_global(const NmEmotionStats *stats, float *global)
{
  for (int i = 0; i < NM_GLOBAL; ++i)
    global[i] = limit((global[i] - stats->global[0][i]) / stats->global[1][i]);
}

float nm_emotion_measure_distance(const NmEmotionStats *stats, const float *mean)
{
  double sum = 0;
  for (int i = 0; i < NM_STEP_PLAIN; ++i) {
    const float *w = stats->whiten + i * NM_STEP_PLAIN;
    float y = 0;
    for (int k = 0; k <= i; ++k) y += w[k] * (mean[k] - stats->global[0][k]) / stats->global[1][k];
    sum += (double)y * y;
  }
  return (float)(sqrt(sum / NM_STEP_PLAIN) / stats->distance);
}

float nm_emotion_measure_noise(const NmEmotionStats *stats, const float *global)
{
  float sum = stats->noise[NM_GLOBAL];
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < NM_GLOBAL; ++i) sum += stats->noise[i] * global[i];
  return sum;
}
