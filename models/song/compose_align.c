// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/compose_align.h"

#include <stdlib.h>
#include <string.h>

#include "models/align/lattice.h"
#include "models/song/compose_window.h"

typedef struct {
  const NmSongModel *model;
  const NmMelodyPlan *plan;
  const NmLyricToken *tokens;
  NmSongFrame frame;
  const NmMelodyNote *notes;
  int32_t n_notes;
  int32_t *note_first; // [n_lines + 1] of each line
  float **weights;     // [n_lines] of [notes of the line, its syllables]
  NmArena *arena;
  NmComposeAlignment *alignment;
} Aligner;

static NmStatus out_of_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus start(Aligner *a, NmError *err)
{
  const NmMelodyPlan *plan = a->plan;
  a->note_first = nm_arena_calloc(a->arena, (size_t)plan->n_lines + 1, sizeof *a->note_first);
  a->weights = nm_arena_calloc(a->arena, (size_t)plan->n_lines, sizeof *a->weights);
  a->alignment->lines = nm_arena_calloc(a->arena, (size_t)plan->n_lines, sizeof *a->alignment->lines);
  if (!a->note_first || !a->weights || !a->alignment->lines) return out_of_memory(err);
  for (int32_t i = 0; i < a->n_notes; ++i) ++a->note_first[plan->syllables[a->notes[i].syllable].line + 1];
  for (int32_t l = 0; l < plan->n_lines; ++l) a->note_first[l + 1] += a->note_first[l];
  for (int32_t l = 0; l < plan->n_lines; ++l) {
    const size_t M = (size_t)(a->note_first[l + 1] - a->note_first[l]);
    const size_t L = (size_t)nm_compose_count_syllables(plan, l, l + 1);
    if (!(a->weights[l] = nm_arena_calloc(a->arena, M * L, sizeof **a->weights))) return out_of_memory(err);
  }
  return NM_OK;
}

// --- hearing ---

static void choose(NmSongDecoder *decoder, const NmMelodyNote *note)
{
  const int32_t values[NM_SONG_N_CHOICES] = {note->tie ? NM_TIE_YES : NM_TIE_NO, nm_song_gap_class(note->gap),
                                             note->pitch, nm_song_len_class(note->len)};
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c) {
    (void)nm_song_decoder_logits(decoder, c);
    nm_song_decoder_choose(decoder, c, &values[c]);
  }
}

// The weights of a note over the syllables of its line.
static void keep(Aligner *a, const NmSongDecoder *decoder, int32_t i, int32_t line, int32_t syllable_first)
{
  const size_t L = (size_t)nm_compose_count_syllables(a->plan, line, line + 1);
  memcpy(a->weights[line] + (size_t)(i - a->note_first[line]) * L,
         nm_song_decoder_get_weights(decoder) + a->plan->line_first[line] - syllable_first,
         L * sizeof(float));
}

static NmStatus hear_window(Aligner *a, const NmComposeWindow *window, NmError *err)
{
  const NmMelodyPlan *plan = a->plan;
  const int32_t first = a->note_first[window->first], end = a->note_first[window->end];
  const int32_t syllable_first = plan->line_first[window->first];
  const int32_t place = nm_melody_place(plan, a->notes[first].onset - a->notes[first].gap);
  NmSongFrame frame = a->frame;
  frame.pickup = place ? plan->bar - place : 0;
  NmSongDecoder *decoder = nm_song_decoder_new(a->model, NM_SONG_MELODY, 1, end - first + 1, err);
  if (!decoder) return err->status;
  const NmStatus status =
      nm_song_decoder_set_lyrics(decoder, a->tokens + syllable_first,
                                 nm_compose_count_syllables(plan, window->first, window->last), &frame, err);
  for (int32_t i = first; i < end && status == NM_OK && nm_song_decoder_next(decoder); ++i) {
    const int32_t line = plan->syllables[a->notes[i].syllable].line;
    if (line >= window->line) keep(a, decoder, i, line, syllable_first);
    choose(decoder, &a->notes[i]);
  }
  nm_song_decoder_free(decoder);
  return status;
}

// --- aligning ---

static NmStatus align_line(Aligner *a, int32_t line, NmError *err)
{
  NmComposeWays *ways = &a->alignment->lines[line];
  const int32_t M = a->note_first[line + 1] - a->note_first[line];
  const int32_t L = nm_compose_count_syllables(a->plan, line, line + 1);
  NmLattice lattice;
  NmLatticeAttention sums;
  void *memory = nm_arena_alloc(a->arena, nm_lattice_size_attention(M, L));
  if (!memory) return out_of_memory(err);
  nm_lattice_set_attention(&lattice, &sums, a->weights[line], M, L, memory);
  lattice.n_best = NM_COMPOSE_WAYS;
  lattice.score_syllables = NULL;
  void *work = nm_arena_alloc(a->arena, nm_lattice_size_work(&lattice));
  const size_t n = NM_COMPOSE_WAYS * (size_t)L;
  int32_t *note_first = nm_arena_calloc(a->arena, n, sizeof *note_first);
  ways->n_syllables = L;
  ways->n_notes = nm_arena_calloc(a->arena, n, sizeof *ways->n_notes);
  if (!work || !note_first || !ways->n_notes) return out_of_memory(err);
  const NmStatus status = nm_lattice_run(&lattice, work, note_first, ways->n_notes, ways->scores, &ways->n);
  return status ? nm_error_set(err, status, "the attention of line %d cannot be aligned", line + 1) : NM_OK;
}

// Syllables of a line that have the notes they have in the melody.
static int32_t count_agreeing(const Aligner *a, int32_t line)
{
  const NmComposeWays *ways = &a->alignment->lines[line];
  int32_t n = 0, at = a->note_first[line], guessed = at;
  for (int32_t j = 0; j < ways->n_syllables; ++j) {
    int32_t end = at + 1;
    while (end < a->note_first[line + 1] && a->notes[end - 1].tie) ++end;
    n += guessed == at && ways->n_notes[j] == end - at;
    guessed += ways->n_notes[j];
    at = end;
  }
  return n;
}

NmStatus nm_compose_align(const NmSongModel *model, const NmMelodyPlan *plan, const NmLyricToken *tokens,
                          const NmSongFrame *frame, const NmMelodyNote *notes, int32_t n_notes,
                          NmArena *arena, NmComposeAlignment *alignment, NmError *err)
{
  Aligner a = {.model = model,
               .plan = plan,
               .tokens = tokens,
               .frame = *frame,
               .notes = notes,
               .n_notes = n_notes,
               .arena = arena,
               .alignment = alignment};
  int32_t n = 0;
  *alignment = (NmComposeAlignment){0};
  NmStatus status = start(&a, err);
  for (int32_t line = 0; line < plan->n_lines && status == NM_OK;) {
    const NmComposeWindow window = nm_compose_window(plan, tokens, line);
    status = hear_window(&a, &window, err);
    line = window.end;
  }
  for (int32_t line = 0; line < plan->n_lines && status == NM_OK; ++line) {
    status = align_line(&a, line, err);
    if (status == NM_OK) n += count_agreeing(&a, line);
  }
  alignment->agreement = (double)n / plan->n_syllables;
  return status;
}
