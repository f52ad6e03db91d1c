// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/batch.h"

#include <math.h>
#include <string.h>

// An item as this batch has it: changed, cut and described, on the arena.
typedef struct {
  NmSongFrame frame;
  const NmLyricToken *lyrics; // [n_lyrics] of the cut
  const NmNoteToken *notes;   // [n_notes]
  const NmSongPlace *lyric_places, *note_places;
  int64_t time; // ticks where the cut begins
  int32_t n_lyrics, n_notes;
  bool *hidden; // [positions of the one side], masked tasks only
} Song;

const char *nm_song_task_name(NmSongTask task)
{
  static const char *const names[NM_SONG_N_TASKS] = {"mask_lyric", "mask_melody", "compose", "write"};
  return names[task];
}

NmSongSide nm_song_task_from(NmSongTask task)
{
  return task == NM_TASK_MASK_LYRIC || task == NM_TASK_COMPOSE ? NM_SONG_LYRIC : NM_SONG_MELODY;
}

NmSongSide nm_song_task_to(NmSongTask task)
{
  return task == NM_TASK_MASK_LYRIC || task == NM_TASK_WRITE ? NM_SONG_LYRIC : NM_SONG_MELODY;
}

static bool is_masked(NmSongTask task)
{
  return task == NM_TASK_MASK_LYRIC || task == NM_TASK_MASK_MELODY;
}

static bool has_side(NmSongTask task, NmSongSide side)
{
  return nm_song_task_from(task) == side || nm_song_task_to(task) == side;
}

NmSongBatchOptions nm_song_batch_options_plain(void)
{
  return (NmSongBatchOptions){.n_most = 512, .share_masked = .5};
}

// --- changes ---

static int32_t scale_ticks(int32_t ticks, bool twice)
{
  return twice ? 2 * ticks : ticks / 2;
}

static bool can_scale(const NmNoteToken *notes, int32_t n, bool twice)
{
  for (int32_t i = 0; i < n; ++i) {
    if (!twice && (notes[i].gap % 2 || notes[i].len % 2)) return false;
    if (twice && (notes[i].gap > INT16_MAX / 2 || notes[i].len > INT16_MAX / 2)) return false;
  }
  return true;
}

static void stretch(NmNoteToken *notes, int32_t n, NmSongFrame *frame, bool twice)
{
  const int meter = nm_song_scale_meter(frame->meter, twice);
  if (meter < 0 || !can_scale(notes, n, twice)) return;
  for (int32_t i = 0; i < n; ++i) {
    notes[i].gap = (int16_t)scale_ticks(notes[i].gap, twice);
    notes[i].len = (int16_t)scale_ticks(notes[i].len, twice);
  }
  frame->meter = meter;
  frame->pickup = scale_ticks(frame->pickup, twice);
}

static void transpose(NmNoteToken *notes, int32_t n, NmSongFrame *frame, int shift)
{
  for (int32_t i = 0; i < n; ++i)
    if (notes[i].pitch + shift < 0 || notes[i].pitch + shift >= NM_SONG_N_PITCHES) return;
  for (int32_t i = 0; i < n; ++i) notes[i].pitch = (int8_t)(notes[i].pitch + shift);
  frame->shift = NM_SONG_NO_SHIFT + shift;
}

// Draws the same numbers whatever comes of them.
static void change(NmNoteToken *notes, int32_t n, NmSongFrame *frame, const NmSongBatchOptions *o, NmRng *rng)
{
  const bool transposes = nm_rng_uniform(rng) < o->transpose;
  const int shift = (int)nm_rng_below(rng, NM_SONG_N_SHIFTS) - NM_SONG_NO_SHIFT;
  const bool stretches = nm_rng_uniform(rng) < o->stretch, twice = nm_rng_below(rng, 2) != 0;
  if (nm_rng_uniform(rng) < o->hide_style) frame->style = NM_STYLE_ANY;
  if (transposes) transpose(notes, n, frame, shift);
  if (stretches) stretch(notes, n, frame, twice);
}

// --- cutting ---

// The end of the line that begins at `at`.
static int32_t lyric_line_end(const NmSongItem *item, int32_t at)
{
  while (at + 1 < item->n_lyrics && item->lyrics[at].end < NM_END_LINE) ++at;
  return at < item->n_lyrics ? at + 1 : at;
}

static int32_t note_line_end(const NmSongItem *item, int32_t at)
{
  while (at + 1 < item->n_notes && item->notes[at].end < NM_END_LINE) ++at;
  return at < item->n_notes ? at + 1 : at;
}

