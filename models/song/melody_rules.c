// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/melody_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/song/network.h"

enum { PERIODS = 2 };

typedef struct {
  NmMelodyNote *notes;     // [n_most]
  int32_t n_notes, replay; // notes before `replay` were gone through
  int32_t syllable;        // being sung or to begin
  int32_t run;             // notes of it so far
  int32_t copied_note;     // in a line that takes another's tune: where that stands
  int64_t now;             // end of the last note
  NmMelodyNote next;       // being chosen
} Row;

struct NmMelodyRules {
  const NmMelodyPlan *plan;
  Row *rows, *spare;                 // [n_rows]
  NmMelodyNote *notes, *spare_notes; // [n_rows, n_most]
  int32_t n_rows, n_most, syllable_end;
};

NmMelodyRules *nm_melody_rules_new(const NmMelodyPlan *plan, int32_t n_rows)
{
  NmMelodyRules *rules = calloc(1, sizeof *rules);
  if (!rules) return NULL;
  *rules = (NmMelodyRules){.plan = plan, .n_rows = n_rows, .syllable_end = plan->n_syllables};
  rules->n_most = plan->n_syllables * plan->options.n_melisma;
  const size_t n = (size_t)n_rows * (size_t)rules->n_most;
  rules->rows = calloc((size_t)n_rows, sizeof *rules->rows);
  rules->spare = calloc((size_t)n_rows, sizeof *rules->spare);
  rules->notes = calloc(n, sizeof *rules->notes);
  rules->spare_notes = calloc(n, sizeof *rules->spare_notes);
  if (!rules->rows || !rules->spare || !rules->notes || !rules->spare_notes) {
    nm_melody_rules_free(rules);
    return NULL;
  }
  for (int32_t r = 0; r < n_rows; ++r) {
    rules->rows[r].notes = rules->notes + (int64_t)r * rules->n_most;
    rules->rows[r].now = plan->options.pickup ? plan->bar - plan->options.pickup : 0;
  }
  return rules;
}

void nm_melody_rules_free(NmMelodyRules *rules)
{
  if (!rules) return;
  free(rules->rows);
  free(rules->spare);
  free(rules->notes);
  free(rules->spare_notes);
  free(rules);
}

// --- what a row knows ---

