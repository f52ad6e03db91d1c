// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/fit_report.h"

#include "app/formats/song_json.h"

static json_t *describe_parts(const double *parts)
{
  json_t *object = json_object();
  for (int part = 0; part < NM_N_FIT_PARTS; ++part)
    json_object_set_new(object, nm_fit_part_name((NmFitPart)part), json_real(parts[part]));
  return object;
}

static json_t *describe_lines(const NmFitCandidate *candidate)
{
  json_t *lines = nm_song_json_lines(candidate->song), *line;
  size_t i;
  json_array_foreach(lines, i, line) json_object_set_new(line, "cost", json_real(candidate->line_costs[i]));
  return lines;
}

// Links are in the order of the notes.
static json_t *find_unsung(const NmSong *song)
{
  json_t *unsung = json_array();
  for (int32_t i = 0, link = 0; i < song->n_notes; ++i) {
    while (link < song->n_links && song->links[link].note < i) ++link;
    if (link == song->n_links || song->links[link].note != i) json_array_append_new(unsung, json_integer(i));
  }
  return unsung;
}

// Adds what is told of every candidate.
static bool describe(const NmFitCandidate *candidate, const char *file, json_t *object)
{
  return !(json_object_set_new(object, "file", file ? json_string(file) : json_null()) ||
           json_object_set_new(object, "cost", json_real(candidate->cost)) ||
           json_object_set_new(object, "parts", describe_parts(candidate->parts)) ||
           json_object_set_new(object, "lines", describe_lines(candidate)) ||
           json_object_set_new(object, "unsung_notes", find_unsung(candidate->song)));
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
  return nm_song_json_print(describe_all(report), file, err);
}
