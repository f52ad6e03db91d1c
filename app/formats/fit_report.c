// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/fit_report.h"

#include <jansson.h>
#include <stdlib.h>

// A candidate's song with the notes of each syllable and the syllables of each note.
typedef struct {
  const NmFitCandidate *candidate;
  int32_t *note_first, *n_notes; // [n_syllables]
  bool *sung;                    // [n_notes]
} View;

static json_t *describe_note(const NmSong *song, int32_t i)
{
  const NmSongNote *note = &song->notes[i];
  return json_pack("{s:i, s:i, s:f, s:f}", "index", (int)i, "pitch", (int)note->pitch, "onset_beats",
                   (double)note->onset / song->ticks_per_beat, "len_beats",
                   (double)note->len / song->ticks_per_beat);
}

static json_t *describe_syllable(const View *view, int32_t i)
{
  const NmSong *song = view->candidate->song;
  const NmSongSyllable *syllable = &song->syllables[i];
  const NmSongWord *word = &song->words[syllable->word];
  json_t *notes = json_array();
  for (int32_t k = 0; k < view->n_notes[i]; ++k)
    json_array_append_new(notes, describe_note(song, view->note_first[i] + k));
  return json_pack("{s:s, s:i, s:b, s:o}", "text", syllable->text, "stress", (int)syllable->stress,
                   "ends_word", i + 1 == word->syllable_first + word->n_syllables, "notes", notes);
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

static json_t *describe_line(const View *view, int32_t i)
{
  const NmSong *song = view->candidate->song;
  const NmSongLine *line = &song->lines[i];
  json_t *syllables = json_array();
  for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w)
    for (int32_t k = 0; k < song->words[w].n_syllables; ++k)
      json_array_append_new(syllables, describe_syllable(view, song->words[w].syllable_first + k));
  return json_pack("{s:o, s:i, s:i, s:f, s:o}", "text", get_text(song, line), "verse", (int)line->verse,
                   "stanza", (int)line->stanza, "cost", view->candidate->line_costs[i], "syllables",
                   syllables);
}

static json_t *describe_parts(const double *parts)
{
  json_t *object = json_object();
  for (int part = 0; part < NM_N_FIT_PARTS; ++part)
    json_object_set_new(object, nm_fit_part_name((NmFitPart)part), json_real(parts[part]));
  return object;
}

static bool view_init(View *view, const NmFitCandidate *candidate)
{
  const NmSong *song = candidate->song;
  *view = (View){.candidate = candidate,
                 .note_first = calloc((size_t)song->n_syllables + 1, sizeof(int32_t)),
                 .n_notes = calloc((size_t)song->n_syllables + 1, sizeof(int32_t)),
                 .sung = calloc((size_t)song->n_notes + 1, sizeof(bool))};
  if (!view->note_first || !view->n_notes || !view->sung) return false;
  nm_song_get_notes_of_syllables(song, view->note_first, view->n_notes);
  for (int32_t i = 0; i < song->n_links; ++i) view->sung[song->links[i].note] = true;
  return true;
}

static void view_fini(View *view)
{
  free(view->note_first);
  free(view->n_notes);
  free(view->sung);
}

// Adds what is told of every candidate.
static bool describe(const NmFitCandidate *candidate, const char *file, json_t *object)
{
  View view;
  const bool ok = view_init(&view, candidate);
  json_t *lines = json_array(), *unsung = json_array();
  for (int32_t i = 0; ok && i < candidate->song->n_lines; ++i)
    json_array_append_new(lines, describe_line(&view, i));
  for (int32_t i = 0; ok && i < candidate->song->n_notes; ++i)
    if (!view.sung[i]) json_array_append_new(unsung, json_integer(i));
  json_object_set_new(object, "file", file ? json_string(file) : json_null());
  json_object_set_new(object, "cost", json_real(candidate->cost));
  json_object_set_new(object, "parts", describe_parts(candidate->parts));
  json_object_set_new(object, "lines", lines);
  json_object_set_new(object, "unsung_notes", unsung);
  view_fini(&view);
  return ok;
}

static json_t *describe_all(const NmFitReport *report)
{
  const NmFitSong *fitted = report->fitted;
  const NmSong *song = fitted->candidates[0].song;
  json_t *answer =
      json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}", "lyrics", report->lyrics, "melody", report->melody,
                "n_lines", (int)song->n_lines, "n_syllables", (int)song->n_syllables, "n_notes",
                (int)song->n_notes, "n_verses", (int)fitted->n_verses);
  json_t *alternatives = json_array();
  bool ok = answer && alternatives;
  for (int32_t i = 0; ok && i < fitted->n; ++i) {
    json_t *object = i ? json_object() : answer;
    ok = object && describe(&fitted->candidates[i], report->files ? report->files[i] : NULL, object);
    if (i) json_array_append_new(alternatives, object);
  }
  if (answer) json_object_set_new(answer, "alternatives", alternatives);
  if (ok) return answer;
  json_decref(answer);
  return NULL;
}

NmStatus nm_fit_report_write(const NmFitReport *report, FILE *file, NmError *err)
{
  json_t *answer = describe_all(report);
  if (!answer) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const bool written =
      !json_dumpf(answer, file, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) && fputc('\n', file) >= 0;
  json_decref(answer);
  return written ? NM_OK : nm_error_set(err, NM_ERR_IO, "cannot write the report");
}
