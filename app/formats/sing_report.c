// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/sing_report.h"

#include <string.h>

#include "app/formats/text_write.h"
#include "app/formats/timings.h"

NmStatus nm_sing_report_prove(const NmSingResult *result, NmSingProof *proof, NmError *err)
{
  NmTiming timing;
  bool found;
  *proof = (NmSingProof){0};
  NmStatus status = nm_timings_rewind(result->timings, err);
  while (!status && !(status = nm_timings_next_of(result->timings, NM_TIMING_PHONE, &timing, &found, err)) &&
         found) {
    proof->n_gaps += timing.start > proof->n_samples;
    proof->n_overlaps += timing.start < proof->n_samples;
    proof->n_empty += timing.end <= timing.start;
    proof->n_phones += strcmp(timing.text, nm_phone_name(NM_PHONE_PAUSE)) != 0;
    proof->n_samples = timing.end;
  }
  const NmSingReport *report = nm_sing_plan_get_report(result->plan);
  proof->complete = !proof->n_gaps && !proof->n_overlaps && !proof->n_empty &&
                    proof->n_phones == report->n_phones &&
                    proof->n_samples == nm_sing_plan_get_n_samples(result->plan);
  return status;
}

static void write_song(const NmSingResult *result, FILE *file)
{
  const NmSingReport *report = nm_sing_plan_get_report(result->plan);
  const int64_t n_samples = nm_sing_plan_get_n_samples(result->plan);
  fprintf(file, " \"sample_rate\": %d, \"samples\": %lld, \"seconds\": ", NM_VOICE_RATE_HZ,
          (long long)n_samples);
  nm_write_seconds(file, n_samples);
  fprintf(file,
          ",\n \"transpose\": %d, \"transposed_to_fit\": %s, \"notes_folded\": %d,\n"
          " \"counts\": {\"notes\": %d, \"syllables\": %d, \"phones\": %d, \"phrases\": %d, \"filled\": %d, "
          "\"unsung\": %d, \"guessed\": %d},\n",
          report->transpose, report->transposed_to_fit ? "true" : "false", report->n_folded, report->n_notes,
          report->n_syllables, report->n_phones, report->n_phrases, report->n_filled, report->n_unsung,
          report->n_guessed);
  fprintf(file, " \"late\": {\"syllables\": %d, \"beyond_30_ms\": %d, \"worst_ms\": %.1f},\n", report->n_late,
          report->n_too_late, 1e3 * report->late_s_max);
}

static void write_proof(const NmSingResult *result, const NmSingProof *proof, FILE *file)
{
  fprintf(file,
          " \"proof\": {\"complete\": %s, \"phones_asked\": %d, \"phones_sung\": %lld, \"empty\": %lld, "
          "\"gaps\": %lld, \"overlaps\": %lld, \"samples_of_phones\": %lld},\n",
          proof->complete ? "true" : "false", nm_sing_plan_get_report(result->plan)->n_phones,
          (long long)proof->n_phones, (long long)proof->n_empty, (long long)proof->n_gaps,
          (long long)proof->n_overlaps, (long long)proof->n_samples);
}

static void write_times(const NmSingResult *result, FILE *file)
{
  const double seconds = (double)nm_sing_plan_get_n_samples(result->plan) / NM_VOICE_RATE_HZ;
  fprintf(file,
          " \"milliseconds\": {\"load\": %.3f, \"plan\": %.3f, \"voice\": %.3f, \"total\": %.3f},\n"
          " \"real_time_factor\": %.6f,\n",
          1e3 * result->seconds_load, 1e3 * result->seconds_plan, 1e3 * result->seconds_voice,
          1e3 * result->seconds_total, seconds > 0 ? result->seconds_total / seconds : 0);
}

static void write_band(const NmSingResult *result, FILE *file)
{
  if (!result->backing) return;
  const NmPerformance *performance = nm_backing_get_performance(result->backing);
  fprintf(file, " \"band\": {\"sample_rate\": %d, \"chords\": %d, \"parts\": [", NM_MIX_RATE_HZ,
          nm_backing_get_harmony(result->backing)->n_chords);
  for (int32_t p = 0; p < performance->n_parts; ++p)
    fprintf(file, "%s\"%s\"", p ? ", " : "", performance->parts[p].name);
  fputs("]},\n", file);
}

static void write_notes(const NmSingResult *result, FILE *file)
{
  fputs(" \"notes\": [", file);
  for (int i = 0; i < result->n_notes; i++) {
    fputs(i ? ", " : "", file);
    nm_write_json_string(file, result->notes[i]);
  }
  fprintf(file, "], \"notes_dropped\": %d,\n", result->n_notes_dropped);
}

static void write_phrases(const NmSingResult *result, FILE *file)
{
  fputs(" \"phrases\": [", file);
  for (int32_t i = 0; i < nm_sing_plan_get_n_phrases(result->plan); i++) {
    const NmSingPhrase *phrase = nm_sing_plan_get_phrase(result->plan, i);
    fprintf(file, "%s\n  {\"start\": ", i ? "," : "");
    nm_write_seconds(file, phrase->start);
    fputs(", \"end\": ", file);
    nm_write_seconds(file, phrase->start + phrase->n_samples);
    fprintf(file, ", \"line\": %d, \"key\": \"%016llx%016llx\"}", phrase->line,
            (unsigned long long)phrase->key[0], (unsigned long long)phrase->key[1]);
  }
  fputs("]}\n", file);
}

NmStatus nm_sing_report_write(const NmSingResult *result, FILE *file, NmError *err)
{
  NmSingProof proof;
  const NmStatus status = nm_sing_report_prove(result, &proof, err);
  if (status) return status;
  fprintf(file, "{\"program\": \"neume\", \"version\": \"%s\", \"song\": ", NM_VERSION);
  nm_write_json_string(file, result->request->name);
  fputs(", \"voice\": ", file);
  nm_write_json_string(file, result->voice);
  fprintf(file, ", \"seed\": %llu,\n \"out\": ", (unsigned long long)result->request->style.seed);
  if (result->request->out)
    nm_write_json_string(file, result->request->out);
  else
    fputs("null", file);
  fputs(",\n", file);
  write_song(result, file);
  write_proof(result, &proof, file);
  write_times(result, file);
  write_band(result, file);
  write_notes(result, file);
  write_phrases(result, file);
  return NM_OK;
}
