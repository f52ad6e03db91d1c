// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/melody_plan.h"

enum { OCTAVE = 12, GAP_IN_LINE_MAX = 2 * NM_SONG_TICKS, GAP_MAX = 8 * NM_SONG_TICKS };

NmMelodyOptions nm_melody_defaults(void)
{
  return (NmMelodyOptions){.meter = nm_song_meter_class(4, 4),
                           .low = 60,
                           .high = 74,
                           .n_melisma = 4,
                           .n_same = 5,
                           .n_bars = 3,
                           .leap = OCTAVE,
                           .stress = .4f};
}

static bool is_compound(const NmSongMeter *meter)
{
  return meter->n_beats > 3 && meter->n_beats % 3 == 0;
}

// The note value that is counted: the beat, or an eighth of 6/8.
static int32_t get_pulse(int meter_class)
{
  const NmSongMeter meter = nm_song_class_meter(meter_class);
  return meter.beat_unit ? 4 * NM_SONG_TICKS / meter.beat_unit : 0;
}

int32_t nm_melody_place(const NmMelodyPlan *plan, int64_t time)
{
  return plan->bar ? (int32_t)(time % plan->bar) : 0;
}

float nm_melody_strength(const NmMelodyPlan *plan, int32_t place)
{
  const NmSongMeter meter = nm_song_class_meter(plan->options.meter);
  if (plan->bar == 0) return 0;
  if (place == 0) return 1;
  if (is_compound(&meter) ? place % (3 * plan->pulse) == 0 : meter.n_beats % 2 == 0 && 2 * place == plan->bar)
    return .8f;
  if (place % plan->pulse == 0) return is_compound(&meter) ? .3f : .5f;
  return 2 * place % plan->pulse == 0 ? .2f : 0;
}

bool nm_melody_is_long(const NmMelodyPlan *plan, int32_t len)
{
  return len >= NM_SONG_TICKS && (plan->pulse == 0 || len >= plan->pulse);
}

// Rests inside a line only between words and short ones; none before the first note; before a line a breath
// when the note before was short. A line begins on a pulse or between two.
bool nm_melody_allows_gap(const NmMelodyPlan *plan, int32_t s, bool after_short, int32_t place, int32_t gap)
{
  const NmMelodySyllable *syllable = &plan->syllables[s];
  if (s == 0 || !syllable->begins_word) return gap == 0;
  if (!syllable->begins_line) {
    if (gap > GAP_IN_LINE_MAX) return false;
  } else {
    if (gap > (plan->bar && 2 * plan->bar < GAP_MAX ? 2 * plan->bar : GAP_MAX)) return false;
    if (after_short && 2 * gap < NM_SONG_TICKS) return false;
  }
  if (plan->bar == 0) return true;
  const int32_t onset = (place + gap) % plan->bar;
  if (gap > 0 || syllable->begins_line) return 2 * onset % plan->pulse == 0;
  return true;
}

// Between two pulses lie halves and quarters, or thirds; a note that begins off a pulse by less or more than
// half of it ends by the next one.
static bool fits_pulse(int32_t pulse, int32_t place, int32_t len)
{
  const int32_t from = place % pulse, to = (place + len) % pulse;
  const bool to_quarters = 4 * to % pulse == 0, to_thirds = 3 * to % pulse == 0;
  if (from == 0) return to_quarters || to_thirds;
  if (2 * from == pulse) return to_quarters && (len <= pulse || 2 * to % pulse == 0);
  if (from + len > pulse) return false;
  return 4 * from % pulse == 0 ? to_quarters : 3 * from % pulse == 0 && to_thirds;
}

bool nm_melody_allows_note(const NmMelodyPlan *plan, int32_t s, bool last, int32_t place, int32_t len)
{
  if (last && plan->syllables[s].closes && !nm_melody_is_long(plan, len)) return false;
  if (plan->bar == 0) return true;
  if (!plan->options.syncopation && place + len > plan->bar) return false;
  if (last && plan->syllables[s].closes && (place + len) % plan->pulse) return false;
  return fits_pulse(plan->pulse, place, len);
}

