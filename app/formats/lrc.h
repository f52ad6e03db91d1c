// SPDX-License-Identifier: GPL-3.0-or-later
// LRC: lyrics with the time of every line, [mm:ss.xx], and on wish of every word, <mm:ss.xx>.
#ifndef NM_FORMATS_LRC_H
#define NM_FORMATS_LRC_H

#include "app/formats/song_file.h"

// The lines that are sung, in the order of their notes; see NmSongWrite. Only the first verse, since further
// ones are sung under the same notes again; words without a note stand in their line without a time of their
// own. A line that ends before a rest of NM_LRC_REST_S or more is followed by an empty one, which clears the
// display.
NmStatus nm_lrc_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                      NmError *err) NM_NODISCARD;

enum { NM_LRC_REST_S = 4 };

#endif
