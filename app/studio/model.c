// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/model.h"

#include <stdio.h>
#include <string.h>

#include "ui/kit/words.h"

// The tempo is straight between its changes, and goes on for ever after the last.
static NmStatus make_map(NmStudioModel *model, const NmSong *song)
{
  int n = song->n_tempos + 2, at = 0;
  int64_t *ticks = nm_arena_calloc(&model->arena, (size_t)n, sizeof *ticks);
  double *seconds = nm_arena_calloc(&model->arena, (size_t)n, sizeof *seconds);
  if (!ticks || !seconds) return NM_ERR_NO_MEMORY;
  at = 1;
  for (int i = 0; i < song->n_tempos; i++)
    if (song->tempos[i].tick > 0) ticks[at++] = song->tempos[i].tick;
  ticks[at] = ticks[at - 1] + song->ticks_per_beat;
  for (int i = 0; i <= at; i++) seconds[i] = nm_song_get_seconds(song, ticks[i]);
  model->time.map_ticks = ticks;
  model->time.map_seconds = seconds;
  model->time.n_map = at + 1;
  return NM_OK;
}

static NmBar bar_of_meter(NmSongMeter meter, int32_t ticks_per_beat, int64_t tick, int number)
{
  int64_t len_beat = 4 * (int64_t)ticks_per_beat / meter.beat_unit;
  return (NmBar){tick, len_beat > 0 ? len_beat : 1, meter.n_beats, number};
}

// Bars up to the last meter; the last goes on.
static NmStatus make_bars(NmStudioModel *model, const NmSong *song)
{
  int64_t last = song->n_meters ? song->meters[song->n_meters - 1].tick : 0, tick = 0;
  NmBar first = bar_of_meter(nm_song_get_meter(song, 0), song->ticks_per_beat, 0, 1);
  if (song->pickup > 0) {
    first.tick = song->pickup - first.len_beat * first.n_beats;
    first.number = 0;
  }
  size_t room = (size_t)((last - first.tick) / first.len_beat + song->n_meters + 2);
  NmBar *bars = nm_arena_calloc(&model->arena, room, sizeof *bars);
  if (!bars) return NM_ERR_NO_MEMORY;
  int n = 1;
  bars[0] = first;
  while ((tick = bars[n - 1].tick + bars[n - 1].len_beat * bars[n - 1].n_beats) <= last && n < (int)room) {
    bars[n] = bar_of_meter(nm_song_get_meter(song, tick), song->ticks_per_beat, tick, first.number + n);
    n++;
  }
  model->time.bars = bars;
  model->time.n_bars = n;
  return NM_OK;
}

// Texts over notes: the syllable, a hyphen when its word goes on, and all of them where a note has several.
static const char *text_of_note(NmStudioModel *model, const char *before, const NmSong *song,
                                int32_t syllable)
{
  const NmSongSyllable *at = &song->syllables[syllable];
  const NmSongWord *word = &song->words[at->word];
  bool ends = syllable + 1 == word->syllable_first + word->n_syllables;
  if (!before && ends) return at->text;
  size_t n = strlen(at->text) + (before ? strlen(before) : 0) + 4;
  char *text = nm_arena_alloc(&model->arena, n);
  if (text) snprintf(text, n, "%s%s%s%s", before ? before : "", before ? " " : "", at->text, ends ? "" : "-");
  return text;
}

static int verse_of(const NmSong *song, int32_t syllable)
{
  return song->lines[song->words[song->syllables[syllable].word].line].verse;
}

// Links are by note: the first syllable of the verse on each, and whether it began on an earlier one.
static void set_words_of_notes(NmStudioModel *model, NmRollNote *notes, const NmSong *song, int verse)
{
  for (int32_t i = 0; i < song->n_links; i++) {
    int32_t syllable = song->links[i].syllable, note = song->links[i].note;
    if (verse_of(song, syllable) != verse) continue;
    if (model->note_of_syllable[syllable] < 0) model->note_of_syllable[syllable] = note;
    model->n_of_syllable[syllable]++;
    if (model->syllable_of_note[note] < 0) model->syllable_of_note[note] = syllable;
    if (model->note_of_syllable[syllable] < note)
      notes[note].continues = true;
    else
      notes[note].text = text_of_note(model, notes[note].text, song, syllable);
  }
}

static uint16_t scale_of(NmSongKey key)
{
  int tonic = (key.fifths * 7 % 12 + 12) % 12; // of the major scale
  uint32_t major = 0xab5, turned = major << tonic;
  return (uint16_t)((turned | turned >> 12) & 0xfff);
}

