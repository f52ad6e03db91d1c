// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/chord.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  int n;
  int8_t intervals[NM_CHORD_TONES_MAX];
  int8_t steps[NM_CHORD_TONES_MAX]; // the same on the line of fifths, which tells F sharp from G flat
  const char *suffix;
} Quality;

static const Quality qualities[NM_CHORD_N_QUALITIES] = {
    [NM_CHORD_MAJOR] = {3, {0, 4, 7}, {0, 4, 1}, ""},
    [NM_CHORD_MINOR] = {3, {0, 3, 7}, {0, -3, 1}, "m"},
    [NM_CHORD_DIMINISHED] = {3, {0, 3, 6}, {0, -3, -6}, "dim"},
    [NM_CHORD_DOMINANT] = {4, {0, 4, 7, 10}, {0, 4, 1, -2}, "7"},
    [NM_CHORD_MAJOR_SEVENTH] = {4, {0, 4, 7, 11}, {0, 4, 1, 5}, "maj7"},
    [NM_CHORD_MINOR_SEVENTH] = {4, {0, 3, 7, 10}, {0, -3, 1, -2}, "m7"},
    [NM_CHORD_HALF_DIMINISHED] = {4, {0, 3, 6, 10}, {0, -3, -6, -2}, "m7b5"},
    [NM_CHORD_DIMINISHED_SEVENTH] = {4, {0, 3, 6, 9}, {0, -3, -6, -9}, "dim7"},
};

int nm_chord_get_intervals(int quality, int8_t intervals[NM_CHORD_TONES_MAX])
{
  memcpy(intervals, qualities[quality].intervals, NM_CHORD_TONES_MAX);
  return qualities[quality].n;
}

unsigned nm_chord_get_tones(const NmChord *chord)
{
  const Quality *quality = &qualities[chord->quality];
  unsigned tones = 0;
  for (int i = 0; i < quality->n; ++i) tones |= 1u << (chord->root + quality->intervals[i]) % 12;
  return tones;
}

bool nm_chord_equal(const NmChord *a, const NmChord *b)
{
  return a->root == b->root && a->quality == b->quality && a->bass == b->bass;
}

// --- spelling ---

// Places on the line of fifths: ... F -1, C 0, G 1, D 2 ... Twelve neighbours hold every pitch class once:
// those from three flats below the key to its raised notes, of which minor has more.
static int place_root(const NmChord *chord)
{
  const int lowest = chord->fifths - (chord->minor ? 3 : 4);
  const int place = (chord->root * 7 % 12 - lowest) % 12;
  return lowest + (place < 0 ? place + 12 : place);
}

static int place_bass(const NmChord *chord)
{
  const Quality *quality = &qualities[chord->quality];
  for (int i = 1; i < quality->n; ++i)
    if ((chord->root + quality->intervals[i]) % 12 == chord->bass)
      return place_root(chord) + quality->steps[i];
  return place_root(chord);
}

static void spell(int place, char *letter, int *alter)
{
  while (place > 5 + 14) place -= 12; // beyond double sharps, and flats, the other name
  while (place < -1 - 14) place += 12;
  const int shifted = place + 1 + 21; // F is 0, never negative
  *letter = "FCGDAEB"[shifted % 7];
  *alter = shifted / 7 - 3;
}

void nm_chord_spell_root(const NmChord *chord, char *letter, int *alter)
{
  spell(place_root(chord), letter, alter);
}

void nm_chord_spell_bass(const NmChord *chord, char *letter, int *alter)
{
  spell(place_bass(chord), letter, alter);
}

static const char *get_accidental(int alter)
{
  static const char *const names[] = {"bb", "b", "", "#", "##"};
  return names[alter + 2];
}

const char *nm_chord_get_name(const NmChord *chord, char name[NM_CHORD_NAME_LEN])
{
  char letter, letter_bass;
  int alter, alter_bass;
  nm_chord_spell_root(chord, &letter, &alter);
  nm_chord_spell_bass(chord, &letter_bass, &alter_bass);
  const int n = snprintf(name, NM_CHORD_NAME_LEN, "%c%s%s", letter, get_accidental(alter),
                         qualities[chord->quality].suffix);
  if (chord->bass != chord->root)
    snprintf(name + n, NM_CHORD_NAME_LEN - (size_t)n, "/%c%s", letter_bass, get_accidental(alter_bass));
  return name;
}

// --- reading ---

// A letter with accidentals as a pitch class; -1 when it is none. *at moves behind it.
static int read_pitch_class(const char **at)
{
  static const int8_t of_letter[7] = {9, 11, 0, 2, 4, 5, 7};
  const char *p = *at;
  if (*p < 'A' || *p > 'G') return -1;
  int pitch = of_letter[*p++ - 'A'];
  for (; *p == '#' || *p == 'b'; ++p) pitch += *p == '#' ? 1 : -1;
  *at = p;
  return ((pitch % 12) + 12) % 12;
}

static int find_quality(const char *suffix, size_t len)
{
  static const struct {
    const char *suffix;
    int quality;
  } others[] = {{"-", NM_CHORD_MINOR},
                {"min", NM_CHORD_MINOR},
                {"o", NM_CHORD_DIMINISHED},
                {"M7", NM_CHORD_MAJOR_SEVENTH},
                {"-7", NM_CHORD_MINOR_SEVENTH},
                {"min7", NM_CHORD_MINOR_SEVENTH},
                {"\u00f8", NM_CHORD_HALF_DIMINISHED},
                {"o7", NM_CHORD_DIMINISHED_SEVENTH}};
  for (int i = 0; i < NM_CHORD_N_QUALITIES; ++i)
    if (strlen(qualities[i].suffix) == len && !memcmp(qualities[i].suffix, suffix, len)) return i;
  for (size_t i = 0; i < sizeof others / sizeof *others; ++i)
    if (strlen(others[i].suffix) == len && !memcmp(others[i].suffix, suffix, len)) return others[i].quality;
  return -1;
}

bool nm_chord_parse(const char *name, NmChord *chord)
{
  NmChord read = *chord;
  const int root = read_pitch_class(&name);
  const size_t len = strcspn(name, "/");
  const int quality = find_quality(name, len);
  if (root < 0 || quality < 0) return false;
  read.root = read.bass = (int8_t)root;
  read.quality = (int8_t)quality;
  if (name[len]) {
    name += len + 1;
    const int bass = read_pitch_class(&name);
    if (bass < 0 || *name || !(nm_chord_get_tones(&read) >> bass & 1)) return false;
    read.bass = (int8_t)bass;
  }
  *chord = read;
  return true;
}
