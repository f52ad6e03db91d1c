// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/song_json.h"

#include <stdlib.h>

static json_t *describe_notes(const NmSong *song, int32_t first, int32_t n)
{
  json_t *notes = json_array();
  for (int32_t i = first; i < first + n; ++i) {
    const NmSongNote *note = &song->notes[i];
    json_array_append_new(notes, json_pack("{s:i, s:i, s:f, s:f}", "index", (int)i, "pitch", (int)note->pitch,
                                           "onset_beats", (double)note->onset / song->ticks_per_beat,
                                           "len_beats", (double)note->len / song->ticks_per_beat));
  }
  return notes;
}

static json_t *get_text(const NmSong *song, const NmSongLine *line)
{
  char *text = NULL;
  size_t n = 0;
  FILE *stream = open_memstream(&text, &n);
  if (!stream) return NULL;
  for (int32_t w = 0; w < line->n_words; ++w) {
    const NmSongWord *word = &song->words[line->word_first + w];
    if (w) fputc(' ', stream);
    for (int32_t k = 0; k < word->n_syllables; ++k)
      fputs(song->syllables[word->syllable_first + k].text, stream);
  }
  json_t *string = fclose(stream) ? NULL : json_stringn(text, n);
  free(text);
  return string;
}

static json_t *describe_line(const NmSong *song, const NmSongLine *line, const int32_t *note_first,
                             const int32_t *n_notes)
{
  json_t *syllables = json_array();
  for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w) {
    const NmSongWord *word = &song->words[w];
    for (int32_t i = word->syllable_first; i < word->syllable_first + word->n_syllables; ++i)
      json_array_append_new(
          syllables, json_pack("{s:s, s:i, s:b, s:o}", "text", song->syllables[i].text, "stress",
                               (int)song->syllables[i].stress, "ends_word",
                               i + 1 == word->syllable_first + word->n_syllables, "notes",
                               describe_notes(song, note_first[i] < 0 ? 0 : note_first[i], n_notes[i])));
  }
  return json_pack("{s:o, s:i, s:i, s:o}", "text", get_text(song, line), "verse", (int)line->verse, "stanza",
                   (int)line->stanza, "syllables", syllables);
}

json_t *nm_song_json_lines(const NmSong *song)
{
  int32_t *note_first = calloc((size_t)song->n_syllables + 1, sizeof *note_first);
  int32_t *n_notes = calloc((size_t)song->n_syllables + 1, sizeof *n_notes);
  json_t *lines = note_first && n_notes ? json_array() : NULL;
  if (lines) {
    nm_song_get_notes_of_syllables(song, note_first, n_notes);
    for (int32_t l = 0; l < song->n_lines; ++l)
      json_array_append_new(lines, describe_line(song, &song->lines[l], note_first, n_notes));
  }
  free(note_first);
  free(n_notes);
  return lines;
}

NmStatus nm_song_json_print(json_t *answer, FILE *file, NmError *err)
{
  if (!answer) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const int failed = json_dumpf(answer, file, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
  json_decref(answer);
  if (failed || fputc('\n', file) == EOF || fflush(file))
    return nm_error_set(err, NM_ERR_IO, "cannot write the report");
  return NM_OK;
}
