// SPDX-License-Identifier: GPL-3.0-or-later
// Names of files as JSON: any bytes, also those that are no UTF-8.
#ifndef NM_BATCH_TEXT_H
#define NM_BATCH_TEXT_H

#include <jansson.h>

// A JSON string; bytes that are no UTF-8 become characters of a private area (U+10F700 and the byte). NULL
// for NULL and when memory is out.
json_t *nm_batch_text_encode(const char *bytes);

// The bytes of such a string, in place.
void nm_batch_text_decode(char *text);

#endif
