// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/performance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/harmony/figures.h"

enum { TICKS_LEAST = 480, BARS_OF_SECTION = 8 };
static const double lead_in_s = 2.6;     // of a bar: from here on one is enough before a song
static const double close_s[2] = {2, 5}; // of the last chord, at least and at most

// What is needed while a performance is made.
typedef struct {
  const NmSong *song;
  const NmHarmony *harmony;
  const NmPerformanceStyle *style;
  NmGrid grid;
  int64_t scale;      // ticks of the performance to one of the song
  bool *opens;        // [n_bars + 1] sections begin at these bars
  double *seconds;    // [n_tempos] when each tempo begins
  int64_t close, end; // of the last chord
} Plan;

int nm_performance_get_n_lead_in(const NmSong *song)
{
  if (song->n_notes == 0) return 0;
  const NmSongMeter meter = nm_song_get_meter(song, 0);
  const int64_t bar = (int64_t)song->ticks_per_beat * 4 * meter.n_beats / meter.beat_unit;
  if (song->notes[0].onset >= song->pickup + bar) return 0;
  const double seconds = nm_song_get_seconds(song, bar);
  if (seconds >= lead_in_s) return 1;
  return seconds < lead_in_s / 3 ? 4 : 2;
}

// --- time ---

static bool sum_seconds(Plan *plan)
{
  const NmSong *song = plan->song;
  plan->seconds = malloc(((size_t)song->n_tempos + 1) * sizeof *plan->seconds);
  if (!plan->seconds) return false;
  double seconds = 0, bpm = song->n_tempos ? song->tempos[0].bpm : 120;
  int64_t from = 0;
  for (int32_t i = 0; i < song->n_tempos; ++i) {
    seconds += (double)(song->tempos[i].tick - from) / song->ticks_per_beat * 60 / bpm;
    plan->seconds[i] = seconds;
    from = song->tempos[i].tick;
    bpm = song->tempos[i].bpm;
  }
  return true;
}

// As nm_song_get_seconds, of finer ticks and in the time of a search.
static double get_seconds(const Plan *plan, int64_t tick)
{
  const NmSong *song = plan->song;
  int32_t low = 0, high = song->n_tempos;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (song->tempos[middle].tick * plan->scale < tick)
      low = middle + 1;
    else
      high = middle;
  }
  const double beats = (double)tick / (double)plan->grid.ticks_per_beat;
  if (low == 0) return beats * 60 / (song->n_tempos ? song->tempos[0].bpm : 120);
  const NmSongTempo *tempo = &song->tempos[low - 1];
  return plan->seconds[low - 1] + (beats - (double)tempo->tick / song->ticks_per_beat) * 60 / tempo->bpm;
}

static int64_t get_frame(const Plan *plan, int64_t tick)
{
  return llround(get_seconds(plan, tick) * NM_PERFORMANCE_RATE_HZ);
}

// --- form ---

static int32_t find_bar(const NmGrid *grid, int64_t tick)
{
  int32_t low = 0, high = grid->n_bars;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (grid->bars[middle].tick <= tick)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? low - 1 : 0;
}

// The bar in which a stanza's first note falls, or the next one for a pick-up.
static int32_t find_opening(const Plan *plan, int32_t note)
{
  const int64_t tick = plan->song->notes[note].onset * plan->scale;
  const int32_t i = find_bar(&plan->grid, tick);
  const NmGridBar *bar = &plan->grid.bars[i];
  return 2 * (tick - bar->tick) >= bar->len && i + 1 < plan->grid.n_bars ? i + 1 : i;
}

static bool mark_stanzas(Plan *plan)
{
  const NmSong *song = plan->song;
  int stanza = -1;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLine *line = &song->lines[song->words[song->syllables[song->links[i].syllable].word].line];
    if (line->verse != 1 || line->stanza == stanza) continue;
    stanza = line->stanza;
    plan->opens[find_opening(plan, song->links[i].note)] = true;
  }
  return stanza >= 0;
}

static bool mark_sections(Plan *plan)
{
  plan->opens = calloc((size_t)plan->grid.n_bars + 1, sizeof *plan->opens);
  if (!plan->opens) return false;
  if (!mark_stanzas(plan))
    for (int32_t i = plan->grid.n_lead; i < plan->grid.n_bars; i += BARS_OF_SECTION) plan->opens[i] = true;
  return true;
}

// The last chord is struck where it begins, but not before the last note, nor before the last bar.
static void find_close(Plan *plan)
{
  const NmGridBar *bar = &plan->grid.bars[plan->grid.n_bars - 1];
  const NmChord *chord = &plan->harmony->chords[plan->harmony->n_chords - 1];
  const NmSongNote *note = &plan->song->notes[plan->song->n_notes - 1];
  NmGridBeat beats[NM_GRID_BEATS_MAX];
  const int n = nm_grid_get_beats(&plan->grid, bar, beats);
  plan->close = bar->tick;
  for (int k = 0; k < n; ++k)
    if (beats[k].tick <= note->onset * plan->scale || beats[k].tick <= chord->tick * plan->scale)
      plan->close = beats[k].tick;
  const double seconds = nm_grid_get_seconds(&plan->grid, bar, bar->tick + 2 * bar->len - plan->close);
  const double wanted = seconds < close_s[0] ? close_s[0] : seconds > close_s[1] ? close_s[1] : seconds;
  const int64_t end_note = (note->onset + note->len) * plan->scale;
  plan->end = plan->close + (int64_t)(wanted * bar->bpm / 60 * (double)plan->grid.ticks_per_beat);
  if (plan->end < end_note) plan->end = end_note;
}

// --- parts ---

