// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a text file in any usual encoding to clean UTF-8.
#ifndef NM_SONG_SHEET_TEXT_H
#define NM_SONG_SHEET_TEXT_H

#include "dsp/base/status.h"

// Allocates *text, NUL-terminated, *len bytes: UTF-8 whose lines end in '\n', with plain spaces for tabs,
// controls and every other white space, without byte order marks, soft hyphens and characters of no width.
// UTF-16 is known by its mark; bytes that are not UTF-8 are taken for Windows-1252, which Latin-1 is a part
// of. NM_ERR_BAD_DATA when there are zero bytes (no text), NM_ERR_NO_MEMORY. The caller frees *text.
NmStatus nm_sheet_decode(const uint8_t *bytes, size_t n, const char *name, char **text, size_t *len,
                         NmError *err) NM_NODISCARD;

#endif
