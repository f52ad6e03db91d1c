// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/read.h"

#include <math.h>
#include <string.h>

enum { PAUSE_LEAST = 2 };
static const double rest_s = .3, share_of_slot = .92;

typedef struct {
  const NmLaid *before;
  NmSungScore *score;
  double as;
  NmLaidPhone *phones; // [n] laid anew
  int32_t *sources;    // [n]
  double *wishes;      // [n] frames, not yet whole
  int64_t *anchors;
  int32_t n;
  int64_t at;
} Reading;

// Units that are read together from u on: a line, or notes without words up to a rest.
static int32_t count_units(const NmSungScore *score, int32_t u)
{
  int32_t n = 1;
  for (; u + n < score->n_units; ++n) {
    const NmSungUnit *before = &score->units[u + n - 1], *unit = before + 1;
    const NmSungNote *last = &score->notes[before->note_first + before->n_notes - 1];
    if (unit->line != before->line) break;
    if (unit->line < 0 && score->notes[unit->note_first].start_s - last->end_s > rest_s) break;
  }
  return n;
}

static void add(Reading *reading, int32_t phone, int32_t source, double wish)
{
  const NmLaidPhone *from = source >= 0 ? &reading->before->phones[source] : NULL;
  reading->phones[reading->n] =
      (NmLaidPhone){.phone = phone, .unit = from ? from->unit : -1, .i_phone = from ? from->i_phone : -1};
  reading->sources[reading->n] = source;
  reading->wishes[reading->n++] = wish;
}

// The pause that speech makes behind laid phone i, where its word ends a clause.
static double spoken_pause(const Reading *reading, int32_t i)
{
  const NmLaidPhone *phone = &reading->before->phones[i];
  if (phone->unit < 0) return 0;
  const NmSungUnit *unit = &reading->score->units[phone->unit];
  const bool last = phone->i_phone == unit->phone_first + unit->n_phones - 1;
  return last && unit->ends_word && !unit->ends_line ? reading->score->pauses[phone->unit] : 0;
}

// Laid phones [first, end) with the frames they would like to have.
static void wish_for(Reading *reading, int32_t first, int32_t end)
{
  const NmLaidPhone *phones = reading->before->phones;
  const double as = reading->as;
  for (int32_t i = first; i < end; ++i) {
    if (phones[i].unit < 0) {
      const double wish = as * phones[i].n_frames + (1 - as) * spoken_pause(reading, i - 1);
      if (wish >= PAUSE_LEAST) add(reading, NM_PHONE_PAUSE, i, wish);
      continue;
    }
    const double natural = fmax(reading->score->natural[phones[i].i_phone], 1);
    add(reading, phones[i].phone, i, exp((1 - as) * log(natural) + as * log(phones[i].n_frames)));
    const double pause = (1 - as) * spoken_pause(reading, i);
    if (i + 1 < end && phones[i + 1].unit >= 0 && pause >= PAUSE_LEAST)
      add(reading, NM_PHONE_PAUSE, -1, pause);
  }
}

static bool is_anchor(const Reading *reading, const NmLaidPhone *phone)
{
  if (phone->unit < 0) return false;
  const NmSungUnit *unit = &reading->score->units[phone->unit];
  return phone->i_phone == unit->phone_first + unit->anchor;
}

// Makes the wishes from `first` on whole, in at most `slot` frames if that is possible.
static void lay_wishes(Reading *reading, int32_t first, int64_t slot)
{
  double total = 0, at = 0;
  int64_t used = 0;
  for (int32_t i = first; i < reading->n; ++i) total += reading->wishes[i];
  const double scale = total > (double)slot ? fmax((double)slot, 1) / total : 1;
  for (int32_t i = first; i < reading->n; ++i) {
    NmLaidPhone *phone = &reading->phones[i];
    at += reading->wishes[i] * scale;
    const int64_t n = llround(at) - used;
    phone->n_frames = n > 1 ? (int32_t)n : 1;
    phone->start = reading->at;
    if (is_anchor(reading, phone)) reading->anchors[phone->unit] = reading->at;
    reading->at += phone->n_frames;
    used += phone->n_frames;
  }
}

