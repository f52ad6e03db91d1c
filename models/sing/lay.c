// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/lay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  REST_LEAST = 6,  // frames between notes that are a rest and not a way of playing
  PAUSE_LEAST = 3, // a shorter pause is sung over
  SLIP_MOST = 2,   // frames by which a vowel may be late when consonants have no room: 27 ms with rounding
  WISH_CONSONANT = 2,
  WISH_VOWEL = 4, // frames that slipping makes room for
  BREATH_MOST = 28,
  BREATH_TAIL = 10, // that a pause must leave beside the consonants to be worth its note
  NOTE_FOR_BREATH = 40,
  STOP_MOST = 5, // of B and D before a vowel: the voice opens longer ones before the beat
  ITEMS_MAX = 2 * NM_VOICE_PHONES_MAX
};

static const double too_late_s = .03, share_vowel = .4;

// Sounds that share a stretch of frames. At most one is held.
typedef struct {
  int32_t n, held; // held -1: none
  int32_t unit[ITEMS_MAX], i_phone[ITEMS_MAX], n_frames[ITEMS_MAX];
  float natural[ITEMS_MAX];
} Items;

typedef struct {
  NmLaid *laid;
  NmSungScore *score;
  const NmSingStyle *style;
  Items items;
  int64_t at; // everything before it is laid
} Layer;

static bool opens_early(int32_t phone)
{
  const char *name = nm_phone_name(phone);
  return name && (!strcmp(name, "B") || !strcmp(name, "D"));
}

// Frames that phone i of a unit should last: set by hand, else what speech would give it.
static float wish_of(const Layer *layer, const NmSungUnit *unit, int32_t i)
{
  const NmSungScore *score = layer->score;
  const int32_t i_phone = unit->phone_first + i;
  if (score->wished[i_phone] > 0) return fmaxf(score->wished[i_phone], 1);
  float natural = fmaxf(score->natural[i_phone], 1);
  if (i == unit->anchor - 1 && opens_early(score->phones[i_phone])) natural = fminf(natural, STOP_MOST);
  return i == unit->held ? natural : natural * (float)nm_sung_style_of(layer->style, unit->line)->consonants;
}

// Phones [from, to) of a unit.
static void add_items(Layer *layer, int32_t u, int32_t from, int32_t to)
{
  const NmSungUnit *unit = &layer->score->units[u];
  Items *items = &layer->items;
  for (int32_t i = from; i < to && items->n < ITEMS_MAX; ++i) {
    const int32_t i_phone = unit->phone_first + i;
    const bool held = i == unit->held;
    items->unit[items->n] = u;
    items->i_phone[items->n] = i_phone;
    items->natural[items->n] = wish_of(layer, unit, i);
    if (held) items->held = items->n;
    ++items->n;
  }
}

static void clear_items(Layer *layer)
{
  layer->items.n = 0;
  layer->items.held = -1;
}

static double sum_natural(const Items *items, bool with_held)
{
  double sum = 0;
  for (int32_t i = 0; i < items->n; ++i)
    if (with_held || i != items->held) sum += items->natural[i];
  return sum;
}

// The longest of those that are not held, -1 when all have one frame.
static int32_t find_longest(const Items *items)
{
  int32_t best = -1;
  for (int32_t i = 0; i < items->n; ++i)
    if (i != items->held && items->n_frames[i] > (best < 0 ? 1 : items->n_frames[best])) best = i;
  return best;
}

// Whole frames for all, `space` >= n together.
static void fit_items(Items *items, int64_t space)
{
  const bool has_held = items->held >= 0;
  const double fixed = sum_natural(items, false);
  double room = (double)space, at = 0;
  int64_t used = 0;
  if (has_held) room -= fmin(fmax(1, share_vowel * room), items->natural[items->held]);
  const double scale = fixed > room || !has_held ? room / fmax(fixed, 1e-9) : 1;
  for (int32_t i = 0; i < items->n; ++i) {
    if (i == items->held) continue;
    at += items->natural[i] * scale;
    const int64_t wish = llround(at) - used;
    items->n_frames[i] = wish > 1 ? (int32_t)wish : 1;
    used += items->n_frames[i];
  }
  for (int32_t i; used > space - has_held && (i = find_longest(items)) >= 0; --used) --items->n_frames[i];
  if (has_held)
    items->n_frames[items->held] = (int32_t)(space - used);
  else if (items->n)
    items->n_frames[items->n - 1] += (int32_t)(space - used);
}

static void lay_items(Layer *layer, int64_t space)
{
  const Items *items = &layer->items;
  fit_items(&layer->items, space);
  for (int32_t i = 0; i < items->n; ++i) {
    const NmSungUnit *unit = &layer->score->units[items->unit[i]];
    if (items->i_phone[i] == unit->phone_first + unit->anchor)
      layer->laid->anchors[items->unit[i]] = layer->at;
    layer->laid->phones[layer->laid->n++] = (NmLaidPhone){.phone = layer->score->phones[items->i_phone[i]],
                                                          .unit = items->unit[i],
                                                          .i_phone = items->i_phone[i],
                                                          .n_frames = items->n_frames[i],
                                                          .start = layer->at};
    layer->at += items->n_frames[i];
  }
}

static void lay_pause(Layer *layer, int64_t n_frames)
{
  if (n_frames < 1) return;
  layer->laid->phones[layer->laid->n++] = (NmLaidPhone){NM_PHONE_PAUSE, -1, -1, (int32_t)n_frames, layer->at};
  layer->at += n_frames;
}

// The frame in which the vowel of unit u should begin.
static int64_t get_onset(const Layer *layer, int32_t u)
{
  const NmSungUnit *unit = &layer->score->units[u];
  const int64_t onset = layer->score->notes[unit->note_first].start + unit->shift;
  return onset > 0 ? onset : 0;
}

