// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/formats/audio_out_kind.h"
#include "app/interrupt.h"
#include "dsp/player.h"
#include "models/speech/voice.h"

typedef struct {
  NmAudioOut base;
  NmPlayer *player;
} Player;

static NmStatus write_samples(NmAudioOut *out, const float *samples, int64_t n, NmError *err)
{
  return nm_player_push(((Player *)out)->player, samples, n, nm_interrupt_get_flag(), err);
}

static NmStatus finish(NmAudioOut *out, NmError *err)
{
  return nm_player_drain(((Player *)out)->player, nm_interrupt_get_flag(), err);
}

static void free_player(NmAudioOut *out)
{
  nm_player_free(((Player *)out)->player);
  free(out);
}

NmAudioOut *nm_audio_out_new_player(NmError *err)
{
  Player *player = calloc(1, sizeof *player);
  if (!player) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  *player = (Player){.base = {.write = write_samples, .finish = finish, .free = free_player},
                     .player = nm_player_new(NM_VOICE_RATE_HZ, 1, err)};
  if (player->player) return &player->base;
  free(player);
  return NULL;
}
