// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/rules.h"

#include "models/harmony/key.h"

// What a chord is in its key: the degree it stands on, or what it leads to.
typedef enum { I, II, III, IV, V, VI, VII, APPLIED } Degree;

typedef enum { TRIAD, SEVENTH = 1, INVERTED = 2, SECONDARY = 4, BORROWED = 8 } Kind;

typedef struct {
  int8_t root, quality, bass; // semitones above the tonic; the bass above the root
  Degree degree;
  int8_t target; // of APPLIED: the root that it leads to, above the tonic
  int kind;
  double cost; // how unusual it is
} Row;

static const Row rows_major[] = {
    {0, NM_CHORD_MAJOR, 0, I, 0, TRIAD, 0},
    {0, NM_CHORD_MAJOR, 4, I, 0, INVERTED, .9},
    {0, NM_CHORD_MAJOR_SEVENTH, 0, I, 0, SEVENTH, .9},
    {2, NM_CHORD_MINOR, 0, II, 0, TRIAD, .3},
    {2, NM_CHORD_MINOR, 3, II, 0, INVERTED, .9},
    {2, NM_CHORD_MINOR_SEVENTH, 0, II, 0, SEVENTH, .6},
    {4, NM_CHORD_MINOR, 0, III, 0, TRIAD, .9},
    {5, NM_CHORD_MAJOR, 0, IV, 0, TRIAD, .1},
    {5, NM_CHORD_MAJOR, 4, IV, 0, INVERTED, 1.1},
    {5, NM_CHORD_MAJOR_SEVENTH, 0, IV, 0, SEVENTH, .9},
    {7, NM_CHORD_MAJOR, 0, V, 0, TRIAD, .15},
    {7, NM_CHORD_DOMINANT, 0, V, 0, TRIAD, .18},
    {7, NM_CHORD_MAJOR, 4, V, 0, INVERTED, .8},
    {7, NM_CHORD_DOMINANT, 4, V, 0, INVERTED, .9},
    {9, NM_CHORD_MINOR, 0, VI, 0, TRIAD, .25},
    {9, NM_CHORD_MINOR_SEVENTH, 0, VI, 0, SEVENTH, .8},
    {10, NM_CHORD_MAJOR, 0, VII, 0, BORROWED, 1.8},
    {5, NM_CHORD_MINOR, 0, IV, 0, BORROWED, 2.2},
    {2, NM_CHORD_DOMINANT, 0, APPLIED, 7, SECONDARY, .6},
    {4, NM_CHORD_DOMINANT, 0, APPLIED, 9, SECONDARY, 1.1},
    {0, NM_CHORD_DOMINANT, 0, APPLIED, 5, SECONDARY, 1.2},
    {9, NM_CHORD_DOMINANT, 0, APPLIED, 2, SECONDARY, 1.3},
    {11, NM_CHORD_DOMINANT, 0, APPLIED, 4, SECONDARY, 2},
};

static const Row rows_minor[] = {
    {0, NM_CHORD_MINOR, 0, I, 0, TRIAD, 0},
    {0, NM_CHORD_MINOR, 3, I, 0, INVERTED, .9},
    {0, NM_CHORD_MINOR_SEVENTH, 0, I, 0, SEVENTH, .9},
    {2, NM_CHORD_DIMINISHED, 3, II, 0, TRIAD, .9},
    {2, NM_CHORD_HALF_DIMINISHED, 0, II, 0, TRIAD, .9},
    {3, NM_CHORD_MAJOR, 0, III, 0, TRIAD, .5},
    {5, NM_CHORD_MINOR, 0, IV, 0, TRIAD, .15},
    {5, NM_CHORD_MINOR, 3, IV, 0, INVERTED, 1},
    {5, NM_CHORD_MINOR_SEVENTH, 0, IV, 0, SEVENTH, .8},
    {5, NM_CHORD_MAJOR, 0, IV, 0, BORROWED, 1.5},
    {7, NM_CHORD_MAJOR, 0, V, 0, TRIAD, .15},
    {7, NM_CHORD_DOMINANT, 0, V, 0, TRIAD, .18},
    {7, NM_CHORD_DOMINANT, 4, V, 0, INVERTED, .9},
    {7, NM_CHORD_MINOR, 0, V, 0, TRIAD, 1},
    {8, NM_CHORD_MAJOR, 0, VI, 0, TRIAD, .35},
    {8, NM_CHORD_MAJOR_SEVENTH, 0, VI, 0, SEVENTH, .9},
    {10, NM_CHORD_MAJOR, 0, VII, 0, TRIAD, .35},
    {11, NM_CHORD_DIMINISHED_SEVENTH, 0, V, 0, TRIAD, 1},
    {0, NM_CHORD_MAJOR, 0, I, 0, BORROWED, 2.2},
    {10, NM_CHORD_DOMINANT, 0, APPLIED, 3, SECONDARY, .8},
    {0, NM_CHORD_DOMINANT, 0, APPLIED, 5, SECONDARY, 1.4},
    {2, NM_CHORD_DOMINANT, 0, APPLIED, 7, SECONDARY, 1.5},
    {3, NM_CHORD_DOMINANT, 0, APPLIED, 8, SECONDARY, 1.5},
};

