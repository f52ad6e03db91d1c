// SPDX-License-Identifier: GPL-3.0-or-later
// What every kind of NmAudioOut fills in; only for the audio_*.c of this folder.
#ifndef NM_FORMATS_AUDIO_OUT_KIND_H
#define NM_FORMATS_AUDIO_OUT_KIND_H

#include "app/formats/audio_out.h"

struct NmAudioOut {
  NmStatus (*write)(NmAudioOut *out, const float *frames, int64_t n, NmError *err);
  NmStatus (*finish)(NmAudioOut *out, NmError *err);
  void (*free)(NmAudioOut *out); // frees the object itself too
  bool is_closed;
};

extern const NmAudioOutFormat nm_audio_out_of_voice;

// Bare samples in a file.
NmAudioOut *nm_audio_out_new_raw_file(const char *path, const NmAudioOutFormat *format, NmError *err);

#endif
