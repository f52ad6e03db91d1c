// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `neume bench song` that a model makes. Nothing of the held-out songs is told but the words and
// the style: mode, meter and pick-up are those of a song of the training split, another for each candidate.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/commands/bench_song.h"
#include "dsp/base/clock.h"

enum { NOTES_MORE = 16, TRIES = 64 };

typedef struct {
  double nats[NM_SONG_N_CHOICES];
  int64_t n[NM_SONG_N_CHOICES];
} Doubt;

typedef struct {
  const NmBenchSongRun *run;
  NmSongModel model;
  NmArena arena; // of one song
  NmBenchRow first, least;
  Doubt doubt[NM_SONG_N_SIDES];
  NmBenchLinks links_true, links_drawn;
  double seconds;
  int64_t n_made; // notes
} Bench;

// --- drawing ---

// A value by its probability at the temperature, within the nucleus: the fewest values that hold that much.
static int32_t draw(const NmBenchSongRun *run, NmRng *rng, const float *logits, int32_t n, double *odds)
{
  double top = -INFINITY, sum = 0, floor = 0;
  for (int32_t i = 0; i < n; ++i)
    if (logits[i] > top) top = logits[i];
  for (int32_t i = 0; i < n; ++i) sum += odds[i] = exp((logits[i] - top) / run->temperature);
  for (double kept = sum; run->nucleus < 1;) {
    double least = INFINITY;
    for (int32_t i = 0; i < n; ++i)
      if (odds[i] > floor && odds[i] < least) least = odds[i];
    if (kept - least < run->nucleus * sum) break;
    kept -= least;
    floor = least;
  }
  for (int32_t i = 0; i < n; ++i) odds[i] = (odds[i] > floor ? odds[i] : 0) + (i > 0 ? odds[i - 1] : 0);
  return (int32_t)nm_rng_pick(rng, odds, n);
}

static NmSongFrame draw_frame(const NmBenchSongRun *run, NmRng *rng, int32_t style)
{
  NmSongFrame frame = run->train.songs[0].frame;
  for (int i = 0; i < TRIES; ++i) {
    frame = run->train.songs[nm_rng_below(rng, (uint64_t)run->train.n)].frame;
    if (frame.style == style) break;
  }
  frame.style = style;
  frame.shift = NM_SONG_NO_SHIFT;
  return frame;
}

// What the first row attends to at position i: a row of weights [positions, n_source].
static void keep_weights(const NmSongDecoder *decoder, int32_t i, float *weights)
{
  const size_t n = (size_t)nm_song_decoder_get_n_source(decoder);
  memcpy(weights + (size_t)i * n, nm_song_decoder_get_weights(decoder), n * sizeof *weights);
}

static NmStatus run_decoder(Bench *b, NmSongDecoder *decoder, int32_t n_rows, uint64_t seed, float *weights)
{
  int32_t *values = nm_arena_calloc(&b->arena, (size_t)n_rows, sizeof *values);
  NmRng *rngs = nm_arena_calloc(&b->arena, (size_t)n_rows, sizeof *rngs);
  double *odds = nm_arena_calloc(&b->arena, NM_SONG_N_PITCHES, sizeof *odds);
  if (!values || !rngs || !odds) return NM_ERR_NO_MEMORY;
  for (int32_t r = 0; r < n_rows; ++r) nm_rng_init(&rngs[r], seed + (uint64_t)r);
  while (nm_song_decoder_next(decoder)) {
    const NmSongRow *row = nm_song_decoder_get_row(decoder, 0);
    if (!row->finished) keep_weights(decoder, row->n, weights);
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
      const int32_t n = nm_song_n_values(&b->model.config, NM_SONG_MELODY, c);
      const float *logits = nm_song_decoder_logits(decoder, c);
      for (int32_t r = 0; r < n_rows; ++r)
        values[r] = draw(b->run, &rngs[r], logits + (size_t)r * (size_t)n, n, odds);
      nm_song_decoder_choose(decoder, c, values);
    }
  }
  return NM_OK;
}

