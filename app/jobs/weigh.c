// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/weigh.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/align/lattice.h"
#include "models/song/attend.h"
#include "models/song/fit.h"
#include "ui/kit/words.h"

enum { WAYS_WEIGHED = 64, NOTES_OF_SYLLABLE = 16, SYLLABLES_OF_NOTE = 4 };

typedef struct {
  NmSongTools *tools;
  const NmSong *song;
  NmLineWeights *line;
} Weigher;

static NmStatus set_trouble(const Weigher *w, const char *text)
{
  snprintf(w->line->trouble, sizeof w->line->trouble, "%s", text);
  return NM_ERR_BAD_DATA;
}

// --- what the line has ---

// The notes from its first to its last, none of which may be another line's of the verse.
static NmStatus find_notes(const Weigher *w)
{
  const NmSong *song = w->song;
  const int verse = song->lines[w->line->line].verse;
  int32_t low = song->n_notes, high = -1;
  for (int32_t i = 0; i < song->n_links; ++i) {
    if (song->words[song->syllables[song->links[i].syllable].word].line != w->line->line) continue;
    if (song->links[i].note < low) low = song->links[i].note;
    if (song->links[i].note > high) high = song->links[i].note;
  }
  if (high < 0) return set_trouble(w, N_("The line is not sung"));
  for (int32_t i = 0; i < song->n_links; ++i) {
    const int32_t line = song->words[song->syllables[song->links[i].syllable].word].line;
    const bool inside = song->links[i].note >= low && song->links[i].note <= high;
    if (inside && line != w->line->line && song->lines[line].verse == verse)
      return set_trouble(w, N_("Notes of other lines stand among those of the line"));
  }
  w->line->note_first = low;
  w->line->n_notes = high - low + 1;
  return NM_OK;
}

static NmStatus find_line(const Weigher *w)
{
  const NmSong *song = w->song;
  const NmSongLine *line = &song->lines[w->line->line];
  const NmSongWord *last = &song->words[line->word_first + line->n_words - 1];
  w->line->syllable_first = song->words[line->word_first].syllable_first;
  w->line->n_syllables = last->syllable_first + last->n_syllables - w->line->syllable_first;
  const NmStatus status = find_notes(w);
  if (status != NM_OK) return status;
  if (w->line->n_syllables <= NM_WEIGH_SYLLABLES_MAX && w->line->n_notes <= NM_WEIGH_NOTES_MAX) return NM_OK;
  return set_trouble(w, N_("The line is too long to be weighed"));
}

static NmStatus allocate(const Weigher *w, NmWeights *by, size_t n_ways)
{
  const size_t n = (size_t)w->line->n_syllables;
  by->weights = nm_arena_calloc(&w->line->arena, n * (size_t)w->line->n_notes, sizeof *by->weights);
  by->note_first = nm_arena_calloc(&w->line->arena, n * n_ways, sizeof *by->note_first);
  by->n_notes = nm_arena_calloc(&w->line->arena, n * n_ways, sizeof *by->n_notes);
  return by->weights && by->note_first && by->n_notes ? NM_OK : NM_ERR_NO_MEMORY;
}

// --- attention ---

static NmStatus find_ways(const Weigher *w, NmWeights *by)
{
  const int32_t M = w->line->n_notes, L = w->line->n_syllables;
  NmLattice lattice;
  NmLatticeAttention sums;
  void *memory = nm_arena_alloc(&w->line->arena, nm_lattice_size_attention(M, L));
  if (!memory) return NM_ERR_NO_MEMORY;
  nm_lattice_set_attention(&lattice, &sums, by->weights, M, L, memory);
  lattice.n_best = NM_WEIGH_WAYS_MAX;
  lattice.max_notes = NOTES_OF_SYLLABLE;
  lattice.max_syllables = SYLLABLES_OF_NOTE;
  if (L <= M) lattice.score_syllables = NULL;
  void *work = nm_arena_alloc(&w->line->arena, nm_lattice_size_work(&lattice));
  if (!work) return NM_ERR_NO_MEMORY;
  return nm_lattice_run(&lattice, work, by->note_first, by->n_notes, by->scores, &by->n_ways);
}