static bool is_of(unsigned set, int32_t pitch)
{
  return set >> pitch % OCTAVE & 1;
}

bool nm_melody_allows_pitch(const NmMelodyPlan *plan, int32_t pitch)
{
  enum { MAJOR = 0xab5, LEADING = 1 << 8 };
  const NmMelodyOptions *o = &plan->options;
  if (pitch < o->low || pitch > o->high) return false;
  return o->accidentals || is_of(o->minor ? MAJOR | LEADING : MAJOR, pitch);
}

int nm_melody_rate_closing(const NmMelodyPlan *plan, int32_t pitch)
{
  enum { C_MAJOR = 1 | 1 << 4 | 1 << 7, A_MINOR = 1 << 9 | 1 | 1 << 4 };
  if (pitch % OCTAVE == (plan->options.minor ? 9 : 0)) return 2;
  return is_of(plan->options.minor ? A_MINOR : C_MAJOR, pitch);
}

// --- what can be finished ---

static uint8_t *at_begin(const NmMelodyPlan *plan, int32_t s, bool after_short)
{
  return plan->can_begin + ((int64_t)s * 2 + after_short) * plan->n_places;
}

static int32_t go_on(const NmMelodyPlan *plan, int32_t place, int32_t ticks)
{
  return plan->bar ? (place + ticks) % plan->bar : 0;
}

// A line whose tune returns must lead on behind each of its copies. Copies follow their first line.
static bool leads_on_from_line(const NmMelodyPlan *plan, int32_t line, int32_t place, bool is_short)
{
  for (int32_t l = line; l < plan->n_lines; ++l)
    if (plan->same_as[l] == line && !at_begin(plan, plan->line_first[l + 1], is_short)[place]) return false;
  return true;
}

bool nm_melody_leads_on(const NmMelodyPlan *plan, int32_t s, bool last, int32_t place, int32_t len)
{
  const int32_t end = go_on(plan, place, len);
  const bool is_short = !nm_melody_is_long(plan, len);
  if (!last) return plan->can_end[(int64_t)s * plan->n_places + end];
  if (plan->syllables[s].ends_line) return leads_on_from_line(plan, plan->syllables[s].line, end, is_short);
  return at_begin(plan, s + 1, is_short)[end];
}

static bool can_end_at(const NmMelodyPlan *plan, int32_t s, int32_t place)
{
  for (int c = 0; c < NM_SONG_N_LENS; ++c) {
    const int32_t len = nm_song_len_ticks(c);
    if (nm_melody_allows_note(plan, s, true, place, len) && nm_melody_leads_on(plan, s, true, place, len))
      return true;
  }
  return false;
}

static bool can_begin_at(const NmMelodyPlan *plan, int32_t s, bool after_short, int32_t place)
{
  for (int c = 0; c < NM_SONG_N_GAPS; ++c) {
    const int32_t gap = nm_song_gap_ticks(c);
    if (nm_melody_allows_gap(plan, s, after_short, place, gap) &&
        plan->can_end[(int64_t)s * plan->n_places + go_on(plan, place, gap)])
      return true;
  }
  return false;
}

// From the end back. The first note of a copied line comes wherever its tune needs it, so that always can be.
static void find_ways(NmMelodyPlan *plan)
{
  for (int32_t i = 0; i < 2 * plan->n_places; ++i)
    plan->can_begin[(int64_t)plan->n_syllables * 2 * plan->n_places + i] = 1;
  for (int32_t s = plan->n_syllables - 1; s >= 0; --s) {
    const int32_t line = plan->syllables[s].line;
    const bool copied = plan->same_as[line] != line;
    for (int32_t p = 0; p < plan->n_places; ++p)
      plan->can_end[(int64_t)s * plan->n_places + p] = copied || can_end_at(plan, s, p);
    for (int32_t p = 0; p < plan->n_places; ++p)
      for (int after_short = 0; after_short < 2; ++after_short)
        at_begin(plan, s, after_short)[p] = copied || can_begin_at(plan, s, after_short, p);
  }
}

