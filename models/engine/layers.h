// SPDX-License-Identifier: GPL-3.0-or-later
// Layers: ops with their parameters, named "<name>.w", "<name>.b"... Every network of the tree is made of
// these, and of models/attention/block.h. All take [B, T, C] and return NM_VAR_NONE after an error, as ops
// do.
#ifndef NM_ENGINE_LAYERS_H
#define NM_ENGINE_LAYERS_H

#include "models/engine/ops.h"

// Where a network is being built: the graph, its parameters, and what differs between training and inference.
typedef struct {
  NmGraph *graph;
  NmParams *params;
  double dropout; // 0 in inference
} NmNet;

// A parameter's name, by value.
typedef struct {
  char text[96];
} NmName;

// "<name>.<part>"; one that does not fit fails the graph.
NmName nm_net_name(const NmNet *net, const char *name, const char *part);

// A parameter "<name>.<part>".
NmVar nm_net_param(const NmNet *net, const char *name, const char *part, NmShape shape, NmInit init);

// x w + b: w [I, O] uniform in +-gain sqrt(3 / I), b zero.
NmVar nm_net_linear(const NmNet *net, const char *name, NmVar x, int64_t n_out, double gain);

// Convolution of odd kernel length, "same" padding: w [K, I, O], b [O].
NmVar nm_net_conv(const NmNet *net, const char *name, NmVar x, int64_t n_out, int64_t len_kernel);

// Layer normalisation over channels: gain one, bias zero, eps 1e-5.
NmVar nm_net_norm(const NmNet *net, const char *name, NmVar x);

NmVar nm_net_dropout(const NmNet *net, NmVar x);

// A row of table [n, C] for each id, normal of standard deviation `std`.
NmVar nm_net_embedding(const NmNet *net, const char *name, NmVar ids, int64_t n, int64_t n_channels,
                       double std);

// ConvNeXt block in time (Liu et al. 2022; Siuzdak 2023): x + scale *
// linear(gelu(linear(norm(depthwise(x))))). `lengths` (int) [B] or NM_VAR_NONE masks the convolution's input;
// `scale` is the layer scale's start.
NmVar nm_net_convnext(const NmNet *net, const char *name, NmVar x, NmVar lengths, int64_t n_inner,
                      int64_t len_kernel, double scale);

// FastSpeech's variance predictor (Ren et al. 2019, section 3.3): two convolutions with ReLU, norm and
// dropout, then a linear layer to `n_out` numbers for each token.
NmVar nm_net_predictor(const NmNet *net, const char *name, NmVar x, NmVar lengths, int64_t n_inner,
                       int64_t n_out);

#endif
