// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/variants.h"

#include <string.h>

#include "models/song/cut.h"

// Songs of one key, meter and tempo; the next few have others.
enum { N_EACH = 2, N_EACH_WORDS = 5, STEPS_A_LETTER = 3 };

NmVariantsRequest nm_variants_defaults(NmVariantsKind kind)
{
  return (NmVariantsRequest){
      .kind = kind, .fifths = NM_COMPOSE_AUTO, .meter = NM_COMPOSE_AUTO, .seed = 1, .n = 6};
}

static int count_rounds(const NmVariantsRequest *q)
{
  const int n_each = q->kind == NM_VARIANTS_WORDS ? N_EACH_WORDS : N_EACH;
  return (q->n + n_each - 1) / n_each;
}

static int32_t count_syllables(const NmSong *song, int32_t line_first, int32_t n_lines)
{
  int32_t n = 0;
  for (int32_t w = 0; w < song->n_words; ++w)
    if (song->words[w].line >= line_first && song->words[w].line < line_first + n_lines)
      n += song->words[w].n_syllables;
  return n;
}

int nm_variants_count_steps(const NmVariantsRequest *q)
{
  const int n = q->kind == NM_VARIANTS_SONG
                    ? (int)strlen(q->text) / STEPS_A_LETTER
                    : count_syllables(q->song, q->line_first, q->n_lines ? q->n_lines : q->song->n_lines);
  return count_rounds(q) * (n + n / 6 + 1);
}

static bool is_cancelled(const NmVariantsRequest *q)
{
  return q->cancel && atomic_load(q->cancel);
}

// --- melodies ---

// A part of a song is to go with the rest: its key, meter and tempo, its range, its place in the bar.
static void fit_in(const NmVariantsRequest *q, NmComposeRequest *c)
{
  const NmSong *song = q->song;
  int64_t from = -1, place, len_bar;
  int low = 127, high = 0;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const int32_t line = song->words[song->syllables[song->links[i].syllable].word].line;
    const NmSongNote *note = &song->notes[song->links[i].note];
    if (line >= q->line_first && line < q->line_first + q->n_lines && (from < 0 || note->onset < from))
      from = note->onset;
    if (note->pitch < low) low = note->pitch;
    if (note->pitch > high) high = note->pitch;
  }
  const NmSongKey key = nm_song_get_key(song, from < 0 ? 0 : from);
  const NmSongMeter meter = nm_song_get_meter(song, from < 0 ? 0 : from);
  c->fifths = key.fifths;
  c->mode = key.minor ? NM_MODE_MINOR : NM_MODE_MAJOR;
  if (nm_song_meter_class(meter.n_beats, meter.beat_unit))
    c->meter = nm_song_meter_class(meter.n_beats, meter.beat_unit);
  if (high - low >= NM_MELODY_RANGE_LEAST) c->low = low, c->high = high;
  if (from < 0 || c->meter == NM_COMPOSE_AUTO) return;
  nm_song_get_bar(song, from, &place, &len_bar);
  c->pickup = place ? (int)((len_bar - place) * NM_SONG_TICKS / song->ticks_per_beat) : 0;
}

static NmComposeRequest get_request(const NmVariantsRequest *q, int round)
{
  NmComposeRequest c = nm_compose_defaults();
  c.fifths = q->fifths;
  c.mode = q->mode;
  c.meter = q->meter;
  c.bpm = q->bpm;
  c.n_candidates = N_EACH;
  c.seed = q->seed + (uint64_t)round;
  c.cancel = q->cancel;
  c.n_steps = q->n_steps;
  if (q->n_lines) fit_in(q, &c);
  return c;
}

// Where the words will not begin at that place of the bar, or in that range, they may begin elsewhere.
static NmStatus compose(NmSongTools *tools, const NmSheet *sheet, NmComposeRequest *c, NmComposed *composed,
                        NmError *err)
{
  NmStatus status = nm_compose(&tools->model, sheet, c, composed, err);
  if (status != NM_ERR_BAD_DATA || (c->pickup == NM_COMPOSE_AUTO && c->low == NM_COMPOSE_AUTO)) return status;
  c->pickup = c->low = c->high = NM_COMPOSE_AUTO;
  return nm_compose(&tools->model, sheet, c, composed, err);
}