static NmStatus collect(Bench *b, const NmBenchSong *song, const NmSongDecoder *decoder, int32_t n_rows)
{
  const NmMetricsNote **candidates = nm_arena_calloc(&b->arena, (size_t)n_rows, sizeof *candidates);
  int32_t *n_notes = nm_arena_calloc(&b->arena, (size_t)n_rows, sizeof *n_notes);
  if (!candidates || !n_notes) return NM_ERR_NO_MEMORY;
  for (int32_t r = 0; r < n_rows; ++r) {
    const NmNoteToken *tokens = nm_song_decoder_get_notes(decoder, r, &n_notes[r]);
    NmMetricsNote *notes = nm_arena_calloc(&b->arena, (size_t)n_notes[r] + 1, sizeof *notes);
    if (!notes) return NM_ERR_NO_MEMORY;
    nm_bench_song_measure(tokens, n_notes[r], notes);
    candidates[r] = notes;
    b->n_made += n_notes[r];
  }
  return nm_bench_song_add(song, candidates, n_notes, n_rows, &b->first, &b->least, &b->arena);
}

static NmStatus make(Bench *b, const NmBenchSong *song, uint64_t seed, NmError *err)
{
  const int32_t n_rows = b->run->n_candidates, n_most = song->n_words + song->n_words / 2 + NOTES_MORE;
  NmSongFrame *frames = nm_arena_calloc(&b->arena, (size_t)n_rows, sizeof *frames);
  float *weights = nm_arena_calloc(&b->arena, (size_t)n_most * (size_t)song->n_words, sizeof *weights);
  if (!frames || !weights) return NM_ERR_NO_MEMORY;
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (int32_t r = 0; r < n_rows; ++r) frames[r] = draw_frame(b->run, &rng, song->frame.style);
  const double start = nm_clock_now();
  NmSongDecoder *decoder = nm_song_decoder_new(&b->model, NM_SONG_MELODY, n_rows, n_most, err);
  if (!decoder) return err->status;
  NmStatus status = nm_song_decoder_set_lyrics(decoder, song->words, song->n_words, frames, err);
  if (status == NM_OK) status = run_decoder(b, decoder, n_rows, seed, weights);
  b->seconds += nm_clock_now() - start;
  if (status == NM_OK) {
    int32_t n;
    const NmNoteToken *melody = nm_song_decoder_get_notes(decoder, 0, &n);
    status = nm_bench_song_align(weights, melody, n, song->words, song->n_words, &b->arena, &b->links_drawn);
  }
  if (status == NM_OK) status = collect(b, song, decoder, n_rows);
  nm_song_decoder_free(decoder);
  return status;
}

// --- doubt: what the true melody, and the true words, cost ---

static void add_doubt(Doubt *doubt, int choice, const float *logits, int32_t n, int32_t value)
{
  double top = -INFINITY, sum = 0;
  if (value < 0 || value >= n) return;
  for (int32_t i = 0; i < n; ++i)
    if (logits[i] > top) top = logits[i];
  for (int32_t i = 0; i < n; ++i) sum += exp(logits[i] - top);
  doubt->nats[choice] += log(sum) + top - logits[value];
  ++doubt->n[choice];
}

static void read_note(const NmNoteToken *t, int32_t *values)
{
  values[NM_CHOICE_TIE] = t->tie;
  values[NM_CHOICE_GAP] = nm_song_gap_class(t->gap);
  values[NM_CHOICE_PITCH] = t->pitch;
  values[NM_CHOICE_LEN] = nm_song_len_class(t->len);
}

static void read_syllable(const NmLyricToken *t, int32_t *values)
{
  values[NM_CHOICE_END] = t->end;
  values[NM_CHOICE_STRESS] = t->stress;
  values[NM_CHOICE_SYLLABLE] = t->syllable;
  values[NM_CHOICE_MARK] = t->mark;
}

