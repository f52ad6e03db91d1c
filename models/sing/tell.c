// SPDX-License-Identifier: GPL-3.0-or-later
// The timing map: what stands where, told from what was laid.
#include <stdio.h>
#include <string.h>

#include "models/sing/plan.h"

// --- texts ---

static const char *keep_joined(NmArena *arena, const NmSong *song, int32_t word_first, int32_t n_words)
{
  size_t len = 1;
  for (int32_t w = word_first; w < word_first + n_words; ++w, ++len)
    for (int32_t s = 0; s < song->words[w].n_syllables; ++s)
      len += strlen(song->syllables[song->words[w].syllable_first + s].text);
  char *text = nm_arena_alloc(arena, len), *end = text;
  for (int32_t w = word_first; text && w < word_first + n_words; ++w) {
    if (w > word_first) *end++ = ' ';
    for (int32_t s = 0; s < song->words[w].n_syllables; ++s) {
      const char *part = song->syllables[song->words[w].syllable_first + s].text;
      const size_t n = strlen(part);
      memcpy(end, part, n);
      end += n;
    }
  }
  if (text) *end = '\0';
  return text;
}

static const char *keep(NmArena *arena, const char *text)
{
  const size_t n = strlen(text) + 1;
  char *copy = nm_arena_alloc(arena, n);
  if (copy) memcpy(copy, text, n);
  return copy;
}

bool nm_sing_plan_keep_texts(NmSingPlan *plan, const NmSong *song)
{
  NmArena *arena = &plan->score.arena;
  bool ok = true;
  plan->syllables = nm_arena_calloc(arena, (size_t)song->n_syllables + 1, sizeof *plan->syllables);
  plan->words = nm_arena_calloc(arena, (size_t)song->n_words + 1, sizeof *plan->words);
  plan->lines = nm_arena_calloc(arena, (size_t)song->n_lines + 1, sizeof *plan->lines);
  if (!plan->syllables || !plan->words || !plan->lines) return false;
  plan->n_syllables = song->n_syllables;
  plan->n_words = song->n_words;
  plan->n_lines = song->n_lines;
  for (int32_t i = 0; i < song->n_syllables; ++i)
    ok &= (plan->syllables[i] = keep(arena, song->syllables[i].text)) != NULL;
  for (int32_t i = 0; i < song->n_words; ++i) ok &= (plan->words[i] = keep_joined(arena, song, i, 1)) != NULL;
  for (int32_t i = 0; i < song->n_lines; ++i)
    ok &= (plan->lines[i] = keep_joined(arena, song, song->lines[i].word_first, song->lines[i].n_words)) !=
          NULL;
  return ok;
}

// --- telling ---

typedef struct {
  const NmSingPlan *plan;
  NmStatus (*timing)(void *user, const NmTiming *timing, NmError *err);
  void *user;
  NmError *err;
} Teller;

static NmStatus tell(const Teller *teller, NmTiming timing)
{
  timing.start *= NM_VOICE_HOP;
  timing.end *= NM_VOICE_HOP;
  if (!timing.source) timing.source = "";
  return teller->timing(teller->user, &timing, teller->err);
}

// The frames of unit u from its first phone to its last, found from laid phone i on.
static int32_t find_span(const NmSingPlan *plan, int32_t u, int32_t i, int64_t *start, int64_t *end)
{
  const NmLaid *laid = &plan->laid;
  while (i < laid->n && laid->phones[i].unit != u) ++i;
  *start = laid->phones[i].start;
  for (; i < laid->n && (laid->phones[i].unit == u || laid->phones[i].unit < 0); ++i)
    if (laid->phones[i].unit == u) *end = laid->phones[i].start + laid->phones[i].n_frames;
  return i;
}

static NmStatus tell_syllable(const Teller *teller, const NmSungUnit *unit, int64_t start, int64_t end)
{
  char name[256] = "";
  size_t len = 0;
  for (int32_t i = 0; i < unit->n_phones && len + 8 < sizeof name; ++i)
    len += (size_t)snprintf(name + len, sizeof name - len, "%s%s", i ? " " : "",
                            nm_phone_name(teller->plan->score.phones[unit->phone_first + i]));
  return tell(teller, (NmTiming){.kind = NM_TIMING_SYLLABLE, .start = start, .end = end, .text = name});
}

