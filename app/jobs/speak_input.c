// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/speak_input.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool looks_like_ssml(const char *bytes, size_t n)
{
  size_t at = 0;
  while (at < n && isspace((unsigned char)bytes[at])) at++;
  return (n - at >= 6 && !strncasecmp(bytes + at, "<speak", 6)) ||
         (n - at >= 5 && !memcmp(bytes + at, "<?xml", 5));
}

static NmStatus take_span(void *user, const NmSpan *span, NmError *err)
{
  NmSpeakInput *input = user;
  return nm_speaker_feed(input->speaker, span, err);
}

static void take_note(void *user, const char *message)
{
  const NmSpeakInput *input = user;
  if (input->note) input->note(input->user, message);
}

static NmStatus begin(NmSpeakInput *input, const char **bytes, size_t *n, NmError *err)
{
  const NmSsmlSink sink = {input, take_span, take_note};
  input->begun = true;
  const bool has_mark = *n >= 3 && !memcmp(*bytes, "\xef\xbb\xbf", 3);
  if (has_mark) *bytes += 3, *n -= 3;
  if (input->kind == NM_INPUT_AUTO) input->kind = looks_like_ssml(*bytes, *n) ? NM_INPUT_SSML : NM_INPUT_TEXT;
  if (input->kind == NM_INPUT_TEXT) return NM_OK;
  input->ssml = nm_ssml_new(input->name, &input->prosody, input->voice_hz, &sink);
  return input->ssml ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static NmStatus feed_text(NmSpeakInput *input, const char *bytes, size_t n, NmError *err)
{
  const char *zero = n ? memchr(bytes, 0, n) : NULL;
  if (zero) {
    const int64_t at = input->n_bytes + (zero - bytes);
    return nm_error_set_at(err, NM_ERR_BAD_DATA, at, 0,
                           "%s is no text: byte %lld is zero; save it as UTF-8 text", input->name,
                           (long long)at);
  }
  const NmSpan span = {.kind = NM_SPAN_TEXT, .text = bytes, .len = n, .prosody = input->prosody};
  input->n_bytes += (int64_t)n;
  return nm_speaker_feed(input->speaker, &span, err);
}

NmStatus nm_speak_input_feed(NmSpeakInput *input, const char *bytes, size_t n, bool at_end, NmError *err)
{
  NmStatus status = NM_OK;
  if (!input->begun) status = begin(input, &bytes, &n, err);
  if (status) return status;
  return input->ssml ? nm_ssml_parse(input->ssml, bytes, n, at_end, err) : feed_text(input, bytes, n, err);
}

void nm_speak_input_fini(NmSpeakInput *input)
{
  nm_ssml_free(input->ssml);
  input->ssml = NULL;
}
