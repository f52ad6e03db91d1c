// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/sing/verse.h"

// --- time ---

// The tempo map walked once: asked for ticks that rarely fall.
typedef struct {
  const NmSong *song;
  int32_t next; // tempo that is not in force yet
  int64_t tick; // since which the present one is, and when that was
  double seconds, bpm;
} Clock;

static void start_clock(Clock *clock, const NmSong *song)
{
  *clock = (Clock){.song = song, .bpm = song->n_tempos ? song->tempos[0].bpm : 120};
}

static double read_clock(Clock *clock, int64_t tick)
{
  const NmSong *song = clock->song;
  if (tick < clock->tick) start_clock(clock, song);
  const double per_beat = 60. / song->ticks_per_beat;
  for (; clock->next < song->n_tempos && song->tempos[clock->next].tick < tick; ++clock->next) {
    const NmSongTempo *tempo = &song->tempos[clock->next];
    clock->seconds += (double)(tempo->tick - clock->tick) * per_beat / clock->bpm;
    clock->tick = tempo->tick;
    clock->bpm = tempo->bpm;
  }
  return clock->seconds + (double)(tick - clock->tick) * per_beat / clock->bpm;
}

// 1 on a bar's first beat, .5 in its middle, less on other beats, 0 between them.
static float find_accent(const NmSong *song, int64_t tick)
{
  int64_t place, len;
  const NmSongMeter meter = nm_song_get_meter(song, tick);
  nm_song_get_bar(song, tick, &place, &len);
  const int64_t beat = len / meter.n_beats;
  if (place == 0) return 1;
  if (meter.n_beats % 2 == 0 && meter.n_beats > 2 && 2 * place == len) return .5f;
  if (meter.n_beats % 3 == 0 && meter.n_beats > 3 && beat > 0 && place % (3 * beat) == 0) return .5f;
  return beat > 0 && place % beat == 0 ? .25f : 0;
}

// --- which syllables stand on which notes ---

typedef struct {
  int32_t note, syllable;
} Pair;

// One walk over the song.
typedef struct {
  NmSungScore *score;
  const NmSong *song;
  const NmSingStyle *style;
  Clock clock;
  int32_t *word_of, *line_of; // [n_syllables]
  bool *active;               // [n_lines] sung in this verse
  int8_t *verse_on;           // [n_notes] 1: the verse has words there, 2: only other verses do
  int8_t *placed;             // [n_syllables] linked to a note
  Pair *pairs;                // [n_pairs] by note, then syllable
  int32_t n_pairs, room_notes;
  int32_t unit; // the one that goes on, -1
} Walk;

static void *grab(Walk *walk, size_t n, size_t size)
{
  return nm_arena_calloc(&walk->score->arena, n + 1, size);
}

static bool prepare(Walk *walk)
{
  const NmSong *song = walk->song;
  const size_t n_syllables = (size_t)song->n_syllables;
  walk->word_of = grab(walk, n_syllables, sizeof *walk->word_of);
  walk->line_of = grab(walk, n_syllables, sizeof *walk->line_of);
  walk->active = grab(walk, (size_t)song->n_lines, sizeof *walk->active);
  walk->verse_on = grab(walk, (size_t)song->n_notes, 1);
  walk->placed = grab(walk, n_syllables, 1);
  walk->pairs = grab(walk, (size_t)song->n_links + n_syllables, sizeof *walk->pairs);
  if (!walk->word_of || !walk->line_of || !walk->active || !walk->verse_on || !walk->placed || !walk->pairs)
    return false;
  nm_verse_find_lines(song, walk->line_of);
  for (int32_t w = 0; w < song->n_words; ++w)
    for (int32_t s = 0; s < song->words[w].n_syllables; ++s)
      walk->word_of[song->words[w].syllable_first + s] = w;
  return true;
}

static int compare_pairs(const void *a, const void *b)
{
  const Pair *x = a, *y = b;
  if (x->note != y->note) return x->note < y->note ? -1 : 1;
  return (x->syllable > y->syllable) - (x->syllable < y->syllable);
}

// Syllables without a note share that of the syllable before them in their line, else of the one after.
static void place_rest_of_line(Walk *walk, const int32_t *last_note, int32_t first, int32_t end)
{
  int32_t note = -1;
  for (int32_t s = first; s < end && note < 0; ++s)
    if (walk->placed[s]) note = last_note[s];
  for (int32_t s = first; s < end; ++s) {
    if (walk->placed[s])
      note = last_note[s];
    else if (note >= 0)
      walk->pairs[walk->n_pairs++] = (Pair){note, s};
    else
      ++walk->score->n_unsung;
  }
}

static bool find_pairs(Walk *walk)
{
  const NmSong *song = walk->song;
  int32_t *last_note = grab(walk, (size_t)song->n_syllables, sizeof *last_note);
  if (!last_note) return false;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (!walk->active[walk->line_of[link->syllable]]) continue;
    walk->pairs[walk->n_pairs++] = (Pair){link->note, link->syllable};
    walk->placed[link->syllable] = 1;
    last_note[link->syllable] = link->note;
  }
  for (int32_t l = 0; l < song->n_lines; ++l) {
    const NmSongLine *line = &song->lines[l];
    const NmSongWord *first = &song->words[line->word_first], *last = first + line->n_words - 1;
    if (walk->active[l])
      place_rest_of_line(walk, last_note, first->syllable_first, last->syllable_first + last->n_syllables);
  }
  qsort(walk->pairs, (size_t)walk->n_pairs, sizeof *walk->pairs, compare_pairs);
  return true;
}

// --- notes and units ---

