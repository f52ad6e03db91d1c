// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/speak_plan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "models/speech/speak_grow.h"

void nm_speak_plan_init(NmSpeakPlan *plan)
{
  *plan = (NmSpeakPlan){0};
  nm_arena_init(&plan->strings, 16384);
}

void nm_speak_plan_fini(NmSpeakPlan *plan)
{
  nm_arena_fini(&plan->strings);
  free(plan->words);
  free(plan->phones);
  free(plan->syllables);
  free(plan->said);
  free(plan->i_phones);
}

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while planning a sentence");
}

static char *copy_string(NmArena *arena, const char *text, size_t len)
{
  char *copy = nm_arena_alloc(arena, len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

static bool make_room(NmSpeakPlan *plan, int32_t n_words, int32_t n_phones)
{
  return nm_grow((void **)&plan->words, &plan->capacity_words, (size_t)plan->n_words + (size_t)n_words,
                 sizeof *plan->words) &&
         nm_grow((void **)&plan->phones, &plan->capacity_phones, (size_t)plan->n_phones + (size_t)n_phones,
                 sizeof *plan->phones) &&
         nm_grow((void **)&plan->syllables, &plan->capacity_syllables,
                 (size_t)plan->n_phones + (size_t)n_phones, sizeof *plan->syllables);
}

// A word too long for one phrase (the front end reads "aaaa…" too) is planned as several of the same name.
static void add_word(NmSpeakPlan *plan, const NmPlannedWord *word)
{
  NmPlannedWord part = *word;
  for (int32_t done = 0; done < word->n_phones; done += part.n_phones) {
    const int32_t left = word->n_phones - done;
    part.n_phones = left > NM_PHRASE_PHONES_MAX ? NM_PHRASE_PHONES_MAX : left;
    part.phone_first = word->phone_first + done;
    part.boundary = part.n_phones == left ? word->boundary : NM_BOUNDARY_NONE;
    plan->words[plan->n_words++] = part;
  }
}

static NmStatus add_words(NmSpeakPlan *plan, const NmSentence *piece, const NmSpeakRun *runs, size_t offset,
                          NmError *err)
{
  const int32_t n_parts = piece->n_words + piece->n_phones / NM_PHRASE_PHONES_MAX;
  if (!make_room(plan, n_parts, piece->n_phones)) return no_memory(err);
  const NmSpeakRun *run = runs;
  for (int32_t i = 0; i < piece->n_words; i++) {
    const NmWord *from = &piece->words[i];
    NmPlannedWord word = {.source_start = offset + from->source_start,
                          .phone_first = plan->n_phones + from->phone_first,
                          .n_phones = from->n_phones,
                          .boundary = from->boundary};
    while (word.source_start >= run->end) run++;
    const char *name = run->is_phones && run->written ? run->written : from->text;
    if (!(word.text = copy_string(&plan->strings, name, strlen(name)))) return no_memory(err);
    word.prosody = run->prosody;
    add_word(plan, &word);
  }
  if (piece->n_phones) {
    memcpy(plan->phones + plan->n_phones, piece->phones, sizeof(int32_t) * (size_t)piece->n_phones);
  }
  for (int32_t i = 0; i < piece->n_phones; i++) {
    plan->syllables[plan->n_phones + i] = plan->n_syllables + piece->syllables[i];
  }
  plan->n_phones += piece->n_phones;
  plan->n_syllables += piece->n_syllables;
  return NM_OK;
}

// Punctuation at the start of a piece belongs to the word before it, which the front end did not see.
static void carry_boundary(NmSpeakPlan *plan, const char *piece, size_t len)
{
  static const struct {
    char mark;
    NmBoundary boundary;
  } marks[] = {{',', NM_BOUNDARY_COMMA},  {';', NM_BOUNDARY_SEMICOLON},   {':', NM_BOUNDARY_SEMICOLON},
               {'.', NM_BOUNDARY_PERIOD}, {'!', NM_BOUNDARY_EXCLAMATION}, {'?', NM_BOUNDARY_QUESTION}};
  size_t at = 0;
  if (!plan->n_words) return;
  while (at < len && isspace((unsigned char)piece[at])) at++;
  NmBoundary *boundary = &plan->words[plan->n_words - 1].boundary;
  for (size_t i = 0; at < len && i < sizeof marks / sizeof *marks; i++) {
    if (piece[at] == marks[i].mark && marks[i].boundary > *boundary) *boundary = marks[i].boundary;
  }
}

// Whether a piece is nothing but what closes the words before it.
static bool is_closing(const char *piece, size_t len)
{
  static const char marks[] = ".,;:!?)]}\"'";
  for (size_t i = 0; i < len; i++)
    if (!isspace((unsigned char)piece[i]) && !memchr(marks, piece[i], sizeof marks - 1)) return false;
  return true;
}

static NmStatus read_piece(NmSpeakPlan *plan, NmText *front, const char *text, const NmSpeakRun *first,
                           size_t end, const NmSpeakerSink *sink, NmError *err)
{
  NmSentence piece;
  const char *start = text + first->start;
  const size_t len = end - first->start;
  carry_boundary(plan, start, len);
  if (plan->n_words && first->say_as == NM_SAY_PLAIN && is_closing(start, len)) return NM_OK;
  NmStatus status = nm_text_analyse(front, start, len, first->say_as, &piece, err);
  if (status) return status;
  for (int32_t i = 0; i < piece.n_notes && sink->note; i++) sink->note(sink->user, piece.notes[i].message);
  return add_words(plan, &piece, first, first->start, err);
}

// How the bytes [start, end) of the text were written: runs that are shown as something else show it once,
// where they begin.
static char *copy_written(NmArena *arena, const char *text, size_t start, size_t end, const NmSpeakRun *runs,
                          int32_t n_runs)
{
  size_t size = end - start + 1, len = 0;
  for (int32_t i = 0; i < n_runs; i++) size += runs[i].written ? strlen(runs[i].written) : 0;
  char *copy = nm_arena_alloc(arena, size);
  for (int32_t i = 0; copy && i < n_runs; i++) {
    const NmSpeakRun *run = &runs[i];
    const size_t from = run->start > start ? run->start : start, to = run->end < end ? run->end : end;
    if (from >= to) continue;
    const char *part = run->written ? run->written : text + from;
    const size_t n = !run->written ? to - from : from == run->start ? strlen(part) : 0;
    memcpy(copy + len, part, n);
    len += n;
  }
  if (copy) copy[len] = '\0';
  return copy;
}

static size_t skip_back_to_space(const char *text, size_t at, size_t limit)
{
  while (at > limit && !isspace((unsigned char)text[at - 1])) at--;
  return at;
}

// Whether two words came from the same bytes ("1984"), or from a run that is shown as one thing.
static bool share_source(const NmPlannedWord *a, const NmPlannedWord *b, const NmSpeakRun *runs,
                         int32_t n_runs)
{
  if (b->source_start <= a->source_start) return true;
  for (int32_t i = 0; i < n_runs; i++) {
    if (runs[i].end > a->source_start) return runs[i].written && b->source_start < runs[i].end;
  }
  return false;
}

// What each word looks like in the text, punctuation and quotes included: from the white space before it to
// the white space before the next. Of words that share a source the last one shows it.
static NmStatus find_sources(NmSpeakPlan *plan, const char *text, size_t len, const NmSpeakRun *runs,
                             int32_t n_runs, NmError *err)
{
  size_t start = 0;
  for (int32_t i = 0; i < plan->n_words; i++) {
    size_t end = len;
    const size_t own = plan->words[i].source_start;
    const bool shared =
        i + 1 < plan->n_words && share_source(&plan->words[i], &plan->words[i + 1], runs, n_runs);
    if (i + 1 < plan->n_words) end = skip_back_to_space(text, plan->words[i + 1].source_start, own);
    if (shared) end = start;
    size_t last = end;
    while (start < last && isspace((unsigned char)text[start])) start++;
    while (last > start && isspace((unsigned char)text[last - 1])) last--;
    plan->words[i].source = copy_written(&plan->strings, text, start, last, runs, n_runs);
    if (!plan->words[i].source) return no_memory(err);
    start = end;
  }
  return NM_OK;
}

NmStatus nm_speak_plan_read(NmSpeakPlan *plan, NmText *front, const char *text, size_t len,
                            const NmSpeakRun *runs, int32_t n_runs, NmBoundary boundary_end,
                            const NmSpeakerSink *sink, NmError *err)
{
  NmStatus status = NM_OK;
  nm_arena_reset(&plan->strings);
  plan->n_words = plan->n_phones = plan->n_syllables = plan->n_said = 0;
  for (int32_t i = 0, next; i < n_runs && !status; i = next) {
    next = i + 1;
    while (next < n_runs && runs[next].say_as == runs[i].say_as && runs[i].say_as == NM_SAY_PLAIN) next++;
    status = read_piece(plan, front, text, &runs[i], runs[next - 1].end, sink, err);
  }
  if (status || !plan->n_words) return status;
  NmBoundary *boundary = &plan->words[plan->n_words - 1].boundary;
  if (*boundary == NM_BOUNDARY_NONE) *boundary = boundary_end;
  return find_sources(plan, text, len, runs, n_runs, err);
}

static bool is_conjunction(const char *word)
{
  static const char *const words[] = {"and",   "but",    "or",    "nor",   "because",  "which",
                                      "that",  "while",  "when",  "where", "although", "if",
                                      "since", "unless", "until", "so",    "who",      "as"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (!strcmp(word, words[i])) return true;
  }
  return false;
}

static double rate_cut(const NmSpeakPlan *plan, int32_t end)
{
  static const double of_boundary[NM_N_BOUNDARIES] = {0, .8, .9, 1.0, 1.2, 1.2, 1.2};
  const NmBoundary boundary = plan->words[end - 1].boundary;
  if (boundary != NM_BOUNDARY_NONE) return of_boundary[boundary];
  return end < plan->n_words && is_conjunction(plan->words[end].text) ? .5 : 0;
}

// Phrases of equal length are aimed at, so that no crumb is left at the end.
int32_t nm_speak_plan_cut(const NmSpeakPlan *plan, int32_t first)
{
  const int32_t start = plan->words[first].phone_first, left = plan->n_phones - start;
  const int32_t n_parts = (left + NM_PHRASE_PHONES_MAX - 1) / NM_PHRASE_PHONES_MAX;
  const double ideal = (double)left / n_parts;
  double best_score = -INFINITY;
  int32_t best = first + 1;
  if (n_parts <= 1) return plan->n_words;
  for (int32_t end = first + 1; end <= plan->n_words; end++) {
    const int32_t n = plan->words[end - 1].phone_first + plan->words[end - 1].n_phones - start;
    if (n > NM_PHRASE_PHONES_MAX) break;
    const double score = rate_cut(plan, end) - fabs(n - ideal) / ideal;
    if (score > best_score) best_score = score, best = end;
  }
  return best;
}

static void say(NmSpeakPlan *plan, NmVoicePhone phone, int32_t i_phone)
{
  plan->i_phones[plan->n_said] = i_phone;
  plan->said[plan->n_said++] = phone;
}

static NmVoicePhone make_pause(const NmPlannedWord *before, int32_t n_frames)
{
  return (NmVoicePhone){.phone = NM_PHONE_PAUSE,
                        .i_word = -1,
                        .boundary = before ? before->boundary : NM_BOUNDARY_NONE,
                        .n_frames = n_frames,
                        .rate = before ? before->prosody.rate : 1,
                        .pitch_range = 1};
}

static NmVoicePhone make_phone(int32_t phone, int32_t i_word, const NmPlannedWord *word, float pitch_hz)
{
  const NmProsody *prosody = &word->prosody;
  NmVoicePhone made = {.phone = phone,
                       .i_word = i_word,
                       .boundary = word->boundary,
                       .rate = prosody->rate,
                       .pitch_semitones = prosody->pitch_semitones,
                       .pitch_range = prosody->pitch_range,
                       .energy_db = prosody->energy_db};
  if (prosody->pitch_hz > 0) made.pitch_semitones += 12 * log2f(prosody->pitch_hz / pitch_hz);
  return made;
}

NmStatus nm_speak_plan_phrase(NmSpeakPlan *plan, int32_t first, int32_t end, float pitch_hz, NmError *err)
{
  const NmPlannedWord *words = plan->words;
  const int32_t n_phones = words[end - 1].phone_first + words[end - 1].n_phones - words[first].phone_first;
  const size_t n = (size_t)n_phones + (size_t)(end - first) + 1;
  plan->n_said = 0;
  if (!nm_grow((void **)&plan->said, &plan->capacity_said, n, sizeof *plan->said) ||
      !nm_grow((void **)&plan->i_phones, &plan->capacity_i_phones, n, sizeof *plan->i_phones)) {
    return no_memory(err);
  }
  say(plan, make_pause(NULL, NM_EDGE_LEAD_FRAMES), -1);
  for (int32_t i = first; i < end; i++) {
    for (int32_t j = 0; j < words[i].n_phones; j++) {
      const int32_t at = words[i].phone_first + j;
      say(plan, make_phone(plan->phones[at], i - first, &words[i], pitch_hz), at);
    }
    if (i + 1 == end)
      say(plan, make_pause(&words[i], NM_EDGE_TAIL_FRAMES), -1);
    else if (words[i].boundary != NM_BOUNDARY_NONE)
      say(plan, make_pause(&words[i], 0), -1);
  }
  return NM_OK;
}
