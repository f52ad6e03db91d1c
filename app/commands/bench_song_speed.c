// SPDX-License-Identifier: GPL-3.0-or-later
// How fast `neume bench song`'s models make a song, and in how much memory.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands/bench_song.h"
#include "dsp/base/clock.h"

enum { N_LINES = 16, N_IN_LINE = 8, N_WORDS = N_LINES * N_IN_LINE, N_ROWS = 8, N_RUNS = 3 };

static double get_resident_mb(void)
{
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return NAN;
  if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  fclose(file);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

// Common syllables, stressed by turns.
static void write_words(NmLyricToken *words)
{
  for (int i = 0; i < N_WORDS; ++i) {
    const bool last = (i + 1) % N_IN_LINE == 0;
    words[i] = (NmLyricToken){.syllable = NM_SYLLABLE_UNKNOWN,
                              .end = last ? NM_END_LINE : NM_END_WORD,
                              .stress = (int8_t)(i % 2 ? NM_STRESS_PRIMARY : NM_STRESS_NONE),
                              .mark = last ? NM_MARK_COMMA : NM_MARK_NONE};
  }
  words[N_WORDS - 1].end = NM_END_SONG;
}

static void choose_best(const NmSongDecoder *decoder, const float *logits, int32_t n, int32_t *values)
{
  for (int32_t r = 0; r < nm_song_decoder_get_n_rows(decoder); ++r) {
    const float *row = logits + (size_t)r * (size_t)n;
    values[r] = 0;
    for (int32_t i = 1; i < n; ++i)
      if (row[i] > row[values[r]]) values[r] = i;
  }
}

static NmStatus make_song(const NmSongModel *model, NmSongDecoder *decoder, const NmLyricToken *words,
                          NmError *err)
{
  NmSongFrame frames[N_ROWS];
  int32_t values[N_ROWS];
  for (int r = 0; r < N_ROWS; ++r)
    frames[r] =
        (NmSongFrame){.mode = NM_MODE_MAJOR, .meter = nm_song_meter_class(4, 4), .shift = NM_SONG_NO_SHIFT};
  const NmStatus status = nm_song_decoder_set_lyrics(decoder, words, N_WORDS, frames, err);
  while (status == NM_OK && nm_song_decoder_next(decoder))
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
      const int32_t n = nm_song_n_values(&model->config, NM_SONG_MELODY, c);
      choose_best(decoder, nm_song_decoder_logits(decoder, c), n, values);
      nm_song_decoder_choose(decoder, c, values);
    }
  return status;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

NmStatus nm_bench_song_speed(const char *name, const char *path, NmError *err)
{
  NmSongModel model;
  NmLyricToken words[N_WORDS];
  double seconds[N_RUNS];
  const double before = get_resident_mb();
  NmStatus status = nm_song_model_open(&model, path, NULL, err);
  if (status != NM_OK) return status;
  NmSongDecoder *decoder = nm_song_decoder_new(&model, NM_SONG_MELODY, N_ROWS, 2 * N_WORDS, err);
  if (!decoder) status = err->status;
  write_words(words);
  for (int i = 0; i < N_RUNS && status == NM_OK; ++i) {
    const double start = nm_clock_now();
    status = make_song(&model, decoder, words, err);
    seconds[i] = nm_clock_now() - start;
  }
  if (status == NM_OK) {
    qsort(seconds, N_RUNS, sizeof *seconds, by_size);
    printf(
        "  %s: %d lines, %d syllables, %d candidates side by side, one thread: %.3f s; resident +%.1f MB\n",
        name, N_LINES, N_WORDS, N_ROWS, seconds[N_RUNS / 2], get_resident_mb() - before);
  }
  nm_song_decoder_free(decoder);
  nm_song_model_close(&model);
  return status;
}
