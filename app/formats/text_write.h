// SPDX-License-Identifier: GPL-3.0-or-later
// Strings on their way into files: always valid UTF-8, escaped as the format wants. Invalid bytes become
// U+FFFD.
#ifndef NM_FORMATS_TEXT_WRITE_H
#define NM_FORMATS_TEXT_WRITE_H

#include <stdint.h>
#include <stdio.h>

// A JSON string with its quotes.
void nm_write_json_string(FILE *file, const char *text);

// The inside of a Praat string, quotes doubled.
void nm_write_praat_text(FILE *file, const char *text);

// Text of a WebVTT cue: &, < and > as entities.
void nm_write_vtt_text(FILE *file, const char *text);

// Text as it is; control characters become spaces.
void nm_write_plain_text(FILE *file, const char *text);

// Samples of the speech rate as seconds with six decimals: exact enough to give the sample back.
void nm_write_seconds(FILE *file, int64_t samples);

#endif
