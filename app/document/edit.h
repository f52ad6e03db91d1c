// SPDX-License-Identifier: GPL-3.0-or-later
// What edits are made of: a draft of the tree, and its notes and words as lists that are easy to change. The
// first failure stays in the edit, and what is called after it does nothing; so an edit is written straight
// on and asked at its end.
#ifndef NM_DOCUMENT_EDIT_H
#define NM_DOCUMENT_EDIT_H

#include "app/document/document_internal.h"
#include "app/document/edits.h"

typedef struct {
  NmDocument *doc;
  const NmSong *song; // before the edit
  json_t *draft;
  NmStatus status;
  NmError *err;
} NmEdit;

NmEdit nm_edit_open(NmDocument *doc, NmError *err);
// Commits the draft, or drops it after a failure.
NmStatus nm_edit_close(NmEdit *edit, const char *label);

// Notes a failure, unless there was one.
void nm_edit_fail(NmEdit *edit, NmStatus status, const char *fmt, ...) NM_PRINTF(3, 4);
void nm_edit_check_memory(NmEdit *edit, bool ok);
// Whether an index is in [0, n); else the edit fails: "there is no line 7".
bool nm_edit_check_index(NmEdit *edit, const char *what, int64_t index, int64_t n);

// The container at a place of the draft, its own; NULL after a failure.
json_t *nm_edit_own(NmEdit *edit, const char *fmt, ...) NM_PRINTF(2, 3);
// Sets (value stolen, NULL: memory was out) or removes a member; `object` may be NULL after a failure.
void nm_edit_set(NmEdit *edit, json_t *object, const char *name, json_t *value);
void nm_edit_unset(NmEdit *edit, json_t *object, const char *name);
void nm_edit_append(NmEdit *edit, json_t *array, json_t *value);

// All times in other ticks; what stands at a tick or behind it moved on (edits_time.c).
void nm_edit_scale_time(NmEdit *edit, int32_t ticks_per_beat);
void nm_edit_shift_time(NmEdit *edit, int64_t tick, int64_t ticks);

// --- notes (edit_notes.c) ---

typedef struct {
  int32_t id, before; // `before`: index in the song, -1: new
  NmSongNote note;
  bool changed, gone;
} NmEditNote;

typedef struct {
  NmEditNote *notes; // [n]
  int32_t n, room, id_free;
} NmEditNotes;

void nm_edit_notes_open(NmEdit *edit, NmEditNotes *list);
// By id; NULL, and the edit fails, when there is none. The n of `ids` are marked as changed.
NmEditNote *nm_edit_notes_find(NmEdit *edit, NmEditNotes *list, int32_t id);
// Adds a note and answers its id.
int32_t nm_edit_notes_add(NmEdit *edit, NmEditNotes *list, const NmSongNote *note);
// Cuts notes that did not change where they lie under those that did.
void nm_edit_notes_trim(NmEditNotes *list);
// Puts them into the draft by onset; syllables forget those that are gone, and have the others in order.
void nm_edit_notes_close(NmEdit *edit, NmEditNotes *list);

// A list of ids of the draft's notes by their place there, each once; `list` is stolen.
json_t *nm_edit_sort_ids(NmEdit *edit, json_t *list);

// --- words (edit_words.c) ---

// A syllable: `syllable` is shared with the tree until nm_edit_words_own. `word` is the object that the word
// it begins came from, NULL: none.
typedef struct {
  json_t *syllable, *word;
  int32_t line; // index of a slot
  bool begins_word;
} NmEditSyllable;

typedef struct {
  NmEditSyllable *syllables; // [n] in order
  json_t **lines;            // [n_lines] slots: the objects they came from
  int32_t n, room, n_lines, room_lines;
} NmEditWords;

void nm_edit_words_open(NmEdit *edit, NmEditWords *words);
// The syllable object, to be changed; NULL after a failure.
json_t *nm_edit_words_own(NmEdit *edit, NmEditWords *words, int32_t i);
// The notes of a syllable that is the draft's own (or NULL): a list of ids, stolen.
void nm_edit_set_notes(NmEdit *edit, json_t *syllable, json_t *ids);
// Room for one more before i; `syllable` is stolen.
void nm_edit_words_insert(NmEdit *edit, NmEditWords *words, int32_t i, json_t *syllable, int32_t line,
                          bool begins_word);
// The rest of its word begins at the next one.
void nm_edit_words_remove(NmEditWords *words, int32_t i);
// A slot before `at`, its object stolen; lines behind move on.
void nm_edit_words_insert_line(NmEdit *edit, NmEditWords *words, int32_t at, json_t *line);
// Forgets them.
void nm_edit_words_free(NmEditWords *words);
// Puts the lines into the draft; those without syllables go.
void nm_edit_words_close(NmEdit *edit, NmEditWords *words);

#endif
