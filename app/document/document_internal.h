// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of the document share.
#ifndef NM_DOCUMENT_DOCUMENT_INTERNAL_H
#define NM_DOCUMENT_DOCUMENT_INTERNAL_H

#include <stdatomic.h>

#include "app/document/document.h"
#include "app/document/tree.h"

typedef struct NmJournal NmJournal;

// A step: what it did.
typedef struct {
  char *label;
  NmPatch patch;
} NmStep;

// What is computed from a tree: each is shared by those documents and moments that have it, on any thread,
// and never changed.
typedef struct {
  atomic_int n_users;
  NmSong *song;
  int32_t *note_ids; // [song->n_notes] in the song's arena
  int32_t *places;   // [n_places] notes + 1 by a hash of their id, 0: none; n_places is a power of two
  uint32_t n_places;
} NmSongView;

typedef struct {
  atomic_int n_users;
  NmArena arena;
  NmPitchPoint *pitch;
  NmEmotionPoint *emotion;
  NmChordMark *chords;
  NmPlaceMark *markers;
  int32_t n_pitch, n_emotion, n_chords, n_markers;
} NmCurveView;

struct NmDocument {
  json_t *root;
  NmSongView *song;
  NmCurveView *curves;
  NmStep *steps; // [n_steps], those below `at` are done, the others undone
  int32_t n_steps, at, room;
  int32_t saved_at;           // -1: in no state that can be reached
  int32_t depth;              // of open groups
  char *label;                // of the outermost
  json_t *root_group;         // where it began
  uint64_t merge, merge_last; // of the open group, of the step before `at` (0: none)
  char content[33];           // hash of the file that it came from or was saved as; "": none
  uint64_t revision, changed_at[NM_N_PARTS];
  NmJournal *journal; // NULL: none
};

// --- views (view.c) ---

// From a tree that is as the schema says. Errors say the place; NULL then.
NmSongView *nm_song_view_new(const json_t *root, NmError *err);
NmCurveView *nm_curve_view_new(const json_t *root, NmError *err);
NmSongView *nm_song_view_share(NmSongView *view);
NmCurveView *nm_curve_view_share(NmCurveView *view);
void nm_song_view_free(NmSongView *view);
void nm_curve_view_free(NmCurveView *view);

// The note of an id, -1 when there is none.
int32_t nm_song_view_find(const NmSongView *view, int32_t id);

// --- trees (from_song.c, parse.c) ---

// A tree of a song; NULL and `err`. Parts of one: a note (`id` 0: without), a syllable and a line without
// notes; NULL when memory is out.
json_t *nm_document_tree_from_song(const NmSong *song, NmError *err);
json_t *nm_document_tree_of_text(const char *text);
json_t *nm_document_tree_of_note(int32_t id, const NmSongNote *note);
json_t *nm_document_tree_of_syllable(const NmSong *song, int32_t syllable);
json_t *nm_document_tree_of_line(const NmSong *song, int32_t line);

// How version `from` becomes the next: changes `root` (all its own), false when memory is out.
typedef bool (*NmUpgrade)(json_t *root);

// Brings a tree to version n_upgrades + 1. NM_ERR_UNSUPPORTED when it is newer, NM_ERR_BAD_DATA when it says
// no version.
NmStatus nm_document_upgrade(json_t *root, const NmUpgrade *upgrades, int n_upgrades,
                             NmError *err) NM_NODISCARD;

// --- changes (document.c) ---

// Takes `draft` (stolen) in place of the tree, from which it differs by `patch` or its inverse. `check` is
// for trees that never were: what the patch touches must be as the schema says. When not, nothing changes.
// Records nothing.
NmStatus nm_document_adopt(NmDocument *doc, json_t *draft, const NmPatch *patch, bool check,
                           NmError *err) NM_NODISCARD;

// A document of a tree (stolen; NULL: the error is set already) that is as the schema says.
NmDocument *nm_document_from_tree(json_t *root, NmError *err);

// An edit: checks and adopts `draft` (stolen), as a step of that label unless a group is open. A draft that
// changes nothing is no step.
NmStatus nm_document_commit(NmDocument *doc, json_t *draft, const char *label, NmError *err) NM_NODISCARD;

// As nm_document_commit without open groups; `joins`: as one with the step before, if there is one.
NmStatus nm_document_commit_step(NmDocument *doc, json_t *draft, const char *label, bool joins,
                                 NmError *err) NM_NODISCARD;

// Checks and adopts `draft` (stolen) without a step: inside a group, and for the view.
NmStatus nm_document_replace(NmDocument *doc, json_t *draft, NmError *err) NM_NODISCARD;

// Bits of the parts that a patch touches.
unsigned nm_patch_get_parts(const NmPatch *patch);

#endif