typedef struct {
  int32_t lyric, note;
} Cut;

static Cut next_line(const NmSongItem *item, Cut at)
{
  return (Cut){lyric_line_end(item, at.lyric), note_line_end(item, at.note)};
}

static int32_t measure(Cut from, Cut to)
{
  const int32_t lyrics = to.lyric - from.lyric, notes = to.note - from.note;
  return lyrics > notes ? lyrics : notes;
}

// From some line on, so many whole lines as there is room for (at least one, if need be a part of it).
static void cut(const NmSongItem *item, bool lyrics, bool notes, int32_t n_most, NmRng *rng, Cut *from,
                Cut *to)
{
  const NmSongItem sides = {item->lyrics, item->notes, lyrics ? item->n_lyrics : 0, notes ? item->n_notes : 0,
                            item->frame,  item->split};
  const Cut end = {sides.n_lyrics, sides.n_notes};
  const double place = nm_rng_uniform(rng);
  int32_t n_starts = 0;
  for (Cut at = {0, 0}; measure(at, end) > n_most; at = next_line(&sides, at)) ++n_starts;
  *from = (Cut){0, 0};
  for (int32_t i = (int32_t)(place * (n_starts + 1)); i > 0; --i) *from = next_line(&sides, *from);
  *to = *from;
  for (Cut at = *from; at.lyric < end.lyric || at.note < end.note;) {
    at = next_line(&sides, at);
    if (measure(*from, at) > n_most) break;
    *to = at;
  }
  if (to->lyric > from->lyric || to->note > from->note) return;
  const Cut line = next_line(&sides, *from);
  to->lyric = line.lyric - from->lyric > n_most ? from->lyric + n_most : line.lyric;
  to->note = line.note - from->note > n_most ? from->note + n_most : line.note;
}

// --- describing ---

static bool describe(Song *s, NmArena *arena, const NmSongItem *item, NmSongTask task,
                     const NmSongBatchOptions *options, NmRng *rng)
{
  Cut from, to;
  NmSongPlace *lyric_places = nm_arena_alloc(arena, (size_t)item->n_lyrics * sizeof *lyric_places + 1);
  NmSongPlace *note_places = nm_arena_alloc(arena, (size_t)item->n_notes * sizeof *note_places + 1);
  NmNoteToken *notes = nm_arena_alloc(arena, (size_t)item->n_notes * sizeof *notes + 1);
  if (!lyric_places || !note_places || !notes) return false;
  *s = (Song){.frame = item->frame};
  if (item->n_notes) memcpy(notes, item->notes, (size_t)item->n_notes * sizeof *notes);
  change(notes, item->n_notes, &s->frame, options, rng);
  cut(item, has_side(task, NM_SONG_LYRIC), has_side(task, NM_SONG_MELODY), options->n_most, rng, &from, &to);
  nm_lyric_places(item->lyrics, item->n_lyrics, lyric_places);
  nm_note_places(notes, item->n_notes, note_places);
  for (int32_t i = 0; i < from.note; ++i) s->time += notes[i].gap + notes[i].len;
  s->lyrics = item->lyrics + from.lyric;
  s->notes = notes + from.note;
  s->lyric_places = lyric_places + from.lyric;
  s->note_places = note_places + from.note;
  s->n_lyrics = to.lyric - from.lyric;
  s->n_notes = to.note - from.note;
  return true;
}

static int32_t count_positions(const Song *s, NmSongSide side)
{
  return side == NM_SONG_LYRIC ? s->n_lyrics : s->n_notes;
}

static const NmSongPlace *places_of(const Song *s, NmSongSide side)
{
  return side == NM_SONG_LYRIC ? s->lyric_places : s->note_places;
}

// A stretch of every line.
static bool hide(Song *s, NmArena *arena, NmSongSide side, double share, NmRng *rng)
{
  const int32_t n = count_positions(s, side);
  const NmSongPlace *places = places_of(s, side);
  s->hidden = nm_arena_calloc(arena, (size_t)n + 1, sizeof *s->hidden);
  for (int32_t first = 0, end; s->hidden && first < n; first = end) {
    for (end = first + 1; end < n && places[end].line == places[first].line;) ++end;
    const int32_t len = end - first;
    int32_t n_hidden = (int32_t)lround(share * len);
    n_hidden = n_hidden < 1 ? 1 : n_hidden > len ? len : n_hidden;
    const int32_t start = first + (int32_t)nm_rng_below(rng, (uint64_t)(len - n_hidden) + 1);
    for (int32_t i = start; i < start + n_hidden; ++i) s->hidden[i] = true;
  }
  return s->hidden != NULL;
}

