// SPDX-License-Identifier: GPL-3.0-or-later
// Adversarial training of the acoustic model: discriminators of envelopes, so that they move as those of
// recordings do. A regression alone halves the change from frame to frame; judged stretches of frames bring
// it back.
#ifndef NM_SPEECH_CRITIC_H
#define NM_SPEECH_CRITIC_H

#include "models/engine/judge.h"

enum { NM_CRITIC_N_FRAMES = 96 }; // of the stretches that are judged

typedef struct NmCritic NmCritic;

// The losses of one step.
typedef struct {
  double adversarial, matching, critic;
} NmCriticLosses;

// NULL when memory is out. `pool` is borrowed, may be NULL. One thread at a time.
NmCritic *nm_critic_new(const NmBackend *backend, NmPool *pool, uint64_t seed, NmError *err);
void nm_critic_free(NmCritic *critic);

// What the acoustic model's graph must add to its loss, weighted: stretches of the generated envelope [B, T,
// 80] and of the recorded one (both normalised) are cut at index (int) [B, 96] and judged, the discriminators
// frozen. The variables stay with the critic until the graph is reset. NM_VAR_NONE, and the graph failed,
// when shapes do not fit.
NmVar nm_critic_add_loss(NmCritic *critic, NmGraph *g, NmVar generated, NmVar recorded, NmVar index);

// After that graph ran forward and backward: one step of the discriminators on the same stretches, least
// squares to 1 for recordings and 0 for what was generated. A step whose gradients are not finite is passed
// over. NM_ERR_NO_MEMORY, NM_ERR_IO when the device has failed.
NmStatus nm_critic_step(NmCritic *critic, NmGraph *g, double lr, NmCriticLosses *losses,
                        NmError *err) NM_NODISCARD;

// They belong to the critic.
NmParams *nm_critic_get_params(NmCritic *critic);

// Of the discriminators' last step, in products (nm_graph_count_operations).
double nm_critic_count_operations(const NmCritic *critic);

#endif
