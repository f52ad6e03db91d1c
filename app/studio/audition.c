// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/audition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/formats/song_values.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const char *const labels[] = {[NM_AUDITION_SONG] = N_("Compose a song"),
                                     [NM_AUDITION_MELODY] = N_("Compose anew"),
                                     [NM_AUDITION_WORDS] = N_("New words"),
                                     [NM_AUDITION_TAKES] = N_("Another melody")};

// --- rows ---

static void write_key(const NmSong *song, char *text, size_t size)
{
  char name[16];
  NmSongKey key = nm_song_get_key(song, 0);
  NmSongMeter meter = nm_song_get_meter(song, 0);
  nm_song_key_name(key.fifths, key.minor, name);
  *strchrnul(name, ' ') = 0;
  snprintf(text, size, "%s %s   %d/%d", name, key.minor ? _("minor") : _("major"), meter.n_beats,
           meter.beat_unit);
}

static void write_tempo(const NmSong *song, char *text, size_t size)
{
  double bpm = song->n_tempos ? song->tempos[0].bpm : 120;
  snprintf(text, size, _("%.4g a minute"), bpm);
}

static void write_range(const NmSong *song, char *text, size_t size)
{
  static const char *const names[] = {"C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"};
  int low = 127, high = 0;
  for (int32_t i = 0; i < song->n_notes; i++) {
    if (song->notes[i].pitch < low) low = song->notes[i].pitch;
    if (song->notes[i].pitch > high) high = song->notes[i].pitch;
  }
  if (low > high) low = high;
  snprintf(text, size, _("%d notes, %s%d to %s%d"), song->n_notes, names[low % 12], low / 12 - 1,
           names[high % 12], high / 12 - 1);
}

static void write_line(const NmSong *song, int32_t line, char *text, size_t size)
{
  size_t n = 0;
  text[0] = 0;
  if (line >= song->n_lines) return;
  const NmSongLine *at = &song->lines[line];
  for (int32_t w = at->word_first; w < at->word_first + at->n_words; w++)
    for (int32_t s = 0; s < song->words[w].n_syllables && n < size; s++)
      n += (size_t)snprintf(text + n, size - n, "%s%s", s == 0 && w > at->word_first ? " " : "",
                            song->syllables[song->words[w].syllable_first + s].text);
}

// The first notes, as high and as long as they are beside each other.
static int draw_notes(const NmSong *song, int32_t first, int32_t n, NmCandidateNote *notes)
{
  int low = 127, high = 0;
  if (n > NM_AUDITION_NOTES_MAX) n = NM_AUDITION_NOTES_MAX;
  if (n == 0) return 0;
  for (int32_t i = first; i < first + n; i++) {
    if (song->notes[i].pitch < low) low = song->notes[i].pitch;
    if (song->notes[i].pitch > high) high = song->notes[i].pitch;
  }
  const NmSongNote *last = &song->notes[first + n - 1];
  double from = (double)song->notes[first].onset, ticks = (double)(last->onset + last->len) - from;
  for (int32_t i = 0; i < n; i++) {
    const NmSongNote *note = &song->notes[first + i];
    notes[i] =
        (NmCandidateNote){(float)(((double)note->onset - from) / ticks), (float)((double)note->len / ticks),
                          (float)(note->pitch - low) / fmaxf((float)(high - low), 8)};
  }
  return n;
}

static void finish_row(NmAudition *audition, int n_notes)
{
  NmAuditionRow *row = &audition->rows[audition->n];
  audition->shown[audition->n] = (NmCandidate){row->title, row->detail, row->score, row->notes, n_notes};
  audition->n++;
}

// The document's notes of the lines [*first, + n).
static int32_t find_notes(const NmStudio *studio, int32_t *first)
{
  const NmAudition *audition = &studio->audition;
  const NmSong *song = nm_document_get_song(studio->doc);
  int32_t low = song->n_notes, high = -1;
  *first = 0;
  if (!audition->n_lines) return song->n_notes;
  for (int32_t i = 0; i < song->n_links; i++) {
    int32_t line = song->words[song->syllables[song->links[i].syllable].word].line;
    if (line < audition->line_first || line >= audition->line_first + audition->n_lines) continue;
    if (song->links[i].note < low) low = song->links[i].note;
    if (song->links[i].note > high) high = song->links[i].note;
  }
  *first = high < 0 ? 0 : low;
  return high < 0 ? 0 : high - low + 1;
}

