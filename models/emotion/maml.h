// SPDX-License-Identifier: GPL-3.0-or-later
// Model-agnostic meta-learning, first order (Finn, Abbeel, Levine 2017), of a head for one listener: from
// what the model says now, over the piece so far and since the support ended, to what the listener says. One
// task for each listener and piece, its support the one sample; sixteen steps of gradient descent within,
// Adam without.
#ifndef NM_EMOTION_MAML_H
#define NM_EMOTION_MAML_H

#include "models/emotion/protocols.h"

typedef struct NmMaml NmMaml;

// Learns where the head starts, and how large each weight's steps are, from tasks of protocol P1; curves[i]
// [n_measures, 2] is what the model says of item i, borrowed. Same tasks, same result. NULL and `err` when
// memory is out.
NmMaml *nm_maml_learn(const NmProtocolTasks *tasks, float *const *curves, NmError *err);
void nm_maml_free(NmMaml *maml);

// Adapts to the task's support and answers its query, out [n_query].
void nm_maml_answer(const NmMaml *maml, const NmProtocolTask *task, float *out);

#endif
