// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/teacher.h"

#include <math.h>
#include <stdio.h>

#define PRENET_DROPOUT .5 // Shen et al. 2018: what keeps the decoder from copying the frame before

NmTeacherConfig nm_teacher_config_defaults(void)
{
  return (NmTeacherConfig){.d_model = 384,
                           .n_heads = 4,
                           .n_encoder = 6,
                           .d_encoder_inner = 1536,
                           .len_encoder_kernel = 3,
                           .reach = 16,
                           .n_decoder = 6,
                           .d_decoder_inner = 1536,
                           .d_prenet = 256,
                           .n_stack = 1,
                           .n_speakers = 1};
}

void nm_teacher_positions(int64_t n, int64_t d_model, float *out)
{
  for (int64_t i = 0; i < n; ++i)
    for (int64_t c = 0; c < d_model; ++c) {
      const double angle = (double)i * pow(10000, -(double)(c / 2 * 2) / (double)d_model);
      out[i * d_model + c] = (float)(c % 2 ? cos(angle) : sin(angle));
    }
}

// The sinusoids under a learned scale (Li et al. 2019, section 3.2).
static NmVar add_positions(const NmNet *net, const char *name, NmVar x, NmVar positions)
{
  const NmVar scale = nm_net_param(net, name, "scale", NM_SHAPE1(1), NM_INIT_ONES);
  return nm_add(net->graph, x, nm_mul(net->graph, positions, scale));
}

NmVar nm_teacher_encode(const NmNet *net, const NmTeacherConfig *config, const NmAcousticInputs *in,
                        NmVar positions)
{
  nm_acoustic_declare_stats(net, config->n_speakers);
  NmVar x = nm_acoustic_embed(net, in, config->d_model, config->n_speakers);
  x = nm_net_dropout(net, add_positions(net, "encoder_position", x, positions));
  for (int i = 0; i < config->n_encoder; ++i) {
    char name[24];
    snprintf(name, sizeof name, "encoder%d", i);
    NmAttention attention = nm_attention_defaults(config->n_heads);
    attention.len_k = in->len;
    attention.relative = nm_net_relative(net, name, config->n_heads, config->reach);
    x = nm_net_fft_block(net, name, x, &attention, config->d_encoder_inner, config->len_encoder_kernel);
  }
  return nm_net_norm(net, "encoder_norm", x);
}

static NmVar drop_prenet(const NmNet *net, const NmTeacherConfig *config, NmVar x, NmVar noise, int layer)
{
  NmNet harsh = *net;
  if (noise != NM_VAR_NONE)
    return nm_mul(net->graph, x,
                  nm_slice(net->graph, noise, 2, (int64_t)layer * config->d_prenet, config->d_prenet));
  if (net->dropout > 0) harsh.dropout = PRENET_DROPOUT;
  return nm_net_dropout(&harsh, x);
}

NmVar nm_teacher_prenet(const NmNet *net, const NmTeacherConfig *config, const NmTeacherInputs *in)
{
  NmVar x = in->frames;
  for (int i = 0; i < 2; ++i) {
    x = nm_relu(net->graph, nm_net_linear(net, i ? "prenet1" : "prenet0", x, config->d_prenet, 1));
    x = drop_prenet(net, config, x, in->noise, i);
  }
  x = nm_net_linear(net, "prenet_out", x, config->d_model, 1);
  return nm_net_dropout(net, add_positions(net, "decoder_position", x, in->positions));
}

// "decoder<block>.<part>"
static NmName part_name(int block, const char *part)
{
  NmName name;
  snprintf(name.text, sizeof name.text, "decoder%d.%s", block, part);
  return name;
}

static NmVar project(const NmNet *net, int block, const char *part, NmVar x, int64_t n_out)
{
  return nm_net_linear(net, part_name(block, part).text, x, n_out, 1);
}

static NmVar norm(const NmNet *net, int block, const char *part, NmVar x)
{
  return nm_net_norm(net, part_name(block, part).text, x);
}

NmTeacherHeard nm_teacher_self_in(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x)
{
  const NmVar y = norm(net, block, "norm_self", x);
  return (NmTeacherHeard){.q = project(net, block, "self.q", y, config->d_model),
                          .k = project(net, block, "self.k", y, config->d_model),
                          .v = project(net, block, "self.v", y, config->d_model)};
}

