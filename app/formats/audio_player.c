// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/formats/audio_out_kind.h"
#include "app/interrupt.h"
#include "dsp/player.h"

typedef struct {
  NmAudioOut base;
  NmPlayer *player;
} Player;

static NmStatus write_frames(NmAudioOut *out, const float *frames, int64_t n, NmError *err)
{
  return nm_player_push(((Player *)out)->player, frames, n, nm_interrupt_get_flag(), err);
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
  return nm_audio_out_new_player_of(&nm_audio_out_of_voice, err);
}

NmAudioOut *nm_audio_out_new_player_of(const NmAudioOutFormat *format, NmError *err)
{
  Player *player = calloc(1, sizeof *player);
  if (!player) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  NmError own = {0};
  *player = (Player){.base = {.write = write_frames, .finish = finish, .free = free_player},
                     .player = nm_player_new(format->rate_hz, format->n_channels, &own)};
  if (player->player) return &player->base;
  nm_error_set(err, own.status, own.status == NM_ERR_IO ? "%s; write it to a file with -o" : "%s",
               own.message);
  free(player);
  return NULL;
}
