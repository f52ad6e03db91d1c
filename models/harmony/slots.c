// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/slots.h"

#include <stdlib.h>

enum { BEATS_MOST = 4 };               // of one note that count
static const double beat_long_s = .66; // from here on a chord may come on either of two beats

// --- places ---

static bool may_change(const NmGrid *grid, const NmGridBar *bar, const NmGridBeat *beat, int n_beats)
{
  if (beat->weight != NM_BEAT_WEAK) return true;
  return n_beats == 2 && nm_grid_get_seconds(grid, bar, beat->len) >= beat_long_s;
}

static void add_bar(NmHarmonySlots *slots, const NmGrid *grid, const NmGridBar *bar)
{
  NmGridBeat beats[NM_GRID_BEATS_MAX];
  const int n = nm_grid_get_beats(grid, bar, beats);
  for (int k = 0; k < n; ++k) {
    if (!may_change(grid, bar, &beats[k], n)) continue;
    slots->slots[slots->n_slots++] = (NmHarmonySlot){
        .tick = beats[k].tick, .len_beat = beats[k].len, .key = bar->key, .beat = beats[k].weight};
  }
}

static int64_t count_places(const NmGrid *grid)
{
  NmGridBeat beats[NM_GRID_BEATS_MAX];
  int64_t n = 0;
  for (int32_t i = 0; i < grid->n_bars; ++i) n += nm_grid_get_beats(grid, &grid->bars[i], beats);
  return n;
}

static NmStatus add_places(NmHarmonySlots *slots, const NmGrid *grid)
{
  slots->slots = calloc((size_t)count_places(grid) + 1, sizeof *slots->slots);
  if (!slots->slots) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < grid->n_bars; ++i) add_bar(slots, grid, &grid->bars[i]);
  if (grid->n_bars == 0) return NM_OK;
  const NmGridBar *last = &grid->bars[grid->n_bars - 1];
  for (int32_t i = 0; i < slots->n_slots; ++i) {
    NmHarmonySlot *slot = &slots->slots[i];
    slot->len = (i + 1 < slots->n_slots ? slot[1].tick : last->tick + last->len) - slot->tick;
  }
  return NM_OK;
}

// The place at a tick: the last that begins there or before, -1 before the first.
static int32_t find_slot(const NmHarmonySlots *slots, int64_t tick)
{
  int32_t low = 0, high = slots->n_slots;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (slots->slots[middle].tick <= tick)
      low = middle + 1;
    else
      high = middle;
  }
  return low - 1;
}

// --- melody ---

static bool moves_by_step(const NmSongNote *from, const NmSongNote *to)
{
  const int step = abs(from->pitch - to->pitch);
  return step == 1 || step == 2;
}

// How much a note counts for what it does in the melody: passing notes less, those that resolve a little
// less.
static double weigh_motion(const NmSong *song, int32_t i, bool on_place)
{
  const NmSongNote *note = &song->notes[i];
  const bool in = i > 0 && moves_by_step(note - 1, note);
  const bool out = i + 1 < song->n_notes && moves_by_step(note, note + 1);
  if (note->len > song->ticks_per_beat || !out) return 1;
  if (on_place) return .8;
  return in ? .5 : .8;
}

static double weigh_place(const NmHarmonySlot *slot, const NmSongNote *note)
{
  if (note->onset < slot->tick) return 1.2;
  if (note->onset == slot->tick) return 1.5;
  return (note->onset - slot->tick) % slot->len_beat == 0 ? 1.1 : .7;
}

static void add_note(NmHarmonySlot *slot, const NmSong *song, int32_t i)
{
  const NmSongNote *note = &song->notes[i];
  const int64_t from = note->onset > slot->tick ? note->onset : slot->tick;
  const int64_t end_note = note->onset + note->len, end_slot = slot->tick + slot->len;
  double beats = (double)((end_note < end_slot ? end_note : end_slot) - from) / (double)slot->len_beat;
  if (beats <= 0) return;
  if (beats > BEATS_MOST) beats = BEATS_MOST;
  const double weight = weigh_place(slot, note) * weigh_motion(song, i, note->onset == slot->tick);
  slot->weights[note->pitch % 12] += (float)(beats * weight);
}

