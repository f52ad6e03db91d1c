// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/verse.h"

#include <string.h>

void nm_verse_find_lines(const NmSong *song, int32_t *line_of)
{
  for (int32_t l = 0; l < song->n_lines; ++l)
    for (int32_t w = song->lines[l].word_first; w < song->lines[l].word_first + song->lines[l].n_words; ++w)
      for (int32_t s = 0; s < song->words[w].n_syllables; ++s) line_of[song->words[w].syllable_first + s] = l;
}

void nm_verse_choose(const NmSong *song, int32_t verse, const int32_t *line_of, bool *active, int8_t *on)
{
  if (song->n_notes) memset(on, 0, (size_t)song->n_notes);
  for (int32_t l = 0; l < song->n_lines; ++l)
    active[l] = song->lines[l].verse == verse || song->lines[l].verse == 1;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const bool own = song->lines[line_of[song->links[i].syllable]].verse == verse;
    int8_t *mark = &on[song->links[i].note];
    *mark = own ? 1 : *mark ? *mark : 2;
  }
  for (int32_t i = 0; i < song->n_links; ++i) {
    const int32_t line = line_of[song->links[i].syllable];
    if (song->lines[line].verse != verse && on[song->links[i].note] == 1) active[line] = false;
  }
}

int32_t nm_verse_count(const NmSong *song)
{
  int32_t n = 1;
  for (int32_t l = 0; l < song->n_lines; ++l)
    if (song->lines[l].verse > n) n = song->lines[l].verse;
  return n;
}

bool nm_verse_exists(const NmSong *song, int32_t verse)
{
  bool found = verse == 1;
  for (int32_t l = 0; l < song->n_lines && !found; ++l) found = song->lines[l].verse == verse;
  return found;
}