static NmStatus make_notes(NmStudioModel *model, const NmDocument *doc, const NmSong *song, int verse)
{
  size_t n = (size_t)song->n_notes;
  NmRollNote *notes = nm_arena_calloc(&model->arena, n + 1, sizeof *notes);
  model->ids = nm_arena_calloc(&model->arena, n + 1, sizeof *model->ids);
  model->chosen = nm_arena_calloc(&model->arena, n + 1, sizeof *model->chosen);
  model->syllable_of_note = nm_arena_calloc(&model->arena, n + 1, sizeof *model->syllable_of_note);
  model->roll.selected = nm_arena_calloc(&model->arena, n + 1, 1);
  if (!notes || !model->ids || !model->chosen || !model->syllable_of_note || !model->roll.selected)
    return NM_ERR_NO_MEMORY;
  for (size_t i = 0; i < n; i++) {
    notes[i] =
        (NmRollNote){.onset = song->notes[i].onset, .len = song->notes[i].len, .pitch = song->notes[i].pitch};
    model->ids[i] = nm_document_get_note_id(doc, (int32_t)i);
    model->syllable_of_note[i] = -1;
  }
  set_words_of_notes(model, notes, song, verse);
  model->roll.notes = notes;
  model->roll.n = song->n_notes;
  model->roll.scale = song->n_keys ? scale_of(song->keys[0]) : 0;
  model->roll.sounding = -1;
  model->roll.title = _("Notes");
  return NM_OK;
}

static void fill_syllables(NmStudioModel *model, const NmSong *song)
{
  for (int32_t i = 0; i < song->n_syllables; i++) {
    const NmSongWord *word = &song->words[song->syllables[i].word];
    model->syllables[i].text = song->syllables[i].text;
    model->syllables[i].ends_word = i + 1 == word->syllable_first + word->n_syllables;
    model->note_of_syllable[i] = -1;
  }
}

// An empty row lies between stanzas, and between verses.
static void fill_lines(NmLyricsLine *lines, const NmSong *song)
{
  int32_t row = 0;
  for (int32_t i = 0; i < song->n_lines; i++) {
    const NmSongLine *line = &song->lines[i];
    const NmSongWord *first = &song->words[line->word_first], *last = first + line->n_words - 1;
    if (i > 0 && (line->stanza != line[-1].stanza || line->verse != line[-1].verse)) row++;
    lines[i].syllable_first = first->syllable_first;
    lines[i].n_syllables = last->syllable_first + last->n_syllables - first->syllable_first;
    lines[i].row = row++;
  }
}

static NmStatus make_words(NmStudioModel *model, const NmSong *song)
{
  size_t n = (size_t)song->n_syllables + 1;
  NmLyricsLine *lines = nm_arena_calloc(&model->arena, (size_t)song->n_lines + 1, sizeof *lines);
  model->syllables = nm_arena_calloc(&model->arena, n, sizeof *model->syllables);
  model->note_of_syllable = nm_arena_calloc(&model->arena, n, sizeof *model->note_of_syllable);
  model->n_of_syllable = nm_arena_calloc(&model->arena, n, sizeof *model->n_of_syllable);
  model->chosen_lines =
      nm_arena_calloc(&model->arena, (size_t)song->n_lines + 1, sizeof *model->chosen_lines);
  if (!lines || !model->chosen_lines || !model->syllables || !model->note_of_syllable ||
      !model->n_of_syllable)
    return NM_ERR_NO_MEMORY;
  fill_syllables(model, song);
  fill_lines(lines, song);
  model->lyrics = (NmLyricsModel){.lines = lines,
                                  .syllables = model->syllables,
                                  .n_lines = song->n_lines,
                                  .n_syllables = song->n_syllables,
                                  .heard = -1,
                                  .title = _("Words")};
  return NM_OK;
}

