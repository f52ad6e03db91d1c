// SPDX-License-Identifier: GPL-3.0-or-later
// Strings on their way into files: always valid UTF-8, escaped as the format wants. Invalid bytes become
// U+FFFD.
#ifndef NM_FORMATS_TEXT_WRITE_H
#define NM_FORMATS_TEXT_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// A JSON string with its quotes.
void nm_write_json_string(FILE *file, const char *text);

// The inside of a Praat string, quotes doubled.
void nm_write_praat_text(FILE *file, const char *text);

// Text of a WebVTT cue: &, < and > as entities.
void nm_write_vtt_text(FILE *file, const char *text);

// Text of an XML element or attribute: &, <, >, " and carriage returns as entities. What XML cannot hold
// becomes U+FFFD; whether it can hold all of a text, valid UTF-8 included, nm_text_fits_xml says.
void nm_write_xml_text(FILE *file, const char *text);
bool nm_text_fits_xml(const char *text);

// Text as it is; control characters become spaces.
void nm_write_plain_text(FILE *file, const char *text);

// Samples of the speech rate as seconds with six decimals: exact enough to give the sample back.
void nm_write_seconds(FILE *file, int64_t samples);

#endif
