// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/speak_report.h"

#include <string.h>

#include "app/formats/text_write.h"
#include "app/formats/timings.h"

NmStatus nm_speak_report_prove(const NmSpeakResult *result, NmSpeakProof *proof, NmError *err)
{
  NmTiming timing;
  bool found;
  *proof = (NmSpeakProof){0};
  NmStatus status = nm_timings_rewind(result->timings, err);
  while (!status && !(status = nm_timings_next_of(result->timings, NM_TIMING_PHONE, &timing, &found, err)) &&
         found) {
    proof->n_gaps += timing.start > proof->n_samples;
    proof->n_overlaps += timing.start < proof->n_samples;
    proof->n_empty += timing.end <= timing.start;
    proof->n_phones += strcmp(timing.text, nm_phone_name(NM_PHONE_PAUSE)) != 0;
    proof->n_samples = timing.end;
  }
  const NmSpeakerStats *stats = result->stats;
  proof->complete = !proof->n_gaps && !proof->n_overlaps && !proof->n_empty &&
                    stats->n_phones == stats->n_phones_asked && proof->n_phones == stats->n_phones_asked &&
                    proof->n_samples == stats->n_samples && (stats->n_frames_min >= 1 || !stats->n_phones);
  return status;
}

static void write_counts(const NmSpeakResult *result, FILE *file)
{
  const NmSpeakerStats *stats = result->stats;
  fprintf(file, " \"sample_rate\": %d, \"samples\": %lld, \"seconds\": ", NM_VOICE_RATE_HZ,
          (long long)stats->n_samples);
  nm_write_seconds(file, stats->n_samples);
  fprintf(file,
          ",\n \"counts\": {\"phrases\": %lld, \"words\": %lld, \"syllables\": %lld, \"phones\": %lld, "
          "\"pauses\": %lld},\n",
          (long long)stats->n_phrases, (long long)stats->n_words, (long long)stats->n_syllables,
          (long long)stats->n_phones, (long long)stats->n_pauses);
}

static void write_proof(const NmSpeakResult *result, const NmSpeakProof *proof, FILE *file)
{
  const NmSpeakerStats *stats = result->stats;
  const long long excess = (long long)(stats->n_phones - stats->n_phones_asked);
  fprintf(
      file,
      " \"proof\": {\"complete\": %s, \"phones_asked\": %lld, \"phones_spoken\": %lld, \"skipped\": %lld, "
      "\"repeated\": %lld,\n  \"frames_min\": %lld, \"empty\": %lld, \"gaps\": %lld, \"overlaps\": %lld, "
      "\"samples_of_phones\": %lld, \"samples_of_audio\": %lld},\n",
      proof->complete ? "true" : "false", (long long)stats->n_phones_asked, (long long)stats->n_phones,
      excess < 0 ? -excess : 0, excess > 0 ? excess : 0, (long long)stats->n_frames_min,
      (long long)proof->n_empty, (long long)proof->n_gaps, (long long)proof->n_overlaps,
      (long long)proof->n_samples, (long long)stats->n_samples);
}

static void write_times(const NmSpeakResult *result, FILE *file)
{
  const NmSpeakerStats *stats = result->stats;
  const double seconds = (double)stats->n_samples / NM_VOICE_RATE_HZ;
  fprintf(file,
          " \"milliseconds\": {\"load\": %.3f, \"text\": %.3f, \"voice\": %.3f, \"write\": %.3f, \"total\": "
          "%.3f, "
          "\"first_audio\": ",
          1e3 * result->seconds_load, 1e3 * stats->seconds_text, 1e3 * stats->seconds_voice,
          1e3 * result->seconds_write, 1e3 * result->seconds_total);
  if (result->seconds_first_audio < 0)
    fputs("null}", file);
  else
    fprintf(file, "%.3f}", 1e3 * result->seconds_first_audio);
  fprintf(file, ",\n \"real_time_factor\": %.6f,\n", seconds > 0 ? result->seconds_total / seconds : 0);
}

static void write_notes(const NmSpeakResult *result, FILE *file)
{
  fputs(" \"notes\": [", file);
  for (int i = 0; i < result->n_notes; i++) {
    fputs(i ? ", " : "", file);
    nm_write_json_string(file, result->notes[i]);
  }
  fprintf(file, "], \"notes_dropped\": %d,\n", result->n_notes_dropped);
}

static NmStatus write_phonemes(const NmSpeakResult *result, FILE *file, NmError *err)
{
  NmTiming timing;
  bool found;
  int64_t n = 0;
  fputs(" \"phonemes\": [", file);
  NmStatus status = nm_timings_rewind(result->timings, err);
  while (!status && !(status = nm_timings_next_of(result->timings, NM_TIMING_PHONE, &timing, &found, err)) &&
         found) {
    fprintf(file, "%s\n  {\"phone\": \"%s\", \"start\": ", n++ ? "," : "", timing.text);
    nm_write_seconds(file, timing.start);
    fputs(", \"end\": ", file);
    nm_write_seconds(file, timing.end);
    fprintf(file, ", \"samples\": %lld", (long long)(timing.end - timing.start));
    if (timing.n_frames) fprintf(file, ", \"frames\": %d", timing.n_frames);
    fputc('}', file);
  }
  fputs("]}\n", file);
  return status;
}

NmStatus nm_speak_report_write(const NmSpeakResult *result, FILE *file, NmError *err)
{
  NmSpeakProof proof;
  NmStatus status = nm_speak_report_prove(result, &proof, err);
  if (status) return status;
  fprintf(file, "{\"program\": \"neume\", \"version\": \"%s\", \"voice\": ", NM_VERSION);
  nm_write_json_string(file, result->voice);
  fprintf(file, ", \"seed\": %llu,\n \"out\": ", (unsigned long long)result->request->seed);
  if (result->request->out)
    nm_write_json_string(file, result->request->out);
  else
    fputs("null", file);
  fputc(',', file);
  write_counts(result, file);
  write_proof(result, &proof, file);
  write_times(result, file);
  write_notes(result, file);
  return write_phonemes(result, file, err);
}
