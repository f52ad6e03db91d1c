// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/text_write.h"
#include "app/formats/timings.h"

static void write_bounds(FILE *file, const char *indent, int64_t start, int64_t end)
{
  fprintf(file, "%sxmin = ", indent);
  nm_write_seconds(file, start);
  fprintf(file, "\n%sxmax = ", indent);
  nm_write_seconds(file, end);
  fputc('\n', file);
}

static void write_interval(FILE *file, int64_t index, int64_t start, int64_t end, const char *text)
{
  if (!file) return;
  fprintf(file, "        intervals [%lld]:\n", (long long)index);
  write_bounds(file, "            ", start, end);
  fputs("            text = \"", file);
  nm_write_praat_text(file, text);
  fputs("\"\n", file);
}

// Writes the intervals of one kind, gaps filled with empty ones, and counts them; only counts without `file`.
static NmStatus write_intervals(NmTimings *timings, NmTimingKind kind, int64_t n_samples, FILE *file,
                                int64_t *n, NmError *err)
{
  NmTiming timing;
  bool found;
  int64_t at = 0;
  *n = 0;
  NmStatus status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next_of(timings, kind, &timing, &found, err)) && found) {
    // A tier has no room for what overlaps: the later one gives way.
    const int64_t start = timing.start > at ? timing.start : at;
    if (timing.end <= start) continue;
    if (start > at) write_interval(file, ++*n, at, start, "");
    write_interval(file, ++*n, start, timing.end, timing.text);
    at = timing.end;
  }
  if (at < n_samples) write_interval(file, ++*n, at, n_samples, "");
  return status;
}

static NmStatus write_tier(NmTimings *timings, int index, NmTimingKind kind, const char *name,
                           int64_t n_samples, FILE *file, NmError *err)
{
  int64_t n;
  NmStatus status = write_intervals(timings, kind, n_samples, NULL, &n, err);
  if (status) return status;
  fprintf(file, "    item [%d]:\n        class = \"IntervalTier\"\n        name = \"%s\"\n", index, name);
  write_bounds(file, "        ", 0, n_samples);
  fprintf(file, "        intervals: size = %lld\n", (long long)n);
  return write_intervals(timings, kind, n_samples, file, &n, err);
}

NmStatus nm_timings_write_textgrid(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  static const struct {
    NmTimingKind kind;
    const char *name;
  } tiers[] = {{NM_TIMING_PHONE, "phones"},
               {NM_TIMING_SYLLABLE, "syllables"},
               {NM_TIMING_WORD, "words"},
               {NM_TIMING_NOTE, "notes"},
               {NM_TIMING_LINE, "lines"}};
  bool is_song;
  NmStatus status = nm_timings_have(timings, NM_TIMING_NOTE, &is_song, err);
  const int n = is_song ? 5 : 3;
  fputs("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n", file);
  write_bounds(file, "", 0, n_samples);
  fprintf(file, "tiers? <exists>\nsize = %d\nitem []:\n", n);
  for (int i = 0; i < n && !status; ++i)
    status = write_tier(timings, i + 1, tiers[i].kind, tiers[i].name, n_samples, file, err);
  return status;
}