static int get_center(const Plan *plan, const NmPlayer *player)
{
  double sum = 0;
  for (int32_t i = 0; i < plan->song->n_notes; ++i) sum += plan->song->notes[i].pitch;
  const double below = sum / plan->song->n_notes - 10; // chords lie under the voice
  const double center = player->center + (below < 62 ? below - 60 : 2) / 2;
  return (int)(center < player->center - 4 ? player->center - 4 : center);
}

static void play_bars(const Plan *plan, NmFigurePlayer *player)
{
  NmGridBeat beats[NM_GRID_BEATS_MAX];
  int n_sections = 0;
  for (int32_t i = 0; i < plan->grid.n_bars; ++i) {
    const NmGridBar *bar = &plan->grid.bars[i];
    const bool lead = i < plan->grid.n_lead;
    n_sections += plan->opens[i];
    const NmFigureBar figure = {.bar = bar,
                                .beats = beats,
                                .n_beats = nm_grid_get_beats(&plan->grid, bar, beats),
                                .force = lead             ? .9
                                         : n_sections > 1 ? 1.04
                                                          : .97,
                                .quiet = lead,
                                .opens = plan->opens[i],
                                .leads_on = i + 1 < plan->grid.n_bars && plan->opens[i + 1]};
    nm_figure_play(player, &figure);
  }
  nm_figure_close(player, plan->end);
}

static int compare_notes(const void *a, const void *b)
{
  const NmPerformanceNote *x = a, *y = b;
  if (x->onset != y->onset) return x->onset < y->onset ? -1 : 1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->velocity < y->velocity) - (x->velocity > y->velocity);
}

// Puts notes in order and ends each where its key is struck again.
static void tidy(NmPart *part)
{
  int32_t last[128], n = 0;
  for (int i = 0; i < 128; ++i) last[i] = -1;
  if (part->n_notes) qsort(part->notes, (size_t)part->n_notes, sizeof *part->notes, compare_notes);
  for (int32_t i = 0; i < part->n_notes; ++i) {
    const NmPerformanceNote note = part->notes[i];
    NmPerformanceNote *before = last[note.key] < 0 ? NULL : &part->notes[last[note.key]];
    if (before && before->onset == note.onset) continue;
    if (before && before->end > note.onset) before->end = note.onset;
    last[note.key] = n;
    part->notes[n++] = note;
  }
  part->n_notes = n;
}

static void transpose(NmPart *part, int semitones)
{
  if (part->channel == NM_PERFORMANCE_DRUMS) return;
  for (int32_t i = 0; i < part->n_notes; ++i) {
    const int key = part->notes[i].key + semitones;
    part->notes[i].key = (uint8_t)(key < 0 ? key + 12 : key > 127 ? key - 12 : key);
  }
}

static void set_frames(const Plan *plan, NmPerformance *performance, NmPart *part)
{
  for (int32_t i = 0; i < part->n_notes; ++i) {
    NmPerformanceNote *note = &part->notes[i];
    note->frame = get_frame(plan, note->onset);
    note->frame_end = get_frame(plan, note->end);
    if (note->frame_end > performance->n_frames) performance->n_frames = note->frame_end;
  }
}

static bool add_part(const Plan *plan, const NmPlayer *player, NmPerformance *performance)
{
  NmPart *part = &performance->parts[performance->n_parts++];
  *part = (NmPart){.name = player->name,
                   .channel = player->channel,
                   .program = player->program,
                   .pan = player->pan,
                   .level_db = player->level_db,
                   .room_db = player->room_db};
  NmFigurePlayer figures = {.player = player,
                            .grid = &plan->grid,
                            .harmony = plan->harmony,
                            .scale = plan->scale,
                            .mood = plan->style->mood,
                            .seed = plan->style->seed,
                            .close = plan->close,
                            .center = get_center(plan, player),
                            .part = part};
  play_bars(plan, &figures);
  transpose(part, plan->style->transpose % 12);
  tidy(part);
  set_frames(plan, performance, part);
  return !figures.failed;
}

static NmStatus perform(Plan *plan, NmPerformance *performance, NmError *err)
{
  if (plan->harmony->n_chords == 0) return NM_OK;
  NmStatus status = nm_grid_init(&plan->grid, plan->song, plan->scale, err);
  if (status) return status;
  if (plan->grid.n_bars == 0) return NM_OK;
  if (!sum_seconds(plan) || !mark_sections(plan)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  find_close(plan);
  if (get_seconds(plan, plan->end) > NM_PERFORMANCE_S_MAX)
    return nm_error_set(err, NM_ERR_UNSUPPORTED, "the song is longer than %d hours",
                        NM_PERFORMANCE_S_MAX / 3600);
  for (const NmPlayer *player = nm_band_choose(&plan->style->mood); player->name && !status; ++player)
    if (!add_part(plan, player, performance)) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return status;
}

NmPerformance *nm_performance_new(const NmSong *song, const NmHarmony *harmony,
                                  const NmPerformanceStyle *style, NmError *err)
{
  NmPerformance *performance = calloc(1, sizeof *performance);
  if (!performance) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  Plan plan = {.song = song, .harmony = harmony, .style = style, .scale = 1};
  if (song->ticks_per_beat < TICKS_LEAST)
    plan.scale = (TICKS_LEAST + song->ticks_per_beat - 1) / song->ticks_per_beat;
  performance->ticks_per_beat = (int32_t)(song->ticks_per_beat * plan.scale);
  const NmStatus status = perform(&plan, performance, err);
  nm_grid_fini(&plan.grid);
  free(plan.opens);
  free(plan.seconds);
  if (!status) return performance;
  nm_performance_free(performance);
  return NULL;
}

void nm_performance_free(NmPerformance *performance)
{
  if (!performance) return;
  for (int32_t i = 0; i < performance->n_parts; ++i) free(performance->parts[i].notes);
  free(performance);
}
