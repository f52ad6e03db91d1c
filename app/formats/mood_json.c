// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/mood.h"
#include "app/formats/text_write.h"

static const char *const dimensions[2] = {"valence", "arousal"};

static void write_number(const char *key, double value, FILE *file)
{
  fprintf(file, "\"%s\": ", key);
  nm_mood_write_value(value, file);
}

static void write_dimension(const NmMoodStats *s, int d, FILE *file)
{
  fprintf(file, "\"%s\": {", dimensions[d]);
  write_number("whole", nm_mood_stats_get_whole(s, d), file);
  fputs(", ", file);
  write_number("mean", nm_mood_stats_get_mean(s, d), file);
  fputs(", ", file);
  write_number("low", s->low[d], file);
  fprintf(file, ", \"low_s\": %.2f, ", s->time_low[d]);
  write_number("high", s->high[d], file);
  fprintf(file, ", \"high_s\": %.2f}, ", s->time_high[d]);
}

void nm_mood_write_json_summary(const NmMood *mood, FILE *file)
{
  const NmMoodStats *s = &mood->stats;
  const double n = (double)s->n;
  fprintf(file, "{\"seconds\": %.3f, \"mood\": \"%s\", ", mood->seconds, nm_mood_name_all(s));
  write_dimension(s, 0, file);
  write_dimension(s, 1, file);
  write_number("confidence", s->sum_confidence / n, file);
  fputs(", ", file);
  write_number("unlike_music", (double)s->n_far / n, file);
  fputc('}', file);
}

static void write_row(const NmEmotionRow *row, FILE *file)
{
  fprintf(file, "    {\"time_s\": %.2f, ", row->time_s);
  write_number("valence", row->valence, file);
  fputs(", ", file);
  write_number("arousal", row->arousal, file);
  fputs(", ", file);
  write_number("confidence", row->confidence, file);
  fputs(", ", file);
  write_number("distance", row->distance, file);
  fputc('}', file);
}

static void write_segment(const NmMood *mood, const NmEmotionSegment *s, FILE *file)
{
  fprintf(file, "    {\"start_s\": %.2f, \"end_s\": %.2f, ", nm_mood_segment_start(s),
          nm_mood_segment_end(mood, s));
  write_number("valence", s->valence, file);
  fputs(", ", file);
  write_number("arousal", s->arousal, file);
  fprintf(file, ", \"mood\": \"%s\"}", nm_mood_name(s->valence, s->arousal));
}

NmStatus nm_mood_write_json(const NmMood *mood, FILE *file, NmError *err)
{
  const char *doubt = nm_mood_doubt(mood);
  fputs("{\n  \"file\": ", file);
  nm_write_json_string(file, mood->name);
  fprintf(file, ",\n  \"model\": \"%s\",\n  \"listener\": ", mood->model_hash);
  if (mood->listener)
    nm_write_json_string(file, mood->listener);
  else
    fputs("null", file);
  fputs(",\n  \"summary\": ", file);
  nm_mood_write_json_summary(mood, file);
  if (doubt) fprintf(file, ",\n  \"warning\": \"%s\"", doubt);
  fputs(",\n  \"rows\": [", file);
  for (int64_t i = 0; i < mood->n_rows; ++i) {
    fputs(i ? ",\n" : "\n", file);
    write_row(&mood->rows[i], file);
  }
  fputs("\n  ]", file);
  for (int64_t i = 0; i < mood->n_segments; ++i) {
    fputs(i ? ",\n" : ",\n  \"segments\": [\n", file);
    write_segment(mood, &mood->segments[i], file);
  }
  fputs(mood->n_segments ? "\n  ]\n}\n" : "\n}\n", file);
  return NM_OK;
}

// --- JAMS 0.3 (Humphrey et al. 2014): namespaces mood_thayer and segment_open ---

static void begin_annotation(const NmMood *mood, const char *namespace, FILE *file)
{
  fprintf(file,
          "    {\n      \"namespace\": \"%s\",\n      \"annotation_metadata\": {\n        \"curator\": "
          "{\"name\": "
          "\"\", \"email\": \"\"},\n        \"annotator\": {\"model\": \"%s\"},\n        \"version\": \"\",\n"
          "        \"corpus\": \"\",\n        \"annotation_tools\": \"neume emotion\",\n"
          "        \"annotation_rules\": \"\",\n        \"validation\": \"\",\n"
          "        \"data_source\": \"program\"\n      },\n      \"time\": 0.0,\n      \"duration\": %.6f,\n"
          "      \"sandbox\": {},\n      \"data\": [",
          namespace, mood->model_hash, mood->seconds);
}

static void write_curve(const NmMood *mood, FILE *file)
{
  begin_annotation(mood, "mood_thayer", file);
  for (int64_t i = 0; i < mood->n_rows; ++i) {
    const NmEmotionRow *row = &mood->rows[i];
    fprintf(file, "%s\n        {\"time\": %.2f, \"duration\": 0.0, \"value\": [", i ? "," : "", row->time_s);
    nm_mood_write_value(row->valence, file);
    fputs(", ", file);
    nm_mood_write_value(row->arousal, file);
    fputs("], \"confidence\": ", file);
    nm_mood_write_value(row->confidence, file);
    fputc('}', file);
  }
  fputs("\n      ]\n    }", file);
}

static void write_segments(const NmMood *mood, FILE *file)
{
  fputs(",\n", file);
  begin_annotation(mood, "segment_open", file);
  for (int64_t i = 0; i < mood->n_segments; ++i) {
    const NmEmotionSegment *s = &mood->segments[i];
    const double start = nm_mood_segment_start(s);
    fprintf(file, "%s\n        {\"time\": %.6f, \"duration\": %.6f, \"value\": \"%s\", \"confidence\": null}",
            i ? "," : "", start, nm_mood_segment_end(mood, s) - start, nm_mood_name(s->valence, s->arousal));
  }
  fputs("\n      ]\n    }", file);
}

NmStatus nm_mood_write_jams(const NmMood *mood, FILE *file, NmError *err)
{
  fputs("{\n  \"file_metadata\": {\n    \"title\": ", file);
  nm_write_json_string(file, mood->name);
  fprintf(
      file,
      ",\n    \"artist\": \"\",\n    \"release\": \"\",\n    \"duration\": %.6f,\n    \"identifiers\": {},\n"
      "    \"jams_version\": \"0.3.4\"\n  },\n  \"sandbox\": {},\n  \"annotations\": [\n",
      mood->seconds);
  write_curve(mood, file);
  if (mood->n_segments) write_segments(mood, file);
  fputs("\n  ]\n}\n", file);
  return NM_OK;
}
