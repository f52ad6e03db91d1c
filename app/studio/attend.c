// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/attend.h"

#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const char *const sources[NM_N_WEIGHINGS] = {[NM_WEIGHED_BY_ATTENTION] =
                                                        N_("By the model's attention"),
                                                    [NM_WEIGHED_BY_FIT] = N_("By stress and rests")};

void nm_studio_attention_fini(NmStudioAttention *attention)
{
  nm_line_weights_free(attention->weights);
  memset(attention, 0, sizeof *attention);
}

// --- which line, and what is known of it ---

// From 1; 0 when there is none.
static int32_t find_line(const NmStudio *studio)
{
  const NmStudioModel *model = &studio->model;
  const NmSong *song = nm_document_get_song(studio->doc);
  int note = nm_studio_get_note(studio);
  if (note < 0) note = nm_roll_find(&model->roll, studio->ruler_model.playhead);
  if (note == model->roll.n) note--;
  int32_t syllable = note >= 0 ? model->syllable_of_note[note] : -1;
  return syllable < 0 ? 0 : song->words[song->syllables[syllable].word].line + 1;
}

// Asked once for a line as it is now.
static void ask(NmStudio *studio, int32_t line)
{
  NmStudioAttention *attention = &studio->attention;
  uint64_t revision = nm_document_get_revision(studio->doc);
  if (attention->line_asked == line && attention->revision == revision) return;
  nm_line_weights_free(attention->weights);
  attention->weights = NULL;
  attention->line_asked = line;
  attention->revision = revision;
  NmMuse *muse = line ? nm_studio_get_muse(studio) : NULL;
  if (muse && !nm_muse_weigh(muse, nm_document_get_song(studio->doc), line - 1, revision))
    attention->line_asked = 0;
}

static void take(NmStudio *studio)
{
  NmStudioAttention *attention = &studio->attention;
  uint64_t revision;
  NmLineWeights *weights =
      studio->composing.muse ? nm_muse_take_weights(studio->composing.muse, &revision) : NULL;
  if (!weights) return;
  if (revision != attention->revision || weights->line + 1 != attention->line_asked) {
    nm_line_weights_free(weights);
    return;
  }
  nm_line_weights_free(attention->weights);
  attention->weights = weights;
  attention->line = attention->line_asked;
}

// --- what the view wants ---

static const NmWeights *get_weights(const NmStudioAttention *attention)
{
  const NmWeights *by = attention->weights->by;
  NmWeighing source = attention->source;
  if (!by[source].weights) source = NM_N_WEIGHINGS - 1 - source;
  return &by[source];
}

static void fill_notes(NmStudio *studio)
{
  NmStudioAttention *attention = &studio->attention;
  const NmLineWeights *weights = attention->weights;
  const NmSong *song = nm_document_get_song(studio->doc);
  for (int32_t i = 0; i < weights->n_notes; i++) {
    const NmSongNote *note = &song->notes[weights->note_first + i];
    attention->notes[i] = (NmAttentionNote){note->onset, note->len};
  }
  for (int32_t j = 0; j < weights->n_syllables; j++) {
    int32_t syllable = weights->syllable_first + j;
    attention->syllables[j] = song->syllables[syllable].text;
    attention->note_first[j] = studio->model.note_of_syllable[syllable] - weights->note_first;
    attention->n_notes[j] = studio->model.n_of_syllable[syllable];
  }
}

static void fill_ways(NmStudioAttention *attention, const NmWeights *by)
{
  int32_t n = attention->weights->n_syllables;
  for (int32_t k = 0; k < by->n_ways; k++) {
    snprintf(attention->scores[k], sizeof attention->scores[k], "%.2f", by->scores[k]);
    attention->ways[k] = (NmAttentionWay){by->note_first + k * n, by->n_notes + k * n, attention->scores[k]};
  }
}

// The way that is sung, -1: none of them.
static int find_way(const NmStudioAttention *attention, const NmWeights *by)
{
  size_t n = (size_t)attention->weights->n_syllables;
  for (int32_t k = 0; k < by->n_ways; k++)
    if (!memcmp(by->note_first + (size_t)k * n, attention->note_first, n * sizeof *by->note_first) &&
        !memcmp(by->n_notes + (size_t)k * n, attention->n_notes, n * sizeof *by->n_notes))
      return k;
  return -1;
}

