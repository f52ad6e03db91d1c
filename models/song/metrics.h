// SPDX-License-Identifier: GPL-3.0-or-later
// How near one melody is to another, and what a melody is like: the objective measures of SongMASS (Sheng et
// al. 2021, section 4.3, and the public code of the paper) and of TeleMelody (Ju et al. 2022, likewise), and
// a few that need no reference.
//
// Both count on a grid of sixteenths, after every song was brought to C major or A minor and its commonest
// octave to the one above middle C. What the two codes do, beyond the text of the papers:
//   SongMASS    rests are a 129th pitch and their lengths count among the durations; lengths over four beats
//   count
//               as four; the melody distance goes by eighths, a rest goes on with the pitch before it, and
//               leading rests are left out.
//   TeleMelody  pitches are folded into the two octaves 60-83 and rests left out; a duration is that of a
//               syllable with the rest before it, in units of the song's shortest; the melody distance goes
//               by the song's shortest note or rest.
// Any thread; nothing here allocates but from the caller's arena.
#ifndef NM_SONG_METRICS_H
#define NM_SONG_METRICS_H

#include "models/song/song.h"

enum {
  NM_METRICS_GRID = 4, // steps to a beat
  NM_METRICS_LEN_MAX = 4 * NM_METRICS_GRID,
  NM_METRICS_N_PITCHES = 129,
  NM_METRICS_N_DURATIONS = 133
};

typedef enum { NM_METRICS_SONGMASS, NM_METRICS_TELEMELODY } NmMetricsKind;

typedef struct {
  int32_t gap, len; // sixteenths: the rest before it, >= 0, and its length, >= 1
  int16_t pitch;    // 0-127
  bool joined;      // sung on the syllable of the note before
} NmMetricsNote;

// The notes of a song: gaps and lengths rounded to sixteenths, each by itself, as SongMASS does (not onsets,
// so that errors add up, but patterns stay). notes [song->n_notes].
void nm_metrics_read(const NmSong *song, NmMetricsNote *notes);

// The scale that most notes belong to: major, natural, harmonic or melodic minor, of equals the lowest tonic
// from C and then the first of these. Answers the share of notes that belong to it: the scale consistency (0
// without notes).
double nm_metrics_find_scale(const NmMetricsNote *notes, int32_t n, int *tonic, bool *minor);

// To C major or A minor, the commonest octave (of equals the first to be heard) to 60-71, gaps and lengths
// over NM_METRICS_LEN_MAX to it. What is then outside 0-127 is folded by octaves. Answers the semitones
// added.
int nm_metrics_normalise(NmMetricsNote *notes, int32_t n);

// What comparing needs to know of a melody; lives in the arena it was made with.
typedef struct {
  double pitches[NM_METRICS_N_PITCHES], durations[NM_METRICS_N_DURATIONS]; // shares, sum 1, or all 0
  float *steps; // [n_steps] pitch over time, mean removed
  int64_t n_steps;
} NmMetricsProfile;

// Of notes that were normalised. NM_ERR_NO_MEMORY.
NmStatus nm_metrics_profile(const NmMetricsNote *notes, int32_t n, NmMetricsKind kind, NmArena *arena,
                            NmMetricsProfile *profile) NM_NODISCARD;

typedef struct {
  double pd, dd; // overlap of the histograms, 0-1, higher is nearer
  double md; // dynamic time warping's cost, in semitones, over the steps of the hypothesis; NAN where one has
             // none
} NmMetricsSimilarity;

// `work` [nm_metrics_size_work] floats.
NmMetricsSimilarity nm_metrics_compare(const NmMetricsProfile *reference, const NmMetricsProfile *hypothesis,
                                       float *work);
size_t nm_metrics_size_work(const NmMetricsProfile *reference, const NmMetricsProfile *hypothesis);

// The overlap of two histograms of n shares: the sum of the smaller ones.
double nm_metrics_overlap(const double *a, const double *b, int n);

// The least sum of |x[i] - y[j]| over the pairs (i, j) of a path from (0, 0) to the last of both in which i,
// j or both go up by one. work [3 (min(n_x, n_y) + 2) + max(n_x, n_y)]; 0 if either is empty.
double nm_metrics_warp(const float *x, int64_t n_x, const float *y, int64_t n_y, float *work);

// What a melody is like by itself.
typedef struct {
  double scale;      // scale consistency, 0-1
  double repetition; // share of runs of four intervals that were there before in the song, 0-1
  double rest;       // share of the time in which nothing sounds, 0-1
  double range;      // semitones between the lowest and the highest note
  double step;       // mean size of an interval, semitones
} NmMetricsCharacter;

NmMetricsCharacter nm_metrics_describe(const NmMetricsNote *notes, int32_t n);

// Share of syllables whose notes are exactly the known ones; each array [n], first note and how many.
double nm_metrics_rate_links(const int32_t *known_first, const int32_t *known_n, const int32_t *first,
                             const int32_t *n_notes, int32_t n);

#endif
