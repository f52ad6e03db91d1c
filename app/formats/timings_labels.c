// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/text_write.h"
#include "app/formats/timings.h"

static void write_label(FILE *file, int64_t start, int64_t end, const char *text)
{
  nm_write_seconds(file, start);
  fputc('\t', file);
  nm_write_seconds(file, end);
  fputc('\t', file);
  nm_write_plain_text(file, text);
  fputc('\n', file);
}

NmStatus nm_timings_write_labels(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err)
{
  NmTiming timing;
  bool found;
  int64_t at = 0;
  NmStatus status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next_of(timings, NM_TIMING_WORD, &timing, &found, err)) && found) {
    if (timing.start > at) write_label(file, at, timing.start, nm_phone_name(NM_PHONE_PAUSE));
    write_label(file, timing.start, timing.end, timing.text);
    at = timing.end;
  }
  if (at < n_samples) write_label(file, at, n_samples, nm_phone_name(NM_PHONE_PAUSE));
  return status;
}