static int32_t count_hidden(const Song *s, NmSongSide side)
{
  int32_t n = 0;
  for (int32_t i = 0; i < count_positions(s, side); ++i) n += s->hidden[i];
  return n;
}

// --- arrays ---

static int32_t *fresh(NmArena *arena, size_t n, int32_t value, bool *good)
{
  int32_t *x = nm_arena_alloc(arena, n * sizeof *x + 1);
  for (size_t i = 0; x && i < n; ++i) x[i] = value;
  *good = *good && x;
  return x;
}

static bool allocate(NmSongBatch *b, NmArena *arena)
{
  const size_t B = (size_t)b->B, n_in = B * (size_t)b->S, n_out = B * (size_t)b->T;
  const NmSongSide from = nm_song_task_from(b->task), to = nm_song_task_to(b->task);
  bool good = true;
  if (from == NM_SONG_LYRIC) b->syllables_in = fresh(arena, n_in, -1, &good);
  if (to == NM_SONG_LYRIC) b->syllables_out = fresh(arena, n_out, -1, &good);
  b->features_in = fresh(arena, n_in * (size_t)nm_song_n_features(from, false), -1, &good);
  b->features_out = fresh(arena, n_out * (size_t)nm_song_n_features(to, true), -1, &good);
  b->len_in = fresh(arena, B, 0, &good);
  b->len_out = fresh(arena, B, 0, &good);
  b->segment_in = fresh(arena, n_in, -1, &good);
  b->segment_out = fresh(arena, n_out, -2, &good);
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) b->choices[i] = fresh(arena, n_out, -1, &good);
  b->bar_places = fresh(arena, n_out, -1, &good);
  if (is_masked(b->task)) return good;
  b->alignment = nm_arena_calloc(arena, n_out * (size_t)b->S + 1, sizeof *b->alignment);
  return good && b->alignment;
}

static void fill_lyrics_in(NmSongBatch *b, int32_t row, const Song *s)
{
  const int n = nm_song_n_features(NM_SONG_LYRIC, false);
  for (int32_t i = 0; i < s->n_lyrics; ++i) {
    const int64_t at = (int64_t)row * b->S + i;
    const bool hidden = s->hidden && s->hidden[i];
    nm_lyric_features(&s->lyrics[i], &s->lyric_places[i], hidden, b->features_in + at * n);
    b->syllables_in[at] = hidden ? NM_SYLLABLE_MASK : s->lyrics[i].syllable;
    b->segment_in[at] = s->lyric_places[i].line;
  }
}

static void fill_notes_in(NmSongBatch *b, int32_t row, const Song *s)
{
  const int n = nm_song_n_features(NM_SONG_MELODY, false);
  int64_t time = s->time;
  for (int32_t i = 0; i < s->n_notes; ++i) {
    const int64_t at = (int64_t)row * b->S + i;
    time += s->notes[i].gap;
    nm_note_features(&s->notes[i], &s->frame, &s->note_places[i], nm_song_bar_place(&s->frame, time),
                     s->hidden && s->hidden[i], b->features_in + at * n);
    b->segment_in[at] = s->note_places[i].line;
    time += s->notes[i].len;
  }
}

// What is not known is not learned.
static int32_t known(int32_t value, int32_t unknown)
{
  return value == unknown ? -1 : value;
}

static void fill_lyrics_out(NmSongBatch *b, int32_t row, const Song *s)
{
  const int n = nm_song_n_features(NM_SONG_LYRIC, true);
  int64_t at = (int64_t)row * b->T;
  for (int32_t i = 0; i < s->n_lyrics; ++i) {
    const NmLyricToken *t = &s->lyrics[i];
    if (s->hidden && !s->hidden[i]) continue;
    const bool starts = i == 0 || (s->hidden && !s->hidden[i - 1]);
    nm_lyric_features_out(starts ? NULL : t - 1, &s->frame, &s->lyric_places[i], b->features_out + at * n);
    b->syllables_out[at] = starts ? NM_SYLLABLE_MASK : t[-1].syllable;
    b->segment_out[at] = s->lyric_places[i].line;
    b->choices[NM_CHOICE_END][at] = t->end;
    b->choices[NM_CHOICE_STRESS][at] = known(t->stress, NM_STRESS_UNKNOWN);
    b->choices[NM_CHOICE_SYLLABLE][at] = known(t->syllable, NM_SYLLABLE_UNKNOWN);
    b->choices[NM_CHOICE_MARK][at++] = t->mark;
  }
}