// --- from words ---

static bool check_options(const NmMelodyOptions *o)
{
  return o->meter >= 0 && o->meter < NM_SONG_N_METERS && o->low >= 0 && o->high < NM_SONG_N_PITCHES &&
         o->high - o->low >= NM_MELODY_RANGE_LEAST && o->n_melisma >= 1 &&
         o->n_melisma <= NM_MELODY_MELISMA_MAX && o->n_same >= 1 && o->n_bars >= 1 && o->leap >= OCTAVE &&
         o->pickup >= 0 && (o->meter ? o->pickup < nm_song_bar_ticks(o->meter) : o->pickup == 0);
}

static void read_syllables(NmMelodyPlan *plan, const NmLyricToken *tokens)
{
  int32_t line = 0;
  for (int32_t i = 0; i < plan->n_syllables; ++i) {
    const int before = i ? tokens[i - 1].end : NM_END_SONG;
    const bool ends = tokens[i].end >= NM_END_LINE || i + 1 == plan->n_syllables;
    if (before >= NM_END_LINE) plan->line_first[line] = i;
    plan->syllables[i] = (NmMelodySyllable){.line = line,
                                            .begins_line = before >= NM_END_LINE,
                                            .begins_word = before >= NM_END_WORD,
                                            .ends_line = ends,
                                            .stress = tokens[i].stress};
    line += ends;
  }
  plan->line_first[line] = plan->n_syllables;
}

// A line of the same words takes the tune of the first such line, if it has as many syllables.
static void read_copies(NmMelodyPlan *plan, const int32_t *same_as)
{
  for (int32_t l = 0; l < plan->n_lines; ++l) {
    const int32_t first = same_as ? same_as[l] : l;
    plan->same_as[l] = l;
    if (first < 0 || first >= l || plan->same_as[first] != first) continue;
    if (plan->line_first[l + 1] - plan->line_first[l] ==
        plan->line_first[first + 1] - plan->line_first[first])
      plan->same_as[l] = first;
  }
  const int32_t closing = plan->same_as[plan->n_lines - 1];
  plan->syllables[plan->line_first[closing + 1] - 1].closes = true;
  plan->syllables[plan->n_syllables - 1].closes = true;
}

NmStatus nm_melody_plan_init(NmMelodyPlan *plan, const NmMelodyOptions *options, const NmLyricToken *tokens,
                             int32_t n, const int32_t *same_as, NmArena *arena, NmError *err)
{
  *plan = (NmMelodyPlan){.options = *options, .n_syllables = n};
  if (!check_options(options) || n < 1)
    return nm_error_set(err, NM_ERR_BAD_ARG, "the options of the melody make no sense");
  for (int32_t i = 0; i < n; ++i) plan->n_lines += tokens[i].end >= NM_END_LINE || i + 1 == n;
  plan->bar = nm_song_bar_ticks(options->meter);
  plan->pulse = get_pulse(options->meter);
  plan->n_places = plan->bar ? plan->bar : 1;
  const size_t n_places = (size_t)plan->n_places, n_lines = (size_t)plan->n_lines;
  plan->syllables = nm_arena_calloc(arena, (size_t)n, sizeof *plan->syllables);
  plan->line_first = nm_arena_calloc(arena, n_lines + 1, sizeof *plan->line_first);
  plan->same_as = nm_arena_calloc(arena, n_lines, sizeof *plan->same_as);
  plan->can_begin = nm_arena_calloc(arena, 2 * ((size_t)n + 1), n_places);
  plan->can_end = nm_arena_calloc(arena, (size_t)n, n_places);
  if (!plan->syllables || !plan->line_first || !plan->same_as || !plan->can_begin || !plan->can_end)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  read_syllables(plan, tokens);
  read_copies(plan, same_as);
  find_ways(plan);
  if (!at_begin(plan, 0, false)[nm_melody_place(plan, plan->bar - options->pickup)])
    return nm_error_set(err, NM_ERR_BAD_DATA, "no melody keeps to this meter, pick-up and range");
  return NM_OK;
}
