// SPDX-License-Identifier: GPL-3.0-or-later
// In which letters the texts of a MIDI file are written, which the file itself hardly ever says.
#ifndef NM_FORMATS_MIDI_ENCODING_H
#define NM_FORMATS_MIDI_ENCODING_H

#include "app/formats/midi_file.h"

typedef enum {
  NM_MIDI_UTF8,
  NM_MIDI_WINDOWS_1252, // Western, of which Latin-1 is a part; what is left when nothing else fits
  NM_MIDI_WINDOWS_1251, // Cyrillic
  NM_MIDI_SHIFT_JIS     // Japanese, as Windows has it (code page 932)
} NmMidiEncoding;

// All texts together: what RP-026's tags {@LATIN} and {@JP} say; UTF-8 when it is valid; Shift-JIS when it is
// valid and a quarter of its characters beyond ASCII are kana; Windows-1251 when most letters are where it
// has Cyrillic ones. Any thread; never allocates.
NmMidiEncoding nm_midi_encoding_guess(const NmMidi *midi);

// `len` bytes as UTF-8 into `out`, which has room for 3 len bytes; how many. Bytes that mean nothing are read
// as Windows-1252.
size_t nm_midi_encoding_decode(NmMidiEncoding encoding, const uint8_t *bytes, size_t len, char *out);

#endif