// From a degree (row) to a degree (column): 0 is what one expects, 1 what one notices.
static const double steps_major[7][7] = {
    //  I   II  III  IV   V   VI  VII
    {.3, .4, .9, .1, .2, .4, .9},   // I
    {1.3, .5, 1.2, .8, 0, .9, 1.2}, // II
    {1.1, .9, .5, .3, .9, .1, 1.2}, // III
    {.2, .4, 1.2, .4, 0, .9, 1},    // IV
    {0, 1.2, 1.1, .8, .3, .4, 1.2}, // V
    {.9, .2, .7, .2, .4, .5, 1},    // VI
    {.5, 1.2, 1.2, .3, .8, 1, .5},  // VII
};
static const double steps_minor[7][7] = {
    {.3, .5, .7, .1, .2, .3, .3},  // I
    {1.3, .5, 1.2, .9, 0, 1, 1.1}, // II
    {.9, .9, .4, .3, .8, .1, .5},  // III
    {.3, .4, .9, .4, 0, .8, .4},   // IV
    {0, 1.2, 1, .8, .3, .4, .9},   // V
    {.8, .3, .4, .3, .3, .4, .3},  // VI
    {.5, 1.2, .1, .7, .7, .4, .4}, // VII
};

// At the end of a line, and of a song, by degree.
static const double closes_line[2][8] = {{0, 1, 1.2, .8, .25, .8, 1.2, 1.5},
                                         {0, 1, .4, .8, .25, .6, .4, 1.5}};
static const double closes_song[8] = {0, 4, 4, 3, 4, 3, 4, 5};
static const double closes_lead[8] = {.6, .9, 1.5, .6, 0, 1.5, 1.2, 1.5};
static const double opens_song[8] = {0, .9, 1.2, .6, .6, .7, 1.2, 1.2};

static const double cost_beat = 1.15; // a beat of a note that is no tone of the chord
static const double cost_other_key = 1;

static const Row *get_row(bool minor, int row)
{
  return minor ? &rows_minor[row] : &rows_major[row];
}

int nm_rules_get_n(bool minor)
{
  return minor ? (int)(sizeof rows_minor / sizeof *rows_minor)
               : (int)(sizeof rows_major / sizeof *rows_major);
}

NmChord nm_rules_get_chord(const NmHarmonySlot *slot, int row)
{
  const Row *r = get_row(slot->key.minor, row);
  const int root = (nm_key_get_tonic(&slot->key) + r->root) % 12;
  return (NmChord){.tick = slot->tick,
                   .len = slot->len,
                   .root = (int8_t)root,
                   .bass = (int8_t)((root + r->bass) % 12),
                   .quality = r->quality,
                   .fifths = slot->key.fifths,
                   .minor = slot->key.minor};
}

// --- a chord by itself ---

// What a beat of a pitch class costs over a chord: least on the root, most a semitone above a tone.
static double get_misfit(const NmChord *chord, unsigned tones, int pc)
{
  static const double of_tones[12] = {
      [3] = .05, [4] = .05, [6] = .1, [7] = .1, [9] = .2, [10] = .08, [11] = .3};
  if (tones >> pc & 1) return of_tones[(pc - chord->root + 12) % 12];
  if (tones >> (pc + 11) % 12 & 1) return 1.5;
  return tones >> (pc + 1) % 12 & 1 ? 1.2 : 1;
}

// Both sevenths of a minor scale at once.
static double get_false_relation(const NmHarmonySlot *slot, unsigned tones)
{
  if (!slot->key.minor) return 0;
  const int leading = (nm_key_get_tonic(&slot->key) + 11) % 12, natural = (leading + 11) % 12;
  double weight = 0;
  if (tones >> leading & 1) weight += slot->weights[natural];
  if (tones >> natural & 1) weight += slot->weights[leading];
  return weight;
}

static double get_fit(const NmHarmonySlot *slot, const NmChord *chord)
{
  const unsigned tones = nm_chord_get_tones(chord);
  double cost = 0;
  for (int pc = 0; pc < 12; ++pc)
    if (slot->weights[pc] > 0) cost += slot->weights[pc] * get_misfit(chord, tones, pc);
  return cost_beat * (cost + get_false_relation(slot, tones));
}

