// SPDX-License-Identifier: GPL-3.0-or-later
// MusicXML 3.1 and 4.0: score-partwise and score-timewise in, score-partwise out, plain (.musicxml, .xml) and
// packed (.mxl: a zip archive whose META-INF/container.xml names the score).
//
// Read is the melody: the part and voice with the most syllables. Chords are reduced to their top note; grace
// and cue notes are left out; transposing parts are read as they sound. A syllable's notes are those that
// hold it (<extend/> alone in a lyric), those a slur or extender reaches, and those under an open word. Lines
// and stanzas are those of <end-line/> and <end-paragraph/>; where a file has none they are derived.
//
// Written is a file that says all of it, so that reading gives the same song: <supports> lists end-line,
// end-paragraph, extend and implicit measures, which tells the reader that what is not there is not meant.
// Lines in an order that lyrics under notes cannot say stand in <miscellaneous-field name="neume-lines">, as
// "verse:stanza:words " for each line.
#ifndef NM_FORMATS_MUSICXML_H
#define NM_FORMATS_MUSICXML_H

#include "app/formats/song_file.h"

enum {
  NM_MUSICXML_DEPTH_MAX = 64,
  NM_MUSICXML_TEXT_MAX = 1 << 22,   // bytes of the text of one element
  NM_MUSICXML_MARKUP_MAX = 1 << 20, // bytes of one tag
  NM_MXL_FILES_MAX = 4096
};

// As NmSongRead (app/formats/song_file.h) describes. No external entity is opened, no entity may be declared.
NmStatus nm_musicxml_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                          NmSong **song, NmSongNotes *notes, NmError *err) NM_NODISCARD;

// As NmSongWrite describes. NM_ERR_UNSUPPORTED for lyrics that notation cannot say (nm_score_check_song), for
// characters that XML cannot hold, and for melodies of more than ten octaves.
NmStatus nm_musicxml_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                           NmError *err) NM_NODISCARD;

// The same, packed. What a file unpacks to is bounded by NM_SONG_FILE_MAX.
NmStatus nm_mxl_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                     NmSong **song, NmSongNotes *notes, NmError *err) NM_NODISCARD;
NmStatus nm_mxl_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                      NmError *err) NM_NODISCARD;

#endif