static NmStatus make_curves(NmStudioModel *model, const NmDocument *doc)
{
  const NmPitchPoint *pitch = nm_document_get_pitch_curve(doc, &model->n_pitch);
  const NmEmotionPoint *feelings = nm_document_get_emotion_curve(doc, &model->n_feelings);
  model->pitch = nm_arena_calloc(&model->arena, (size_t)model->n_pitch + 1, sizeof *model->pitch);
  model->valence = nm_arena_calloc(&model->arena, (size_t)model->n_feelings + 1, sizeof *model->valence);
  model->arousal = nm_arena_calloc(&model->arena, (size_t)model->n_feelings + 1, sizeof *model->arousal);
  if (!model->pitch || !model->valence || !model->arousal) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < model->n_pitch; i++)
    model->pitch[i] = (NmCurvePoint){(double)pitch[i].tick, (float)pitch[i].cents};
  for (int32_t i = 0; i < model->n_feelings; i++) {
    model->valence[i] = (NmCurvePoint){feelings[i].seconds, (float)feelings[i].valence};
    model->arousal[i] = (NmCurvePoint){feelings[i].seconds, (float)feelings[i].arousal};
  }
  return NM_OK;
}

static NmStatus make_markers(NmStudioModel *model, const NmDocument *doc)
{
  int32_t n;
  const NmPlaceMark *markers = nm_document_get_markers(doc, &n);
  model->markers = nm_arena_calloc(&model->arena, (size_t)n + 1, sizeof *model->markers);
  if (!model->markers) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < n; i++) model->markers[i] = (NmMarker){markers[i].tick, markers[i].name};
  model->n_markers = n;
  return NM_OK;
}

static void keep_selected(NmStudioModel *model, const NmDocument *doc, const NmStudioModel *before)
{
  for (int i = 0; i < before->roll.n; i++) {
    int32_t note = before->roll.selected[i] ? nm_document_find_note(doc, before->ids[i]) : -1;
    if (note >= 0) model->roll.selected[note] = 1;
  }
}

static NmStatus make(NmStudioModel *model, const NmDocument *doc, int verse)
{
  const NmSong *song = nm_document_get_song(doc);
  NmStatus status;
  model->revision = nm_document_get_revision(doc);
  model->time.ticks_per_beat = song->ticks_per_beat;
  model->time.end = nm_song_get_end(song);
  if ((status = make_map(model, song)) || (status = make_bars(model, song)) ||
      (status = make_words(model, song)) || (status = make_notes(model, doc, song, verse)) ||
      (status = make_curves(model, doc)) || (status = make_markers(model, doc)))
    return status;
  for (int32_t i = 0; i < song->n_syllables; i++) model->syllables[i].sung = model->note_of_syllable[i] >= 0;
  return NM_OK;
}

NmStatus nm_studio_model_make(NmStudioModel *model, const NmDocument *doc, int verse,
                              const NmStudioModel *before)
{
  nm_studio_model_fini(model);
  nm_arena_init(&model->arena, 1 << 16);
  NmStatus status = make(model, doc, verse);
  if (status) {
    nm_studio_model_fini(model);
    return status;
  }
  if (before) keep_selected(model, doc, before);
  nm_studio_model_mark(model);
  return NM_OK;
}

void nm_studio_model_fini(NmStudioModel *model)
{
  nm_arena_fini(&model->arena);
  memset(model, 0, sizeof *model);
}

static bool is_chosen(const NmStudioModel *model, const NmLyricsLine *line)
{
  for (int i = line->syllable_first; i < line->syllable_first + line->n_syllables; i++)
    if (model->syllables[i].selected) return true;
  return false;
}

void nm_studio_model_mark(NmStudioModel *model)
{
  for (int i = 0; i < model->lyrics.n_syllables; i++) model->syllables[i].selected = false;
  for (int i = 0; i < model->roll.n; i++)
    if (model->roll.selected[i] && model->syllable_of_note[i] >= 0)
      model->syllables[model->syllable_of_note[i]].selected = true;
  model->n_chosen_lines = 0;
  for (int i = 0; i < model->lyrics.n_lines; i++)
    if (is_chosen(model, &model->lyrics.lines[i])) model->chosen_lines[model->n_chosen_lines++] = i;
}

void nm_studio_model_hear(NmStudioModel *model, int64_t tick)
{
  int note = tick < 0 ? model->roll.n : nm_roll_find(&model->roll, (double)tick);
  bool sounds = note < model->roll.n && model->roll.notes[note].onset <= tick;
  model->roll.sounding = sounds ? tick : -1;
  model->lyrics.heard = sounds ? model->syllable_of_note[note] : -1;
}

int32_t nm_studio_model_get_selected(const NmStudioModel *model, int32_t *ids)
{
  int32_t n = 0;
  for (int i = 0; i < model->roll.n; i++)
    if (model->roll.selected[i]) ids[n++] = model->ids[i];
  return n;
}