static double get_close(const NmHarmonySlot *slot, const Row *row)
{
  const double inverted = row->bass ? 1 : 0;
  switch (slot->close) {
  case NM_CLOSE_NONE: return 0;
  case NM_CLOSE_LINE: return closes_line[slot->key.minor][row->degree] + .3 * inverted;
  case NM_CLOSE_SONG: return closes_song[row->degree] + 2 * inverted + (row->kind & SEVENTH ? 1 : 0);
  case NM_CLOSE_LEAD: return closes_lead[row->degree] + inverted;
  case NM_CLOSE_OPEN: return opens_song[row->degree] + inverted;
  }
  return 0;
}

double nm_rules_get_cost(const NmHarmonyStyle *style, const NmHarmonySlot *slot, int row)
{
  const Row *r = get_row(slot->key.minor, row);
  if (r->kind & SECONDARY && !style->secondary) return NM_RULES_FORBIDDEN;
  if (r->kind & INVERTED && !style->inversions) return NM_RULES_FORBIDDEN;
  if (r->kind & SEVENTH && style->sevenths <= 0) return NM_RULES_FORBIDDEN;
  const double unusual = r->kind & SEVENTH ? r->cost * (1 - style->sevenths) : r->cost;
  const NmChord chord = nm_rules_get_chord(slot, row);
  return get_fit(slot, &chord) + unusual + get_close(slot, r);
}

// --- successions ---

// What a change costs for where it is.
static double get_rhythm(const NmHarmonyStyle *style, NmBeatWeight beat)
{
  switch (beat) {
  case NM_BEAT_BAR: return -.1;
  case NM_BEAT_GROUP: return 1.6 - 1.2 * style->movement;
  case NM_BEAT_LAST_OF_THREE: return 2.2 - 1.4 * style->movement;
  case NM_BEAT_WEAK: return 2.4 - 1.4 * style->movement;
  }
  return 0;
}

// The row of a chord of another key; -1 when it is none of this one.
static int find_row(bool minor, int root, int quality)
{
  for (int i = 0; i < nm_rules_get_n(minor); ++i)
    if (get_row(minor, i)->root == root && get_row(minor, i)->quality == quality) return i;
  return -1;
}

static double get_succession(const Row *from, const Row *to, bool minor)
{
  const Degree degree = to->degree == APPLIED ? VII : to->degree;
  if (from->degree == APPLIED) return to->root == from->target ? -.2 : 2.5;
  if (to->degree == APPLIED) return .5;
  const double cost = (minor ? steps_minor : steps_major)[from->degree][degree];
  // A seventh that has sounded is not taken back.
  const bool loses =
      from->root == to->root && from->quality == NM_CHORD_DOMINANT && to->quality == NM_CHORD_MAJOR;
  return loses ? cost + .5 : cost;
}

// A dominant before the tonic where a line ends.
static double get_cadence(const NmHarmonySlot *slot, const Row *from, const Row *to)
{
  if (slot->close != NM_CLOSE_LINE && slot->close != NM_CLOSE_SONG) return 0;
  if (to->degree != I || to->bass) return 0;
  if (from->degree == V) return from->bass ? -.3 : -.7;
  return from->degree == IV && !from->bass ? -.3 : 0;
}

bool nm_rules_is_same(const NmHarmonySlot *slot, int row_before, int row)
{
  const NmChord before = nm_rules_get_chord(slot - 1, row_before), chord = nm_rules_get_chord(slot, row);
  return nm_chord_equal(&before, &chord);
}

double nm_rules_get_cost_stay(const NmHarmonySlot *slot, int n_stays)
{
  static const double costs[NM_RULES_STAYS] = {.25, .45, .7,
                                               1}; // the longer, the more one waits for a change
  return slot->beat == NM_BEAT_BAR ? costs[n_stays] : 0;
}

double nm_rules_get_cost_step(const NmHarmonyStyle *style, const NmHarmonySlot *slot, int row_before, int row)
{
  const NmSongKey *before = &slot[-1].key;
  const bool minor = slot->key.minor;
  const double rhythm = get_rhythm(style, slot->beat);
  if (before->fifths != slot->key.fifths || before->minor != minor) {
    const NmChord chord = nm_rules_get_chord(slot - 1, row_before);
    row_before = find_row(minor, (chord.root - nm_key_get_tonic(&slot->key) + 12) % 12, chord.quality);
    if (row_before < 0) return cost_other_key + rhythm;
  }
  const Row *from = get_row(minor, row_before), *to = get_row(minor, row);
  return rhythm + get_succession(from, to, minor) + get_cadence(slot, from, to);
}
