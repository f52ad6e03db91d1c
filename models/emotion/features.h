// SPDX-License-Identifier: GPL-3.0-or-later
// What the emotion model hears: for every half second a patch of the front end's log-mel frames and a row of
// measures of it and of the four seconds around it (loudness, spectral shape and its movement, modulation,
// rhythm, chroma); and what a longer stretch of such rows has in common.
#ifndef NM_EMOTION_FEATURES_H
#define NM_EMOTION_FEATURES_H

#include "dsp/frontend.h"
#include "models/emotion/movement.h"
#include "models/emotion/triads.h"

enum {
  NM_FEATURES_STEP = 12000, // samples of a step
  NM_PATCH_TIMES = 12,      // means of four frames each
  NM_PATCH = NM_PATCH_TIMES * NM_N_MELS,
  NM_STEP_CHROMA = 12, // the last columns of a row: the share of each pitch class
  NM_STEP_PLAIN = 354, // columns before them
  NM_STEP = NM_STEP_PLAIN + NM_STEP_CHROMA,
  NM_GLOBAL_STEPS_MAX = 64 // of a longer stretch
};

// The columns of a row, as [first, first + n).
enum {
  NM_STEP_MEAN = 0,         // 80: log-mel, mean over the half second
  NM_STEP_SPREAD = 80,      // 80: its deviation
  NM_STEP_FLUX = 160,       // 20: mean absolute change from frame to frame, bands in fours
  NM_STEP_RISE = 180,       // 20: mean rise
  NM_STEP_SHAPE = 200,      // 20: deviation of the cepstrum's change over four frames
  NM_STEP_MODULATION = 220, // 90: ln of the modulation spectrum, nine rates of 0.4 to 29 Hz by ten bands
  NM_STEP_RHYTHM = 310,     // 17: greatest autocorrelation of onsets at lags from 0.2 s, steps of 0.1 s
  NM_STEP_ONSETS = 327,     // 2: deviation of onset strength, peaks in a second
  NM_STEP_ENERGY = 329,     // 4: ln of the bands' sum: mean, deviation, least, greatest
  NM_STEP_HARMONY =
      333, // 21: sorted chroma 12, its Fourier magnitudes 6, likeness to major and to minor, change
  NM_STEP_PITCH_CLASSES = NM_STEP_PLAIN // 12
};

// The columns of what a longer stretch has in common.
enum {
  NM_GLOBAL_MEAN = 0,                  // 354: of the plain columns
  NM_GLOBAL_DEVIATION = NM_STEP_PLAIN, // 354: of the same
  // 33, of the mean chroma: turned to the key it is most like 12, likeness to major, to minor and their
  // difference (Krumhansl, Kessler 1982), sorted 12, Fourier magnitudes 6
  NM_GLOBAL_KEY = 2 * NM_STEP_PLAIN,
  NM_GLOBAL_TRIADS = NM_GLOBAL_KEY + 33,                      // 28 (models/emotion/triads.h)
  NM_GLOBAL_MOVEMENT = NM_GLOBAL_TRIADS + NM_TRIADS_MEASURES, // 80 (models/emotion/movement.h)
  NM_GLOBAL = NM_GLOBAL_MOVEMENT + NM_MOVEMENT
};

// One thread at a time per object.
typedef struct NmEmotionFeatures NmEmotionFeatures;

// NULL when memory is out.
NmEmotionFeatures *nm_emotion_features_new(void);
void nm_emotion_features_free(NmEmotionFeatures *f);

// Steps of a sound of n samples: whole half seconds, and a last one of at least a quarter; at least 1 for n
// >= 1.
int64_t nm_emotion_features_get_n(int64_t n_samples);

// The steps that the next n samples (24 kHz, mono, finite) complete: patches [capacity, NM_PATCH], times by
// bands, and rows [capacity, NM_STEP]. A step is complete two seconds after its middle. *n_taken samples were
// used, all unless capacity was reached. Returns the number of steps.
int64_t nm_emotion_features_push(NmEmotionFeatures *f, const float *x, int64_t n, int64_t *n_taken,
                                 float *patches, float *rows, int64_t capacity);

// The last steps; call until it returns 0, then a new sound may begin.
int64_t nm_emotion_features_finish(NmEmotionFeatures *f, float *patches, float *rows, int64_t capacity);
void nm_emotion_features_reset(NmEmotionFeatures *f);

// What n steps, 1 <= n <= NM_GLOBAL_STEPS_MAX, have in common, patches [n, NM_PATCH] and rows [n, NM_STEP]:
// out [NM_GLOBAL].
void nm_emotion_global(const float *patches, const float *rows, int64_t n, float *out);

#endif
