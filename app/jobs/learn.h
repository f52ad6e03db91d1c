// SPDX-License-Identifier: GPL-3.0-or-later
// Learning how one person hears, from a curve drawn over a clip: the same for `neume listener adapt` and the
// studio.
#ifndef NM_JOBS_LEARN_H
#define NM_JOBS_LEARN_H

#include "models/emotion/listener.h"

// The emotion model of the assets; NULL and `err`. The caller closes it.
NmEmotionModel *nm_learn_open_model(NmError *err);

// nm_listener_adapt with what the assets say that listeners have in common.
NmListener *nm_learn_listener(NmEmotionModel *model, const NmListenerClip *clip, NmError *err);

#endif