static void fill_notes_out(NmSongBatch *b, int32_t row, const Song *s)
{
  const int n = nm_song_n_features(NM_SONG_MELODY, true);
  int64_t at = (int64_t)row * b->T, time = s->time;
  for (int32_t i = 0; i < s->n_notes; ++i) {
    const NmNoteToken *t = &s->notes[i];
    const int64_t onset = time + t->gap;
    if (!s->hidden || s->hidden[i]) {
      const bool starts = i == 0 || (s->hidden && !s->hidden[i - 1]);
      nm_note_features_out(starts ? NULL : t - 1, &s->frame, &s->note_places[i],
                           nm_song_bar_place(&s->frame, time), b->features_out + at * n);
      b->segment_out[at] = s->note_places[i].line;
      b->bar_places[at] = nm_song_bar_place(&s->frame, onset);
      b->choices[NM_CHOICE_TIE][at] = known(t->tie, NM_TIE_UNKNOWN);
      b->choices[NM_CHOICE_GAP][at] = nm_song_gap_class(t->gap);
      b->choices[NM_CHOICE_PITCH][at] = t->pitch;
      b->choices[NM_CHOICE_LEN][at++] = nm_song_len_class(t->len);
    }
    time = onset + t->len;
  }
}

// Notes and the syllables that they are sung on; a syllable's row is shared by its notes.
static void fill_alignment(NmSongBatch *b, int32_t row, const Song *s)
{
  float *matrix = b->alignment + (int64_t)row * b->T * b->S;
  for (int32_t note = 0, syllable = 0; note < s->n_notes && syllable < s->n_lyrics; ++syllable) {
    int32_t end = note;
    while (end + 1 < s->n_notes && s->notes[end].tie == NM_TIE_YES) ++end;
    ++end;
    for (int32_t i = note; i < end; ++i) {
      if (b->task == NM_TASK_COMPOSE)
        matrix[(int64_t)i * b->S + syllable] = 1;
      else
        matrix[(int64_t)syllable * b->S + i] = 1.f / (float)(end - note);
    }
    note = end;
  }
}

static void fill_row(NmSongBatch *b, int32_t row, const Song *s)
{
  if (nm_song_task_from(b->task) == NM_SONG_LYRIC)
    fill_lyrics_in(b, row, s);
  else
    fill_notes_in(b, row, s);
  if (nm_song_task_to(b->task) == NM_SONG_LYRIC)
    fill_lyrics_out(b, row, s);
  else
    fill_notes_out(b, row, s);
  if (b->alignment) fill_alignment(b, row, s);
}

static void count_choices(NmSongBatch *b)
{
  for (int32_t i = 0; i < b->B; ++i) b->n_positions += b->len_out[i];
  for (int c = 0; c < NM_SONG_N_CHOICES; ++c)
    for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i) b->n_choices[c] += b->choices[c][i] >= 0;
}

NmStatus nm_song_batch_fill(NmSongBatch *b, NmArena *arena, const NmSongItem *const *items, int32_t B,
                            NmSongTask task, const NmSongBatchOptions *options, NmRng *rng)
{
  const NmSongSide from = nm_song_task_from(task), to = nm_song_task_to(task);
  Song *songs = nm_arena_calloc(arena, (size_t)B, sizeof *songs);
  *b = (NmSongBatch){.task = task, .B = B, .S = 1, .T = 1};
  for (int32_t i = 0; i < B; ++i) {
    if (!songs || !describe(&songs[i], arena, items[i], task, options, rng) ||
        (is_masked(task) && !hide(&songs[i], arena, from, options->share_masked, rng)))
      return NM_ERR_NO_MEMORY;
    const int32_t n_in = count_positions(&songs[i], from);
    const int32_t n_out = is_masked(task) ? count_hidden(&songs[i], to) : count_positions(&songs[i], to);
    if (n_in > b->S) b->S = n_in;
    if (n_out > b->T) b->T = n_out;
  }
  if (!allocate(b, arena)) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < B; ++i) {
    b->len_in[i] = count_positions(&songs[i], from);
    b->len_out[i] = is_masked(task) ? count_hidden(&songs[i], to) : count_positions(&songs[i], to);
    fill_row(b, i, &songs[i]);
  }
  count_choices(b);
  return NM_OK;
}
