// SPDX-License-Identifier: GPL-3.0-or-later
// SSML (W3C Speech Synthesis Markup Language 1.1, the part that a voice can follow) into spans: speak p s
// break prosody emphasis phoneme sub say-as mark. The content of other elements is read.
#ifndef NM_FORMATS_SSML_H
#define NM_FORMATS_SSML_H

#include <stdbool.h>

#include "models/speech/speak.h"

enum { NM_SSML_DEPTH_MAX = 64, NM_SSML_MARKUP_MAX = 1 << 20 };

typedef struct NmSsml NmSsml;

// Where the spans go; a status other than NM_OK ends the parse with it. `note` may be NULL.
typedef struct {
  void *user;
  NmStatus (*span)(void *user, const NmSpan *span, NmError *err);
  void (*note)(void *user, const char *message);
} NmSsmlSink;

// A parser for one document. `name` (for messages) is borrowed; `prosody` is what the markup changes;
// `voice_hz` what "+20Hz" is measured against. NULL when memory is out.
NmSsml *nm_ssml_new(const char *name, const NmProsody *prosody, float voice_hz, const NmSsmlSink *sink);
void nm_ssml_free(NmSsml *ssml);

// Takes the next `n` bytes; `at_end` with the last. NM_ERR_BAD_DATA, naming line, column and cause, for what
// is not well formed, declares entities, nests deeper than NM_SSML_DEPTH_MAX or has a tag longer than
// NM_SSML_MARKUP_MAX. Memory does not grow with the document.
NmStatus nm_ssml_parse(NmSsml *ssml, const char *bytes, size_t n, bool at_end, NmError *err) NM_NODISCARD;

#endif
