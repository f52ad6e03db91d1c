// SPDX-License-Identifier: GPL-3.0-or-later
// A listener applied to a sound as it streams by: it speaks where the sound begins with the clip that the
// listener annotated.
#ifndef NM_EMOTION_LISTENER_FOLLOW_H
#define NM_EMOTION_LISTENER_FOLLOW_H

#include "models/emotion/listener.h"

typedef struct NmListenerFollow NmListenerFollow;

// The listener is borrowed. NULL and `err`: NM_ERR_BAD_ARG when it belongs to another model.
NmListenerFollow *nm_listener_follow_new(const NmListener *listener, const NmEmotionModel *model,
                                         NmError *err);
void nm_listener_follow_free(NmListenerFollow *follow);
void nm_listener_follow_reset(NmListenerFollow *follow);

// The next step's measures [NM_STEP] and the model's row, which becomes the listener's: within the clip what
// was drawn, after it the mix; untouched in another sound.
void nm_listener_follow_step(NmListenerFollow *follow, const float *measures, NmEmotionRow *row);

#endif
