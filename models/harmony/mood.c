// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/mood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/harmony/key.h"

const char *const nm_mood_names[] = {"calm", "bright", "dark", "driving", "sad", "solemn", NULL};

static const NmBandMood moods[] = {{.4, -.6}, {.7, .3}, {-.6, -.1}, {.2, .8}, {-.6, -.6}, {-.1, -.4}};

static bool parse_numbers(const char *text, NmBandMood *mood)
{
  char *end;
  mood->valence = strtod(text, &end);
  if (end == text || *end != ',') return false;
  text = end + 1;
  mood->arousal = strtod(text, &end);
  return end != text && !*end && fabs(mood->valence) <= 1 && fabs(mood->arousal) <= 1;
}

bool nm_mood_parse(const char *text, NmBandMood *mood)
{
  for (int i = 0; nm_mood_names[i]; ++i)
    if (!strcmp(text, nm_mood_names[i])) {
      *mood = moods[i];
      return true;
    }
  NmBandMood numbers;
  if (!parse_numbers(text, &numbers)) return false;
  *mood = numbers;
  return true;
}

static double limit(double x)
{
  return x < -1 ? -1 : x > 1 ? 1 : x;
}

NmBandMood nm_mood_of_song(const NmSong *song)
{
  NmSongKey key;
  if (!nm_key_find(song, &key)) key = nm_song_get_key(song, 0);
  const double len = song->n_notes ? nm_song_get_seconds(song, nm_song_get_end(song)) -
                                         nm_song_get_seconds(song, song->notes[0].onset)
                                   : 0;
  const double notes_per_s = len > 0 ? song->n_notes / len : 1.5;
  const double bpm = song->n_tempos ? song->tempos[0].bpm : 120;
  // A song of a hundred beats and two notes a second is neither quiet nor excited.
  const double arousal = .8 * log2(bpm / 100) + .5 * log2(notes_per_s / 2);
  return (NmBandMood){limit((key.minor ? -.45 : .4) + .25 * arousal), limit(arousal)};
}
