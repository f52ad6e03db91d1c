// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/acoustic.h"

#include <stdio.h>

NmAcousticConfig nm_acoustic_config_defaults(void)
{
  return (NmAcousticConfig){.d_model = 192,
                            .n_heads = 2,
                            .n_encoder = 4,
                            .d_encoder_inner = 512,
                            .len_encoder_kernel = 3,
                            .reach = 16,
                            .n_decoder = 6,
                            .d_decoder_inner = 768,
                            .len_decoder_kernel = 7,
                            .n_stack = 2,
                            .d_predictor = 192,
                            .n_speakers = 1,
                            .attention = 1};
}

void nm_acoustic_declare_stats(const NmNet *net, int32_t n_speakers)
{
  NmGraph *g = net->graph;
  nm_graph_param(g, net->params, "stats.envelope_mean", NM_SHAPE1(NM_ACOUSTIC_N_BANDS), NM_INIT_ZEROS);
  nm_graph_param(g, net->params, "stats.envelope_std", NM_SHAPE1(NM_ACOUSTIC_N_BANDS), NM_INIT_ONES);
  nm_graph_param(g, net->params, "stats.f0", NM_SHAPE1(2 * (int64_t)n_speakers), NM_INIT_ONES);
  nm_graph_param(g, net->params, "stats.level", NM_SHAPE1(2), NM_INIT_ONES);
}

void nm_acoustic_set_stats(NmParams *params, const NmSpeechStats *stats)
{
  nm_params_set(params, nm_params_find(params, "stats.envelope_mean"), stats->envelope_mean);
  nm_params_set(params, nm_params_find(params, "stats.envelope_std"), stats->envelope_std);
  nm_params_set(params, nm_params_find(params, "stats.f0"), stats->f0);
  nm_params_set(params, nm_params_find(params, "stats.level"), stats->level);
}

void nm_acoustic_get_stats(NmParams *params, NmSpeechStats *stats)
{
  nm_params_get(params, nm_params_find(params, "stats.envelope_mean"), stats->envelope_mean);
  nm_params_get(params, nm_params_find(params, "stats.envelope_std"), stats->envelope_std);
  nm_params_get(params, nm_params_find(params, "stats.f0"), stats->f0);
  nm_params_get(params, nm_params_find(params, "stats.level"), stats->level);
}

NmAcousticInputs nm_acoustic_inputs(NmGraph *g, int64_t B, int64_t K)
{
  return (NmAcousticInputs){.phones = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, K)),
                            .places = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, K)),
                            .features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, K, NM_TOKEN_N_FEATURES)),
                            .speaker = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, 1)),
                            .len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B))};
}

NmVar nm_acoustic_embed(const NmNet *net, const NmAcousticInputs *in, int32_t d_model, int32_t n_speakers)
{
  NmGraph *g = net->graph;
  NmVar x = nm_net_embedding(net, "phone", in->phones, NM_N_PHONES, d_model, 1);
  x = nm_add(g, x, nm_net_embedding(net, "place", in->places, NM_TOKEN_N_PLACES, d_model, .3));
  x = nm_add(g, x, nm_net_linear(net, "position", in->features, d_model, 1));
  return nm_add(g, x, nm_net_embedding(net, "speaker", in->speaker, n_speakers, d_model, .3));
}

static NmVar encoder_block(const NmNet *net, const NmAcousticConfig *config, const char *name, NmVar x,
                           NmVar len)
{
  if (!config->attention)
    return nm_net_convnext(net, name, x, len, config->d_encoder_inner, config->len_encoder_kernel, .5);
  NmAttention attention = nm_attention_defaults(config->n_heads);
  attention.len_k = len;
  attention.relative = nm_net_relative(net, name, config->n_heads, config->reach);
  return nm_net_fft_block(net, name, x, &attention, config->d_encoder_inner, config->len_encoder_kernel);
}

// Mostly detached: the durations may shape the encoding a little, the overfitting pitch not at all.
static NmVar lend(NmGraph *g, NmVar x, double share)
{
  return nm_add(g, nm_affine(g, x, share, 0), nm_affine(g, nm_graph_detach(g, x), 1 - share, 0));
}

NmAcousticEncoding nm_acoustic_encode(const NmNet *net, const NmAcousticConfig *config,
                                      const NmAcousticInputs *in, double dropout_predictor)
{
  nm_acoustic_declare_stats(net, config->n_speakers);
  NmVar x = nm_acoustic_embed(net, in, config->d_model, config->n_speakers);
  for (int i = 0; i < config->n_encoder; ++i) {
    char name[24];
    snprintf(name, sizeof name, "encoder%d", i);
    x = encoder_block(net, config, name, x, in->len);
  }
  x = nm_net_norm(net, "encoder_norm", x);
  NmNet careful = *net;
  careful.dropout = dropout_predictor;
  const NmVar seen = nm_graph_detach(net->graph, x);
  return (NmAcousticEncoding){
      .hidden = x,
      .log_duration =
          nm_net_predictor(&careful, "duration", lend(net->graph, x, .1), in->len, config->d_predictor, 1),
      .prosody = nm_net_predictor(&careful, "prosody", seen, in->len, config->d_predictor, 2)};
}

static NmVar mask(NmGraph *g, NmVar x, NmVar len)
{
  return len == NM_VAR_NONE ? x : nm_mask_rows(g, x, len);
}

// [B, T, C] to [B, T / n, n C].
static NmVar stack(NmGraph *g, NmVar x, int64_t n)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  return nm_reshape(g, x, NM_SHAPE3(s.dim[0], s.dim[1] / n, s.dim[2] * n));
}

// What each stack of frames starts from: its frames' phones, and where in them they stand.
static NmVar stack_frames(const NmNet *net, const NmAcousticConfig *config, NmVar phones, NmVar features)
{
  NmGraph *g = net->graph;
  const int64_t n = config->n_stack;
  return nm_add(g, nm_net_linear(net, "stack", stack(g, phones, n), config->d_model, 1),
                nm_net_linear(net, "frame", stack(g, features, n), config->d_model, 1));
}

NmVar nm_acoustic_decode(const NmNet *net, const NmAcousticConfig *config, NmVar hidden, NmVar prosody,
                         NmVar index, NmVar frame_features, NmVar len, NmVar len_stacks)
{
  NmGraph *g = net->graph;
  NmVar x = nm_add(g, hidden, nm_net_conv(net, "prosody_in", mask(g, prosody, len), config->d_model, 3));
  x = stack_frames(net, config, nm_gather_rows(g, x, index), frame_features);
  for (int i = 0; i < config->n_decoder; ++i) {
    char name[24];
    snprintf(name, sizeof name, "decoder%d", i);
    x = nm_net_convnext(net, name, x, len_stacks, config->d_decoder_inner, config->len_decoder_kernel, .5);
  }
  x = nm_net_linear(net, "out", nm_net_norm(net, "decoder_norm", x), NM_ACOUSTIC_N_OUT * config->n_stack, 1);
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  return nm_reshape(g, x, NM_SHAPE3(s.dim[0], s.dim[1] * config->n_stack, NM_ACOUSTIC_N_OUT));
}