static void add_how_it_was(NmStudio *studio)
{
  NmAuditionRow *row = &studio->audition.rows[0];
  int32_t first, n = find_notes(studio, &first);
  snprintf(row->title, sizeof row->title, "%s", _("As it was"));
  write_line(nm_document_get_song(studio->doc), studio->audition.line_first, row->detail, sizeof row->detail);
  row->score[0] = 0;
  bool words = studio->audition.kind == NM_AUDITION_WORDS;
  finish_row(&studio->audition,
             words ? 0 : draw_notes(nm_document_get_song(studio->doc), first, n, row->notes));
}

void nm_studio_audition_begin(NmStudio *studio, NmAuditionKind kind, int32_t line_first, int32_t n_lines)
{
  nm_studio_audition_close(studio);
  NmAudition *audition = &studio->audition;
  audition->open = true;
  audition->kind = kind;
  audition->line_first = line_first;
  audition->n_lines = n_lines;
  audition->view = (NmCandidates){0};
  audition->revision = nm_document_get_revision(studio->doc);
  add_how_it_was(studio);
}

void nm_studio_audition_add(NmStudio *studio, NmSong *song, double score)
{
  NmAudition *audition = &studio->audition;
  if (!audition->open || audition->n > NM_AUDITION_MAX) {
    nm_song_free(song);
    return;
  }
  NmAuditionRow *row = &audition->rows[audition->n];
  bool words = audition->kind == NM_AUDITION_WORDS;
  row->song = song;
  snprintf(row->score, sizeof row->score, "%.2f", score);
  if (words) {
    write_line(song, 0, row->title, sizeof row->title);
    write_line(song, 1, row->detail, sizeof row->detail);
  } else if (audition->n_lines) {
    snprintf(row->title, sizeof row->title, _("Melody %d"), audition->n);
    write_range(song, row->detail, sizeof row->detail);
  } else {
    write_key(song, row->title, sizeof row->title);
    write_tempo(song, row->detail, sizeof row->detail);
  }
  finish_row(audition, words ? 0 : draw_notes(song, 0, song->n_notes, row->notes));
  if (audition->n == 2 && audition->chosen == 0) nm_studio_audition_choose(studio, 1, false);
}

// --- takes ---

static const json_t *get_takes(const NmStudio *studio, int32_t line)
{
  char pointer[64];
  snprintf(pointer, sizeof pointer, "/lines/%d/takes", line);
  return nm_document_get(studio->doc, pointer);
}

bool nm_studio_has_takes(const NmStudio *studio, int32_t line)
{
  return json_array_size(get_takes(studio, line)) > 0;
}

static double get_number(const json_t *object, const char *name)
{
  return (double)json_integer_value(json_object_get(object, name));
}

static int draw_take(const json_t *list, NmCandidateNote *notes)
{
  int n = (int)json_array_size(list);
  double low = 127, high = 0;
  if (n > NM_AUDITION_NOTES_MAX) n = NM_AUDITION_NOTES_MAX;
  if (n == 0) return 0;
  for (int i = 0; i < n; i++) {
    double pitch = get_number(json_array_get(list, (size_t)i), "pitch");
    low = fmin(low, pitch);
    high = fmax(high, pitch);
  }
  const json_t *last = json_array_get(list, (size_t)n - 1);
  double from = get_number(json_array_get(list, 0), "onset"),
         ticks = get_number(last, "onset") + get_number(last, "len") - from;
  for (int i = 0; i < n; i++) {
    const json_t *note = json_array_get(list, (size_t)i);
    notes[i] = (NmCandidateNote){(float)((get_number(note, "onset") - from) / ticks),
                                 (float)(get_number(note, "len") / ticks),
                                 (float)((get_number(note, "pitch") - low) / fmax(high - low, 8))};
  }
  return n;
}

