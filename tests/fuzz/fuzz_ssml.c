// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as SSML: no crash, no span that a speaker would refuse, the same spans however the bytes are cut.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/ssml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

typedef struct {
  uint64_t hash;
  size_t n_text;
} Seen;

static void add(Seen *seen, const void *data, size_t n)
{
  const uint8_t *bytes = data;
  for (size_t i = 0; i < n; i++) seen->hash = (seen->hash ^ bytes[i]) * 0x100000001b3u;
}

static void check(int holds)
{
  if (!holds) abort();
}

static NmStatus take_span(void *user, const NmSpan *span, NmError *err)
{
  Seen *seen = user;
  if (span->kind == NM_SPAN_BREAK) check(span->seconds >= 0 && span->seconds <= NM_BREAK_SECONDS_MAX);
  if (span->kind == NM_SPAN_TEXT || span->kind == NM_SPAN_PHONES) {
    check(span->prosody.rate >= .1f && span->prosody.rate <= 10 && isfinite(span->prosody.pitch_semitones));
    check(isfinite(span->prosody.energy_db) && span->prosody.pitch_range >= 0 &&
          isfinite(span->prosody.pitch_hz));
  }
  if (span->kind == NM_SPAN_PHONES) check(span->len > 0 && span->len < 1024);
  add(seen, &span->kind, sizeof span->kind);
  if (span->text) add(seen, span->text, span->len);
  if (span->written) check(strlen(span->written) > 0);
  seen->n_text += span->len;
  return NM_OK;
}

static NmStatus parse(const char *bytes, size_t n, size_t n_piece, Seen *seen)
{
  const NmProsody plain = nm_prosody_plain();
  const NmSsmlSink sink = {.user = seen, .span = take_span};
  NmError err = {0};
  *seen = (Seen){0};
  NmSsml *ssml = nm_ssml_new("fuzz", &plain, 150, &sink);
  NmStatus status = ssml ? NM_OK : NM_ERR_NO_MEMORY;
  for (size_t at = 0; at < n && !status; at += n_piece) {
    const size_t left = n - at;
    status = nm_ssml_parse(ssml, bytes + at, left < n_piece ? left : n_piece, false, &err);
  }
  if (!status) status = nm_ssml_parse(ssml, "", 0, true, &err);
  check(!status || (status == NM_ERR_BAD_DATA && err.message[0]));
  nm_ssml_free(ssml);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  Seen whole, parts;
  const NmStatus status = parse((const char *)bytes, n, SIZE_MAX, &whole);
  const NmStatus status_parts = parse((const char *)bytes, n, 7, &parts);
  check(status == status_parts);
  if (!status) check(whole.hash == parts.hash && whole.n_text == parts.n_text);
  return 0;
}
