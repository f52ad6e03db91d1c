// SPDX-License-Identifier: GPL-3.0-or-later
// What listeners have in common: the weights of the mix (models/emotion/listener_mix.h), in a safetensors
// file bound to the model they were learned with.
#ifndef NM_EMOTION_LISTENER_PRIOR_H
#define NM_EMOTION_LISTENER_PRIOR_H

#include "models/emotion/emotion.h"
#include "models/emotion/listener_mix.h"

// NM_ERR_BAD_DATA when it is no such file or bound to another model than `hash`.
NmStatus nm_listener_prior_load(const char *path, const char *hash, float weights[2][NM_MIX_N],
                                NmError *err) NM_NODISCARD;
// `licence` and `data` say where the weights come from.
NmStatus nm_listener_prior_save(const char *path, const char *hash, const char *licence, const char *data,
                                float weights[2][NM_MIX_N], NmError *err) NM_NODISCARD;

#endif