static void name_note(const NmSungNote *note, char name[8])
{
  static const char *const names[2][12] = {{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"},
                                           {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"}};
  snprintf(name, 8, "%s%d", names[note->is_flat][note->key % 12], note->key / 12 - 1);
}

// What is written under the first note of unit u: its syllable, and those that share the note.
static void write_source(const NmSingPlan *plan, int32_t u, char source[256])
{
  const NmSungScore *score = &plan->score;
  size_t len = 0;
  source[0] = '\0';
  for (int32_t k = u; k < score->n_units && len < 255; ++k) {
    const NmSungUnit *unit = &score->units[k];
    if (unit->syllable < 0 || (k > u && !score->notes[unit->note_first].is_part)) return;
    len += (size_t)snprintf(source + len, 256 - len, "%s%s", k > u && unit->begins_word ? " " : "",
                            plan->syllables[unit->syllable]);
    if (unit->n_notes > 1) return;
  }
}

// The notes of a unit; parts of one note are told as one, with the syllable that begins it.
static NmStatus tell_notes(const Teller *teller, int32_t u)
{
  const NmSungScore *score = &teller->plan->score;
  const NmSungUnit *unit = &score->units[u];
  NmStatus status = NM_OK;
  for (int32_t i = unit->note_first; i < unit->note_first + unit->n_notes && status == NM_OK; ++i) {
    const NmSungNote *note = &score->notes[i];
    const bool begins = i == unit->note_first;
    int32_t last = i;
    char name[8], source[256] = "";
    if (note->is_part) continue;
    while (last + 1 < score->n_notes && score->notes[last + 1].is_part) ++last;
    if (begins) write_source(teller->plan, u, source);
    name_note(note, name);
    status = tell(teller, (NmTiming){.kind = NM_TIMING_NOTE,
                                     .start = note->start,
                                     .end = score->notes[last].end,
                                     .text = name,
                                     .source = source,
                                     .pitch = note->key,
                                     .begins_word = begins && unit->begins_word});
  }
  return status;
}

static NmStatus tell_phones(const Teller *teller)
{
  const NmLaid *laid = &teller->plan->laid;
  NmStatus status = NM_OK;
  for (int32_t i = 0; i < laid->n && status == NM_OK; ++i) {
    const NmLaidPhone *phone = &laid->phones[i];
    status = tell(teller, (NmTiming){.kind = NM_TIMING_PHONE,
                                     .start = phone->start,
                                     .end = phone->start + phone->n_frames,
                                     .text = nm_phone_name(phone->phone),
                                     .n_frames = phone->n_frames});
  }
  return status;
}

// Units of a line side by side from u on.
static int32_t count_line(const NmSungScore *score, int32_t u)
{
  int32_t n = 1;
  while (u + n < score->n_units && score->units[u + n].line == score->units[u].line) ++n;
  return n;
}

static NmStatus tell_line(const Teller *teller, int32_t u, int32_t n)
{
  const NmSungScore *score = &teller->plan->score;
  const NmSungUnit *first = &score->units[u], *last = first + n - 1;
  if (first->line < 0) return NM_OK;
  return tell(teller, (NmTiming){.kind = NM_TIMING_LINE,
                                 .start = score->notes[first->note_first].start,
                                 .end = score->notes[last->note_first + last->n_notes - 1].end,
                                 .text = teller->plan->lines[first->line]});
}

// A line's words and syllables; *i is the laid phone reached.
static NmStatus tell_units(const Teller *teller, int32_t u, int32_t n, int32_t *i)
{
  const NmSungScore *score = &teller->plan->score;
  NmStatus status = NM_OK;
  int64_t start_word = 0, start, end = 0;
  for (int32_t k = u; k < u + n && status == NM_OK; ++k) {
    const NmSungUnit *unit = &score->units[k];
    *i = find_span(teller->plan, k, *i, &start, &end);
    if (k == u || unit->word != unit[-1].word || unit->word < 0) start_word = start;
    status = tell_syllable(teller, unit, start, end);
    if (status == NM_OK) status = tell_notes(teller, k);
    const bool ends = k + 1 == u + n || unit[1].word != unit->word;
    if (status != NM_OK || unit->word < 0 || !ends) continue;
    const char *text = teller->plan->words[unit->word];
    status = tell(
        teller,
        (NmTiming){.kind = NM_TIMING_WORD, .start = start_word, .end = end, .text = text, .source = text});
  }
  return status;
}

int32_t nm_sing_plan_get_n_phones(const NmSingPlan *plan)
{
  return plan->laid.n;
}

NmSingSource nm_sing_plan_get_source(const NmSingPlan *plan, int32_t i)
{
  const NmLaidPhone *phone = &plan->laid.phones[i];
  if (phone->unit < 0 || phone->i_phone < 0) return (NmSingSource){.syllable = -1};
  const NmSungUnit *unit = &plan->score.units[phone->unit];
  const int32_t at = phone->i_phone - unit->phone_first;
  return (NmSingSource){unit->syllable, at, unit->n_phones, at == unit->anchor, at == unit->held};
}

NmStatus nm_sing_plan_tell(const NmSingPlan *plan,
                           NmStatus (*timing)(void *user, const NmTiming *timing, NmError *err), void *user,
                           NmError *err)
{
  const Teller teller = {plan, timing, user, err};
  NmStatus status = tell_phones(&teller);
  int32_t i = 0;
  for (int32_t u = 0, n; u < plan->score.n_units && status == NM_OK; u += n) {
    n = count_line(&plan->score, u);
    status = tell_line(&teller, u, n);
    if (status == NM_OK) status = tell_units(&teller, u, n, &i);
  }
  return status;
}
