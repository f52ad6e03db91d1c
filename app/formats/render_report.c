// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/render_report.h"

#include <jansson.h>

#include "app/formats/song_json.h"

void nm_render_report_print(const NmRenderStats *stats, const NmCacheStats *cache, FILE *file)
{
  fprintf(file, "%d phrases: %d sung, %d found", stats->n_phrases, stats->n_sung,
          stats->n_phrases - stats->n_sung);
  if (cache->n_broken) fprintf(file, "; %lld broken entries made anew", (long long)cache->n_broken);
  if (cache->n_evicted) fprintf(file, "; %lld old entries removed", (long long)cache->n_evicted);
  fprintf(file, "\n%.1f s of sound in %.2f s: plan %.2f, voice %.2f, mix %.2f, emotion %.2f (%s)\n",
          stats->seconds_sound, stats->seconds_total, stats->seconds_plan, stats->seconds_voice,
          stats->seconds_mix, stats->seconds_emotion, stats->heard ? "computed" : "found or not wanted");
}

static json_t *list_files(const NmRenderStats *stats)
{
  json_t *files = json_array();
  for (int i = 0; i < stats->n_files; ++i) json_array_append_new(files, json_string(stats->files[i]));
  return files;
}

NmStatus nm_render_report_write(const NmRenderStats *stats, const NmCacheStats *cache, const char *folder,
                                FILE *file, NmError *err)
{
  json_t *seconds = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "sound", stats->seconds_sound, "plan",
                              stats->seconds_plan, "voice", stats->seconds_voice, "mix", stats->seconds_mix,
                              "emotion", stats->seconds_emotion, "total", stats->seconds_total);
  json_t *answer =
      json_pack("{s:s, s:o, s:i, s:i, s:i, s:I, s:b, s:o}", "folder", folder, "files", list_files(stats),
                "phrases", (int)stats->n_phrases, "sung", (int)stats->n_sung, "found",
                (int)(stats->n_phrases - stats->n_sung), "broken_entries", (json_int_t)cache->n_broken,
                "emotion_computed", (int)stats->heard, "seconds", seconds);
  return nm_song_json_print(answer, file, err);
}
