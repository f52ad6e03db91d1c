// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/audio_out_kind.h"
#include "models/speech/voice.h"

const NmAudioOutFormat nm_audio_out_of_voice = {NM_VOICE_RATE_HZ, 1};

NmStatus nm_audio_out_write(NmAudioOut *out, const float *frames, int64_t n, NmError *err)
{
  return out->write(out, frames, n, err);
}

NmStatus nm_audio_out_finish(NmAudioOut *out, NmError *err)
{
  return out->finish(out, err);
}

bool nm_audio_out_is_closed(const NmAudioOut *out)
{
  return out && out->is_closed;
}

void nm_audio_out_free(NmAudioOut *out)
{
  if (out) out->free(out);
}