NmVar nm_teacher_self_out(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x, NmVar heard)
{
  const NmVar y = project(net, block, "self.out", heard, config->d_model);
  return nm_add(net->graph, x, nm_net_dropout(net, y));
}

NmVar nm_teacher_cross_query(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x)
{
  return project(net, block, "cross.q", norm(net, block, "norm_cross", x), config->d_model);
}

NmTeacherHeard nm_teacher_cross_memory(const NmNet *net, const NmTeacherConfig *config, int block,
                                       NmVar memory)
{
  return (NmTeacherHeard){.q = NM_VAR_NONE,
                          .k = project(net, block, "cross.k", memory, config->d_model),
                          .v = project(net, block, "cross.v", memory, config->d_model)};
}

NmVar nm_teacher_cross_out(const NmNet *net, const NmTeacherConfig *config, int block, NmVar x, NmVar heard)
{
  NmVar y = project(net, block, "cross.out", heard, config->d_model);
  x = nm_add(net->graph, x, nm_net_dropout(net, y));
  y = norm(net, block, "norm_ff", x);
  y = nm_relu(net->graph, project(net, block, "ff.up", y, config->d_decoder_inner));
  y = project(net, block, "ff.down", nm_net_dropout(net, y), config->d_model);
  return nm_add(net->graph, x, nm_net_dropout(net, y));
}

void nm_teacher_out(const NmNet *net, const NmTeacherConfig *config, NmVar x, NmTeacherFrames *frames)
{
  x = nm_net_norm(net, "decoder_norm", x);
  frames->stop = nm_net_linear(net, "stop", x, 1, 1);
  frames->out = nm_net_linear(net, "out", x, (int64_t)NM_ACOUSTIC_N_OUT * config->n_stack, 1);
  if (nm_graph_invalid(net->graph, frames->out)) return;
  const NmShape s = nm_graph_shape(net->graph, frames->out);
  frames->out =
      nm_reshape(net->graph, frames->out, NM_SHAPE3(s.dim[0], s.dim[1] * config->n_stack, NM_ACOUSTIC_N_OUT));
}

NmTeacherFrames nm_teacher_decode(const NmNet *net, const NmTeacherConfig *config, const NmTeacherInputs *in,
                                  bool with_weights)
{
  NmGraph *g = net->graph;
  NmTeacherFrames frames = {.out = NM_VAR_NONE, .stop = NM_VAR_NONE};
  NmAttention causal = nm_attention_defaults(config->n_heads), full = causal;
  causal.pattern = NM_PATTERN_CAUSAL;
  full.len_k = in->len;
  NmVar x = nm_teacher_prenet(net, config, in);
  for (int i = 0; i < NM_TEACHER_BLOCKS_MAX; ++i) frames.weights[i] = NM_VAR_NONE;
  for (int i = 0; i < config->n_decoder; ++i) {
    const NmTeacherHeard self = nm_teacher_self_in(net, config, i, x);
    x = nm_teacher_self_out(net, config, i, x, nm_attention(g, self.q, self.k, self.v, &causal));
    const NmVar q = nm_teacher_cross_query(net, config, i, x);
    const NmTeacherHeard memory = nm_teacher_cross_memory(net, config, i, in->memory);
    if (with_weights) frames.weights[i] = nm_attention_weights(g, q, memory.k, &full);
    x = nm_teacher_cross_out(net, config, i, x, nm_attention(g, q, memory.k, memory.v, &full));
  }
  nm_teacher_out(net, config, x, &frames);
  return frames;
}

void nm_teacher_declare(const NmNet *net, const NmTeacherConfig *config)
{
  NmGraph *g = net->graph;
  const NmAcousticInputs in = nm_acoustic_inputs(g, 1, 1);
  const NmVar positions = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, 1, config->d_model));
  const NmTeacherInputs decoding = {.memory = nm_teacher_encode(net, config, &in, positions),
                                    .len = in.len,
                                    .frames =
                                        nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, 1, NM_ACOUSTIC_N_OUT)),
                                    .positions = positions,
                                    .noise = NM_VAR_NONE};
  const NmTeacherFrames frames = nm_teacher_decode(net, config, &decoding, false);
  nm_graph_output(g, frames.out);
  nm_graph_output(g, frames.stop);
}
