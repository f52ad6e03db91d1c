// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/harmony.h"

#include <math.h>
#include <stdlib.h>

#include "models/harmony/rules.h"

// Best costs of the last slot's rows, and for every slot and row the row before it on the best way there.
typedef struct {
  const NmHarmonyStyle *style;
  const NmHarmonySlots *slots;
  double costs[2][NM_RULES_ROWS_MAX];
  int8_t *before; // [n_slots, NM_RULES_ROWS_MAX]
} Search;

NmHarmonyStyle nm_harmony_style_defaults(void)
{
  return (NmHarmonyStyle){.sevenths = .15, .movement = .5, .secondary = true, .inversions = true};
}

static void step_to(Search *search, int32_t k, int row)
{
  const NmHarmonySlot *slot = &search->slots->slots[k];
  const double *costs = search->costs[(k + 1) % 2];
  const int n_before = nm_rules_get_n(slot[-1].key.minor);
  double best = INFINITY;
  for (int i = 0; i < n_before; ++i) {
    const double cost = costs[i] + nm_rules_get_cost_step(search->style, slot, i, row);
    if (!(cost < best)) continue;
    best = cost;
    search->before[k * (int64_t)NM_RULES_ROWS_MAX + row] = (int8_t)i;
  }
  search->costs[k % 2][row] = best + nm_rules_get_cost(search->style, slot, row);
}

static void search_forward(Search *search)
{
  const NmHarmonySlots *slots = search->slots;
  for (int row = 0; row < nm_rules_get_n(slots->slots[0].key.minor); ++row)
    search->costs[0][row] = nm_rules_get_cost(search->style, &slots->slots[0], row);
  for (int32_t k = 1; k < slots->n_slots; ++k)
    for (int row = 0; row < nm_rules_get_n(slots->slots[k].key.minor); ++row) step_to(search, k, row);
}

// Joins a chord that goes on.
static void add_chord(NmHarmony *harmony, NmChord chord)
{
  NmChord *last = harmony->n_chords ? &harmony->chords[harmony->n_chords - 1] : NULL;
  if (last && nm_chord_equal(last, &chord))
    last->len += chord.len;
  else
    harmony->chords[harmony->n_chords++] = chord;
}

// Rows of the best way are read from its end and left in before[k, 0].
static void trace_back(Search *search, NmHarmony *harmony)
{
  const NmHarmonySlots *slots = search->slots;
  const int32_t n = slots->n_slots;
  const double *costs = search->costs[(n - 1) % 2];
  int row = 0;
  for (int i = 1; i < nm_rules_get_n(slots->slots[n - 1].key.minor); ++i)
    if (costs[i] < costs[row]) row = i;
  harmony->cost = costs[row];
  for (int32_t k = n - 1; k >= 0; --k) {
    int8_t *before = &search->before[k * (int64_t)NM_RULES_ROWS_MAX];
    const int row_before = k ? before[row] : 0;
    before[0] = (int8_t)row;
    row = row_before;
  }
  for (int32_t k = 0; k < n; ++k)
    add_chord(harmony, nm_rules_get_chord(&slots->slots[k], search->before[k * (int64_t)NM_RULES_ROWS_MAX]));
}

static NmStatus find_chords(NmHarmony *harmony, const NmHarmonySlots *slots, const NmHarmonyStyle *style)
{
  if (slots->n_slots == 0) return NM_OK;
  Search search = {.style = style, .slots = slots};
  search.before = malloc((size_t)slots->n_slots * NM_RULES_ROWS_MAX);
  harmony->chords = malloc((size_t)slots->n_slots * sizeof *harmony->chords);
  if (search.before && harmony->chords) {
    search_forward(&search);
    trace_back(&search, harmony);
  }
  const bool ok = search.before && harmony->chords;
  free(search.before);
  return ok ? NM_OK : NM_ERR_NO_MEMORY;
}

NmHarmony *nm_harmony_new(const NmSong *song, const NmHarmonyStyle *style, NmError *err)
{
  const NmHarmonyStyle defaults = nm_harmony_style_defaults();
  NmHarmonySlots slots;
  NmHarmony *harmony = calloc(1, sizeof *harmony);
  if (!harmony) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  NmStatus status = nm_harmony_slots_init(&slots, song, err);
  if (!status && find_chords(harmony, &slots, style ? style : &defaults))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_harmony_slots_fini(&slots);
  if (!status) return harmony;
  nm_harmony_free(harmony);
  return NULL;
}

void nm_harmony_free(NmHarmony *harmony)
{
  if (!harmony) return;
  free(harmony->chords);
  free(harmony);
}

const NmChord *nm_harmony_get_chord(const NmHarmony *harmony, int64_t tick)
{
  int32_t low = 0, high = harmony->n_chords;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (harmony->chords[middle].tick <= tick)
      low = middle + 1;
    else
      high = middle;
  }
  const NmChord *chord = low ? &harmony->chords[low - 1] : NULL;
  return chord && tick < chord->tick + chord->len ? chord : NULL;
}
