// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/audio_out_kind.h"

NmStatus nm_audio_out_write(NmAudioOut *out, const float *samples, int64_t n, NmError *err)
{
  return out->write(out, samples, n, err);
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
