// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener_follow.h"

#include <stdlib.h>
#include <string.h>

#include "models/emotion/listener_state.h"

// Mean difference, in tenths of a neper, below which two sounds are the same.
#define SAME 4.0

struct NmListenerFollow {
  const NmListener *listener;
  int64_t step, difference; // steps seen, and the sum of differences over the clip's
};

NmListenerFollow *nm_listener_follow_new(const NmListener *listener, const NmEmotionModel *model,
                                         NmError *err)
{
  if (strcmp(listener->model_hash, nm_emotion_model_get_hash(model))) {
    nm_error_set(err, NM_ERR_BAD_ARG, "the listener was made with another emotion model; make it again");
    return NULL;
  }
  NmListenerFollow *follow = calloc(1, sizeof *follow);
  if (follow)
    follow->listener = listener;
  else
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return follow;
}

void nm_listener_follow_free(NmListenerFollow *follow)
{
  free(follow);
}

void nm_listener_follow_reset(NmListenerFollow *follow)
{
  follow->step = follow->difference = 0;
}

static int64_t differ(const int8_t *a, const int8_t *b)
{
  int64_t sum = 0;
  for (int i = 0; i < NM_LISTENER_BANDS; ++i) sum += abs(a[i] - b[i]);
  return sum;
}

void nm_listener_follow_step(NmListenerFollow *follow, const float *measures, NmEmotionRow *row)
{
  const NmListener *l = follow->listener;
  const int64_t at = follow->step++ - l->n_skipped;
  int8_t sound[NM_LISTENER_BANDS];
  if (at >= 0 && at < l->n) {
    nm_listener_print_sound(measures, sound);
    follow->difference += differ(sound, l->sound + at * NM_LISTENER_BANDS);
  }
  const int64_t n_compared = at < 0 ? 0 : at < l->n ? at + 1 : l->n;
  if (n_compared == 0 || (double)follow->difference > SAME * NM_LISTENER_BANDS * (double)n_compared) return;
  if (at < l->n) {
    row->valence = l->drawn[2 * at];
    row->arousal = l->drawn[2 * at + 1];
    return;
  }
  const double after_s = (double)(at - l->n + 1) * NM_EMOTION_STEP_S;
  row->valence = nm_mix_apply(&l->state[0], l->weights[0], row->valence, after_s);
  row->arousal = nm_mix_apply(&l->state[1], l->weights[1], row->arousal, after_s);
}
