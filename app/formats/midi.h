// SPDX-License-Identifier: GPL-3.0-or-later
// Standard MIDI files, types 0 and 1, with lyrics; karaoke files (.kar) are the same with other habits.
//
// Lyrics are written as the MIDI Association's RP-017 has it: a lyric event a syllable at the onset of its
// first note, a space behind the last syllable of a word, CR behind that of a line and LF behind that of a
// stanza; two syllables on one note are one event with a space inside. A note without an event that follows
// another directly continues its syllable. A pick-up is a first bar with a meter of its own length. Composer
// and lyricist are text events "Composer: ", "Lyricist: " and the language "@L", in the first track.
//
// What cannot be said so (further verses, a word that ends without a sign) is kept in a sequencer-specific
// event (midi_exact.h) that other programs pass over and that counts only as long as the notes and lyric
// events are those it was written for.
#ifndef NM_FORMATS_MIDI_H
#define NM_FORMATS_MIDI_H

#include "app/formats/song_file.h"

// See NmSongRead; errors name the byte offset. Bare files and RIFF ones; running status; time in beats or,
// with SMPTE divisions, seconds as beats at 60 a minute. Type 2 and drop-frame time are refused as
// unsupported.
//
// The melody is the part (track and channel; options->part counts those with notes) whose onsets agree best
// with the lyrics; without lyrics one named as a melody; else the highest that has one note at a time. Chords
// and voices under it are reduced to the top note; notes a hair off the beat are put on it. Lyrics are those
// of lyric events, else of text events, of the track that agrees best: syllables whose words are divided by
// spaces or by hyphens, lines and stanzas by CR and LF or by / and \, in the letters that
// midi_encoding.h finds.
NmStatus nm_midi_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                      NmSong **song, NmSongNotes *notes, NmError *err) NM_NODISCARD;

// See NmSongWrite; type 1. NM_ERR_UNSUPPORTED when no division that MIDI has makes all times whole.
NmStatus nm_midi_write(const NmSong *song, const NmSongWriting *options, FILE *file,
                       NmError *err) NM_NODISCARD;

#endif