static void add_melody(NmHarmonySlots *slots, const NmSong *song)
{
  for (int32_t i = 0; i < song->n_notes; ++i) {
    const int64_t end = song->notes[i].onset + song->notes[i].len;
    int32_t k = find_slot(slots, song->notes[i].onset);
    for (k = k < 0 ? 0 : k; k < slots->n_slots && slots->slots[k].tick < end; ++k)
      add_note(&slots->slots[k], song, i);
  }
}

// --- where lines end ---

static void close_at(NmHarmonySlots *slots, int64_t tick, NmHarmonyClose close)
{
  const int32_t k = find_slot(slots, tick);
  if (k >= 0 && slots->slots[k].close != NM_CLOSE_SONG) slots->slots[k].close = close;
}

// Whether a link is the last note of a line's last syllable.
static bool ends_line(const NmSong *song, int32_t i)
{
  const NmSongLink *link = &song->links[i];
  const NmSongWord *word = &song->words[song->syllables[link->syllable].word];
  const NmSongLine *line = &song->lines[word->line];
  if (word - song->words != line->word_first + line->n_words - 1) return false;
  if (link->syllable != word->syllable_first + word->n_syllables - 1) return false;
  for (int32_t k = i + 1; k < song->n_links && song->links[k].note <= link->note + 1; ++k)
    if (song->links[k].syllable == link->syllable) return false;
  return true;
}

static void close_lines(NmHarmonySlots *slots, const NmSong *song)
{
  for (int32_t i = 0; i < song->n_links; ++i)
    if (ends_line(song, i)) close_at(slots, song->notes[song->links[i].note].onset, NM_CLOSE_LINE);
}

// Without words lines end where the melody rests or holds out.
static void close_phrases(NmHarmonySlots *slots, const NmSong *song)
{
  for (int32_t i = 0; i + 1 < song->n_notes; ++i) {
    const NmSongNote *note = &song->notes[i];
    const int64_t rest = note[1].onset - note->onset - note->len;
    if (rest >= song->ticks_per_beat || note->len >= 3 * (int64_t)song->ticks_per_beat)
      close_at(slots, note->onset, NM_CLOSE_LINE);
  }
}

static void close_song(NmHarmonySlots *slots, const NmSong *song, const NmGrid *grid)
{
  if (slots->n_slots == 0) return;
  int32_t k = find_slot(slots, song->notes[song->n_notes - 1].onset);
  for (k = k < 0 ? 0 : k; k < slots->n_slots; ++k) slots->slots[k].close = NM_CLOSE_SONG;
  if (slots->slots[0].close == NM_CLOSE_NONE) slots->slots[0].close = NM_CLOSE_OPEN;
  if (grid->n_lead == 0 || grid->n_lead >= grid->n_bars) return;
  k = find_slot(slots, grid->bars[grid->n_lead].tick - 1);
  if (k > 0 && slots->slots[k].close != NM_CLOSE_SONG) slots->slots[k].close = NM_CLOSE_LEAD;
}

NmStatus nm_harmony_slots_init(NmHarmonySlots *slots, const NmSong *song, NmError *err)
{
  NmGrid grid;
  *slots = (NmHarmonySlots){0};
  NmStatus status = nm_grid_init(&grid, song, 1, err);
  if (!status && add_places(slots, &grid)) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status) {
    add_melody(slots, song);
    if (song->n_links)
      close_lines(slots, song);
    else
      close_phrases(slots, song);
    close_song(slots, song, &grid);
  }
  nm_grid_fini(&grid);
  return status;
}

void nm_harmony_slots_fini(NmHarmonySlots *slots)
{
  free(slots->slots);
  *slots = (NmHarmonySlots){0};
}
