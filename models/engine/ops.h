// SPDX-License-Identifier: GPL-3.0-or-later
// The ops: builders that check shapes and add nodes. Tensors are channels-last: [B, T, C] is batch, time,
// channels. Every builder returns NM_VAR_NONE and marks the graph failed when shapes do not fit. `args` below
// tells what the node's small parameters hold, for whoever writes kernels.
#ifndef NM_ENGINE_OPS_H
#define NM_ENGINE_OPS_H

#include "models/engine/graph.h"

// --- shape ---
NmVar nm_reshape(NmGraph *g, NmVar x, NmShape shape);         // same count; a view
NmVar nm_permute(NmGraph *g, NmVar x, const int *perm);       // y.dim[i] = x.dim[perm[i]]; args i[0..3] perm
NmVar nm_concat(NmGraph *g, const NmVar *x, int n, int axis); // n <= 8; args i[0] axis
NmVar nm_slice(NmGraph *g, NmVar x, int axis, int64_t start, int64_t len); // args i[0] axis, i[1] start
NmVar nm_pad(NmGraph *g, NmVar x, int axis, int64_t before,
             int64_t after); // zeros; args i[0] axis, i[1] before

// --- elementwise ---
typedef enum { NM_ADD, NM_SUB, NM_MUL, NM_DIV } NmBinary;
// numpy broadcasting of both sides, aligned at the last dimension; args i[0] kind.
NmVar nm_binary(NmGraph *g, NmBinary kind, NmVar a, NmVar b);
NmVar nm_add(NmGraph *g, NmVar a, NmVar b);
NmVar nm_sub(NmGraph *g, NmVar a, NmVar b);
NmVar nm_mul(NmGraph *g, NmVar a, NmVar b);
NmVar nm_div(NmGraph *g, NmVar a, NmVar b);

typedef enum {
  NM_RELU,
  NM_LEAKY_RELU, // r[0] slope
  NM_GELU,       // tanh form (Hendrycks, Gimpel 2016)
  NM_SILU,
  NM_TANH,
  NM_SIGMOID,
  NM_SOFTPLUS,
  NM_EXP,
  NM_LOG,  // ln(max(x, r[0])), gradient 0 below
  NM_SQRT, // sqrt(x + r[0])
  NM_SQUARE,
  NM_ABS,
  NM_SIN,
  NM_COS,
  NM_AFFINE, // r[0] x + r[1]
  NM_CLAMP   // to [r[0], r[1]], gradient 0 outside
} NmUnary;
// args i[0] kind, r[0], r[1]
NmVar nm_unary(NmGraph *g, NmUnary kind, NmVar x, double r0, double r1);
NmVar nm_relu(NmGraph *g, NmVar x);
NmVar nm_gelu(NmGraph *g, NmVar x);
NmVar nm_tanh(NmGraph *g, NmVar x);
NmVar nm_sigmoid(NmGraph *g, NmVar x);
NmVar nm_exp(NmGraph *g, NmVar x);
NmVar nm_abs(NmGraph *g, NmVar x);
NmVar nm_square(NmGraph *g, NmVar x);
NmVar nm_leaky_relu(NmGraph *g, NmVar x, double slope);
NmVar nm_ln(NmGraph *g, NmVar x, double floor);
NmVar nm_affine(NmGraph *g, NmVar x, double scale, double shift);
NmVar nm_clamp(NmGraph *g, NmVar x, double low, double high);

// --- reductions ---
NmVar nm_sum(NmGraph *g, NmVar x,
             int axis); // the axis stays with size 1; axis -1: everything, shape [1]. args i[0] axis
NmVar nm_mean(NmGraph *g, NmVar x, int axis); // nm_sum, scaled

// --- matrices ---
// x [..., I] w [I, O] + b [O] (b may be NM_VAR_NONE) -> [..., O].
NmVar nm_linear(NmGraph *g, NmVar x, NmVar w, NmVar b);
// a [B, M, K], b [B, K, N] (or [B, N, K] when b_transposed) -> [B, M, N]; B may be 1 in b (shared). args i[0]
// b_transposed
NmVar nm_matmul(NmGraph *g, NmVar a, NmVar b, bool b_transposed);

// --- convolution in time ---
typedef struct {
  int32_t stride, dilation, pad_left, pad_right, groups; // zero-initialised: 1, 1, 0, 0, 1
} NmConv;
// "Same" padding for an odd kernel at stride 1.
NmConv nm_conv_same(int64_t len_kernel, int32_t dilation);
// x [B, T, Ci], w [K, Ci / groups, Co], b [Co] or none -> [B, T', Co],
// T' = (T + pads - dilation (K - 1) - 1) / stride + 1. Depthwise (groups == Ci == Co) becomes
// NM_OP_CONV1D_DEPTHWISE, w [K, 1, C]. args i[0] stride, i[1] dilation, i[2] pad_left, i[3] pad_right, i[4]
// groups
NmVar nm_conv1d(NmGraph *g, NmVar x, NmVar w, NmVar b, NmConv conv);
// The transpose: x [B, T, Ci], w [K, Ci, Co] -> [B, (T - 1) stride + dilation (K - 1) + 1 - pads, Co]; groups
// must be 1.
NmVar nm_conv1d_transpose(NmGraph *g, NmVar x, NmVar w, NmVar b, NmConv conv);

