// SPDX-License-Identifier: GPL-3.0-or-later
// Pitch classes: how much of each a spectrum holds, and what that says of key and mode.
#ifndef NM_EMOTION_TONAL_H
#define NM_EMOTION_TONAL_H

enum {
  NM_CHROMA_N = 12,
  NM_CHROMA_N_FFT = 4096, // at 24 kHz
  NM_CHROMA_HOP = 2048,
  NM_CHROMA_N_BINS = NM_CHROMA_N_FFT / 2 + 1
};

// Which pitch class a bin belongs to, and the share of the one above it; low < 0 outside 60 Hz to 4 kHz.
typedef struct {
  int low[NM_CHROMA_N_BINS];
  float share_above[NM_CHROMA_N_BINS];
} NmChromaMap;

void nm_chroma_map_fill(NmChromaMap *map);

// The root of each class's energy in a spectrum [NM_CHROMA_N_BINS, 2], divided by their sum. Class 0 is C.
// Silence gives zeros.
void nm_chroma_fold(const NmChromaMap *map, const float *spectrum, float chroma[NM_CHROMA_N]);

typedef struct {
  float turned[NM_CHROMA_N]; // from the tonic of the likeliest key up
  float sorted[NM_CHROMA_N]; // ascending
  float fourier[6];          // magnitudes of the circle's Fourier transform, 1 to 6 (Quinn 2006)
  float major, minor;        // greatest correlation with the profiles of Krumhansl and Kessler (1982)
  int tonic;                 // class that `turned` begins with
} NmTonal;

void nm_tonal_measure(const float chroma[NM_CHROMA_N], NmTonal *tonal);

#endif
