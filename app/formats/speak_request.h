// SPDX-License-Identifier: GPL-3.0-or-later
// One line of `neume speak --jsonl`: a JSON object that asks for a file.
#ifndef NM_FORMATS_SPEAK_REQUEST_H
#define NM_FORMATS_SPEAK_REQUEST_H

#include <jansson.h>

#include "app/jobs/speak_job.h"

// A parsed line. Zero-initialise; nm_speak_line_fini frees what the parse took.
typedef struct {
  json_t *root;     // owns all strings
  const json_t *id; // as given, NULL when missing
  const char *text; // [len] plain text or SSML
  size_t len;
  const char *voice; // NULL: the default
  NmSpeakRequest request;
} NmSpeakLine;

// Parses `n` bytes of JSON: {"id", "text" or "ssml", "out", "timings" (one or a list), "picture", "voice",
// "rate", "pitch", "range", "energy" (numbers or strings), "seed", "force", "raw"}. `line->request` holds the
// defaults on entry. `voice_hz` is what a pitch of "+20Hz" is measured against. NM_ERR_BAD_DATA names the
// field and the cause; `id` is set even then, when it could be read.
NmStatus nm_speak_line_parse(NmSpeakLine *line, const char *bytes, size_t n, float voice_hz,
                             NmError *err) NM_NODISCARD;
void nm_speak_line_fini(NmSpeakLine *line);

#endif
