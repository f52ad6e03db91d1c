// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/document_internal.h"
#include "app/document/file.h"

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- making ---

static NmDocument *make(json_t *root, NmSongView *song, NmCurveView *curves)
{
  NmDocument *doc = root && song && curves ? calloc(1, sizeof *doc) : NULL;
  if (!doc) {
    json_decref(root);
    nm_song_view_free(song);
    nm_curve_view_free(curves);
    return NULL;
  }
  doc->root = root;
  doc->song = song;
  doc->curves = curves;
  doc->revision = 1;
  for (int i = 0; i < NM_N_PARTS; ++i) doc->changed_at[i] = 1;
  return doc;
}

NmDocument *nm_document_from_tree(json_t *root, NmError *err)
{
  NmError inner = {0};
  if (!root) return NULL;
  NmSongView *song = nm_song_view_new(root, &inner);
  NmCurveView *curves = song ? nm_curve_view_new(root, &inner) : NULL;
  NmDocument *doc = make(root, song, curves);
  if (!doc)
    nm_error_set(err, inner.status ? inner.status : NM_ERR_NO_MEMORY, "%s",
                 inner.status ? inner.message : "out of memory");
  return doc;
}

NmDocument *nm_document_new(NmError *err)
{
  NmSong *song = nm_song_new();
  NmDocument *doc = song ? nm_document_from_song(song, err) : NULL;
  if (!song) no_memory(err);
  nm_song_free(song);
  return doc;
}

NmDocument *nm_document_from_song(const NmSong *song, NmError *err)
{
  return nm_document_from_tree(nm_document_tree_from_song(song, err), err);
}

NmDocument *nm_document_copy(const NmDocument *doc)
{
  NmDocument *copy =
      make(json_incref(doc->root), nm_song_view_share(doc->song), nm_curve_view_share(doc->curves));
  if (copy) copy->saved_at = nm_document_is_changed(doc) ? -1 : 0;
  return copy;
}

static void step_fini(NmStep *step)
{
  free(step->label);
  nm_patch_fini(&step->patch);
}

void nm_document_free(NmDocument *doc)
{
  if (!doc) return;
  nm_document_close_journal(doc, true);
  for (int32_t i = 0; i < doc->n_steps; ++i) step_fini(&doc->steps[i]);
  free(doc->steps);
  free(doc->label);
  json_decref(doc->root_group);
  json_decref(doc->root);
  nm_song_view_free(doc->song);
  nm_curve_view_free(doc->curves);
  free(doc);
}

// --- what it holds ---

const NmSong *nm_document_get_song(const NmDocument *doc)
{
  return doc->song->song;
}

NmSong *nm_document_make_song(const NmDocument *doc, NmError *err)
{
  NmSongView *view = nm_song_view_new(doc->root, err);
  if (!view) return NULL;
  NmSong *song = view->song;
  view->song = NULL;
  nm_song_view_free(view);
  return song;
}

int32_t nm_document_get_note_id(const NmDocument *doc, int32_t note)
{
  return note >= 0 && note < doc->song->song->n_notes ? doc->song->note_ids[note] : 0;
}

int32_t nm_document_find_note(const NmDocument *doc, int32_t id)
{
  return nm_song_view_find(doc->song, id);
}

const NmPitchPoint *nm_document_get_pitch_curve(const NmDocument *doc, int32_t *n)
{
  *n = doc->curves->n_pitch;
  return doc->curves->pitch;
}

const NmEmotionPoint *nm_document_get_emotion_curve(const NmDocument *doc, int32_t *n)
{
  *n = doc->curves->n_emotion;
  return doc->curves->emotion;
}

const NmChordMark *nm_document_get_chords(const NmDocument *doc, int32_t *n)
{
  *n = doc->curves->n_chords;
  return doc->curves->chords;
}

const NmPlaceMark *nm_document_get_markers(const NmDocument *doc, int32_t *n)
{
  *n = doc->curves->n_markers;
  return doc->curves->markers;
}

json_t *nm_document_get(const NmDocument *doc, const char *pointer)
{
  return nm_tree_get(doc->root, pointer);
}

uint64_t nm_document_get_revision(const NmDocument *doc)
{
  return doc->revision;
}

unsigned nm_document_get_changes(const NmDocument *doc, uint64_t since)
{
  unsigned parts = 0;
  for (int i = 0; i < NM_N_PARTS; ++i)
    if (doc->changed_at[i] > since) parts |= 1u << i;
  return parts;
}

// --- changes ---