// Where the sounds of unit u end: with its notes, or later when those of the next one were moved on by hand.
static int64_t get_end(const Layer *layer, int32_t u)
{
  const NmSungUnit *unit = &layer->score->units[u], *next = unit + 1;
  const int64_t end = layer->score->notes[unit->note_first + unit->n_notes - 1].end;
  if (u + 1 == layer->score->n_units || next->shift <= 0) return end;
  const bool joined = layer->score->notes[next->note_first].start - end < REST_LEAST;
  return joined ? end + next->shift : end;
}

// What the items need so that the next unit begins where it should, or a little late for want of room.
static int64_t choose_space(const Items *items, int64_t space)
{
  const int64_t wish =
      WISH_CONSONANT * (int64_t)(items->n - (items->held >= 0)) + WISH_VOWEL * (items->held >= 0);
  int64_t slipped = space < wish ? (wish - space < SLIP_MOST ? wish : space + SLIP_MOST) : space;
  return slipped < items->n ? items->n : slipped;
}

// Where unit u stops when it stops for breath: singers take the time from the last note of a line.
static int64_t stop_for_breath(const Layer *layer, int32_t u, int64_t end, int64_t next, double lead)
{
  const int64_t len = end - layer->at;
  const int64_t breath = len / 4 < BREATH_MOST ? len / 4 : BREATH_MOST;
  const NmSingStyle *style = nm_sung_style_of(layer->style, layer->score->units[u].line);
  const bool wanted = layer->score->units[u].ends_line && style->breaths && !style->plain;
  if (!wanted || len < NOTE_FOR_BREATH || next - end >= BREATH_MOST + lead) return end;
  return next - end + breath >= lead + BREATH_TAIL ? end - breath : end;
}

static double sum_lead(Layer *layer, int32_t u)
{
  double sum = 0;
  const NmSungUnit *unit = &layer->score->units[u];
  for (int32_t i = 0; i < unit->anchor; ++i) sum += wish_of(layer, unit, i);
  return sum;
}

static void lay_first_lead(Layer *layer)
{
  const int64_t onset = get_onset(layer, 0);
  const int64_t lead = llround(sum_lead(layer, 0));
  clear_items(layer);
  add_items(layer, 0, 0, layer->score->units[0].anchor);
  if (onset - lead >= 1) lay_pause(layer, onset - lead);
  if (layer->items.n) lay_items(layer, choose_space(&layer->items, onset - layer->at));
  if (!layer->items.n && layer->at < onset) lay_pause(layer, onset - layer->at);
}

// From the beat of unit u to that of the next one.
static void lay_between(Layer *layer, int32_t u)
{
  const NmSungUnit *unit = &layer->score->units[u], *next = unit + 1;
  const int64_t onset = get_onset(layer, u + 1);
  const double lead = sum_lead(layer, u + 1);
  int64_t end = stop_for_breath(layer, u, get_end(layer, u), onset, lead);
  clear_items(layer);
  add_items(layer, u, unit->anchor, unit->n_phones);
  const int64_t least = choose_space(&layer->items, end - layer->at);
  if (end - layer->at < least) end = layer->at + least;
  const int64_t pause_end = onset - llround(lead);
  if (onset - end >= REST_LEAST && pause_end - end >= PAUSE_LEAST) {
    lay_items(layer, end - layer->at);
    lay_pause(layer, pause_end - layer->at);
    clear_items(layer);
    add_items(layer, u + 1, 0, next->anchor);
    if (layer->items.n) lay_items(layer, onset - layer->at);
    if (layer->at < onset) lay_pause(layer, onset - layer->at);
  } else {
    add_items(layer, u + 1, 0, next->anchor);
    lay_items(layer, choose_space(&layer->items, onset - layer->at));
  }
}

static void lay_last(Layer *layer)
{
  const int32_t u = layer->score->n_units - 1;
  clear_items(layer);
  add_items(layer, u, layer->score->units[u].anchor, layer->score->units[u].n_phones);
  const int64_t space = get_end(layer, u) - layer->at;
  lay_items(layer, space < layer->items.n ? layer->items.n : space);
}

static void count_late(Layer *layer)
{
  NmLaid *laid = layer->laid;
  for (int32_t u = 0; u < layer->score->n_units; ++u) {
    const double onset = layer->score->notes[layer->score->units[u].note_first].start_s;
    const double late =
        fabs((double)(laid->anchors[u] - layer->score->units[u].shift) / NM_SING_FRAMES_PER_S - onset);
    laid->n_late += laid->anchors[u] != get_onset(layer, u);
    laid->n_too_late += late > too_late_s;
    if (laid->anchors[u] != get_onset(layer, u) && late > laid->late_s_max) laid->late_s_max = late;
  }
}

NmStatus nm_laid_init(NmLaid *laid, NmSungScore *score, const NmSingStyle *style, NmError *err)
{
  Layer *layer = nm_arena_calloc(&score->arena, 1, sizeof *layer);
  const size_t n = (size_t)score->n_phones + 2 * (size_t)score->n_units + 2;
  *laid = (NmLaid){0};
  laid->phones = nm_arena_alloc(&score->arena, n * sizeof *laid->phones);
  laid->anchors = nm_arena_calloc(&score->arena, (size_t)score->n_units, sizeof *laid->anchors);
  if (!layer || !laid->phones || !laid->anchors) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  *layer = (Layer){.laid = laid, .score = score, .style = style};
  lay_first_lead(layer);
  for (int32_t u = 0; u + 1 < score->n_units; ++u) lay_between(layer, u);
  lay_last(layer);
  laid->n_frames = layer->at;
  count_late(layer);
  return NM_OK;
}