void nm_studio_audition_takes(NmStudio *studio, int32_t line)
{
  nm_studio_audition_begin(studio, NM_AUDITION_TAKES, line, 1);
  NmAudition *audition = &studio->audition;
  const json_t *takes = get_takes(studio, line);
  for (size_t i = 0; i < json_array_size(takes) && audition->n <= NM_AUDITION_MAX; i++) {
    const json_t *take = json_array_get(takes, i);
    const char *name = json_string_value(json_object_get(take, "name"));
    NmAuditionRow *row = &audition->rows[audition->n];
    row->score[0] = 0;
    snprintf(row->title, sizeof row->title, _("Melody %d"), (int)i + 1);
    snprintf(row->detail, sizeof row->detail, "%s", name ? name : "");
    finish_row(audition, draw_take(json_object_get(take, "notes"), row->notes));
  }
}

// --- what is in force ---

static NmStatus put_lines(NmStudio *studio, const NmSong *song)
{
  const NmAudition *audition = &studio->audition;
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < audition->n_lines && status == NM_OK; i++)
    status =
        audition->kind == NM_AUDITION_WORDS
            ? nm_edit_replace_line_words(studio->doc, audition->line_first + i, song, i, &studio->err)
            : nm_edit_replace_line_melody(studio->doc, audition->line_first + i, song, i, true, &studio->err);
  return status;
}

static NmStatus put(NmStudio *studio, int row)
{
  const NmAudition *audition = &studio->audition;
  const NmSong *song = audition->rows[row].song;
  switch (audition->kind) {
  case NM_AUDITION_SONG: return nm_edit_replace_song(studio->doc, song, &studio->err);
  case NM_AUDITION_TAKES: return nm_edit_swap_take(studio->doc, audition->line_first, row - 1, &studio->err);
  case NM_AUDITION_MELODY:
    if (!audition->n_lines) return nm_edit_replace_melody(studio->doc, song, &studio->err);
    break;
  case NM_AUDITION_WORDS:
    if (!audition->n_lines) return nm_edit_replace_words(studio->doc, song, &studio->err);
  }
  return put_lines(studio, song);
}

// As it was; false, and the list is closed, when that cannot be.
static bool take_back(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  studio->err = (NmError){0};
  if (audition->is_step && nm_document_undo(studio->doc, &studio->err)) {
    nm_studio_warn(studio, &studio->err);
    nm_studio_audition_close(studio);
    return false;
  }
  audition->chosen = 0;
  audition->is_step = false;
  audition->revision = nm_document_get_revision(studio->doc);
  return true;
}

static void hear(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  int32_t first, n = find_notes(studio, &first);
  if (n == 0) return;
  const NmSong *song = nm_document_get_song(studio->doc);
  const NmSongNote *last = &song->notes[first + n - 1];
  audition->end = (double)(last->onset + last->len);
  nm_studio_trace(studio, false);
  nm_studio_seek(studio, (double)song->notes[first].onset);
  nm_studio_play(studio, true);
  audition->plays = true;
}

// New notes are selected as the old ones were.
static void select_lines(NmStudio *studio)
{
  int32_t first, n = find_notes(studio, &first);
  if (!studio->audition.n_lines) return;
  memset(studio->model.roll.selected, 0, (size_t)studio->model.roll.n);
  memset(studio->model.roll.selected + first, 1, (size_t)n);
  nm_studio_model_mark(&studio->model);
}

void nm_studio_audition_choose(NmStudio *studio, int row, bool plays)
{
  NmAudition *audition = &studio->audition;
  if (!audition->open || row < 0 || row >= audition->n || !take_back(studio)) return;
  int32_t n = nm_document_get_n_undo(studio->doc);
  if (row > 0 && nm_studio_begin(studio, _(labels[audition->kind])) &&
      nm_studio_end(studio, put(studio, row)))
    audition->chosen = row;
  audition->is_step = nm_document_get_n_undo(studio->doc) > n;
  audition->revision = nm_document_get_revision(studio->doc);
  nm_studio_forget_sung(studio); // the instrument plays what the voice has not sung yet
  if (nm_studio_update(studio)) return;
  select_lines(studio);
  if (plays) hear(studio);
}

// --- the end ---

