// SPDX-License-Identifier: GPL-3.0-or-later
// The sound itself, as a waveform over its mel spectrogram, on the time axis.
#ifndef NM_UI_VIEWS_WAVEFORM_H
#define NM_UI_VIEWS_WAVEFORM_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"
#include "ui/views/peaks.h"

// A stretch of sound. `id` tells it from others for as long as its content is the same.
typedef struct {
  int64_t start, n; // samples
  const NmPeaks *peaks;
  const uint8_t *spectrum; // [n_frames, n_bands] 0 to 255; NULL: none
  int32_t n_frames, n_bands;
  uint64_t id;
} NmWaveformPiece;

typedef struct {
  const NmWaveformPiece *pieces; // [n] by start
  int n;
  double rate_hz;
  const char *title, *empty; // for the keyboard's focus; what is said while there is no sound
} NmWaveformModel;

// Zero-initialise; end with fini before the kit.
typedef struct {
  struct {
    uint64_t id;
    NmImage *image;
    NmTheme theme;
    int64_t used; // frame
  } images[64];
  int64_t frame;
  bool hides_spectrum;
} NmWaveform;

typedef enum { NM_WAVEFORM_NOTHING, NM_WAVEFORM_SEEK } NmWaveformEditKind;

typedef struct {
  NmWaveformEditKind kind;
  int64_t tick;
} NmWaveformEdit;

// A click seeks.
NmWaveformEdit nm_waveform_show(NmKit *kit, NmWaveform *view, const NmWaveformModel *model, NmAxis *axis,
                                NmRect rect);
void nm_waveform_fini(NmWaveform *view);

#endif
