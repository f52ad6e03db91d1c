// SPDX-License-Identifier: GPL-3.0-or-later
// Documents (app/document) as songs in files: what a song has no room for is left out when reading, and a
// song that is written becomes a document with nothing else in it.
#ifndef NM_FORMATS_NEUME_H
#define NM_FORMATS_NEUME_H

#include "app/formats/song_file.h"

// As NmSongRead and NmSongWrite (song_file.h).
NmStatus nm_neume_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                       NmSong **song, NmSongNotes *notes, NmError *err) NM_NODISCARD;
NmStatus nm_neume_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                        NmError *err) NM_NODISCARD;

#endif