static NmStatus ask_attention(const Weigher *w)
{
  NmWeights *by = &w->line->by[NM_WEIGHED_BY_ATTENTION];
  NmError err = {0};
  NmStatus status = w->tools ? nm_song_tools_open(w->tools, NULL, &err) : NM_ERR_IO;
  if (status == NM_ERR_NO_MEMORY) return status;
  if (status != NM_OK) {
    set_trouble(w, err.message);
    return NM_OK;
  }
  status = allocate(w, by, NM_WEIGH_WAYS_MAX);
  if (status == NM_OK)
    status = nm_song_attend(&w->tools->model, w->song, w->line->line, w->line->note_first, w->line->n_notes,
                            by->weights, &err);
  if (status == NM_OK) status = find_ways(w, by);
  return status == NM_ERR_BAD_DATA ? NM_OK : status; // weights without ways
}

// --- fit ---

// Every way speaks for its syllables as much as it is likely.
static void add_ways(const Weigher *w, const NmFitWays *ways, float *weights)
{
  const int32_t L = ways->n_syllables;
  double sum = 0;
  for (int32_t k = 0; k < ways->n; ++k) sum += exp(ways->costs[0] - ways->costs[k]);
  for (int32_t k = 0; k < ways->n; ++k) {
    const float part = (float)(exp(ways->costs[0] - ways->costs[k]) / sum);
    for (int32_t j = 0; j < L; ++j) {
      const int32_t first = ways->note_first[k * L + j] - w->line->note_first;
      for (int32_t i = first; i < first + ways->n_notes[k * L + j]; ++i) weights[i * L + j] += part;
    }
  }
}

static void keep_ways(const Weigher *w, const NmFitWays *ways, NmWeights *by)
{
  const int32_t L = ways->n_syllables;
  by->n_ways = ways->n < NM_WEIGH_WAYS_MAX ? ways->n : NM_WEIGH_WAYS_MAX;
  for (int32_t k = 0; k < by->n_ways; ++k) {
    by->scores[k] = -ways->costs[k];
    for (int32_t j = 0; j < L; ++j) {
      by->note_first[k * L + j] = ways->note_first[k * L + j] - w->line->note_first;
      by->n_notes[k * L + j] = ways->n_notes[k * L + j];
    }
  }
}

static NmStatus ask_fit(const Weigher *w)
{
  NmWeights *by = &w->line->by[NM_WEIGHED_BY_FIT];
  NmFitConfig config = nm_fit_defaults();
  NmFitWays ways;
  const NmFitPair pair = {
      w->song, w->song, w->line->syllable_first, w->line->n_syllables, w->line->note_first, w->line->n_notes};
  config.n_best = WAYS_WEIGHED;
  config.all_sung = true;
  NmStatus status = nm_fit_run(&pair, &config, &ways, NULL);
  if (status == NM_ERR_BAD_DATA) return NM_OK; // no way
  if (status != NM_OK) return status;
  status = allocate(w, by, NM_WEIGH_WAYS_MAX);
  if (status == NM_OK) {
    add_ways(w, &ways, by->weights);
    keep_ways(w, &ways, by);
  }
  nm_fit_ways_fini(&ways);
  return status;
}

NmLineWeights *nm_weigh_line(NmSongTools *tools, const NmSong *song, int32_t line)
{
  NmLineWeights *weights = calloc(1, sizeof *weights);
  if (!weights) return NULL;
  const Weigher w = {tools, song, weights};
  nm_arena_init(&weights->arena, 1 << 14);
  weights->line = line;
  NmStatus status =
      line >= 0 && line < song->n_lines ? find_line(&w) : set_trouble(&w, N_("There is no line"));
  if (status == NM_OK) status = ask_attention(&w);
  if (status == NM_OK) status = ask_fit(&w);
  if (status != NM_ERR_NO_MEMORY) return weights;
  nm_line_weights_free(weights);
  return NULL;
}

void nm_line_weights_free(NmLineWeights *weights)
{
  if (!weights) return;
  nm_arena_fini(&weights->arena);
  free(weights);
}
