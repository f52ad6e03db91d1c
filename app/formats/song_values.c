// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/song_values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "models/song/tokens.h"

enum { OCTAVE = 12 };

const char *const nm_song_style_names[] = {
    [NM_STYLE_ANY] = "any",     [NM_STYLE_ART] = "art",       [NM_STYLE_POPULAR] = "popular",
    [NM_STYLE_HYMN] = "hymn",   [NM_STYLE_CAROL] = "carol",   [NM_STYLE_KARAOKE] = "karaoke",
    [NM_STYLE_DANCE] = "dance", [NM_STYLE_MODERN] = "modern", [NM_STYLE_FOLK] = "folk",
    [NM_STYLE_VERSE] = "verse", [NM_SONG_N_STYLES] = NULL};

bool nm_song_parse_style(const char *text, int *style)
{
  for (int i = 0; i < NM_SONG_N_STYLES; ++i) {
    if (strcasecmp(text, nm_song_style_names[i])) continue;
    *style = i;
    return true;
  }
  return false;
}

bool nm_song_parse_method(const char *text, NmSearchMethod *method)
{
  static const char *const names[NM_SEARCH_N_METHODS] = {"greedy", "beam", "diverse", "sample"};
  for (int i = 0; i < NM_SEARCH_N_METHODS; ++i) {
    if (strcmp(text, names[i])) continue;
    *method = (NmSearchMethod)i;
    return true;
  }
  return false;
}

// A letter with its accidentals as a place in the circle of fifths, C being 0; what is behind them, or NULL.
static const char *parse_letter(const char *text, int *fifths)
{
  static const char order[] = "FCGDAEB";
  const char *at = *text ? strchr(order, toupper((unsigned char)*text)) : NULL;
  if (!at) return NULL;
  *fifths = (int)(at - order) - 1;
  for (++text;; ++text) {
    if (*text == '#')
      *fifths += 7;
    else if (*text == 'b')
      *fifths -= 7;
    else if (!strncmp(text, "\u266f", 3) || !strncmp(text, "\u266d", 3))
      *fifths += !strncmp(text, "\u266f", 3) ? 7 : -7, text += 2;
    else
      return text;
  }
}

static bool parse_mode(const char *text, int *mode)
{
  static const char *const minors[] = {"m", "min", "minor", "moll"}, *const majors[] = {"", "maj", "major",
                                                                                        "dur"};
  while (*text == ' ' || *text == '-') ++text;
  for (size_t i = 0; i < sizeof minors / sizeof *minors; ++i) {
    if (!strcasecmp(text, minors[i]) && strcmp(text, "M")) return *mode = NM_MODE_MINOR, true;
    if (!strcasecmp(text, majors[i])) return *mode = NM_MODE_MAJOR, true;
  }
  return !strcmp(text, "M") && (*mode = NM_MODE_MAJOR, true);
}

bool nm_song_parse_key(const char *text, int *fifths, int *mode)
{
  int place;
  if (*text && strlen(text) > 2 && parse_mode(text, mode)) return true;
  const char *rest = parse_letter(text, &place);
  if (!rest || !parse_mode(rest, mode)) return false;
  if (*mode == NM_MODE_MINOR) place -= 3;
  if (place < -7 || place > 7) return false;
  *fifths = place;
  return true;
}

bool nm_song_parse_meter(const char *text, int *meter)
{
  int n_beats, beat_unit, n = 0;
  if (sscanf(text, "%d/%d%n", &n_beats, &beat_unit, &n) != 2 || text[n]) return false;
  *meter = nm_song_meter_class(n_beats, beat_unit);
  return *meter > 0;
}

// "C4" or "60"; what is behind it, or NULL.
static const char *parse_pitch(const char *text, int *pitch)
{
  int fifths, octave, n = 0;
  if (sscanf(text, "%d%n", pitch, &n) == 1) return text + n;
  const char *rest = parse_letter(text, &fifths);
  if (!rest || sscanf(rest, "%1d%n", &octave, &n) != 1) return NULL;
  // Seven semitones a fifth; the letter's own octave begins at its C.
  int natural, from_c;
  char letter[2] = {*text, 0};
  parse_letter(letter, &natural);
  from_c = ((7 * natural) % OCTAVE + OCTAVE) % OCTAVE;
  *pitch = OCTAVE * (octave + 1) + from_c + (fifths - natural) / 7;
  return rest + n;
}

bool nm_song_parse_range(const char *text, int *low, int *high)
{
  const char *rest = parse_pitch(text, low);
  if (!rest) return false;
  const size_t n = strspn(rest, "- .:");
  rest = n ? parse_pitch(rest + n, high) : NULL;
  return rest && !*rest && *low >= 0 && *high <= 127 && *low < *high;
}

const char *nm_song_key_name(int fifths, bool minor, char name[16])
{
  static const char order[] = "FCGDAEB";
  const int place = fifths + 1 + (minor ? 3 : 0) + 14;
  const int n_sharps = place / 7 - 2;
  snprintf(name, 16, "%c%s %s", order[place % 7],
           n_sharps > 0   ? "#"
           : n_sharps < 0 ? "b"
                          : "",
           minor ? "minor" : "major");
  return name;
}
