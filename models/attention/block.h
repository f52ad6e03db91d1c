// SPDX-License-Identifier: GPL-3.0-or-later
// Layers around THE attention: multi-head self- or cross-attention with its projections, and FastSpeech's
// block.
#ifndef NM_ATTENTION_BLOCK_H
#define NM_ATTENTION_BLOCK_H

#include "models/attention/attention.h"
#include "models/engine/layers.h"

// Projections q of x [B, Tq, C], k and v of `memory` [B, Tk, C'] (pass x for self-attention), attention,
// projection back to C. Parameters "<name>.q", ".k", ".v", ".out".
NmVar nm_net_attention(const NmNet *net, const char *name, NmVar x, NmVar memory, const NmAttention *config);

// A learned relative-position table for NmAttention.relative: "<name>.relative" [H, 2 reach + 1], zero at
// first.
NmVar nm_net_relative(const NmNet *net, const char *name, int32_t n_heads, int64_t reach);

// Feed-forward Transformer block of FastSpeech (Ren et al. 2019, section 3.1), pre-norm: attention, then a
// convolution of `len_kernel` up to `n_inner`, ReLU, and a linear layer back, each added to its input.
// `config->len_k` also masks the convolution's input.
NmVar nm_net_fft_block(const NmNet *net, const char *name, NmVar x, const NmAttention *config,
                       int64_t n_inner, int64_t len_kernel);

#endif