// The first note of a line or behind it; n when there is none.
static int32_t find_line(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int32_t line)
{
  int32_t low = 0, high = n;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (notes[middle].syllable < plan->line_first[line])
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int64_t get_bar(const NmMelodyPlan *plan, int64_t onset)
{
  return plan->bar ? onset / plan->bar : 0;
}

// The first of `notes` [n] in a bar; n when there is none. *n_in of them.
static int32_t find_bar(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int64_t bar,
                        int32_t *n_in)
{
  int32_t end = n;
  while (end > 0 && get_bar(plan, notes[end - 1].onset) > bar) --end;
  int32_t first = end;
  while (first > 0 && get_bar(plan, notes[first - 1].onset) == bar) --first;
  *n_in = end - first;
  return first;
}

static bool alike(const NmMelodyPlan *plan, const NmMelodyNote *a, const NmMelodyNote *b)
{
  return nm_melody_place(plan, a->onset) == nm_melody_place(plan, b->onset) && a->pitch == b->pitch &&
         a->len == b->len;
}

// Whether two bars sound alike; empty ones do not count.
static bool are_bars_alike(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int64_t a,
                           int64_t b)
{
  int32_t n_a, n_b;
  const int32_t first_a = find_bar(plan, notes, n, a, &n_a), first_b = find_bar(plan, notes, n, b, &n_b);
  if (n_a != n_b || n_a == 0) return false;
  for (int32_t i = 0; i < n_a; ++i)
    if (!alike(plan, &notes[first_a + i], &notes[first_b + i])) return false;
  return true;
}

// Bars up to `bar` in a row that are like the one `period` before them, counted to at most n_most.
static int32_t count_alike(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int64_t bar,
                           int32_t period, int32_t n_most)
{
  int32_t run = 0;
  while (run < n_most && bar - run >= period && are_bars_alike(plan, notes, n, bar - run, bar - run - period))
    ++run;
  return run;
}

// The pitch that would make the bar of a note at `onset` one too many alike, if it is the bar's last; -1:
// none would.
static int32_t find_stale_pitch(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int64_t onset,
                                int32_t period)
{
  const int64_t bar = get_bar(plan, onset);
  const int32_t n_most = (plan->options.n_bars - 1) * period;
  int32_t n_now, n_then;
  if (plan->bar == 0 || bar < period || count_alike(plan, notes, n, bar - 1, period, n_most) < n_most)
    return -1;
  const int32_t now = find_bar(plan, notes, n, bar, &n_now),
                then = find_bar(plan, notes, n, bar - period, &n_then);
  if (n_then != n_now + 1) return -1;
  for (int32_t i = 0; i < n_now; ++i)
    if (!alike(plan, &notes[now + i], &notes[then + i])) return -1;
  const NmMelodyNote *rival = &notes[then + n_now];
  return nm_melody_place(plan, rival->onset) == nm_melody_place(plan, onset) ? rival->pitch : -1;
}

static int32_t count_same(const NmMelodyNote *notes, int32_t n)
{
  int32_t run = n > 0;
  while (run > 0 && run < n && notes[n - 1 - run].pitch == notes[n - 1].pitch) ++run;
  return run;
}

static bool is_copied(const NmMelodyPlan *plan, int32_t syllable)
{
  const int32_t line = plan->syllables[syllable].line;
  return plan->same_as[line] != line;
}

static bool is_done(void *self, int32_t r)
{
  const NmMelodyRules *rules = self;
  const Row *row = &rules->rows[r];
  return row->replay >= row->n_notes && row->syllable >= rules->syllable_end;
}

// --- what it may go on with ---

// A note as the scorer hears it: a rest of a copied line may be of no class, and the nearest stands for it.
static int32_t get_token(const NmMelodyNote *note, int32_t field)
{
  switch (field) {
  case NM_CHOICE_TIE: return note->tie ? NM_TIE_YES : NM_TIE_NO;
  case NM_CHOICE_GAP: return nm_song_gap_class(note->gap);
  case NM_CHOICE_PITCH: return note->pitch;
  default: return nm_song_len_class(note->len);
  }
}

static bool begins_line(const NmMelodyRules *rules, const Row *row)
{
  return row->run == 0 && rules->plan->syllables[row->syllable].begins_line;
}

static bool is_after_short(const NmMelodyRules *rules, const Row *row)
{
  return row->n_notes > 0 && !nm_melody_is_long(rules->plan, row->notes[row->n_notes - 1].len);
}

// Where the note lies that a copied line must have next.
static int32_t find_model(const NmMelodyRules *rules, const Row *row)
{
  const NmMelodyPlan *plan = rules->plan;
  if (!begins_line(rules, row)) return row->copied_note;
  return find_line(plan, row->notes, row->n_notes, plan->same_as[plan->syllables[row->syllable].line]);
}

// That note, as far behind the bar line.
static NmMelodyNote copy_note(const NmMelodyRules *rules, const Row *row)
{
  const NmMelodyPlan *plan = rules->plan;
  const bool after_short = is_after_short(rules, row);
  NmMelodyNote note = row->notes[find_model(rules, row)];
  if (!begins_line(rules, row)) return note;
  const int32_t here = nm_melody_place(plan, row->now), there = nm_melody_place(plan, note.onset);
  note.gap = plan->bar ? (there - here + plan->bar) % plan->bar : 0;
  if (after_short && 2 * note.gap < NM_SONG_TICKS) note.gap += plan->bar ? plan->bar : NM_SONG_TICKS;
  return note;
}

static void force(float *bias, int32_t n, int32_t token)
{
  for (int32_t i = 0; i < n; ++i)
    if (i != token) bias[i] = -INFINITY;
}

// Whether the note may begin after a rest, `last` of its syllable or not.
static bool can_rest(const NmMelodyRules *rules, const Row *row, bool last, int32_t gap)
{
  const NmMelodyPlan *plan = rules->plan;
  const int32_t place = nm_melody_place(plan, row->now), onset = nm_melody_place(plan, row->now + gap);
  if (row->run > 0 ? gap != 0
                   : !nm_melody_allows_gap(plan, row->syllable, is_after_short(rules, row), place, gap))
    return false;
  if (last) return plan->can_end[(int64_t)row->syllable * plan->n_places + onset];
  for (int c = 0; c < NM_SONG_N_LENS; ++c) {
    const int32_t len = nm_song_len_ticks(c);
    if (nm_melody_allows_note(plan, row->syllable, false, onset, len) &&
        nm_melody_leads_on(plan, row->syllable, false, onset, len))
      return true;
  }
  return false;
}

static bool can_tie(const NmMelodyRules *rules, const Row *row, bool tie)
{
  if (tie && row->run + 1 >= rules->plan->options.n_melisma) return false;
  for (int c = 0; c < NM_SONG_N_GAPS; ++c)
    if (can_rest(rules, row, !tie, nm_song_gap_ticks(c))) return true;
  return false;
}

// Stressed syllables to strong places, others away from them.
static float lean(const NmMelodyPlan *plan, int32_t syllable, int64_t onset)
{
  const float strength = nm_melody_strength(plan, nm_melody_place(plan, onset));
  const int stress = plan->syllables[syllable].stress;
  if (stress == NM_STRESS_PRIMARY) return plan->options.stress * strength;
  return stress == NM_STRESS_NONE ? plan->options.stress * .5f * (1 - strength) : 0;
}

static void bias_ties(const NmMelodyRules *rules, const Row *row, float *bias)
{
  for (int32_t i = 0; i < 2; ++i)
    if (!can_tie(rules, row, i == NM_TIE_YES)) bias[i] = -INFINITY;
}

static void bias_gaps(const NmMelodyRules *rules, const Row *row, float *bias)
{
  for (int c = 0; c < NM_SONG_N_GAPS; ++c) {
    const int32_t gap = nm_song_gap_ticks(c);
    if (!can_rest(rules, row, !row->next.tie, gap))
      bias[c] = -INFINITY;
    else if (row->run == 0)
      bias[c] = lean(rules->plan, row->syllable, row->now + gap);
  }
}

static void bias_pitches(const NmMelodyRules *rules, const Row *row, float *bias)
{
  const NmMelodyPlan *plan = rules->plan;
  const NmMelodyNote *last = row->n_notes ? &row->notes[row->n_notes - 1] : NULL;
  const int32_t banned = count_same(row->notes, row->n_notes) >= plan->options.n_same ? last->pitch : -1;
  const bool closes = plan->syllables[row->syllable].closes && !row->next.tie;
  int32_t stale[PERIODS];
  int best = 0;
  for (int p = 0; p < PERIODS; ++p)
    stale[p] = closes ? -1 : find_stale_pitch(plan, row->notes, row->n_notes, row->next.onset, p + 1);
  for (int32_t i = 0; i < NM_SONG_N_PITCHES; ++i) {
    const bool far = last && abs(i - last->pitch) > plan->options.leap;
    if (!nm_melody_allows_pitch(plan, i) || far || i == banned || i == stale[0] || i == stale[1])
      bias[i] = -INFINITY;
    else if (closes && nm_melody_rate_closing(plan, i) > best)
      best = nm_melody_rate_closing(plan, i);
  }
  for (int32_t i = 0; closes && i < NM_SONG_N_PITCHES; ++i)
    if (nm_melody_rate_closing(plan, i) < best) bias[i] = -INFINITY;
}

static void bias_lens(const NmMelodyRules *rules, const Row *row, float *bias)
{
  const NmMelodyPlan *plan = rules->plan;
  const int32_t place = nm_melody_place(plan, row->next.onset);
  const bool last = !row->next.tie;
  const int32_t after = row->syllable + 1;
  for (int c = 0; c < NM_SONG_N_LENS; ++c) {
    const int32_t len = nm_song_len_ticks(c);
    if (!nm_melody_allows_note(plan, row->syllable, last, place, len) ||
        !nm_melody_leads_on(plan, row->syllable, last, place, len))
      bias[c] = -INFINITY;
    else if (last && after < plan->n_syllables)
      bias[c] = lean(plan, after, row->next.onset + len);
  }
}

static void get_bias(void *self, int32_t r, int32_t field, float *bias)
{
  static const int32_t n_tokens[] = {2, NM_SONG_N_GAPS, NM_SONG_N_PITCHES, NM_SONG_N_LENS};
  const NmMelodyRules *rules = self;
  const Row *row = &rules->rows[r];
  if (row->replay < row->n_notes) {
    force(bias, n_tokens[field], get_token(&row->notes[row->replay], field));
  } else if (is_copied(rules->plan, row->syllable)) {
    const NmMelodyNote note = copy_note(rules, row);
    force(bias, n_tokens[field], get_token(&note, field));
  } else {
    void (*const biases[])(const NmMelodyRules *, const Row *, float *) = {bias_ties, bias_gaps, bias_pitches,
                                                                           bias_lens};
    biases[field](rules, row, bias);
  }
}

// --- going on ---

static void commit(Row *row)
{
  row->next.syllable = row->syllable;
  row->now = row->next.onset + row->next.len;
  row->notes[row->n_notes++] = row->next;
  row->replay = row->n_notes;
  row->run = row->next.tie ? row->run + 1 : 0;
  row->syllable += !row->next.tie;
}

static void take_copy(const NmMelodyRules *rules, Row *row)
{
  const int32_t model = find_model(rules, row);
  row->next = copy_note(rules, row);
  row->next.onset = row->now + row->next.gap;
  row->copied_note = model + 1;
  commit(row);
}

static void take(void *self, int32_t r, int32_t field, int32_t token)
{
  NmMelodyRules *rules = self;
  Row *row = &rules->rows[r];
  const bool ends = field == NM_CHOICE_LEN;
  if (row->replay < row->n_notes) {
    row->replay += ends;
    return;
  }
  if (is_copied(rules->plan, row->syllable)) {
    if (ends) take_copy(rules, row);
    return;
  }
  switch (field) {
  case NM_CHOICE_TIE: row->next.tie = token == NM_TIE_YES; break;
  case NM_CHOICE_GAP:
    row->next.gap = nm_song_gap_ticks(token);
    row->next.onset = row->now + row->next.gap;
    break;
  case NM_CHOICE_PITCH: row->next.pitch = (int16_t)token; break;
  default: row->next.len = nm_song_len_ticks(token); commit(row);
  }
}

static NmStatus reorder(void *self, const int32_t *index)
{
  NmMelodyRules *rules = self;
  for (int32_t r = 0; r < rules->n_rows; ++r) {
    const Row *from = &rules->rows[index[r]];
    Row *to = &rules->spare[r];
    *to = *from;
    to->notes = rules->spare_notes + (int64_t)r * rules->n_most;
    memcpy(to->notes, from->notes, (size_t)from->n_notes * sizeof *to->notes);
  }
  Row *const rows = rules->rows;
  NmMelodyNote *const notes = rules->notes;
  rules->rows = rules->spare;
  rules->notes = rules->spare_notes;
  rules->spare = rows;
  rules->spare_notes = notes;
  return NM_OK;
}

void nm_melody_rules_set_task(NmMelodyRules *rules, NmSearchTask *task)
{
  *task = (NmSearchTask){.n_fields = NM_SONG_N_CHOICES,
                         .n_tokens = {2, NM_SONG_N_GAPS, NM_SONG_N_PITCHES, NM_SONG_N_LENS},
                         .rules = {rules, is_done, get_bias, take, reorder},
                         .n_steps_max = rules->n_most + 1};
}

void nm_melody_rules_set_window(NmMelodyRules *rules, int32_t line_first, int32_t line_end)
{
  rules->syllable_end = rules->plan->line_first[line_end];
  for (int32_t r = 0; r < rules->n_rows; ++r) {
    Row *row = &rules->rows[r];
    row->replay = find_line(rules->plan, row->notes, row->n_notes, line_first);
  }
}

const NmMelodyNote *nm_melody_rules_get_notes(const NmMelodyRules *rules, int32_t r, int32_t *n)
{
  *n = rules->rows[r].n_notes;
  return rules->rows[r].notes;
}

int32_t nm_melody_rules_get_start(const NmMelodyRules *rules, int32_t r)
{
  const Row *row = &rules->rows[r];
  const int64_t start =
      row->replay < row->n_notes ? row->notes[row->replay].onset - row->notes[row->replay].gap : row->now;
  return nm_melody_place(rules->plan, start);
}

// --- the same promises, looked at from outside ---

static bool is_in_order(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int32_t i)
{
  const NmMelodyNote *note = &notes[i], *before = &notes[i - 1];
  if (i == 0 ? note->syllable != 0 : note->syllable != before->syllable + !before->tie) return false;
  if (i > 0 && note->onset != before->onset + before->len + note->gap) return false;
  return i + 1 < n || (!note->tie && note->syllable == plan->n_syllables - 1);
}

static int32_t count_run(const NmMelodyNote *notes, int32_t i)
{
  int32_t run = 0;
  while (run < i && notes[i - 1 - run].syllable == notes[i].syllable) ++run;
  return run;
}

static bool has_good_gap(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t i)
{
  const NmMelodyNote *note = &notes[i];
  const bool after_short = i > 0 && !nm_melody_is_long(plan, notes[i - 1].len);
  if (i > 0 && notes[i - 1].tie) return note->gap == 0;
  return nm_melody_allows_gap(plan, note->syllable, after_short,
                              nm_melody_place(plan, note->onset - note->gap), note->gap);
}

static bool is_stale(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int32_t i)
{
  const int64_t bar = get_bar(plan, notes[i].onset);
  int32_t n_in;
  const int32_t first = find_bar(plan, notes, n, bar, &n_in);
  for (int32_t k = first; k < first + n_in; ++k)
    if (is_copied(plan, notes[k].syllable) || plan->syllables[notes[k].syllable].closes) return false;
  for (int32_t period = 1; period <= PERIODS && plan->bar; ++period)
    if (count_alike(plan, notes, n, bar, period, INT32_MAX) > (plan->options.n_bars - 1) * period)
      return true;
  return false;
}

static bool is_copy(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int32_t i)
{
  const int32_t line = plan->syllables[notes[i].syllable].line;
  const NmMelodyNote *model =
      &notes[i] - find_line(plan, notes, n, line) + find_line(plan, notes, n, plan->same_as[line]);
  return model->pitch == notes[i].pitch && model->len == notes[i].len && model->tie == notes[i].tie &&
         nm_melody_place(plan, model->onset) == nm_melody_place(plan, notes[i].onset);
}

static const char *find_fault(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, int32_t i)
{
  const NmMelodyNote *note = &notes[i];
  const bool closes = plan->syllables[note->syllable].closes && !note->tie;
  if (!is_in_order(plan, notes, n, i)) return "order";
  if (is_copied(plan, note->syllable)) return is_copy(plan, notes, n, i) ? NULL : "repeated line";
  if (count_run(notes, i) >= plan->options.n_melisma) return "melisma";
  if (!has_good_gap(plan, notes, i)) return "rest";
  if (!nm_melody_allows_note(plan, note->syllable, !note->tie, nm_melody_place(plan, note->onset), note->len))
    return "meter";
  if (!nm_melody_allows_pitch(plan, note->pitch)) return "key or range";
  if (i > 0 && abs(note->pitch - notes[i - 1].pitch) > plan->options.leap) return "leap";
  if (count_same(notes, i + 1) > plan->options.n_same) return "repeated pitch";
  if (closes && !nm_melody_rate_closing(plan, note->pitch)) return "close";
  return is_stale(plan, notes, n, i) ? "repeated bar" : NULL;
}

int32_t nm_melody_check(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, const char **why)
{
  const char *fault = n > 0 ? NULL : "order";
  int32_t i = 0;
  while (i < n && !(fault = find_fault(plan, notes, n, i))) ++i;
  if (why) *why = fault;
  return fault ? i : -1;
}
