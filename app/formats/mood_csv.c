// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "app/formats/mood.h"
#include "app/formats/text_write.h"

void nm_mood_write_csv_header(FILE *file)
{
  fputs("time_s,valence,arousal,confidence\n", file);
}

static void write_values(const double *values, int n, FILE *file)
{
  for (int i = 0; i < n; ++i) {
    fputc(',', file);
    nm_mood_write_value(values[i], file);
  }
}

void nm_mood_write_csv_row(const NmEmotionRow *row, FILE *file)
{
  fprintf(file, "%.2f", row->time_s);
  write_values((const double[]){row->valence, row->arousal, row->confidence}, 3, file);
  fputc('\n', file);
}

static void write_segments(const NmMood *mood, FILE *file)
{
  fputs("start_s,end_s,valence,arousal,mood\n", file);
  for (const NmEmotionSegment *s = mood->segments; s < mood->segments + mood->n_segments; ++s) {
    fprintf(file, "%.2f,%.2f", nm_mood_segment_start(s), nm_mood_segment_end(mood, s));
    write_values((const double[]){s->valence, s->arousal}, 2, file);
    fprintf(file, ",%s\n", nm_mood_name(s->valence, s->arousal));
  }
}

NmStatus nm_mood_write_csv(const NmMood *mood, FILE *file, NmError *err)
{
  if (mood->n_segments) {
    write_segments(mood, file);
    return NM_OK;
  }
  nm_mood_write_csv_header(file);
  for (int64_t i = 0; i < mood->n_rows; ++i) nm_mood_write_csv_row(&mood->rows[i], file);
  return NM_OK;
}

// Audacity: start, end and text, a label on each line.
NmStatus nm_mood_write_labels(const NmMood *mood, FILE *file, NmError *err)
{
  for (const NmEmotionSegment *s = mood->segments; s < mood->segments + mood->n_segments; ++s)
    fprintf(file, "%.6f\t%.6f\t%s (valence %+.2f, arousal %+.2f)\n", nm_mood_segment_start(s),
            nm_mood_segment_end(mood, s), nm_mood_name(s->valence, s->arousal), s->valence, s->arousal);
  return NM_OK;
}

// --- the table of many sounds ---

// A name as a cell: quoted where it must be (RFC 4180).
static void write_cell(const char *text, FILE *file)
{
  const bool is_quoted = strpbrk(text, ",\"\n\r") != NULL;
  if (is_quoted) fputc('"', file);
  for (; *text; ++text) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  if (is_quoted) fputc('"', file);
}

void nm_mood_table_header(NmMoodTable table, FILE *file)
{
  if (table == NM_TABLE_CSV)
    fputs("file,seconds,mood,valence,arousal,whole_valence,whole_arousal,valence_low,valence_high,arousal_"
          "low,arousal_high,"
          "lowest_valence_s,highest_valence_s,lowest_arousal_s,highest_arousal_s,confidence,unlike_music\n",
          file);
  if (table == NM_TABLE_TEXT)
    fprintf(file, "%8s  %-10s  %7s %15s  %7s %15s  %8s  %s\n", "seconds", "mood", "valence", "(low to high)",
            "arousal", "(low to high)", "peak at", "file");
}

static void write_text_row(const NmMood *mood, FILE *file)
{
  const NmMoodStats *s = &mood->stats;
  fprintf(file, "%8.1f  %-10s", mood->seconds, nm_mood_name_all(s));
  for (int d = 0; d < 2; ++d)
    fprintf(file, "  %+7.2f %+6.2f to %+5.2f", nm_mood_stats_get_mean(s, d), s->low[d], s->high[d]);
  fprintf(file, "  %6.1f s  ", s->time_high[1]);
  nm_write_plain_text(file, mood->name);
  fputc('\n', file);
}

static void write_csv_table_row(const NmMood *mood, FILE *file)
{
  const NmMoodStats *s = &mood->stats;
  const double n = (double)s->n;
  write_cell(mood->name, file);
  fprintf(file, ",%.2f,%s", mood->seconds, nm_mood_name_all(s));
  write_values((const double[]){nm_mood_stats_get_mean(s, 0), nm_mood_stats_get_mean(s, 1),
                                nm_mood_stats_get_whole(s, 0), nm_mood_stats_get_whole(s, 1), s->low[0],
                                s->high[0], s->low[1], s->high[1]},
               8, file);
  fprintf(file, ",%.2f,%.2f,%.2f,%.2f", s->time_low[0], s->time_high[0], s->time_low[1], s->time_high[1]);
  write_values((const double[]){s->sum_confidence / n, (double)s->n_far / n}, 2, file);
  fputc('\n', file);
}

void nm_mood_table_row(NmMoodTable table, const NmMood *mood, FILE *file)
{
  if (table == NM_TABLE_TEXT) write_text_row(mood, file);
  if (table == NM_TABLE_CSV) write_csv_table_row(mood, file);
  if (table != NM_TABLE_JSON) return;
  fputs("{\"file\": ", file);
  nm_write_json_string(file, mood->name);
  fputs(", \"summary\": ", file);
  nm_mood_write_json_summary(mood, file);
  fputs("}\n", file);
}
