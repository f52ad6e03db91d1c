// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/text_write.h"
#include "app/formats/timings.h"

static void write_span(FILE *file, const NmTiming *timing)
{
  fputs(", \"start\": ", file);
  nm_write_seconds(file, timing->start);
  fputs(", \"end\": ", file);
  nm_write_seconds(file, timing->end);
  fputc('}', file);
}

static void write_item(FILE *file, const NmTiming *timing, const char *name)
{
  fprintf(file, "{\"%s\": ", name);
  nm_write_json_string(file, timing->text);
  if (timing->kind == NM_TIMING_MARK) {
    fputs(", \"time\": ", file);
    nm_write_seconds(file, timing->start);
    fputc('}', file);
    return;
  }
  if (timing->kind == NM_TIMING_WORD) {
    fputs(", \"source\": ", file);
    nm_write_json_string(file, timing->source);
  }
  write_span(file, timing);
}

static NmStatus write_list(NmTimings *timings, NmTimingKind kind, const char *list, const char *name,
                           FILE *file, NmError *err)
{
  NmTiming timing;
  bool found;
  int64_t n = 0;
  fprintf(file, " \"%s\": [", list);
  NmStatus status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next_of(timings, kind, &timing, &found, err)) && found) {
    fputs(n++ ? ",\n  " : "\n  ", file);
    write_item(file, &timing, name);
  }
  fputs("]", file);
  return status;
}

NmStatus nm_timings_write_json(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  fprintf(file, "{\"sample_rate\": %d, \"samples\": %lld,\n", NM_VOICE_RATE_HZ, (long long)n_samples);
  NmStatus status = write_list(timings, NM_TIMING_PHONE, "phones", "phone", file, err);
  fputs(",\n", file);
  if (!status) status = write_list(timings, NM_TIMING_SYLLABLE, "syllables", "syllable", file, err);
  fputs(",\n", file);
  if (!status) status = write_list(timings, NM_TIMING_WORD, "words", "word", file, err);
  fputs(",\n", file);
  if (!status) status = write_list(timings, NM_TIMING_MARK, "marks", "mark", file, err);
  fputs(",\n \"notes\": []}\n", file);
  return status;
}
