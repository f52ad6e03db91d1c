// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/random_song.h"

#include <string.h>

enum { TICKS = 240, NOTES_MAX = 4096 };

typedef struct {
  NmRng *rng;
  const NmRandomSong *shape;
  NmSong *song;
  int64_t tick, end_bar, len_bar;
  int pitch;
  int32_t used[NOTES_MAX]; // the note's last syllable of the verse + 1
} Maker;

static int below(Maker *m, int n)
{
  return (int)nm_rng_below(m->rng, (uint64_t)n);
}

static void add_note(Maker *m, int64_t len)
{
  m->pitch += below(m, 9) - 4;
  if (m->pitch < 48) m->pitch += 7;
  if (m->pitch > 84) m->pitch -= 7;
  nm_song_add_note(m->song, m->tick, len, m->pitch, below(m, 2) ? 1 + below(m, 127) : 0);
  m->tick += len;
}

// A group of notes or a rest, of whole beats or parts of one.
static void add_group(Maker *m)
{
  static const int8_t straight[][4] = {{4}, {2, 2}, {1, 1, 1, 1}, {3, 1}, {8}, {6, 2}, {12}, {2, 1, 1}, {16}};
  const int kind = below(m, 12);
  if (kind == 0) {
    m->tick += TICKS / 2 * (1 + below(m, 6));
  } else if (kind <= 2 && m->shape->tuplets) {
    const int n = kind == 1 ? 3 : 5;
    for (int i = 0; i < n; ++i) add_note(m, TICKS / n);
  } else {
    const int8_t *lens = straight[below(m, sizeof straight / sizeof *straight)];
    for (int i = 0; i < 4 && lens[i]; ++i) add_note(m, lens[i] * TICKS / 4);
  }
}

// --- maps ---

static void add_meter(Maker *m, int64_t tick)
{
  static const int8_t meters[][2] = {{4, 4}, {3, 4}, {2, 4}, {6, 8}, {2, 2}, {5, 4}, {9, 8}, {3, 8}};
  const int8_t *meter = meters[below(m, sizeof meters / sizeof *meters)];
  nm_song_add_meter(m->song, tick, meter[0], meter[1]);
  m->len_bar = (int64_t)TICKS * 4 * meter[0] / meter[1];
}

static void add_first_maps(Maker *m)
{
  nm_song_add_key(m->song, 0, below(m, 15) - 7, below(m, 2));
  nm_song_add_tempo(m->song, 0, 40 + below(m, 160));
  add_meter(m, 0);
  if (m->shape->pickups && below(m, 2))
    m->song->pickup = TICKS / 2 * (1 + below(m, (int)(m->len_bar / (TICKS / 2)) - 1));
  m->end_bar = m->song->pickup ? m->song->pickup : m->len_bar;
}

static void add_later_maps(Maker *m)
{
  for (; m->end_bar <= m->tick; m->end_bar += m->len_bar) {
    if (!m->shape->maps) continue;
    if (below(m, 12) == 0) add_meter(m, m->end_bar);
    if (below(m, 12) == 0) nm_song_add_key(m->song, m->end_bar, below(m, 15) - 7, below(m, 2));
    if (below(m, 12) == 0) nm_song_add_tempo(m->song, m->end_bar, 40 + below(m, 160));
  }
}

// --- lyrics ---

static const char *draw_text(Maker *m, bool ends_word)
{
  static const char *const plain[] = {"la", "sun", "moon", "a", "re", "light", "I", "o", "ver", "strength"};
  static const char *const odd[] = {"caf\u00e9", "\u201cOh", "well-", "na\u00efve", "'tis",
                                    "M\u00e4d",  "\u00df",   "R&B",   "x<y"};
  static const char *const ends[] = {"love,", "day.", "you!", "gone\u2026", "see;", "night?\u201d", "don't"};
  const int kind = m->shape->texts ? below(m, 4) : 0;
  if (kind == 1) return odd[below(m, sizeof odd / sizeof *odd)];
  if (kind == 2 && ends_word) return ends[below(m, sizeof ends / sizeof *ends)];
  return plain[below(m, sizeof plain / sizeof *plain)];
}

static bool has_rest_before(const Maker *m, int32_t note)
{
  const NmSongNote *before = &m->song->notes[note - 1];
  return before->onset + before->len < before[1].onset;
}

// The next syllable on the notes from *note on, moved behind them; whether it begins a word.
static void add_syllable(Maker *m, int32_t *note, bool begins_word, bool ends_word)
{
  const int32_t n_notes = m->song->n_notes;
  const char *text = draw_text(m, ends_word);
  const int32_t syllable = nm_song_add_syllable(m->song, text, strlen(text), -1);
  if (m->shape->elisions && begins_word && *note > 0 && m->used[*note - 1] == syllable && below(m, 12) == 0)
    --*note;
  int n = m->shape->melismas && below(m, 6) == 0 ? 1 + below(m, 4) : 1;
  for (int i = 0; i < n && *note < n_notes; ++i, ++*note) {
    if (i > 0 && has_rest_before(m, *note) && !m->shape->unsung) break;
    nm_song_add_link(m->song, syllable, *note);
    m->used[*note] = 0;
  }
  if (*note > 0) m->used[*note - 1] = syllable + 1;
}

static void add_word(Maker *m, int32_t *note)
{
  const int n = below(m, 3) ? 1 : 2 + below(m, 3);
  for (int i = 0; i < n && *note < m->song->n_notes; ++i) {
    if (i == 0) nm_song_add_word(m->song);
    add_syllable(m, note, i == 0, i == n - 1);
  }
}

static void add_verse(Maker *m, int verse, int *stanza)
{
  int32_t note = 0;
  memset(m->used, 0, sizeof m->used);
  while (note < m->song->n_notes) {
    nm_song_add_line(m->song, verse, *stanza);
    for (int n = 2 + below(m, 7); n > 0 && note < m->song->n_notes; --n) add_word(m, &note);
    if (m->shape->unsung && below(m, 3) == 0) note += 1 + below(m, 3);
    if (below(m, 4) == 0) ++*stanza;
  }
  ++*stanza;
}

NmSong *nm_random_song(NmRng *rng, const NmRandomSong *shape)
{
  Maker m = {.rng = rng, .shape = shape, .song = nm_song_new(), .pitch = 60 + (int)nm_rng_below(rng, 12)};
  if (!m.song) return NULL;
  m.song->ticks_per_beat = TICKS;
  add_first_maps(&m);
  const int most = shape->n_notes_max ? shape->n_notes_max : 40;
  for (const int n = 1 + below(&m, most); m.song->n_notes < n;) {
    add_group(&m);
    add_later_maps(&m);
  }
  int stanza = 0;
  const bool silent = shape->unsung && below(&m, 8) == 0;
  for (int verse = 1; !silent && verse <= (shape->n_verses ? shape->n_verses : 1); ++verse)
    add_verse(&m, verse, &stanza);
  if (nm_song_finish(m.song, NULL) == NM_OK) return m.song;
  nm_song_free(m.song);
  return NULL;
}