static void pause_until(Reading *reading, int64_t frame, int32_t source)
{
  if (frame <= reading->at) return;
  add(reading, NM_PHONE_PAUSE, source, 0);
  reading->phones[reading->n - 1].start = reading->at;
  reading->phones[reading->n - 1].n_frames = (int32_t)(frame - reading->at);
  reading->at = frame;
}

// The first laid phone of unit u, and its anchor.
static int32_t find_lead(const Reading *reading, int32_t u, int32_t i, int32_t *anchor)
{
  const NmLaid *before = reading->before;
  while (before->phones[i].unit != u) ++i;
  *anchor = i;
  while (!is_anchor(reading, &before->phones[*anchor])) ++*anchor;
  return i;
}

// Units [u, u + n); *i is the laid phone reached.
static void read_line(Reading *reading, int32_t u, int32_t n, int32_t *i)
{
  const NmLaid *before = reading->before;
  int32_t anchor, end, unused;
  const int32_t lead = find_lead(reading, u, *i, &anchor);
  pause_until(reading, before->phones[lead].start,
              lead > 0 && before->phones[lead - 1].unit < 0 ? lead - 1 : -1);
  int32_t first = reading->n;
  for (int32_t k = lead; k < anchor; ++k)
    add(reading, before->phones[k].phone, k, before->phones[k].n_frames);
  lay_wishes(reading, first, before->phones[anchor].start - reading->at);
  for (end = anchor; end < before->n && before->phones[end].unit < u + n; ++end) continue;
  int64_t slot = INT64_MAX / 2;
  if (u + n < reading->score->n_units)
    slot = before->phones[find_lead(reading, u + n, end, &unused)].start - reading->at;
  while (end > anchor && before->phones[end - 1].unit < 0) --end;
  first = reading->n;
  wish_for(reading, anchor, end);
  lay_wishes(reading, first, (int64_t)(share_of_slot * (double)slot));
  *i = end;
}

NmStatus nm_laid_read(NmLaid *laid, NmSungScore *score, double as, int32_t **sources, NmError *err)
{
  const NmLaid before = *laid;
  const size_t n = 2 * (size_t)before.n + 2 * (size_t)score->n_units + 2;
  Reading reading = {.before = &before, .score = score, .as = as};
  reading.phones = nm_arena_alloc(&score->arena, n * sizeof *reading.phones);
  reading.sources = nm_arena_alloc(&score->arena, n * sizeof *reading.sources);
  reading.wishes = nm_arena_alloc(&score->arena, n * sizeof *reading.wishes);
  reading.anchors = nm_arena_calloc(&score->arena, (size_t)score->n_units, sizeof *reading.anchors);
  if (!reading.phones || !reading.sources || !reading.wishes || !reading.anchors)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  int32_t i = 0;
  for (int32_t u = 0, n_units; u < score->n_units; u += n_units) {
    n_units = count_units(score, u);
    read_line(&reading, u, n_units, &i);
  }
  laid->phones = reading.phones;
  laid->anchors = reading.anchors;
  laid->n = reading.n;
  laid->n_frames = reading.at;
  *sources = reading.sources;
  return NM_OK;
}

// --- curves ---

static float read_at(const float *values, int64_t n, double at)
{
  const double x = fmin(fmax(at, 0), (double)(n - 1));
  const int64_t i = (int64_t)x, next = i + 1 < n ? i + 1 : i;
  return (float)(values[i] + (values[next] - values[i]) * (x - (double)i));
}

void nm_laid_move_curve(const NmLaid *before, const NmLaid *after, const int32_t *sources, int32_t margin,
                        const float *from, float *to)
{
  const int64_t n_from = before->n_frames + 2 * margin;
  double last = 0; // where the curve was read last, in frames of before
  for (int32_t f = 0; f < margin; ++f) to[f] = from[f];
  for (int32_t i = 0; i < after->n; ++i) {
    const NmLaidPhone *phone = &after->phones[i];
    const NmLaidPhone *old = sources[i] >= 0 ? &before->phones[sources[i]] : NULL;
    for (int32_t f = 0; f < phone->n_frames; ++f) {
      if (old) last = (double)old->start + ((double)f + .5) * old->n_frames / phone->n_frames - .5;
      to[margin + phone->start + f] = read_at(from, n_from, last + margin);
    }
  }
  for (int32_t f = 0; f < margin; ++f)
    to[margin + after->n_frames + f] = read_at(from, n_from, (double)(before->n_frames + margin + f));
}
