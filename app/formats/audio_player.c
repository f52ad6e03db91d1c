// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/audio_out_kind.h"

NmAudioOut *nm_audio_out_new_player(NmError *err)
{
  nm_error_set(err, NM_ERR_IO, "this build cannot play yet; write a file with -o");
  return NULL;
}
