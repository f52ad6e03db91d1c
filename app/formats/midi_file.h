// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the MIDI reader: what a file holds, before it is understood as a song.
#ifndef NM_FORMATS_MIDI_FILE_H
#define NM_FORMATS_MIDI_FILE_H

#include "app/formats/song_file.h"

enum {
  NM_MIDI_NOTES_MAX = 1 << 20, // of all tracks
  NM_MIDI_TEXTS_MAX = 1 << 18,
  NM_MIDI_TEXT = 0x01,
  NM_MIDI_TRACK_NAME = 0x03,
  NM_MIDI_INSTRUMENT = 0x04,
  NM_MIDI_LYRIC = 0x05,
  NM_MIDI_END_OF_TRACK = 0x2f,
  NM_MIDI_TEMPO = 0x51,
  NM_MIDI_METER = 0x58,
  NM_MIDI_KEY = 0x59,
  NM_MIDI_SPECIFIC = 0x7f, // sequencer-specific
  NM_MIDI_DIVISION_MAX = 32767
};

typedef struct {
  int64_t onset, end; // ticks; end == onset: a note of no length
  int32_t part;       // in NmMidi.parts
  uint8_t pitch, velocity;
  bool restruck; // another note of its key ended where it begins
} NmMidiNote;

// The notes of one channel in one track.
typedef struct {
  int32_t track, channel;
  int32_t first, n_notes; // in NmMidi.notes
  const char *name;       // of the track or instrument; NULL: none
} NmMidiPart;

typedef struct {
  int64_t tick;
  int32_t track;
  int32_t kind;         // NM_MIDI_TEXT, _LYRIC, _TRACK_NAME, _INSTRUMENT
  const uint8_t *bytes; // [len] in the file
  size_t len;
  const char *text; // UTF-8
} NmMidiText;

typedef struct {
  NmArena arena;
  NmSong *song; // takes keys, meters and tempos; ticks_per_beat is the division
  NmSongNotes *remarks;
  const char *name;
  int32_t n_tracks;
  NmMidiNote *notes; // by part, then onset
  NmMidiPart *parts; // by track, then first onset
  NmMidiText *texts; // by track, then tick
  int32_t n_notes, n_parts, n_texts;
  int32_t room_notes, room_parts, room_texts;
  int32_t n_stuck;
  bool in_seconds;          // SMPTE division
  const uint8_t *exact;     // [n_exact] of the event of midi_exact.h; NULL: none
  size_t n_exact, at_exact; // bytes, and where in the file
} NmMidi;

// Reads all of a file into `midi`, zeroed but for song, remarks and name; `bytes` must outlive it.
NmStatus nm_midi_parse(NmMidi *midi, const uint8_t *bytes, size_t n, NmError *err) NM_NODISCARD;
void nm_midi_fini(NmMidi *midi);

// The texts of one track and kind.
typedef struct {
  int32_t track, kind; // kind 0: no lyrics
} NmMidiSource;

// Chooses part and lyrics; `part` >= 0 is taken. NM_ERR_BAD_ARG when there is no such part, NM_ERR_BAD_DATA
// when there are no notes.
NmStatus nm_midi_choose(const NmMidi *midi, int wanted, int32_t *part, NmMidiSource *source,
                        NmError *err) NM_NODISCARD;

// Adds the notes of a part to the song, one at a time.
NmStatus nm_midi_add_melody(NmMidi *midi, int32_t part, NmError *err) NM_NODISCARD;

// Puts the song's notes on the grid of 24 to a beat when all of them begin within a hundredth of a beat of it
// and most beside it, as programs write that delay or round them.
void nm_midi_snap(NmMidi *midi);

// Adds the lyrics and links them to the song's notes, which must be in order. *has_lines: the source says
// where lines end.
NmStatus nm_midi_add_lyrics(NmMidi *midi, NmMidiSource source, bool *has_lines, NmError *err) NM_NODISCARD;

// Whether a text is part of the lyrics of a source: no header, not empty.
bool nm_midi_is_lyric(const NmMidiText *text, NmMidiSource source);

#endif
