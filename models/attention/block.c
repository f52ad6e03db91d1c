// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/attention/block.h"

static NmVar project(const NmNet *net, const char *name, const char *part, NmVar x, int64_t n_out)
{
  return nm_net_linear(net, nm_net_name(net, name, part).text, x, n_out, 1);
}

NmVar nm_net_attention(const NmNet *net, const char *name, NmVar x, NmVar memory, const NmAttention *config)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n = nm_shape_channels(nm_graph_shape(net->graph, x));
  const NmVar q = project(net, name, "q", x, n);
  const NmVar k = project(net, name, "k", memory, n);
  const NmVar v = project(net, name, "v", memory, n);
  return project(net, name, "out", nm_attention(net->graph, q, k, v, config), n);
}

NmVar nm_net_relative(const NmNet *net, const char *name, int32_t n_heads, int64_t reach)
{
  return nm_net_param(net, name, "relative", NM_SHAPE2(n_heads, 2 * reach + 1), NM_INIT_ZEROS);
}

static NmVar feed_forward(const NmNet *net, const char *name, NmVar x, NmVar lengths, int64_t n_inner,
                          int64_t len_kernel)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n = nm_shape_channels(nm_graph_shape(net->graph, x));
  if (lengths != NM_VAR_NONE) x = nm_mask_rows(net->graph, x, lengths);
  x = nm_relu(net->graph, nm_net_conv(net, nm_net_name(net, name, "up").text, x, n_inner, len_kernel));
  return project(net, name, "down", nm_net_dropout(net, x), n);
}

NmVar nm_net_fft_block(const NmNet *net, const char *name, NmVar x, const NmAttention *config,
                       int64_t n_inner, int64_t len_kernel)
{
  NmVar y = nm_net_norm(net, nm_net_name(net, name, "norm_attention").text, x);
  y = nm_net_attention(net, nm_net_name(net, name, "attention").text, y, y, config);
  x = nm_add(net->graph, x, nm_net_dropout(net, y));
  y = nm_net_norm(net, nm_net_name(net, name, "norm_ff").text, x);
  y = feed_forward(net, nm_net_name(net, name, "ff").text, y, config->len_k, n_inner, len_kernel);
  return nm_add(net->graph, x, nm_net_dropout(net, y));
}