static NmDocumentPart find_part(const char *pointer)
{
  static const struct {
    const char *name;
    NmDocumentPart part;
  } parts[] = {
      {"title", NM_PART_TEXTS},           {"composer", NM_PART_TEXTS},  {"lyricist", NM_PART_TEXTS},
      {"language", NM_PART_TEXTS},        {"notes", NM_PART_NOTES},     {"ticks_per_beat", NM_PART_NOTES},
      {"lines", NM_PART_LYRICS},          {"pickup", NM_PART_MAPS},     {"tempos", NM_PART_MAPS},
      {"meters", NM_PART_MAPS},           {"keys", NM_PART_MAPS},       {"chords", NM_PART_CHORDS},
      {"markers", NM_PART_MAPS},          {"voice", NM_PART_VOICE},     {"pitch_curve", NM_PART_PITCH},
      {"emotion_curve", NM_PART_EMOTION}, {"backing", NM_PART_BACKING}, {"mix", NM_PART_BACKING},
      {"lead_in_bars", NM_PART_BACKING},  {"view", NM_PART_VIEW}};
  const size_t len = strcspn(pointer + 1, "/");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i)
    if (strlen(parts[i].name) == len && !memcmp(parts[i].name, pointer + 1, len)) return parts[i].part;
  return NM_PART_OTHER;
}

// Of a line there may change its words, its voice or its takes.
static NmDocumentPart find_part_of_line(const char *pointer)
{
  const char *rest = strchr(pointer + strlen("/lines/"), '/');
  if (!rest) return NM_PART_LYRICS;
  if (!strncmp(rest, "/voice", 6)) return NM_PART_VOICE;
  return strncmp(rest, "/takes", 6) ? NM_PART_LYRICS : NM_PART_TAKES;
}

unsigned nm_patch_get_parts(const NmPatch *patch)
{
  unsigned parts = 0;
  for (int32_t i = 0; i < patch->n; ++i) {
    const char *pointer = patch->ops[i].pointer;
    const bool is_line = !strncmp(pointer, "/lines/", strlen("/lines/"));
    const NmDocumentPart part = is_line ? find_part_of_line(pointer) : find_part(pointer);
    parts |= 1u << part;
    if (is_line && part == NM_PART_LYRICS) parts |= 1u << NM_PART_VOICE | 1u << NM_PART_TAKES;
  }
  return parts;
}

// What holds the place that an operation touches still has all it needs.
static NmStatus check_parent(const NmOp *op, const json_t *draft, NmError *err)
{
  char pointer[NM_POINTER_MAX];
  const char *slash = strrchr(op->pointer, '/');
  snprintf(pointer, sizeof pointer, "%.*s", (int)(slash - op->pointer), op->pointer);
  const NmField *field = nm_schema_find(pointer), *part = nm_schema_find(op->pointer);
  const json_t *parent = nm_tree_get(draft, pointer);
  if (!field || !parent) return NM_OK;
  const double n = (double)json_array_size(parent);
  const bool is_missing =
      field->kind == NM_FIELD_OBJECT && op->kind == NM_OP_REMOVE && part && part->required;
  if (is_missing || field->kind == NM_FIELD_TUPLE ||
      (field->kind == NM_FIELD_LIST && !(n >= field->low && n <= field->high)))
    return nm_schema_check(field, parent, pointer, err);
  return NM_OK;
}

static NmStatus check_patch(const NmPatch *patch, const json_t *draft, NmError *err)
{
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < patch->n && status == NM_OK; ++i) {
    const NmOp *op = &patch->ops[i];
    const NmField *field = nm_schema_find(op->pointer);
    if (op->kind != NM_OP_REMOVE && field) status = nm_schema_check(field, op->value, op->pointer, err);
    if (status == NM_OK) status = check_parent(op, draft, err);
  }
  return status;
}

enum {
  PARTS_SONG = 1 << NM_PART_TEXTS | 1 << NM_PART_NOTES | 1 << NM_PART_LYRICS | 1 << NM_PART_MAPS,
  PARTS_CURVES = 1 << NM_PART_MAPS | 1 << NM_PART_CHORDS | 1 << NM_PART_PITCH | 1 << NM_PART_EMOTION
};

// Views of the draft, those of the document where nothing in them changed.
static NmStatus make_views(const NmDocument *doc, const json_t *draft, unsigned parts, NmSongView **song,
                           NmCurveView **curves, NmError *err)
{
  NmError inner = {0};
  *curves = NULL;
  *song = parts & PARTS_SONG ? nm_song_view_new(draft, &inner) : nm_song_view_share(doc->song);
  if (*song)
    *curves = parts & PARTS_CURVES ? nm_curve_view_new(draft, &inner) : nm_curve_view_share(doc->curves);
  if (*song && *curves) return NM_OK;
  nm_song_view_free(*song);
  return nm_error_set(err, inner.status, "%s", inner.message);
}

NmStatus nm_document_adopt(NmDocument *doc, json_t *draft, const NmPatch *patch, bool check, NmError *err)
{
  NmSongView *song;
  NmCurveView *curves;
  const unsigned parts = nm_patch_get_parts(patch);
  NmStatus status = check ? check_patch(patch, draft, err) : NM_OK;
  if (status == NM_OK) status = make_views(doc, draft, parts, &song, &curves, err);
  if (status != NM_OK) {
    json_decref(draft);
    return status;
  }
  nm_song_view_free(doc->song);
  nm_curve_view_free(doc->curves);
  json_decref(doc->root);
  doc->song = song;
  doc->curves = curves;
  doc->root = draft;
  ++doc->revision;
  for (int i = 0; i < NM_N_PARTS; ++i)
    if (parts >> i & 1) doc->changed_at[i] = doc->revision;
  return NM_OK;
}
