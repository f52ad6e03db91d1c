// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/compose_report.h"

#include "app/formats/song_json.h"
#include "app/formats/song_values.h"

static json_t *describe_reasons(const double *reasons)
{
  json_t *all = json_object();
  for (int i = 0; i < NM_N_RANKS; ++i)
    json_object_set_new(all, nm_rank_name((NmRank)i),
                        json_pack("{s:f, s:f}", "value", reasons[i], "weight", nm_rank_weight((NmRank)i)));
  return all;
}

static json_t *describe_way(const NmComposeWays *ways, int32_t i)
{
  json_t *notes = json_array();
  for (int32_t j = 0; j < ways->n_syllables; ++j)
    json_array_append_new(notes, json_integer(ways->n_notes[i * ways->n_syllables + j]));
  return json_pack("{s:f, s:o}", "score", ways->scores[i], "notes", notes);
}

// What the attention says: the share of syllables that have the notes it would have given them, and of every
// line the best ways, as notes of each syllable.
static json_t *describe_alignment(const NmComposeCandidate *candidate)
{
  json_t *lines = json_array();
  for (int32_t l = 0; l < candidate->song->n_lines; ++l) {
    json_t *all = json_array();
    for (int32_t i = 0; i < candidate->alignment.lines[l].n; ++i)
      json_array_append_new(all, describe_way(&candidate->alignment.lines[l], i));
    json_array_append_new(lines, all);
  }
  return json_pack("{s:f, s:o}", "agreement", candidate->alignment.agreement, "lines", lines);
}

static json_t *describe_candidate(const NmComposeReport *report, int32_t i)
{
  const NmComposeCandidate *candidate = &report->composed->candidates[i];
  json_t *files = json_array();
  for (int k = 0; k < report->n_files; ++k) {
    char path[4096];
    if (report->name_file(report->user, k, i, path)) json_array_append_new(files, json_string(path));
  }
  return json_pack("{s:i, s:f, s:o, s:i, s:o, s:o?, s:o}", "rank", (int)i + 1, "score", candidate->score,
                   "reasons", describe_reasons(candidate->reasons), "notes", (int)candidate->song->n_notes,
                   "files", files, "attention",
                   candidate->alignment.lines ? describe_alignment(candidate) : NULL, "lines",
                   nm_song_json_lines(candidate->song));
}

NmStatus nm_compose_report_write(const NmComposeReport *report, FILE *file, NmError *err)
{
  const NmComposed *c = report->composed;
  const NmSongMeter meter = nm_song_class_meter(c->meter);
  char key[16], meter_text[16];
  json_t *candidates = json_array();
  for (int32_t i = 0; i < c->n; ++i) json_array_append_new(candidates, describe_candidate(report, i));
  snprintf(meter_text, sizeof meter_text, "%d/%d", meter.n_beats, meter.beat_unit);
  return nm_song_json_print(json_pack("{s:s, s:s, s:s, s:f, s:I, s:i, s:f, s:o}", "lyrics", report->lyrics,
                                      "key", nm_song_key_name(c->fifths, c->minor, key), "meter", meter_text,
                                      "tempo", c->bpm, "seed", (json_int_t)report->seed, "made",
                                      (int)c->n_made, "seconds", report->seconds, "candidates", candidates),
                            file, err);
}
