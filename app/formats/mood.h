// SPDX-License-Identifier: GPL-3.0-or-later
// How a sound feels, collected as it streams by, and the formats it is written in.
#ifndef NM_FORMATS_MOOD_H
#define NM_FORMATS_MOOD_H

#include <stdbool.h>
#include <stdio.h>

#include "models/emotion/segments.h"

enum { NM_WAVE_BINS = 4096 };

// The outline of a waveform of any length: lowest and highest sample of equally long bins, which grow as the
// sound does. Zero-initialise.
typedef struct {
  float low[NM_WAVE_BINS], high[NM_WAVE_BINS];
  int64_t n_samples, len_bin; // samples of a bin
  float peak;
} NmWave;

void nm_wave_add(NmWave *wave, const float *x, int64_t n);

// Of valence [0] and arousal [1]. Zero-initialise.
typedef struct {
  int64_t n, n_far; // rows, and those whose sound is unlike the music that the model knows
  double sum[2], sum_whole[2], sum_confidence;
  float low[2], high[2];
  double time_low[2], time_high[2];
} NmMoodStats;

void nm_mood_stats_add(NmMoodStats *stats, const NmEmotionRow *row);

// Means over the rows, valence (0) or arousal (1): of the moments, and of how all of it would be rated.
double nm_mood_stats_get_mean(const NmMoodStats *stats, int dimension);
double nm_mood_stats_get_whole(const NmMoodStats *stats, int dimension);

typedef struct {
  const char *name; // of the sound
  double seconds;
  const char *model_hash, *listener; // the file it is heard through, NULL for people on average
  float spread[2];                   // of valence and arousal in the labels that the model learned from
  NmMoodStats stats;
  const NmEmotionRow *rows; // [n_rows], none where they were not kept
  int64_t n_rows;
  const NmEmotionSegment *segments; // [n_segments]; none unless wanted
  int64_t n_segments;
  const NmWave *wave;
} NmMood;

// What a word says of a place in the plane of valence and arousal: neutral, or the nearest of eight around
// the circle (Russell 1980), from pleasant through joyful, stirring, tense, unpleasant, sad and still to
// calm.
const char *nm_mood_name(double valence, double arousal);
// Of the mean of all moments.
const char *nm_mood_name_all(const NmMoodStats *stats);

// What warns of trusting it, as the rest of a sentence that begins with its name; NULL when nothing does.
const char *nm_mood_doubt(const NmMood *mood);

// Seconds. Segments tile the sound.
double nm_mood_segment_start(const NmEmotionSegment *segment);
double nm_mood_segment_end(const NmMood *mood, const NmEmotionSegment *segment);

typedef struct {
  const char *ending, *name;
  bool wants_segments; // else only when the user does
  NmStatus (*write)(const NmMood *mood, FILE *file, NmError *err);
} NmMoodFormat;

// NULL name at the end. The first is CSV.
extern const NmMoodFormat nm_mood_formats[];

// By ending or name, "song.csv", ".csv" or "csv"; NULL and `err` naming all when it is none.
const NmMoodFormat *nm_mood_format_find(const char *path, NmError *err);

// Rows of CSV as they come; the header is for row 0.
void nm_mood_write_csv_header(FILE *file);
void nm_mood_write_csv_row(const NmEmotionRow *row, FILE *file);

NmStatus nm_mood_write_csv(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_mood_write_json(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_mood_write_jams(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_mood_write_labels(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_mood_write_summary(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_mood_write_picture(const NmMood *mood, FILE *file, NmError *err) NM_NODISCARD;

// What is told of many sounds: a table with a row for each, as CSV, JSON (a line for each) or aligned text.
typedef enum { NM_TABLE_CSV, NM_TABLE_JSON, NM_TABLE_TEXT } NmMoodTable;

void nm_mood_table_header(NmMoodTable table, FILE *file);
void nm_mood_table_row(NmMoodTable table, const NmMood *mood, FILE *file);

// The summary in JSON: one object.
void nm_mood_write_json_summary(const NmMood *mood, FILE *file);

// Values to four decimals, never "-0".
void nm_mood_write_value(double value, FILE *file);

#endif
