// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a line of `neume speak --jsonl`: an error with a message, or a request that can be tried.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/speak_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int holds)
{
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmSpeakLine line = {.request = {.prosody = nm_prosody_plain()}};
  NmError err = {0};
  const NmStatus status = nm_speak_line_parse(&line, (const char *)bytes, n, 150, &err);
  if (status) {
    check(status == NM_ERR_BAD_DATA && err.message[0]);
  } else {
    const NmSpeakRequest *request = &line.request;
    check(line.text && strlen(line.text) <= line.len && request->n_timings <= NM_SPEAK_TIMINGS_MAX);
    check(request->out || request->n_timings || request->picture);
    check(request->prosody.rate >= .1f && request->prosody.rate <= 10 &&
          isfinite(request->prosody.energy_db));
    for (int i = 0; i < request->n_timings; i++) check(request->timings[i][0] != '\0');
  }
  nm_speak_line_fini(&line);
  return 0;
}
