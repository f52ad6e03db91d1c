// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/timings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// One record of the spool; both strings follow, terminated.
typedef struct {
  int64_t start, end;
  int32_t kind, n_frames, pitch, begins_word;
  uint32_t len_text, len_source;
} Record;

struct NmTimings {
  FILE *file;
  char *strings;
  size_t capacity;
};

NmTimings *nm_timings_new(NmError *err)
{
  NmTimings *timings = calloc(1, sizeof *timings);
  if (!timings) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  timings->file = tmpfile();
  if (!timings->file) {
    nm_error_set(err, NM_ERR_IO, "cannot make a temporary file for the timings: %s", strerror(errno));
    free(timings);
    return NULL;
  }
  return timings;
}

void nm_timings_free(NmTimings *timings)
{
  if (!timings) return;
  fclose(timings->file);
  free(timings->strings);
  free(timings);
}

NmStatus nm_timings_add(NmTimings *timings, const NmTiming *timing, NmError *err)
{
  const Record record = {.start = timing->start,
                         .end = timing->end,
                         .kind = (int32_t)timing->kind,
                         .n_frames = timing->n_frames,
                         .pitch = timing->pitch,
                         .begins_word = timing->begins_word,
                         .len_text = (uint32_t)strlen(timing->text),
                         .len_source = (uint32_t)strlen(timing->source)};
  fwrite(&record, sizeof record, 1, timings->file);
  fwrite(timing->text, 1, record.len_text + 1, timings->file);
  fwrite(timing->source, 1, record.len_source + 1, timings->file);
  if (!ferror(timings->file)) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot write the temporary file of the timings: %s", strerror(errno));
}

static NmStatus fail_reading(NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "cannot read the temporary file of the timings");
}

NmStatus nm_timings_rewind(NmTimings *timings, NmError *err)
{
  return fflush(timings->file) || fseeko(timings->file, 0, SEEK_SET) ? fail_reading(err) : NM_OK;
}

NmStatus nm_timings_next(NmTimings *timings, NmTiming *timing, bool *found, NmError *err)
{
  Record record;
  *found = fread(&record, sizeof record, 1, timings->file) == 1;
  if (!*found) return ferror(timings->file) ? fail_reading(err) : NM_OK;
  const size_t n = (size_t)record.len_text + record.len_source + 2;
  if (n > timings->capacity) {
    char *grown = realloc(timings->strings, n);
    if (!grown) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    timings->strings = grown;
    timings->capacity = n;
  }
  if (fread(timings->strings, 1, n, timings->file) != n) return fail_reading(err);
  *timing = (NmTiming){.kind = (NmTimingKind)record.kind,
                       .start = record.start,
                       .end = record.end,
                       .text = timings->strings,
                       .source = timings->strings + record.len_text + 1,
                       .n_frames = record.n_frames,
                       .pitch = (int16_t)record.pitch,
                       .begins_word = record.begins_word != 0};
  return NM_OK;
}

NmStatus nm_timings_next_of(NmTimings *timings, NmTimingKind kind, NmTiming *timing, bool *found,
                            NmError *err)
{
  NmStatus status;
  do status = nm_timings_next(timings, timing, found, err);
  while (!status && *found && timing->kind != kind);
  return status;
}

NmStatus nm_timings_have(NmTimings *timings, NmTimingKind kind, bool *found, NmError *err)
{
  NmTiming timing = {0};
  const NmStatus status = nm_timings_rewind(timings, err);
  return status ? status : nm_timings_next_of(timings, kind, &timing, found, err);
}

static const struct {
  const char *ending;
  NmTimingsWrite write;
} formats[] = {
    {".json", nm_timings_write_json}, {".TextGrid", nm_timings_write_textgrid},
    {".srt", nm_timings_write_srt},   {".vtt", nm_timings_write_vtt},
    {".lrc", nm_timings_write_lrc},   {".txt", nm_timings_write_labels},
};

NmTimingsWrite nm_timings_find_format(const char *path, NmError *err)
{
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  for (size_t i = 0; dot && i < sizeof formats / sizeof *formats; i++) {
    if (!strcasecmp(dot, formats[i].ending)) return formats[i].write;
  }
  nm_error_set(err, NM_ERR_BAD_ARG,
               "timings go to .json, .TextGrid, .srt, .vtt, .lrc or .txt (Audacity labels), not to %s", path);
  return NULL;
}