static NmStatus keep_others(NmStudio *studio, int32_t line)
{
  const NmAudition *audition = &studio->audition;
  int32_t i = line - audition->line_first;
  NmStatus status = NM_OK;
  for (int row = 1; row < audition->n && status == NM_OK; row++)
    if (row != audition->chosen && json_array_size(get_takes(studio, line)) < NM_DOCUMENT_TAKES_MAX)
      status = nm_edit_add_take(studio->doc, line, audition->rows[row].song, i, audition->rows[row].title,
                                &studio->err);
  return status;
}

// Before the chosen melodies come: the present ones as takes; and after, the others.
static NmStatus put_with_takes(NmStudio *studio)
{
  const NmAudition *audition = &studio->audition;
  int32_t end = audition->line_first + audition->n_lines;
  NmStatus status = NM_OK;
  for (int32_t line = audition->line_first; line < end && status == NM_OK; line++)
    if (json_array_size(get_takes(studio, line)) < NM_DOCUMENT_TAKES_MAX)
      status = nm_edit_keep_take(studio->doc, line, _("as it was"), &studio->err);
  if (status == NM_OK) status = put(studio, audition->chosen);
  for (int32_t line = audition->line_first; line < end && status == NM_OK; line++)
    status = keep_others(studio, line);
  return status;
}

void nm_studio_audition_keep(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  int row = audition->chosen;
  bool with_takes = audition->kind == NM_AUDITION_MELODY && audition->n_lines > 0 && row > 0;
  if (with_takes && take_back(studio)) {
    audition->chosen = row;
    if (nm_studio_begin(studio, _(labels[audition->kind]))) nm_studio_end(studio, put_with_takes(studio));
    if (nm_studio_update(studio) == NM_OK) select_lines(studio);
  }
  nm_studio_audition_close(studio);
}

void nm_studio_audition_drop(NmStudio *studio)
{
  if (take_back(studio)) nm_studio_audition_close(studio);
}

void nm_studio_audition_close(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  if (audition->plays && studio->heard.plays) nm_studio_play(studio, false);
  if (studio->composing.muse) nm_muse_stop(studio->composing.muse);
  for (int i = 0; i < audition->n; i++) {
    nm_song_free(audition->rows[i].song);
    audition->rows[i].song = NULL;
  }
  audition->open = audition->plays = audition->is_step = false;
  audition->n = audition->chosen = 0;
}

// --- what is seen ---

// Somebody else changed the document: what was chosen has become a part of it.
static void notice_changes(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  uint64_t revision = nm_document_get_revision(studio->doc);
  if (audition->revision == revision) return;
  audition->revision = revision;
  if (audition->is_step || audition->kind == NM_AUDITION_TAKES) nm_studio_audition_close(studio);
}

float nm_studio_audition_get_height(NmStudio *studio, float most)
{
  const NmAudition *audition = &studio->audition;
  if (audition->open) notice_changes(studio);
  return audition->open ? fminf(nm_candidates_get_height(audition->n > 4 ? audition->n : 4), most) : 0;
}

static void stop_at_end(NmStudio *studio)
{
  NmAudition *audition = &studio->audition;
  if (!audition->plays) return;
  if (studio->heard.plays && !studio->tracing.on && studio->ruler_model.playhead > audition->end)
    nm_studio_play(studio, false);
  if (!studio->heard.plays || studio->tracing.on) audition->plays = false;
}

void nm_studio_show_audition(NmStudio *studio, NmRect rect)
{
  NmAudition *audition = &studio->audition;
  if (!audition->open) return;
  stop_at_end(studio);
  const NmCandidatesModel model = {.rows = audition->shown,
                                   .n = audition->n,
                                   .chosen = audition->chosen,
                                   .works = nm_studio_is_composing(studio),
                                   .title = _(labels[audition->kind]),
                                   .hint = _("Up, Down: hear another"),
                                   .coming = _("more are coming"),
                                   .keep = _("Keep"),
                                   .drop = _("As it was")};
  NmCandidatesEdit edit = nm_candidates_show(studio->kit, &audition->view, &model, rect);
  switch (edit.kind) {
  case NM_CANDIDATES_NOTHING: break;
  case NM_CANDIDATES_CHOOSE: nm_studio_audition_choose(studio, edit.row, true); break;
  case NM_CANDIDATES_KEEP: nm_studio_audition_keep(studio); break;
  case NM_CANDIDATES_DROP: nm_studio_audition_drop(studio); break;
  }
}
