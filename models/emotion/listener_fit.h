// SPDX-License-Identifier: GPL-3.0-or-later
// Learns what listeners have in common (models/emotion/listener_mix.h) from tasks of protocol P1.
#ifndef NM_EMOTION_LISTENER_FIT_H
#define NM_EMOTION_LISTENER_FIT_H

#include "models/emotion/listener_mix.h"
#include "models/emotion/protocols.h"

// Weights of both dimensions that make the mean over tasks of the RMSE least (iteratively reweighted ridge
// regression). curves[i] [n_measures, 2] is what the model says of item i, in measures.
NmStatus nm_listener_fit(const NmProtocolTasks *tasks, float *const *curves, float weights[2][NM_MIX_N],
                         NmError *err) NM_NODISCARD;

// The mix's answer to a task: out [n_query]. `scratch` [n_support].
void nm_listener_answer(const NmProtocolTask *task, const float *curve, const float weights[NM_MIX_N],
                        float *scratch, float *out);

#endif
