// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/write_report.h"

#include "app/formats/song_json.h"

static json_t *describe_candidate(const NmWritten *written, int32_t i)
{
  const NmWriteCandidate *candidate = &written->candidates[i];
  json_t *reasons = json_object();
  for (int k = 0; k < NM_N_WRITES; ++k)
    json_object_set_new(
        reasons, nm_write_name((NmWriteReason)k),
        json_pack("{s:f, s:f}", "value", candidate->reasons[k], "weight", nm_write_weight((NmWriteReason)k)));
  return json_pack("{s:i, s:f, s:o, s:o}", "rank", (int)i + 1, "score", candidate->score, "reasons", reasons,
                   "lines", nm_song_json_lines(candidate->song));
}

NmStatus nm_write_report_write(const NmWriteReport *report, FILE *file, NmError *err)
{
  const NmWritten *written = report->written;
  json_t *candidates = json_array();
  for (int32_t i = 0; i < written->n; ++i) json_array_append_new(candidates, describe_candidate(written, i));
  return nm_song_json_print(json_pack("{s:s, s:s?, s:i, s:i, s:I, s:i, s:f, s:o}", "melody", report->melody,
                                      "rhyme", report->scheme, "lines", (int)written->n_lines, "syllables",
                                      (int)written->n_syllables, "seed", (json_int_t)report->seed, "made",
                                      (int)written->n_made, "seconds", report->seconds, "candidates",
                                      candidates),
                            file, err);
}
