// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/harmony.h"

#include <math.h>
#include <stdlib.h>

#include "models/harmony/rules.h"

enum { STATES_MAX = NM_RULES_ROWS_MAX * NM_RULES_STAYS };

// A state is a chord and over how many bar lines it went on: row * NM_RULES_STAYS + stays. Best costs of the
// last two slots' states, and for every slot and state the one before it on the best way there.
typedef struct {
  const NmHarmonyStyle *style;
  const NmHarmonySlots *slots;
  double costs[2][STATES_MAX];
  int8_t *before; // [n_slots, STATES_MAX]
} Search;

NmHarmonyStyle nm_harmony_style_defaults(void)
{
  return (NmHarmonyStyle){.sevenths = .15, .movement = .5, .secondary = true, .inversions = true};
}

static int count_states(const NmHarmonySlot *slot)
{
  return nm_rules_get_n(slot->key.minor) * NM_RULES_STAYS;
}

static void offer(Search *search, int32_t k, int state, int before, double cost)
{
  if (!(cost < search->costs[k % 2][state])) return;
  search->costs[k % 2][state] = cost;
  search->before[k * (int64_t)STATES_MAX + state] = (int8_t)before;
}

// All ways from the chord row_before, however long it went on, to row.
static void step_to(Search *search, int32_t k, int row_before, int row)
{
  const NmHarmonySlot *slot = &search->slots->slots[k];
  const bool same = nm_rules_is_same(slot, row_before, row);
  const double step = same ? 0 : nm_rules_get_cost_step(search->style, slot, row_before, row);
  for (int n = 0; n < NM_RULES_STAYS; ++n) {
    const int before = row_before * NM_RULES_STAYS + n;
    const double cost = search->costs[(k + 1) % 2][before];
    const int n_more = slot->beat == NM_BEAT_BAR && n + 1 < NM_RULES_STAYS ? n + 1 : n;
    if (same)
      offer(search, k, row * NM_RULES_STAYS + n_more, before, cost + nm_rules_get_cost_stay(slot, n));
    else
      offer(search, k, row * NM_RULES_STAYS, before, cost + step);
  }
}

static void search_slot(Search *search, int32_t k)
{
  const NmHarmonySlot *slot = &search->slots->slots[k];
  double *costs = search->costs[k % 2];
  for (int state = 0; state < STATES_MAX; ++state) costs[state] = INFINITY;
  for (int row = 0; row < nm_rules_get_n(slot->key.minor); ++row) {
    const double own = nm_rules_get_cost(search->style, slot, row);
    if (k == 0) costs[row * NM_RULES_STAYS] = 0;
    for (int i = 0; k > 0 && i < nm_rules_get_n(slot[-1].key.minor); ++i) step_to(search, k, i, row);
    for (int n = 0; n < NM_RULES_STAYS; ++n) costs[row * NM_RULES_STAYS + n] += own;
  }
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

// States of the best way are read from its end and left in before[k, 0].
static void trace_back(Search *search, NmHarmony *harmony)
{
  const NmHarmonySlots *slots = search->slots;
  const int32_t n = slots->n_slots;
  const double *costs = search->costs[(n - 1) % 2];
  int state = 0;
  for (int i = 1; i < count_states(&slots->slots[n - 1]); ++i)
    if (costs[i] < costs[state]) state = i;
  harmony->cost = costs[state];
  for (int32_t k = n - 1; k >= 0; --k) {
    int8_t *before = &search->before[k * (int64_t)STATES_MAX];
    const int state_before = k ? before[state] : 0;
    before[0] = (int8_t)state;
    state = state_before;
  }
  for (int32_t k = 0; k < n; ++k)
    add_chord(harmony,
              nm_rules_get_chord(&slots->slots[k], search->before[k * (int64_t)STATES_MAX] / NM_RULES_STAYS));
}

static NmStatus find_chords(NmHarmony *harmony, const NmHarmonySlots *slots, const NmHarmonyStyle *style)
{
  if (slots->n_slots == 0) return NM_OK;
  Search search = {.style = style, .slots = slots};
  search.before = malloc((size_t)slots->n_slots * STATES_MAX);
  harmony->chords = malloc((size_t)slots->n_slots * sizeof *harmony->chords);
  if (search.before && harmony->chords) {
    for (int32_t k = 0; k < slots->n_slots; ++k) search_slot(&search, k);
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