static NmStatus compose_round(NmSongTools *tools, const NmVariantsRequest *q, const NmSheet *sheet, int round,
                              NmVariantsTake take, void *user, NmError *err)
{
  NmComposed composed;
  NmComposeRequest c = get_request(q, round);
  const NmStatus status = compose(tools, sheet, &c, &composed, err);
  if (status != NM_OK) return status;
  for (int32_t i = 0; i < composed.n; ++i) {
    take(user, composed.candidates[i].song, composed.candidates[i].score);
    composed.candidates[i].song = NULL;
  }
  nm_composed_fini(&composed);
  return NM_OK;
}

static NmStatus read_sheet(NmSongTools *tools, const NmVariantsRequest *q, NmSheet *sheet, NmError *err)
{
  if (q->kind == NM_VARIANTS_SONG)
    return nm_sheet_read((const uint8_t *)q->text, strlen(q->text), "The lyrics", tools->reader.syllabifier,
                         sheet, err);
  return nm_sheet_from_song(q->song, q->line_first, q->n_lines ? q->n_lines : q->song->n_lines,
                            tools->reader.syllabifier, sheet, err);
}

static NmStatus compose_all(NmSongTools *tools, const NmVariantsRequest *q, NmVariantsTake take, void *user,
                            NmError *err)
{
  NmSheet sheet;
  NmStatus status = read_sheet(tools, q, &sheet, err);
  if (status != NM_OK) return status;
  for (int i = 0; i < count_rounds(q) && status == NM_OK; ++i)
    status = compose_round(tools, q, &sheet, i, take, user, err);
  nm_sheet_fini(&sheet);
  return status;
}

// --- words ---

static NmStatus write_round(NmSongTools *tools, const NmSong *melody, const NmWriteRequest *w,
                            NmVariantsTake take, void *user, NmError *err)
{
  NmWritten written;
  const NmStatus status = nm_write(&tools->model, &tools->lexis, melody, w, &written, err);
  if (status != NM_OK) return status;
  for (int32_t i = 0; i < written.n; ++i) {
    take(user, written.candidates[i].song, written.candidates[i].score);
    written.candidates[i].song = NULL;
  }
  nm_written_fini(&written);
  return NM_OK;
}

static NmStatus write_all(NmSongTools *tools, const NmVariantsRequest *q, NmVariantsTake take, void *user,
                          NmError *err)
{
  int32_t theme[NM_SONG_THEME_MAX];
  NmWriteRequest w = nm_write_defaults();
  NmStatus status = nm_song_tools_open_words(tools, err);
  NmSong *part = status == NM_OK && q->n_lines ? nm_song_cut(q->song, q->line_first, q->n_lines, err) : NULL;
  if (status != NM_OK || (q->n_lines && !part)) return status ? status : err->status;
  w.scheme = q->scheme && *q->scheme ? q->scheme : NULL;
  w.theme = theme;
  w.n_theme = nm_song_tools_find_theme(tools, q->theme, theme, NULL);
  w.keep_lines = q->n_lines > 0;
  w.cancel = q->cancel;
  w.n_steps = q->n_steps;
  w.n_candidates = N_EACH_WORDS;
  for (int i = 0; i < count_rounds(q) && status == NM_OK; ++i) {
    w.seed = q->seed + (uint64_t)i;
    status = write_round(tools, part ? part : q->song, &w, take, user, err);
  }
  nm_song_free(part);
  return status;
}

NmStatus nm_variants_make(NmSongTools *tools, const NmVariantsRequest *request, NmVariantsTake take,
                          void *user, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmStatus status = nm_song_tools_open(tools, NULL, err);
  if (status == NM_OK && is_cancelled(request)) return nm_error_set(err, NM_ERR_CANCELLED, "given up");
  if (status != NM_OK) return status;
  return request->kind == NM_VARIANTS_WORDS ? write_all(tools, request, take, user, err)
                                            : compose_all(tools, request, take, user, err);
}
