// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/mood.h"
#include "app/formats/text_write.h"

// "1:02:03.5", "2:03.5"
static void write_time(double seconds, FILE *file)
{
  const int64_t tenths = (int64_t)(seconds * 10 + .5), minutes = tenths / 600;
  if (minutes >= 60) fprintf(file, "%lld:%02d", (long long)(minutes / 60), (int)(minutes % 60));
  if (minutes < 60) fprintf(file, "%d", (int)minutes);
  fprintf(file, ":%02d.%d", (int)(tenths % 600 / 10), (int)(tenths % 10));
}

static void write_dimension(const NmMoodStats *s, int d, FILE *file)
{
  static const char *const names[2] = {"valence", "arousal"};
  fprintf(file, "  %s  %+.2f on average (%+.2f if rated as a whole), from %+.2f at ", names[d],
          nm_mood_stats_get_mean(s, d), nm_mood_stats_get_whole(s, d), s->low[d]);
  write_time(s->time_low[d], file);
  fprintf(file, " to %+.2f at ", s->high[d]);
  write_time(s->time_high[d], file);
  fputc('\n', file);
}

static void write_segment(const NmMood *mood, const NmEmotionSegment *s, FILE *file)
{
  fputs("  ", file);
  write_time(nm_mood_segment_start(s), file);
  fputs(" to ", file);
  write_time(nm_mood_segment_end(mood, s), file);
  fprintf(file, "  %-10s  valence %+.2f, arousal %+.2f\n", nm_mood_name(s->valence, s->arousal), s->valence,
          s->arousal);
}

NmStatus nm_mood_write_summary(const NmMood *mood, FILE *file, NmError *err)
{
  const NmMoodStats *s = &mood->stats;
  const double n = (double)s->n;
  const char *doubt = nm_mood_doubt(mood);
  nm_write_plain_text(file, mood->name);
  fputs(": ", file);
  write_time(mood->seconds, file);
  fprintf(file, ", %s\n", nm_mood_name_all(s));
  write_dimension(s, 0, file);
  write_dimension(s, 1, file);
  fprintf(file, "  confidence %.2f\n", s->sum_confidence / n);
  if (doubt) fprintf(file, "  it %s\n", doubt);
  for (int64_t i = 0; mood->n_segments > 1 && i < mood->n_segments; ++i)
    write_segment(mood, &mood->segments[i], file);
  return NM_OK;
}
