// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/layers.h"

#include <math.h>
#include <string.h>

static NmInit fan_in(int64_t n, double gain)
{
  NmInit init = nm_init_fan_in(n);
  init.a *= (float)gain;
  return init;
}

static int64_t channels(const NmNet *net, NmVar x)
{
  const NmShape shape = nm_graph_shape(net->graph, x);
  return shape.n_dims ? nm_shape_channels(shape) : 0;
}

NmName nm_net_name(const NmNet *net, const char *name, const char *part)
{
  NmName full = {.text = ""};
  const size_t n = strlen(name), n_part = strlen(part);
  if (n + 1 + n_part >= sizeof full.text) {
    nm_graph_fail(net->graph, "the parameter name %s.%s is too long", name, part);
    return full;
  }
  memcpy(full.text, name, n);
  full.text[n] = '.';
  memcpy(full.text + n + 1, part, n_part + 1);
  return full;
}

NmVar nm_net_param(const NmNet *net, const char *name, const char *part, NmShape shape, NmInit init)
{
  return nm_graph_param(net->graph, net->params, nm_net_name(net, name, part).text, shape, init);
}

NmVar nm_net_linear(const NmNet *net, const char *name, NmVar x, int64_t n_out, double gain)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n_in = channels(net, x);
  const NmVar w = nm_net_param(net, name, "w", NM_SHAPE2(n_in, n_out), fan_in(n_in, gain));
  return nm_linear(net->graph, x, w, nm_net_param(net, name, "b", NM_SHAPE1(n_out), NM_INIT_ZEROS));
}

NmVar nm_net_conv(const NmNet *net, const char *name, NmVar x, int64_t n_out, int64_t len_kernel)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n_in = channels(net, x);
  const NmVar w =
      nm_net_param(net, name, "w", NM_SHAPE3(len_kernel, n_in, n_out), fan_in(len_kernel * n_in, 1));
  const NmVar b = nm_net_param(net, name, "b", NM_SHAPE1(n_out), NM_INIT_ZEROS);
  return nm_conv1d(net->graph, x, w, b, nm_conv_same(len_kernel, 1));
}

NmVar nm_net_norm(const NmNet *net, const char *name, NmVar x)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const NmShape shape = NM_SHAPE1(channels(net, x));
  const NmVar gain = nm_net_param(net, name, "gain", shape, NM_INIT_ONES);
  return nm_layer_norm(net->graph, x, gain, nm_net_param(net, name, "bias", shape, NM_INIT_ZEROS), 1e-5);
}

NmVar nm_net_dropout(const NmNet *net, NmVar x)
{
  return net->dropout > 0 ? nm_dropout(net->graph, x, net->dropout) : x;
}

NmVar nm_net_embedding(const NmNet *net, const char *name, NmVar ids, int64_t n, int64_t n_channels,
                       double std)
{
  const NmInit init = {NM_INIT_NORMAL, (float)std};
  return nm_embedding(net->graph, nm_net_param(net, name, "table", NM_SHAPE2(n, n_channels), init), ids);
}

static NmVar mask(const NmNet *net, NmVar x, NmVar lengths)
{
  return lengths == NM_VAR_NONE ? x : nm_mask_rows(net->graph, x, lengths);
}

static NmVar depthwise(const NmNet *net, const char *name, NmVar x, int64_t len_kernel)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n = channels(net, x);
  NmConv conv = nm_conv_same(len_kernel, 1);
  conv.groups = (int32_t)n;
  const NmVar w = nm_net_param(net, name, "w", NM_SHAPE3(len_kernel, 1, n), fan_in(len_kernel, 1));
  return nm_conv1d(net->graph, x, w, nm_net_param(net, name, "b", NM_SHAPE1(n), NM_INIT_ZEROS), conv);
}

NmVar nm_net_convnext(const NmNet *net, const char *name, NmVar x, NmVar lengths, int64_t n_inner,
                      int64_t len_kernel, double scale)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n = channels(net, x);
  NmVar y = depthwise(net, nm_net_name(net, name, "depthwise").text, mask(net, x, lengths), len_kernel);
  y = nm_net_norm(net, nm_net_name(net, name, "norm").text, y);
  y = nm_gelu(net->graph, nm_net_linear(net, nm_net_name(net, name, "up").text, y, n_inner, 1));
  y = nm_net_linear(net, nm_net_name(net, name, "down").text, nm_net_dropout(net, y), n, 1);
  const NmVar s = nm_net_param(net, name, "scale", NM_SHAPE1(n), (NmInit){NM_INIT_CONST, (float)scale});
  return nm_add(net->graph, x, nm_net_dropout(net, nm_mul(net->graph, y, s)));
}

NmVar nm_net_predictor(const NmNet *net, const char *name, NmVar x, NmVar lengths, int64_t n_inner,
                       int64_t n_out)
{
  for (int i = 0; i < 2; ++i) {
    x = nm_relu(net->graph, nm_net_conv(net, nm_net_name(net, name, i ? "conv1" : "conv0").text,
                                        mask(net, x, lengths), n_inner, 3));
    x = nm_net_dropout(net, nm_net_norm(net, nm_net_name(net, name, i ? "norm1" : "norm0").text, x));
  }
  return nm_net_linear(net, nm_net_name(net, name, "out").text, x, n_out, 1);
}
