// SPDX-License-Identifier: GPL-3.0-or-later
// All that can be done to a document, each a step that can be undone (document.h). An edit does all it says
// or nothing: when it fails the document is as it was, and `err` says why in a sentence for the user.
//
// Notes are named by their id; syllables, words and lines by their index in nm_document_get_song; times are
// ticks of the document. NM_ERR_BAD_ARG: what is named is not there. NM_ERR_BAD_DATA: the result would be no
// song (notes overlap, a pitch of 130...). NM_ERR_NO_MEMORY. An edit that changes nothing is no step.
#ifndef NM_DOCUMENT_EDITS_H
#define NM_DOCUMENT_EDITS_H

#include "app/document/document.h"

// --- notes (edits_notes.c) ---

// What happens to notes in the way of those that are added, moved or made longer.
typedef enum {
  NM_OVERLAP_REFUSE, // the edit fails
  NM_OVERLAP_TRIM    // they are cut, or go
} NmOverlap;

// velocity 0: none. *id (may be NULL) is the new note's.
NmStatus nm_edit_add_note(NmDocument *doc, const NmSongNote *note, NmOverlap overlap, int32_t *id,
                          NmError *err) NM_NODISCARD;
// Their syllables stay, unsung where they have no other note.
NmStatus nm_edit_remove_notes(NmDocument *doc, const int32_t *ids, int32_t n, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_note(NmDocument *doc, int32_t id, const NmSongNote *note, NmOverlap overlap,
                          NmError *err) NM_NODISCARD;
// In time and by semitones.
NmStatus nm_edit_move_notes(NmDocument *doc, const int32_t *ids, int32_t n, int64_t ticks, int semitones,
                            NmOverlap overlap, NmError *err) NM_NODISCARD;
// By steps of the scale in force at each note (natural minor); notes outside the scale keep their distance to
// the scale's note below.
NmStatus nm_edit_transpose_notes(NmDocument *doc, const int32_t *ids, int32_t n, int steps,
                                 NmError *err) NM_NODISCARD;
// Moves their ends, or their beginnings, by so many ticks.
NmStatus nm_edit_resize_notes(NmDocument *doc, const int32_t *ids, int32_t n, bool at_start, int64_t ticks,
                              NmOverlap overlap, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_velocity(NmDocument *doc, const int32_t *ids, int32_t n, int velocity,
                              NmError *err) NM_NODISCARD;
// Two notes of one, at a tick inside it; its syllables are sung on both. *id (may be NULL) is the second's.
NmStatus nm_edit_split_note(NmDocument *doc, int32_t id, int64_t tick, int32_t *id_new,
                            NmError *err) NM_NODISCARD;
// Neighbours become the first of them, which lasts to the end of the last; all their syllables are sung on
// it.
NmStatus nm_edit_merge_notes(NmDocument *doc, const int32_t *ids, int32_t n, NmError *err) NM_NODISCARD;
// Beginnings and ends to the nearest multiple of `grid` ticks; a note is at least one long, and where two
// would begin together the later one moves on.
NmStatus nm_edit_quantise_notes(NmDocument *doc, const int32_t *ids, int32_t n, int64_t grid,
                                NmError *err) NM_NODISCARD;

// --- words (edits_lyrics.c) ---

// The text of a syllable; when its letters change, its phones and stress are no longer known.
NmStatus nm_edit_set_syllable(NmDocument *doc, int32_t syllable, const char *text, NmError *err) NM_NODISCARD;
// How it is sung: phones as "HH AE1 P" (NULL: as the dictionary says), stress 0 to 2 (-1: not known).
NmStatus nm_edit_set_phones(NmDocument *doc, int32_t syllable, const char *phones, int stress,
                            NmError *err) NM_NODISCARD;
// How long its n sounds last (0: as the voice says), and how much later than its note its vowel begins; n 0:
// all as the voice says. Both go when its letters or phones change.
NmStatus nm_edit_set_lengths(NmDocument *doc, int32_t syllable, const double *lengths_s, int32_t n,
                             double shift_s, NmError *err) NM_NODISCARD;
// The notes it is sung on, n 0: none.
NmStatus nm_edit_set_links(NmDocument *doc, int32_t syllable, const int32_t *ids, int32_t n,
                           NmError *err) NM_NODISCARD;
// Cuts a syllable behind so many bytes of its text; of several notes the second part gets the last.
NmStatus nm_edit_split_syllable(NmDocument *doc, int32_t syllable, size_t bytes, NmError *err) NM_NODISCARD;
// A syllable and the next one of its word become one, sung on all their notes.
NmStatus nm_edit_join_syllables(NmDocument *doc, int32_t syllable, NmError *err) NM_NODISCARD;
// A new word begins at this syllable; it and the word before it become one. Of one line each.
NmStatus nm_edit_split_word(NmDocument *doc, int32_t syllable, NmError *err) NM_NODISCARD;
NmStatus nm_edit_join_words(NmDocument *doc, int32_t word, NmError *err) NM_NODISCARD;
// Words and lines that have no syllable left go with them.
NmStatus nm_edit_remove_syllables(NmDocument *doc, int32_t first, int32_t n, NmError *err) NM_NODISCARD;

// A new line begins at this word (its voice as before, without takes); a line and the next become one, with
// the voice of the first.
NmStatus nm_edit_split_line(NmDocument *doc, int32_t word, NmError *err) NM_NODISCARD;
NmStatus nm_edit_join_lines(NmDocument *doc, int32_t line, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_line(NmDocument *doc, int32_t line, int verse, int stanza, NmError *err) NM_NODISCARD;
// A copy of a line of another song's words, without notes, put before line `at`.
NmStatus nm_edit_add_line(NmDocument *doc, int32_t at, const NmSong *words, int32_t line,
                          NmError *err) NM_NODISCARD;
// With the notes that no other line is sung on, or without.
NmStatus nm_edit_remove_lines(NmDocument *doc, int32_t first, int32_t n, bool with_notes,
                              NmError *err) NM_NODISCARD;

// Types words on the notes from this one on, as into a score: spaces end words, hyphens syllables, and "_"
// holds the syllable before it over one more note ("Glo-_ _ ri-a"). What was sung on those notes in that
// verse gives way; a hyphen at the end goes on into what follows. Phones and stress are not known. Fails when
// notes run out.
NmStatus nm_edit_type_lyrics(NmDocument *doc, int32_t note, int verse, const char *text,
                             NmError *err) NM_NODISCARD;

// --- whole melodies and words (edits_melody.c) ---

// Another song's notes, maps and links under the words that are here, which must be as many syllables, in
// order. Drawn pitch, chords and takes go.
NmStatus nm_edit_replace_melody(NmDocument *doc, const NmSong *song, NmError *err) NM_NODISCARD;
// One line's notes by those of a line of `song` that has as many syllables. They stand at the same place of
// the bar as there, nearest to where the old ones began. `make_room` moves what follows by whole bars when
// they need more; else the edit fails. Words of other verses on the old notes come to stand on the new ones
// in order.
NmStatus nm_edit_replace_line_melody(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                                     bool make_room, NmError *err) NM_NODISCARD;
// Another song's words and links on the notes that are here, which must be the same.
NmStatus nm_edit_replace_words(NmDocument *doc, const NmSong *song, NmError *err) NM_NODISCARD;
// One line's words by those of a line of `song`, on the same notes: as they were for as many syllables, else
// laid on them anew (models/song/fit.h).
NmStatus nm_edit_replace_line_words(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                                    NmError *err) NM_NODISCARD;
// All of it, but how it is sung and played.
NmStatus nm_edit_replace_song(NmDocument *doc, const NmSong *song, NmError *err) NM_NODISCARD;

// --- takes (edits_takes.c) ---

// Keeps the present notes of a line as its last take.
NmStatus nm_edit_keep_take(NmDocument *doc, int32_t line, const char *name, NmError *err) NM_NODISCARD;
// Adds a line's notes from another song as a take, placed as nm_edit_replace_line_melody would.
NmStatus nm_edit_add_take(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                          const char *name, NmError *err) NM_NODISCARD;
// Sings take i (from 0) and keeps the present notes in its place, so that choosing it again goes back. Fails
// when the take does not fit between its neighbours or has more syllables than the line.
NmStatus nm_edit_swap_take(NmDocument *doc, int32_t line, int32_t i, NmError *err) NM_NODISCARD;
NmStatus nm_edit_remove_take(NmDocument *doc, int32_t line, int32_t i, NmError *err) NM_NODISCARD;

// --- time (edits_time.c) ---

// At a tick: a tempo (bpm 0: none), a meter (n_beats 0: none), a key (fifths outside -7 to 7: none), a chord
// (NULL: none, "": found for the melody from here on).
NmStatus nm_edit_set_tempo(NmDocument *doc, int64_t tick, double bpm, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_meter(NmDocument *doc, int64_t tick, int n_beats, int beat_unit,
                           NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_key(NmDocument *doc, int64_t tick, int fifths, bool minor, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_chord(NmDocument *doc, int64_t tick, const char *name, NmError *err) NM_NODISCARD;
// A place to find again; name NULL: none.
NmStatus nm_edit_set_marker(NmDocument *doc, int64_t tick, const char *name, NmError *err) NM_NODISCARD;
NmStatus nm_edit_set_pickup(NmDocument *doc, int64_t ticks, NmError *err) NM_NODISCARD;
// All times in other ticks, without rounding; NM_ERR_BAD_DATA when that cannot be.
NmStatus nm_edit_set_resolution(NmDocument *doc, int32_t ticks_per_beat, NmError *err) NM_NODISCARD;
// What stands at `tick` or behind it (notes, maps, chords, drawn pitch, takes) moves on by so many ticks;
// less than 0: back, when nothing stands in the way.
NmStatus nm_edit_insert_time(NmDocument *doc, int64_t tick, int64_t ticks, NmError *err) NM_NODISCARD;

// --- curves and settings (edits_settings.c) ---

// Replaces the points from tick to tick (both included) by others between them.
NmStatus nm_edit_draw_pitch(NmDocument *doc, int64_t from, int64_t to, const NmPitchPoint *points, int32_t n,
                            NmError *err) NM_NODISCARD;
NmStatus nm_edit_draw_emotion(NmDocument *doc, double from_s, double to_s, const NmEmotionPoint *points,
                              int32_t n, NmError *err) NM_NODISCARD;

// Any single value the schema knows: "/title", "/voice/speaker", "/lines/3/voice/transpose",
// "/mix/voice_db". `value` is stolen; NULL takes it away. Objects above it are made, and go when empty.
NmStatus nm_edit_set_value(NmDocument *doc, const char *pointer, json_t *value, NmError *err) NM_NODISCARD;
// What a program wants to remember of its windows, under a name: no step, and no change to save.
NmStatus nm_edit_set_view(NmDocument *doc, const char *name, json_t *value, NmError *err) NM_NODISCARD;

#endif