static const char *why_nothing(const NmStudio *studio)
{
  const NmStudioAttention *attention = &studio->attention;
  if (!attention->line_asked) return _("Choose a note of a line with words");
  if (!attention->weights || attention->line != attention->line_asked) return _("It is being weighed");
  return attention->weights->trouble[0] ? _(attention->weights->trouble) : "";
}

static bool is_known(const NmStudio *studio)
{
  const NmStudioAttention *attention = &studio->attention;
  return attention->weights && attention->line == attention->line_asked && attention->line > 0 &&
         attention->revision == nm_document_get_revision(studio->doc) && get_weights(attention)->weights;
}

// --- what is done ---

static NmStatus set_links(NmStudio *studio, const NmAttentionWay *way)
{
  const NmLineWeights *weights = studio->attention.weights;
  int32_t ids[NM_WEIGH_NOTES_MAX];
  NmStatus status = NM_OK;
  for (int32_t j = 0; j < weights->n_syllables && status == NM_OK; j++) {
    for (int32_t i = 0; i < way->n_notes[j]; i++)
      ids[i] = nm_document_get_note_id(studio->doc, weights->note_first + way->note_first[j] + i);
    status = nm_edit_set_links(studio->doc, weights->syllable_first + j, ids, way->n_notes[j], &studio->err);
  }
  return status;
}

// The weights stay as they were when they were asked for, so that one can go through all ways.
static void lay(NmStudio *studio, int way)
{
  NmStudioAttention *attention = &studio->attention;
  if (!nm_studio_begin(studio, _("Lay words on notes"))) return;
  nm_studio_end(studio, set_links(studio, &attention->ways[way]));
  attention->revision = nm_document_get_revision(studio->doc);
}

static void choose_source(NmStudio *studio, int source)
{
  NmStudioAttention *attention = &studio->attention;
  attention->source = (NmWeighing)source;
  if (attention->weights->by[source].weights) return;
  nm_studio_say(studio, "%s",
                attention->weights->trouble[0] ? _(attention->weights->trouble)
                                               : _("There is no way to sing it"));
}

static void update(NmStudio *studio)
{
  ask(studio, find_line(studio));
  take(studio);
  if (!is_known(studio)) return;
  fill_notes(studio);
  fill_ways(&studio->attention, get_weights(&studio->attention));
}

void nm_studio_step_way(NmStudio *studio, int step)
{
  NmLane *lane = &studio->lanes[NM_LANE_ATTENTION];
  bool was_hidden = lane->hidden;
  lane->hidden = false;
  if (nm_studio_update(studio)) return;
  update(studio);
  if (was_hidden || !is_known(studio)) return;
  const NmWeights *by = get_weights(&studio->attention);
  int way = find_way(&studio->attention, by) + step;
  if (way >= 0 && way < by->n_ways) lay(studio, way);
}

void nm_studio_show_attention(NmStudio *studio, NmRect rect)
{
  NmStudioAttention *attention = &studio->attention;
  NmAttentionModel model = {.title = _("Attention"), .as_it_is = _("sung")};
  const char *names[NM_N_WEIGHINGS];
  update(studio);
  model.empty = why_nothing(studio);
  if (is_known(studio)) {
    const NmWeights *by = get_weights(attention);
    for (int i = 0; i < NM_N_WEIGHINGS; i++) names[i] = _(sources[i]);
    model.syllables = attention->syllables;
    model.notes = attention->notes;
    model.n_syllables = attention->weights->n_syllables;
    model.n_notes = attention->weights->n_notes;
    model.weights = by->weights;
    model.sung = (NmAttentionWay){attention->note_first, attention->n_notes, ""};
    model.ways = attention->ways;
    model.n_ways = by->n_ways;
    model.way = find_way(attention, by);
    model.sources = names;
    model.n_sources = NM_N_WEIGHINGS;
    model.source = (int)(by - attention->weights->by);
  }
  NmAttentionEdit edit = nm_attention_show(studio->kit, &model, &studio->axis, rect);
  if (edit.kind == NM_ATTENTION_WAY) lay(studio, edit.index);
  if (edit.kind == NM_ATTENTION_SOURCE) choose_source(studio, edit.index);
}
