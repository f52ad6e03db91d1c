// SPDX-License-Identifier: GPL-3.0-or-later
// Phrases: where they begin and end, what leads into them, what tells them from each other.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/hash.h"
#include "models/sing/plan.h"

enum {
  CUT_PAUSE = 14, // frames of a pause that parts phrases
  LEAD = 6,       // frames of the pause before a phrase that are its own, if there are as many
  BREATH = 30,    // the same where it begins with a breath,
  TAIL = 8,       // of the pause behind it,
  EDGE = 4,       // and what the voice is given at least
  OVERLAP = 4,    // frames on each side of a cut without a pause that both phrases have
  CONTEXT = 32,   // and further ones that lead into it
  FRAMES_MOST = 1400,
  FRAMES_LEAST = 150, // of what a cut leaves before it
  PHONES_MOST = 160
};

// Phones [first, end) of what is laid, frames [from, to). Joined: without a pause at that side.
typedef struct {
  int32_t first, end;
  int64_t from, to;
  bool joined_before, joined_after;
} Piece;

typedef struct {
  NmSingPlan *plan;
  NmSingPhrase *phrases; // [room]
  int32_t n, room;
} Cutter;

static bool parts(const NmLaidPhone *phone)
{
  return phone->phone == NM_PHONE_PAUSE && phone->n_frames >= CUT_PAUSE;
}

// --- phones and curves of a phrase ---

static const NmSungUnit *get_unit(const NmSingPlan *plan, const NmLaidPhone *phone)
{
  return phone->unit >= 0 ? &plan->score.units[phone->unit] : NULL;
}

// Those that reach into frames [from, to), as the voice is given them.
static int32_t write_phones(const NmSingPlan *plan, const Piece *piece, int64_t from, int64_t to,
                            NmVoicePhone *phones)
{
  const NmLaid *laid = &plan->laid;
  int32_t n = 0, i_word = -1, i = piece->first;
  NmBoundary boundary = NM_BOUNDARY_NONE;
  while (i > 0 && laid->phones[i].start > from) --i;
  for (; i < laid->n && laid->phones[i].start < to; ++i) {
    const NmLaidPhone *phone = &laid->phones[i];
    const NmSungUnit *unit = get_unit(plan, phone);
    const int64_t start = phone->start > from ? phone->start : from;
    const int64_t end = phone->start + phone->n_frames < to ? phone->start + phone->n_frames : to;
    const bool begins = unit && phone->i_phone == unit->phone_first && unit->begins_word;
    if (unit && (begins || i_word < 0)) ++i_word;
    if (unit) boundary = unit->boundary;
    if (end <= start) continue;
    phones[n++] = (NmVoicePhone){.phone = phone->phone,
                                 .i_word = unit ? i_word : -1,
                                 .boundary = boundary,
                                 .n_frames = (int32_t)(end - start),
                                 .rate = 1,
                                 .pitch_range = 1};
  }
  return n;
}

static void make_key(const NmSingPlan *plan, NmSingPhrase *phrase)
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add_u64(&hash, plan->voice);
  const NmSingStyle *style = nm_sung_style_of(&plan->style, phrase->line);
  nm_hash_add_u64(&hash, (uint64_t)style->speaker);
  nm_hash_add_u64(&hash, style->seed);
  nm_hash_add_real(&hash, fmin(style->as, plan->style.as));
  const int32_t shape[] = {phrase->n_skip, phrase->n_breath, phrase->n_fade_in, phrase->n_fade_out,
                           (int32_t)(phrase->n_samples / NM_VOICE_HOP)};
  for (int i = 0; i < 5; ++i) nm_hash_add_u64(&hash, (uint64_t)shape[i]);
  for (int32_t i = 0; i < phrase->n_phones; ++i) {
    const NmVoicePhone *phone = &phrase->phones[i];
    nm_hash_add_u64(&hash, (uint64_t)phone->phone << 32 | (uint64_t)phone->n_frames);
    nm_hash_add_u64(&hash, (uint64_t)(uint32_t)phone->i_word << 32 | (uint64_t)phone->boundary);
  }
  for (int32_t i = 0; i < phrase->n_frames; ++i) nm_hash_add_real(&hash, phrase->f0_hz[i]);
  for (int32_t i = 0; i < phrase->n_frames; ++i) nm_hash_add_real(&hash, phrase->energy_db[i]);
  memcpy(phrase->key, hash.word, sizeof phrase->key);
}

static bool reserve_phrase(Cutter *cutter)
{
  if (cutter->n < cutter->room) return true;
  const int32_t room = 2 * cutter->room + 16;
  NmSingPhrase *grown = nm_arena_alloc(&cutter->plan->score.arena, (size_t)room * sizeof *grown);
  if (!grown) return false;
  if (cutter->n) memcpy(grown, cutter->phrases, (size_t)cutter->n * sizeof *grown);
  cutter->phrases = grown;
  cutter->room = room;
  return true;
}

