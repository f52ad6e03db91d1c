// SPDX-License-Identifier: GPL-3.0-or-later
// A picture of speech (PNG): waveform, mel spectrogram with the pitch drawn in, phone boundaries, and the
// names of phones and words.
#ifndef NM_FORMATS_PICTURE_SPEECH_H
#define NM_FORMATS_PICTURE_SPEECH_H

#include <stdio.h>

#include "app/formats/timings.h"

enum { NM_PICTURE_SECONDS_MAX = 30 };

typedef struct NmPicture NmPicture;

// Collects the first NM_PICTURE_SECONDS_MAX seconds; what comes later is not shown.
NmPicture *nm_picture_new(NmError *err);
void nm_picture_free(NmPicture *picture);

// As in NmSpeakerSink.
NmStatus nm_picture_add_audio(NmPicture *picture, const float *samples, int64_t n, NmError *err) NM_NODISCARD;
NmStatus nm_picture_add_pitch(NmPicture *picture, int64_t start, const float *f0_hz, int64_t n_frames,
                              NmError *err) NM_NODISCARD;

// Draws what was collected, with the phones and words of `timings`.
NmStatus nm_picture_write(NmPicture *picture, NmTimings *timings, FILE *file, NmError *err) NM_NODISCARD;

#endif
