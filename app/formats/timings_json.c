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
  if (timing->kind == NM_TIMING_NOTE) {
    fprintf(file, ", \"pitch\": %d, \"syllable\": ", timing->pitch);
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
  static const struct {
    NmTimingKind kind;
    const char *list, *name;
  } lists[] = {{NM_TIMING_PHONE, "phones", "phone"}, {NM_TIMING_SYLLABLE, "syllables", "syllable"},
               {NM_TIMING_WORD, "words", "word"},    {NM_TIMING_MARK, "marks", "mark"},
               {NM_TIMING_NOTE, "notes", "note"},    {NM_TIMING_LINE, "lines", "line"}};
  bool is_song;
  NmStatus status = nm_timings_have(timings, NM_TIMING_NOTE, &is_song, err);
  const int n = is_song ? 6 : 5;
  fprintf(file, "{\"sample_rate\": %d, \"samples\": %lld,\n", NM_VOICE_RATE_HZ, (long long)n_samples);
  for (int i = 0; i < n && !status; ++i) {
    status = write_list(timings, lists[i].kind, lists[i].list, lists[i].name, file, err);
    fputs(i + 1 < n ? ",\n" : "}\n", file);
  }
  return status;
}
