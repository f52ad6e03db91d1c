// SPDX-License-Identifier: GPL-3.0-or-later
// A song as people work on it: words, notes, how it is sung and played, and every step that was taken.
//
// A document is a tree of JSON (schema.h says of what) that is never changed in place: an edit (edits.h)
// makes a new tree that shares what stays, is checked as a whole, and takes the old one's place, or fails and
// changes nothing. What differs is kept as a patch: so undo and redo go any number of steps, and a journal
// (journal.h) brings back what was not saved. What this program does not know in a file stays in it.
//
// One thread at a time, but a copy (nm_document_copy) may be read by another thread: it costs nothing, and
// edits of the one are not seen in the other. Limits: NM_SONG_NOTES_MAX notes and syllables, files of
// NM_SONG_FILE_MAX bytes; the number of steps is bounded by memory only.
#ifndef NM_DOCUMENT_DOCUMENT_H
#define NM_DOCUMENT_DOCUMENT_H

#include <jansson.h>

#include "app/document/schema.h"
#include "models/song/song.h"

typedef struct NmDocument NmDocument;

// A document without words and notes; one of a finished song, with its texts made valid UTF-8. NULL and `err`
// (no memory; unsupported where a text is too long).
NmDocument *nm_document_new(NmError *err);
NmDocument *nm_document_from_song(const NmSong *song, NmError *err);

// From the n bytes of a file; `name` is for messages, which say the place and what would be right
// ("song.neume: notes[12].pitch: 200 is not between 0 and 127"). NM_ERR_BAD_DATA; NM_ERR_UNSUPPORTED when it
// is of a newer program. Older documents are brought up to date; notes and maps are put in order.
NmDocument *nm_document_parse(const char *bytes, size_t n, const char *name, NmError *err);

// A document of the same content, without steps to undo; cheap. NULL when memory is out.
NmDocument *nm_document_copy(const NmDocument *doc);
void nm_document_free(NmDocument *doc);

// The bytes of its file, *n without the NUL behind them; the caller frees them. Equal content, equal bytes.
NmStatus nm_document_print(const NmDocument *doc, char **bytes, size_t *n, NmError *err) NM_NODISCARD;

// --- what it holds ---

// The song, finished; valid until the document changes. Its notes are those of nm_document_get_note_id.
const NmSong *nm_document_get_song(const NmDocument *doc);
// One of its own for the caller.
NmSong *nm_document_make_song(const NmDocument *doc, NmError *err);

// Notes keep their id as long as they live, whatever their place; 0 and -1 when there is none.
int32_t nm_document_get_note_id(const NmDocument *doc, int32_t note);
int32_t nm_document_find_note(const NmDocument *doc, int32_t id);

typedef struct {
  int64_t tick;
  double cents; // above what the notes say
} NmPitchPoint;

typedef struct {
  double seconds, valence, arousal; // -1 to 1
} NmEmotionPoint;

typedef struct {
  int64_t tick;
  const char *name; // "F#m7"; "": as found for the melody
} NmChordMark;

typedef struct {
  int64_t tick;
  const char *name;
} NmPlaceMark;

// Drawn curves, straight between their points, chords and markers: *n of them, by time. Valid until the
// document changes.
const NmPitchPoint *nm_document_get_pitch_curve(const NmDocument *doc, int32_t *n);
const NmEmotionPoint *nm_document_get_emotion_curve(const NmDocument *doc, int32_t *n);
const NmChordMark *nm_document_get_chords(const NmDocument *doc, int32_t *n);
const NmPlaceMark *nm_document_get_markers(const NmDocument *doc, int32_t *n);

// Anything else, by JSON pointer ("/lines/3/takes", "/view/zoom", "" for all); NULL when there is nothing.
// Never to be changed; valid until the document changes, or as long as the caller holds a reference.
json_t *nm_document_get(const NmDocument *doc, const char *pointer);

// --- what changed ---

// Parts of a document that views care for.
typedef enum {
  NM_PART_TEXTS,  // title, composer...
  NM_PART_NOTES,  // and resolution
  NM_PART_LYRICS, // words, syllables and their notes
  NM_PART_MAPS,   // tempo, meter, key, pick-up, markers
  NM_PART_CHORDS,
  NM_PART_VOICE,   // of the song and of lines
  NM_PART_PITCH,   // the drawn curve
  NM_PART_EMOTION, // the drawn curve
  NM_PART_TAKES,
  NM_PART_BACKING, // mix and lead-in too
  NM_PART_VIEW,
  NM_PART_OTHER, // what this program does not know
  NM_N_PARTS
} NmDocumentPart;

// Grows with every change, undo and redo included.
uint64_t nm_document_get_revision(const NmDocument *doc);
// Bits 1 << part of what has changed since that revision.
unsigned nm_document_get_changes(const NmDocument *doc, uint64_t since);

// --- steps ---

// Edits between begin and end are one step of that name (copied). Groups may lie in one another; the
// outermost counts. A step with the same non-zero `merge` as the one just before it becomes one with it: a
// word typed letter by letter. A group that changes nothing is no step.
NmStatus nm_document_begin(NmDocument *doc, const char *label, uint64_t merge, NmError *err) NM_NODISCARD;
NmStatus nm_document_end(NmDocument *doc, NmError *err) NM_NODISCARD;
// Back to where the outermost group began, which stays open: each moment of a drag starts from there.
NmStatus nm_document_restart(NmDocument *doc, NmError *err) NM_NODISCARD;
// Back to there, and no group.
NmStatus nm_document_cancel(NmDocument *doc, NmError *err) NM_NODISCARD;

// NM_ERR_BAD_ARG when there is nothing to undo or redo, or a group is open.
NmStatus nm_document_undo(NmDocument *doc, NmError *err) NM_NODISCARD;
NmStatus nm_document_redo(NmDocument *doc, NmError *err) NM_NODISCARD;
// What the next undo or redo would take back or do again; NULL when there is nothing.
const char *nm_document_get_undo(const NmDocument *doc);
const char *nm_document_get_redo(const NmDocument *doc);
// How many steps can be undone.
int32_t nm_document_get_n_undo(const NmDocument *doc);

// Whether it differs from what was last saved (or loaded); says that it was saved now.
bool nm_document_is_changed(const NmDocument *doc);
void nm_document_set_saved(NmDocument *doc);

#endif
