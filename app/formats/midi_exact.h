// SPDX-License-Identifier: GPL-3.0-or-later
// What the events of a MIDI file cannot say of a song: a sequencer-specific event with the pick-up, the
// meters, all lyrics and links. It bears a hash of the notes and lyric events beside it, so that it counts no
// more once another program has changed them.
//
// Layout: 7D "neume", version 1, the hash (4 bytes), then numbers of seven bits a byte: the pick-up; the
// meters, their count, each tick, beats, unit; the lines, their count, each verse, stanza, count of words,
// each word's count of syllables, each syllable's stress + 1, bytes and text; the links, their count, each
// syllable, note.
#ifndef NM_FORMATS_MIDI_EXACT_H
#define NM_FORMATS_MIDI_EXACT_H

#include "app/formats/midi_bytes.h"
#include "models/song/song.h"

// Ticks of a song to those of a file: ticks * by / over, whole.
typedef struct {
  int64_t by, over;
} NmMidiScale;

// The hash of a song's notes, and that with a further lyric event.
uint32_t nm_midi_exact_hash(const NmSong *song, NmMidiScale scale);
uint32_t nm_midi_exact_hash_lyric(uint32_t hash, int64_t tick, const uint8_t *bytes, size_t len);

// Appends the event's content.
void nm_midi_exact_put(NmMidiBytes *out, const NmSong *song, NmMidiScale scale, uint32_t hash);

// Whether the content of a sequencer-specific event is one of these, and of the given hash.
bool nm_midi_exact_is(const uint8_t *bytes, size_t n);
bool nm_midi_exact_is_for(const uint8_t *bytes, size_t n, uint32_t hash);

// Gives a song that has only its notes the rest, in place of its meters. NM_ERR_BAD_DATA without a message
// when the content is malformed, NM_ERR_NO_MEMORY.
NmStatus nm_midi_exact_apply(const uint8_t *bytes, size_t n, NmSong *song) NM_NODISCARD;

#endif