static void add_unit(Walk *walk, int32_t syllable)
{
  const NmSong *song = walk->song;
  NmSungUnit unit = {.syllable = syllable, .word = -1, .line = -1, .note_first = walk->score->n_notes};
  if (syllable >= 0) {
    unit.word = walk->word_of[syllable];
    unit.line = walk->line_of[syllable];
    const NmSongWord *word = &song->words[unit.word];
    const NmSongLine *line = &song->lines[unit.line];
    unit.begins_word = syllable == word->syllable_first;
    unit.ends_word = syllable == word->syllable_first + word->n_syllables - 1;
    unit.ends_line = unit.ends_word && unit.word == line->word_first + line->n_words - 1;
  } else {
    unit.begins_word = unit.ends_word = true;
    ++walk->score->n_filled;
  }
  walk->unit = walk->score->n_units;
  walk->score->units[walk->score->n_units++] = unit;
}

// The part [from, to] of a note, under the present unit.
static void add_note(Walk *walk, int32_t i, double from, double to)
{
  const NmSongNote *note = &walk->song->notes[i];
  NmSungScore *score = walk->score;
  const double onset = read_clock(&walk->clock, note->onset);
  const double len = read_clock(&walk->clock, note->onset + note->len) - onset;
  NmSungNote sung = {.start_s = onset + from * len,
                     .end_s = onset + to * len,
                     .note = i,
                     .key = note->pitch,
                     .velocity = note->velocity,
                     .is_part = from > 0,
                     .is_flat = nm_song_get_key(walk->song, note->onset).fifths<0, .accent = from> 0
                                    ? 0
                                    : find_accent(walk->song, note->onset),
                     .pitch = note->pitch};
  sung.start = llround(sung.start_s * NM_SING_FRAMES_PER_S);
  sung.end = llround(sung.end_s * NM_SING_FRAMES_PER_S);
  score->notes[score->n_notes++] = sung;
  ++score->units[walk->unit].n_notes;
}

static double weigh(const NmSong *song, int32_t syllable)
{
  return song->syllables[syllable].stress == 0 ? .6 : 1;
}

// Shares a note among its syllables.
static void walk_pairs(Walk *walk, const Pair *pairs, int32_t n)
{
  double total = 0, done = 0;
  for (int32_t k = 0; k < n; ++k) total += weigh(walk->song, pairs[k].syllable);
  for (int32_t k = 0; k < n; ++k) {
    const int32_t syllable = pairs[k].syllable;
    const double weight = weigh(walk->song, syllable) / total;
    // Met again after another one it has been said already: what sounds goes on.
    const bool goes_on = walk->unit >= 0 &&
                         (walk->score->units[walk->unit].syllable == syllable || walk->placed[syllable] == 2);
    if (!goes_on) add_unit(walk, walk->placed[syllable] == 2 ? -1 : syllable);
    walk->placed[syllable] = 2;
    add_note(walk, pairs[k].note, done, k + 1 == n ? 1 : done + weight);
    done += weight;
  }
}

static void walk_notes(Walk *walk)
{
  const Pair *pair = walk->pairs, *end = pair + walk->n_pairs;
  for (int32_t i = 0; i < walk->song->n_notes; ++i) {
    int32_t n = 0;
    while (pair + n < end && pair[n].note == i) ++n;
    if (n > 0) {
      walk_pairs(walk, pair, n);
    } else if (walk->verse_on[i] || walk->style->filler == NM_SING_REST) {
      walk->unit = -1;
    } else {
      add_unit(walk, -1);
      add_note(walk, i, 0, 1);
      walk->unit = -1;
    }
    pair += n;
  }
}

static NmStatus walk_song(Walk *walk, NmError *err)
{
  NmSungScore *score = walk->score;
  if (!prepare(walk)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!nm_verse_exists(walk->song, walk->style->verse))
    return nm_error_set(err, NM_ERR_BAD_ARG, "there is no verse %d; the song has %d", walk->style->verse,
                        nm_verse_count(walk->song));
  nm_verse_choose(walk->song, walk->style->verse, walk->line_of, walk->active, walk->verse_on);
  if (!find_pairs(walk)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const size_t n = (size_t)walk->song->n_notes + (size_t)walk->n_pairs;
  score->notes = grab(walk, n, sizeof *score->notes);
  score->units = grab(walk, n, sizeof *score->units);
  if (!score->notes || !score->units) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  walk_notes(walk);
  for (int32_t u = 0; u < score->n_units; ++u)
    for (int32_t k = 0; k < score->units[u].n_notes; ++k)
      score->notes[score->units[u].note_first + k].line = score->units[u].line;
  if (score->n_units == 0)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        walk->song->n_notes ? "no note of the song is to be sung" : "the song has no notes");
  return NM_OK;
}

NmStatus nm_sung_score_init(NmSungScore *score, const NmSong *song, const NmSingStyle *style, NmError *err)
{
  Walk walk = {.score = score, .song = song, .style = style, .unit = -1};
  *score = (NmSungScore){0};
  nm_arena_init(&score->arena, 1 << 16);
  start_clock(&walk.clock, song);
  const double seconds = read_clock(&walk.clock, nm_song_get_end(song));
  NmStatus status = seconds <= NM_SING_SECONDS_MAX
                        ? walk_song(&walk, err)
                        : nm_error_set(err, NM_ERR_UNSUPPORTED, "the song lasts longer than %d hours",
                                       NM_SING_SECONDS_MAX / 3600);
  if (status != NM_OK) nm_sung_score_fini(score);
  return status;
}

void nm_sung_score_fini(NmSungScore *score)
{
  nm_arena_fini(&score->arena);
  *score = (NmSungScore){0};
}