static int32_t count_phones(const NmLaid *laid, const Piece *piece)
{
  int32_t n = piece->end - piece->first + 2;
  return piece->joined_before || piece->joined_after ? n + 2 * CONTEXT + 2 * OVERLAP : n;
}

// A phrase that is heard in [from, to) and sung in [first, end).
static bool add_phrase(Cutter *cutter, const Piece *piece, int64_t from, int64_t to, int64_t first,
                       int64_t end, int32_t n_breath)
{
  NmSingPlan *plan = cutter->plan;
  const size_t n = (size_t)count_phones(&plan->laid, piece);
  NmVoicePhone *phones = nm_arena_alloc(&plan->score.arena, n * sizeof *phones);
  if (!phones || !reserve_phrase(cutter)) return false;
  const NmSungUnit *unit = get_unit(plan, &plan->laid.phones[piece->first]);
  NmSingPhrase *phrase = &cutter->phrases[cutter->n++];
  *phrase = (NmSingPhrase){.start = from * NM_VOICE_HOP,
                           .n_samples = (to - from) * NM_VOICE_HOP,
                           .n_frames = (int32_t)(end - first),
                           .n_skip = (int32_t)(from - first),
                           .phones = phones,
                           .f0_hz = plan->f0_hz + NM_SING_MARGIN + first,
                           .energy_db = plan->energy_db + NM_SING_MARGIN + first,
                           .n_breath = n_breath,
                           .n_fade_in = piece->joined_before ? 2 * OVERLAP : 0,
                           .n_fade_out = piece->joined_after ? 2 * OVERLAP : 0,
                           .line = unit ? unit->line : -1};
  // Before frame 0 there is silence that no pause says.
  int32_t n_phones = 0;
  const int64_t n_before = first < 0 ? -first : 0;
  if (n_before)
    phones[n_phones++] = (NmVoicePhone){
        .phone = NM_PHONE_PAUSE, .i_word = -1, .n_frames = (int32_t)n_before, .rate = 1, .pitch_range = 1};
  n_phones += write_phones(plan, piece, first + n_before, end, phones + n_phones);
  if (n_before && n_phones > 1 && phones[1].phone == NM_PHONE_PAUSE) {
    phones[0].n_frames += phones[1].n_frames;
    memmove(phones + 1, phones + 2, (size_t)(n_phones - 2) * sizeof *phones);
    --n_phones;
  }
  phrase->n_phones = n_phones;
  make_key(plan, phrase);
  return true;
}

static bool wants_breath(const NmSingStyle *style)
{
  return style->breaths && !style->plain && style->as > .5;
}

// Frames of a pause that the phrase before it takes.
static int64_t count_tail(int64_t n_pause)
{
  return n_pause / 2 < TAIL ? n_pause / 2 : TAIL;
}

static bool add_piece(Cutter *cutter, const Piece *piece)
{
  const NmSingPlan *plan = cutter->plan;
  const NmLaid *laid = &plan->laid;
  const int64_t n_before = piece->first > 0 ? laid->phones[piece->first - 1].n_frames : 0;
  const int64_t n_behind = piece->end < laid->n ? laid->phones[piece->end].n_frames : 0;
  int64_t from = piece->from - OVERLAP, to = piece->to + OVERLAP, first = from - CONTEXT, end = to + CONTEXT;
  int32_t n_breath = 0;
  if (!piece->joined_before) {
    const int64_t room = n_before - count_tail(n_before);
    const NmSungUnit *unit = get_unit(plan, &laid->phones[piece->first]);
    const NmSingStyle *style = nm_sung_style_of(&plan->style, unit ? unit->line : -1);
    if (wants_breath(style) && room >= BREATH) n_breath = BREATH;
    from = piece->from - (n_breath ? n_breath : room < LEAD ? room : LEAD);
    first = from < piece->from - EDGE ? from : piece->from - EDGE;
  }
  if (!piece->joined_after) end = to = piece->to + count_tail(n_behind);
  return add_phrase(cutter, piece, from, to, first, end, n_breath);
}

// --- where to cut ---

// What a cut before phone i costs; the voice is least missed in the silence of a stop that begins a word.
static double cost_of_cut(const NmSingPlan *plan, int32_t i)
{
  const NmLaidPhone *phone = &plan->laid.phones[i];
  const NmSungUnit *unit = get_unit(plan, phone), *before = get_unit(plan, phone - 1);
  if (!unit || !before) return 0;
  double cost = nm_phone_is_stop(phone->phone) ? 0 : nm_phone_is_voiced(phone->phone) ? 2 : 1;
  if (nm_phone_is_vowel(phone->phone)) cost += 2;
  if (phone->i_phone != unit->phone_first || !unit->begins_word) cost += 1.5;
  return unit->line == before->line ? cost : cost - 1;
}

