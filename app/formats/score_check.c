// SPDX-License-Identifier: GPL-3.0-or-later
// What notation can say of a song's lyrics.
#include <stdlib.h>

#include "app/formats/score.h"

static int16_t get_verse(const NmSong *song, int32_t syllable)
{
  return song->lines[song->words[song->syllables[syllable].word].line].verse;
}

// The first syllable from `syllable` on that belongs to `verse`.
static int32_t find_next(const NmSong *song, int32_t syllable, int16_t verse)
{
  while (syllable < song->n_syllables && get_verse(song, syllable) != verse) ++syllable;
  return syllable;
}

NmStatus nm_score_check_song(const NmSong *song, const char *format, NmError *err)
{
  int32_t next[NM_SONG_VERSES_MAX + 1], last[NM_SONG_VERSES_MAX + 1];
  for (int16_t verse = 0; verse <= NM_SONG_VERSES_MAX; ++verse) {
    next[verse] = verse ? find_next(song, 0, verse) : 0;
    last[verse] = -1;
  }
  for (int32_t i = 0; i < song->n_links; ++i) {
    const int32_t syllable = song->links[i].syllable;
    const int16_t verse = get_verse(song, syllable);
    if (syllable == last[verse]) continue;
    if (syllable == next[verse]) {
      last[verse] = syllable;
      next[verse] = find_next(song, syllable + 1, verse);
      continue;
    }
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "%s cannot say it: syllable %d (%s) is sung on note %d, out of the order of the text",
                        format, syllable + 1, song->syllables[syllable].text, song->links[i].note + 1);
  }
  for (int16_t verse = 1; verse <= NM_SONG_VERSES_MAX; ++verse)
    if (next[verse] < song->n_syllables)
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "%s cannot say it: syllable %d (%s) has no note", format,
                          next[verse] + 1, song->syllables[next[verse]].text);
  return NM_OK;
}

// Whether line b may follow line a of the same verse when only the ends of lines and stanzas are said.
static bool follows(const NmSong *song, const int32_t *note_last, const int32_t *note_first, int32_t a,
                    int32_t b)
{
  const NmSongLine *first = &song->lines[a], *second = &song->lines[b];
  const NmSongWord *word = &song->words[first->word_first + first->n_words - 1];
  const int32_t syllable = word->syllable_first + word->n_syllables - 1;
  const int32_t step = second->stanza - first->stanza;
  return (step == 0 || step == 1) &&
         note_last[syllable] < note_first[song->words[second->word_first].syllable_first];
}

static bool check_lines(const NmSong *song, const int32_t *note_last, const int32_t *note_first)
{
  if (song->n_lines && song->lines[0].stanza != 0) return false;
  for (int32_t i = 1; i < song->n_lines; ++i) {
    const NmSongLine *before = &song->lines[i - 1], *line = &song->lines[i];
    if (line->verse < before->verse) return false;
    if (line->verse > before->verse && line->stanza != before->stanza + 1) return false;
    if (line->verse == before->verse && !follows(song, note_last, note_first, i - 1, i)) return false;
  }
  return true;
}

bool nm_score_lines_are_plain(const NmSong *song)
{
  const size_t n = (size_t)song->n_syllables + 1;
  int32_t *note_first = malloc(n * sizeof *note_first), *note_last = malloc(n * sizeof *note_last);
  bool is_plain = false;
  if (note_first && note_last) {
    for (size_t i = 0; i < n; ++i) note_first[i] = note_last[i] = -1;
    for (int32_t i = 0; i < song->n_links; ++i) {
      const NmSongLink *link = &song->links[i];
      if (note_first[link->syllable] < 0) note_first[link->syllable] = link->note;
      note_last[link->syllable] = link->note;
    }
    is_plain = check_lines(song, note_last, note_first);
  }
  free(note_first);
  free(note_last);
  return is_plain;
}