static NmStatus doubt_song(Bench *b, const NmBenchSong *song, NmSongSide side, NmError *err)
{
  const bool melody = side == NM_SONG_MELODY;
  const int32_t n = melody ? song->n_notes : song->n_words;
  float *weights = nm_arena_calloc(&b->arena, (size_t)song->n_notes * (size_t)song->n_words, sizeof *weights);
  if (!weights) return NM_ERR_NO_MEMORY;
  NmSongDecoder *decoder = nm_song_decoder_new(&b->model, side, 1, n + 1, err);
  if (!decoder) return err->status;
  NmStatus status = melody
                        ? nm_song_decoder_set_lyrics(decoder, song->words, song->n_words, &song->frame, err)
                        : nm_song_decoder_set_melody(decoder, song->melody, song->n_notes, &song->frame, err);
  for (int32_t i = 0; status == NM_OK && i < n && nm_song_decoder_next(decoder); ++i) {
    int32_t values[NM_SONG_N_CHOICES];
    if (melody) keep_weights(decoder, i, weights);
    if (melody)
      read_note(&song->melody[i], values);
    else
      read_syllable(&song->words[i], values);
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
      const int32_t n_values = nm_song_n_values(&b->model.config, side, c);
      const bool unknown = !melody && c == NM_CHOICE_SYLLABLE && values[c] < NM_SYLLABLE_FIRST;
      if (!unknown) add_doubt(&b->doubt[side], c, nm_song_decoder_logits(decoder, c), n_values, values[c]);
      nm_song_decoder_choose(decoder, c, &values[c]);
    }
  }
  nm_song_decoder_free(decoder);
  if (status != NM_OK || !melody) return status;
  return nm_bench_song_align(weights, song->melody, song->n_notes, song->words, song->n_words, &b->arena,
                             &b->links_true);
}

static double get_perplexity(const Doubt *doubt, int choice)
{
  return doubt->n[choice] ? exp(doubt->nats[choice] / (double)doubt->n[choice]) : NAN;
}

static double get_share(const NmBenchLinks *links)
{
  return links->n > 0 ? links->n_right / links->n : NAN;
}

static void print_doubt(const Bench *b, const char *name)
{
  static const char *const names[NM_SONG_N_SIDES][NM_SONG_N_CHOICES] = {{"end", "stress", "syllable", "mark"},
                                                                        {"tie", "rest", "pitch", "length"}};
  printf("  %s: perplexity", name);
  for (int side = NM_SONG_N_SIDES - 1; side >= 0; --side)
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c)
      printf("%s %s %.3f", side == NM_SONG_LYRIC && c == 0 ? ";" : "", names[side][c],
             get_perplexity(&b->doubt[side], c));
  printf("\n  %s: syllables on their notes: of true melodies %.2f %%, of drawn ones %.2f %%; %.0f notes a "
         "second\n",
         name, 100 * get_share(&b->links_true), 100 * get_share(&b->links_drawn),
         b->seconds > 0 ? (double)b->n_made / b->seconds : 0);
}

NmStatus nm_bench_song_model(const NmBenchSongRun *run, const char *name, const char *path, NmPool *pool,
                             NmError *err)
{
  char least[64];
  Bench b = {.run = run};
  snprintf(least, sizeof least, "%s, least risk", name);
  b.first.name = name;
  b.least.name = least;
  NmStatus status = nm_song_model_open(&b.model, path, pool, err);
  if (status != NM_OK) return status;
  nm_arena_init(&b.arena, 1 << 20);
  for (int32_t i = 0; i < run->held.n && status == NM_OK; ++i) {
    const NmBenchSong *song = &run->held.songs[i];
    nm_arena_reset(&b.arena);
    status = make(&b, song, nm_rng_mix(run->seed + (uint64_t)i), err);
    for (int side = 0; side < NM_SONG_N_SIDES && status == NM_OK; ++side)
      status = doubt_song(&b, song, (NmSongSide)side, err);
  }
  nm_arena_fini(&b.arena);
  nm_song_model_close(&b.model);
  if (status == NM_ERR_NO_MEMORY) return nm_error_set(err, status, "out of memory");
  if (status != NM_OK) return status;
  nm_bench_row_print(&b.first);
  nm_bench_row_print(&b.least);
  print_doubt(&b, name);
  return NM_OK;
}