// Ends the piece that begins a stretch of phones up to `end` where it is best, if it is too long.
static void shorten(const NmSingPlan *plan, Piece *piece, int32_t end, int64_t to)
{
  const NmLaidPhone *phones = plan->laid.phones;
  const int64_t left = to - piece->from;
  const int32_t n_left = end - piece->first;
  const int64_t n_parts = 1 + (left - 1) / FRAMES_MOST;
  const double ideal =
      (double)left / (double)(n_parts > 1 + n_left / PHONES_MOST ? n_parts : 1 + n_left / PHONES_MOST);
  double best = INFINITY;
  piece->end = end;
  piece->to = to;
  piece->joined_after = left > FRAMES_MOST || n_left > PHONES_MOST;
  if (!piece->joined_after) return;
  for (int32_t i = piece->first + 1; i < end && i - piece->first <= PHONES_MOST; ++i) {
    const int64_t len = phones[i].start - piece->from;
    if (len > FRAMES_MOST || to - phones[i].start < FRAMES_LEAST / 2) break;
    if (len < FRAMES_LEAST && i - piece->first < PHONES_MOST) continue;
    const double cost = cost_of_cut(plan, i) + 4 * fabs((double)len - ideal) / ideal;
    if (cost < best) best = cost, piece->end = i, piece->to = phones[i].start;
  }
  if (best < INFINITY) return;
  piece->to = piece->from + (left < 2 * FRAMES_MOST ? left / 2 : FRAMES_MOST);
  piece->end = piece->first + 1;
  while (piece->end < end && phones[piece->end].start < piece->to) ++piece->end;
}

// The first of phones [first + 1, end) whose line another speaker sings, or another way; `end`: none.
static int32_t find_change(const NmSingPlan *plan, int32_t first, int32_t end)
{
  const NmSungUnit *unit = get_unit(plan, &plan->laid.phones[first]);
  const NmSingStyle *style = nm_sung_style_of(&plan->style, unit ? unit->line : -1);
  for (int32_t i = first + 1; plan->style.lines && i < end; ++i) {
    if (!(unit = get_unit(plan, &plan->laid.phones[i]))) continue;
    const NmSingStyle *other = nm_sung_style_of(&plan->style, unit->line);
    if (other->speaker != style->speaker || other->as != style->as || other->seed != style->seed) return i;
  }
  return end;
}

// Phones [first, end), between two pauses.
static bool cut_run(Cutter *cutter, int32_t first, int32_t end)
{
  const NmLaidPhone *phones = cutter->plan->laid.phones, *last = &phones[end - 1];
  const int64_t to = last->start + last->n_frames;
  Piece piece = {.first = first, .from = phones[first].start};
  for (bool done = false; !done;) {
    const int32_t stop = find_change(cutter->plan, piece.first, end);
    shorten(cutter->plan, &piece, stop, stop < end ? phones[stop].start : to);
    done = !piece.joined_after && stop == end;
    piece.joined_after = !done;
    if (!add_piece(cutter, &piece)) return false;
    // A sound that the cut goes through belongs to both.
    const NmLaidPhone *through = &phones[piece.end - 1];
    const bool inside = through->start + through->n_frames > piece.to;
    piece = (Piece){.first = inside ? piece.end - 1 : piece.end, .from = piece.to, .joined_before = true};
  }
  return true;
}

static void hold(float *curve, int64_t from, int64_t to, int64_t at)
{
  const float value = curve[NM_SING_MARGIN + at];
  for (int64_t f = from; f < to; ++f) curve[NM_SING_MARGIN + f] = value;
}

// In the silence between two phrases each keeps its own pitch and level, so that it does not depend on the
// other.
static void part_curves(NmSingPlan *plan)
{
  for (int32_t i = 0; i < plan->laid.n; ++i) {
    const NmLaidPhone *pause = &plan->laid.phones[i];
    if (!parts(pause)) continue;
    const int64_t end = pause->start + pause->n_frames;
    const int64_t middle = pause->start + count_tail(pause->n_frames);
    float *const curves[] = {plan->f0_hz, plan->energy_db};
    for (int k = 0; k < 2; ++k) {
      if (i > 0) hold(curves[k], pause->start, middle, pause->start - 1);
      hold(curves[k], i > 0 ? middle : -NM_SING_MARGIN, end, end);
    }
  }
}

NmStatus nm_sing_plan_cut(NmSingPlan *plan, NmError *err)
{
  const NmLaid *laid = &plan->laid;
  Cutter cutter = {.plan = plan};
  part_curves(plan);
  for (int32_t i = 0, end; i < laid->n; i = end) {
    end = i + 1;
    if (parts(&laid->phones[i])) continue;
    while (end < laid->n && !parts(&laid->phones[end])) ++end;
    // A short pause at the very start or end is part of the silence around.
    int32_t first = i, last = end;
    while (first < last && laid->phones[first].phone == NM_PHONE_PAUSE) ++first;
    while (last > first && laid->phones[last - 1].phone == NM_PHONE_PAUSE) --last;
    if (first < last && !cut_run(&cutter, first, last))
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  plan->phrases = cutter.phrases;
  plan->n_phrases = cutter.n;
  return NM_OK;
}
