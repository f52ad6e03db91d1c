// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of a song as JSON, for the reports of commands.
#ifndef NM_FORMATS_SONG_JSON_H
#define NM_FORMATS_SONG_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "models/song/song.h"

// Each answers a new object, NULL when memory is out.

// {"text", "verse", "stanza", "syllables": [{"text", "stress", "ends_word", "notes": [{"index",
// "pitch", "onset_beats", "len_beats"}]}]} of every line.
json_t *nm_song_json_lines(const NmSong *song);

// Prints and frees `answer`; NULL counts as memory that was out.
NmStatus nm_song_json_print(json_t *answer, FILE *file, NmError *err) NM_NODISCARD;

#endif