// --- normalisation, noise, tables ---
// Over the last dimension (Ba, Kiros, Hinton 2016); gain, bias [C]. args r[0] eps
NmVar nm_layer_norm(NmGraph *g, NmVar x, NmVar gain, NmVar bias, double eps);
// Inverted dropout by a counter-based generator. args r[0] p
NmVar nm_dropout(NmGraph *g, NmVar x, double p);
// table [V, C], ids (int) [...] -> [..., C]; ids outside [0, V) give zeros.
NmVar nm_embedding(NmGraph *g, NmVar table, NmVar ids);
// x [B, K, C], index (int) [B, T] -> [B, T, C]; row x[b, index[b, t]], zeros where the index is outside [0,
// K).
NmVar nm_gather_rows(NmGraph *g, NmVar x, NmVar index);
// x [B, T, V], index (int) [B, K] -> [B, T, K]; x[b, t, index[b, k]], r[0] where the index is outside [0, V).
// args r[0] fill
NmVar nm_gather_last(NmGraph *g, NmVar x, NmVar index, double fill);
// x [B, T, ...], lengths (int) [B]: zeros where t >= lengths[b].
NmVar nm_mask_rows(NmGraph *g, NmVar x, NmVar lengths);
// Over the last dimension. args i[0]: 1 for the logarithm
NmVar nm_softmax(NmGraph *g, NmVar x);
NmVar nm_log_softmax(NmGraph *g, NmVar x);

// --- signal ---
// x [B, L] -> [B, F, 2 N/2+1...]: complex spectra, real parts of the n_bins = n/2 + 1 bins first, then
// imaginary parts: [B, F, 2 n_bins]. Hann window, frame f centred on sample f * hop, reflected at the edges,
// F = L / hop + 1, L > n / 2. args i[0] n_fft, i[1] hop
NmVar nm_stft(NmGraph *g, NmVar x, int64_t n_fft, int64_t len_hop);
// The least-squares inverse (Griffin, Lim 1984): [B, F, 2 n_bins] -> [B, (F - 1) hop]. args i[0] n_fft, i[1]
// hop
NmVar nm_istft(NmGraph *g, NmVar spectra, int64_t n_fft, int64_t len_hop);
// Log magnitude [..., n_bins] -> the phase of the minimum-phase filter, radians (Oppenheim, Schafer: folded
// cepstrum).
NmVar nm_min_phase(NmGraph *g, NmVar log_magnitude);
// [..., 2 N] -> sqrt(re^2 + im^2 + eps) [..., N]. args r[0] eps
NmVar nm_complex_abs(NmGraph *g, NmVar spectra, double eps);
// [..., 2 N] x [..., 2 N], same shapes.
NmVar nm_complex_mul(NmGraph *g, NmVar a, NmVar b);
// exp(log_magnitude) (cos phase, sin phase): two [..., N] -> [..., 2 N].
NmVar nm_polar(NmGraph *g, NmVar log_magnitude, NmVar phase);

// --- alignment and losses ---
// q [B, T, C], k [B, K, C] -> squared Euclidean distances [B, T, K].
NmVar nm_sq_dist(NmGraph *g, NmVar q, NmVar k);
// Minus the log of the summed probability of all monotonic paths through log_prob [B, T, K] (the forward
// algorithm; CTC and the forward-sum aligner loss): each frame is in one state, states go up by one, or by
// two over a state k with skip[b, k] != 0; a path starts in state 0 (or 1 if skip[b, 0]) and ends in state
// len_k - 1 (or len_k - 2 if that last one is skippable). skip, len_t, len_k (int) [B, K], [B], [B] -> [B].
// No path: the item's loss and gradient are 0.
NmVar nm_forward_sum(NmGraph *g, NmVar log_prob, NmVar skip, NmVar len_t, NmVar len_k);
// logits [N, V] or [B, T, V], targets (int) [N] or [B, T] -> cross-entropy per row [N] or [B, T], 0 where the
// target is negative. args r[0] label smoothing
NmVar nm_cross_entropy(NmGraph *g, NmVar logits, NmVar targets, double smoothing);
// Composites. Weighted means over elements: sum(w * f(a - b)) / max(sum(w), 1e-8); w broadcasts, NM_VAR_NONE
// for all ones.
NmVar nm_loss_l1(NmGraph *g, NmVar a, NmVar b, NmVar w);
NmVar nm_loss_mse(NmGraph *g, NmVar a, NmVar b, NmVar w);
// Binary cross-entropy of logits against targets in [0, 1].
NmVar nm_loss_bce(NmGraph *g, NmVar logits, NmVar targets, NmVar w);

// --- recurrence ---
// One layer LSTM (Hochreiter, Schmidhuber 1997): x [B, T, I], wx [I, 4H], wh [H, 4H], b [4H], gates in the
// order i f g o, initial state zero -> hidden states [B, T, H]. args i[0]: 1 to run backward in time
NmVar nm_lstm(NmGraph *g, NmVar x, NmVar wx, NmVar wh, NmVar b, bool reverse);

#endif
