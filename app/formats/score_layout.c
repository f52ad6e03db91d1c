// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/score_layout.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_LONGEST = 2, VALUE_SHORTEST = -10 };

// A stretch of a bar under one tuplet (n_actual 1: none); ticks from the beginning of the bar.
typedef struct {
  int64_t from, to;
  int32_t n_actual, n_normal;
  int8_t value; // of the notes that the tuplet counts
} Zone;

// A note or a rest between two cuts.
typedef struct {
  int64_t from, to; // in the bar
  int32_t note;
  bool ties_back, ties_on;
} Span;

typedef struct {
  NmLayout *layout;
  const NmSong *song;
  int64_t odd;   // the odd part of ticks_per_beat
  int n_twos;    // ticks_per_beat = odd * 2^n_twos
  int64_t *cuts; // [n_cuts] sorted
  int32_t n_cuts;
  Span *spans; // [n_spans] of the bar at hand
  int32_t n_spans, room_spans;
  Zone *zones; // [n_zones] of the bar at hand
  int32_t n_zones, room_zones;
  int64_t len_bar; // of the bar at hand
  int64_t group;   // ticks of a beat of a compound meter, 0: the meter is simple
  int32_t note;    // the first that has not ended before the bar at hand
  bool is_failed;  // memory is out
} Work;

static int64_t find_gcd(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Room for one more element; false when memory is out.
static bool grow(void **array, size_t size, int32_t n, int32_t *room)
{
  if (n < *room) return true;
  const int32_t wanted = *room ? *room * 2 : 64;
  void *moved = realloc(*array, (size_t)wanted * size);
  if (!moved) return false;
  *array = moved;
  *room = wanted;
  return true;
}

#define PUSH(WORK, ARRAY, COUNT, ROOM, ...)                                                                  \
  do {                                                                                                       \
    void *array_ = (ARRAY);                                                                                  \
    if (!grow(&array_, sizeof *(ARRAY), COUNT, &(ROOM))) {                                                   \
      (WORK)->is_failed = true;                                                                              \
      break;                                                                                                 \
    }                                                                                                        \
    (ARRAY) = array_;                                                                                        \
    (ARRAY)[(COUNT)++] = __VA_ARGS__;                                                                        \
  } while (0)

// --- tuplets ---

// The first span of the bar that begins behind `tick`.
static int32_t find_span(const Work *work, int64_t tick)
{
  int32_t low = 0, high = work->n_spans;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (work->spans[middle].from > tick)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static bool is_boundary(const Work *work, int64_t tick)
{
  const int32_t i = find_span(work, tick - 1);
  return i < work->n_spans && work->spans[i].from == tick;
}

// Whether n_actual equal parts of [from, from + len) meet all boundaries inside; `by_halves`: or halves,
// quarters... of them.
static bool parts_fit(const Work *work, int64_t from, int64_t len, int64_t n_actual, bool by_halves)
{
  const int64_t unit = by_halves ? work->odd : len, end = work->len_bar - from;
  for (int32_t i = find_span(work, from); i < work->n_spans && work->spans[i].from < from + len; ++i)
    if ((work->spans[i].from - from) * n_actual % unit) return false;
  return end >= len || end * n_actual % unit == 0;
}

static bool has_odd_boundary(const Work *work, int64_t from, int64_t len)
{
  return !parts_fit(work, from, len, 1, true);
}

static void add_zone(Work *work, int64_t from, int64_t len, int64_t to, int64_t n_actual)
{
  Zone zone = {
      .from = from, .to = from + len < to ? from + len : to, .n_actual = (int32_t)n_actual, .n_normal = 1};
  while (zone.n_normal * 2 < n_actual) zone.n_normal *= 2;
  const int64_t whole = 4 * (int64_t)work->song->ticks_per_beat;
  while (len << -zone.value < whole * zone.n_normal) --zone.value;
  PUSH(work, work->zones, work->n_zones, work->room_zones, zone);
}

// Tuplets for [from, from + len), len a power of two of the odd part; `to` ends the bar if that comes
// earlier.
static void find_tuplets(Work *work, int64_t from, int64_t len, int64_t to)
{
  if (!has_odd_boundary(work, from, len)) return;
  const int64_t middle = len % 2 ? -1 : from + len / 2;
  const bool is_divided = middle >= 0 && is_boundary(work, middle);
  for (int64_t n = 3; !is_divided && n <= 15; n += 2)
    if (parts_fit(work, from, len, n, false)) {
      add_zone(work, from, len, to, n);
      return;
    }
  if (middle >= 0 && (is_divided || len > work->song->ticks_per_beat)) {
    find_tuplets(work, from, len / 2, to);
    if (middle < to) find_tuplets(work, middle, len / 2, to);
    return;
  }
  for (int64_t n = 3; n <= NM_LAYOUT_TUPLET_MAX; n += 2)
    if (parts_fit(work, from, len, n, true)) {
      add_zone(work, from, len, to, n);
      return;
    }
}

static void find_zones(Work *work)
{
  work->n_zones = 0;
  const int64_t beat = work->song->ticks_per_beat, end = work->len_bar;
  for (int64_t from = 0, len; from < end; from += len) {
    len = 4 * beat;
    while (len > beat && (from % len || from + len > end)) len /= 2;
    while (from + len > end && len % 2 == 0 && from + len / 2 >= end) len /= 2;
    find_tuplets(work, from, len, end);
  }
}

// --- pieces ---

// The note value of `len` (in 2^-n_whole whole notes), or false when it takes several.
static bool find_value(int64_t len, int n_whole, int8_t *value, int8_t *n_dots)
{
  int n = 0;
  while (len % 2 == 0) len /= 2, ++n;
  *n_dots = len == 3;
  *value = (int8_t)(n + *n_dots - n_whole);
  return (len == 1 || len == 3) && *value <= VALUE_LONGEST;
}

static void add_piece(Work *work, const Span *span, const NmLayoutBar *bar, const NmLayoutPiece *shape)
{
  NmLayoutPiece piece = *shape;
  piece.onset = bar->tick + span->from;
  piece.len = span->to - span->from;
  piece.note = span->note;
  piece.ties_back = span->ties_back;
  piece.ties_on = span->ties_on;
  PUSH(work, work->layout->pieces, work->layout->n_pieces, work->layout->room_pieces, piece);
}

// Where a span that takes several values is best divided: at a beat of a compound meter, else at the place
// divisible by the highest power of two. from, to: in written time.
static int64_t find_division(int64_t from, int64_t to)
{
  int64_t step = 1;
  while ((from / (2 * step) + 1) * 2 * step < to) step *= 2;
  return (from / step + 1) * step;
}

// Adds a span inside one zone as pieces of one value each.
static void add_pieces(Work *work, Span span, const NmLayoutBar *bar, const Zone *zone)
{
  int n_whole = work->n_twos + 2;
  for (int32_t n = zone->n_normal; n > 1; n /= 2) ++n_whole;
  for (;;) {
    NmLayoutPiece shape = {.n_actual = (int16_t)zone->n_actual,
                           .n_normal = (int16_t)zone->n_normal,
                           .value_tuplet = zone->value};
    const int64_t from = (span.from - zone->from) * zone->n_actual,
                  to = (span.to - zone->from) * zone->n_actual;
    if (from % work->odd || to % work->odd) { // no value fits
      add_piece(work, &span, bar,
                &(NmLayoutPiece){.value = NM_LAYOUT_NO_VALUE, .n_actual = 1, .n_normal = 1});
      return;
    }
    const int64_t begin = from / work->odd, end = to / work->odd;
    if (find_value(end - begin, n_whole, &shape.value, &shape.n_dots)) {
      if (shape.value < VALUE_SHORTEST) shape.value = NM_LAYOUT_NO_VALUE, shape.n_dots = 0;
      add_piece(work, &span, bar, &shape);
      return;
    }
    Span first = span;
    first.to = zone->from + find_division(begin, end) * work->odd / zone->n_actual;
    const int64_t beat = work->group ? (span.from / work->group + 1) * work->group : 0;
    if (work->group && zone->n_actual == 1 && beat < span.to) first.to = beat;
    first.ties_on = span.note >= 0;
    span.from = first.to;
    span.ties_back = span.note >= 0;
    add_pieces(work, first, bar, zone);
  }
}

static void mark_tuplet(Work *work, int32_t piece_first)
{
  NmLayout *layout = work->layout;
  if (work->is_failed || piece_first >= layout->n_pieces) return;
  layout->pieces[piece_first].starts_tuplet = true;
  layout->pieces[layout->n_pieces - 1].stops_tuplet = true;
}

// The part of the bar from `from` to `to` under one zone: every span there.
static void add_zone_pieces(Work *work, const NmLayoutBar *bar, const Zone *zone)
{
  const int32_t piece_first = work->layout->n_pieces;
  Zone base = *zone;
  if (zone->n_actual == 1) base.from = 0; // places count from the beginning of the bar
  for (int32_t i = 0; i < work->n_spans && !work->is_failed; ++i) {
    Span span = work->spans[i];
    if (span.to <= zone->from || span.from >= zone->to) continue;
    if (span.from < zone->from) span.from = zone->from, span.ties_back = span.note >= 0;
    if (span.to > zone->to) span.to = zone->to, span.ties_on = span.note >= 0;
    add_pieces(work, span, bar, &base);
  }
  if (zone->n_actual > 1) mark_tuplet(work, piece_first);
}

static void add_bar_pieces(Work *work, const NmLayoutBar *bar)
{
  if (work->n_spans == 1 && work->spans[0].note < 0) {
    add_piece(work, &work->spans[0], bar,
              &(NmLayoutPiece){.value = NM_LAYOUT_NO_VALUE, .n_actual = 1, .n_normal = 1, .fills_bar = true});
    return;
  }
  work->len_bar = bar->len;
  find_zones(work);
  int64_t from = 0;
  for (int32_t i = 0; i <= work->n_zones && !work->is_failed; ++i) {
    const int64_t to = i < work->n_zones ? work->zones[i].from : bar->len;
    if (to > from) add_zone_pieces(work, bar, &(Zone){.from = from, .to = to, .n_actual = 1, .n_normal = 1});
    if (i == work->n_zones) break;
    add_zone_pieces(work, bar, &work->zones[i]);
    from = work->zones[i].to;
  }
}

// --- spans ---

// Adds [from, to) of a note or a rest, cut where the work wants it.
static void add_spans(Work *work, const NmLayoutBar *bar, int32_t note, int64_t from, int64_t to)
{
  const int64_t begin = note < 0 ? from : work->song->notes[note].onset;
  const int64_t end = note < 0 ? to : begin + work->song->notes[note].len;
  int32_t low = 0, high = work->n_cuts;
  while (low < high) { // the first cut behind `from`
    const int32_t middle = (low + high) / 2;
    if (work->cuts[middle] > from)
      high = middle;
    else
      low = middle + 1;
  }
  while (from < to) {
    const int64_t next = low < work->n_cuts && work->cuts[low] < to ? work->cuts[low++] : to;
    const Span span = {from - bar->tick, next - bar->tick, note, note >= 0 && from > begin,
                       note >= 0 && next < end};
    if (next > from) PUSH(work, work->spans, work->n_spans, work->room_spans, span);
    if (work->is_failed) return;
    from = next;
  }
}

static void find_spans(Work *work, const NmLayoutBar *bar)
{
  const NmSong *song = work->song;
  const int64_t end = bar->tick + bar->len;
  int64_t at = bar->tick;
  work->n_spans = 0;
  while (at < end && !work->is_failed) {
    while (work->note < song->n_notes && song->notes[work->note].onset + song->notes[work->note].len <= at)
      ++work->note;
    const NmSongNote *note = work->note < song->n_notes ? &song->notes[work->note] : NULL;
    const bool sounds = note && note->onset <= at;
    int64_t to = !note ? end : sounds ? note->onset + note->len : note->onset;
    if (to > end) to = end;
    add_spans(work, bar, sounds ? work->note : -1, at, to);
    at = to;
  }
}

// --- bars ---

static int compare_ticks(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static bool find_cuts(Work *work, bool cuts_tempos)
{
  const NmSong *song = work->song;
  const size_t n = (size_t)song->n_keys + (size_t)song->n_meters + (size_t)song->n_tempos;
  work->cuts = malloc((n + 1) * sizeof *work->cuts);
  if (!work->cuts) return false;
  for (int32_t i = 0; i < song->n_keys; ++i) work->cuts[work->n_cuts++] = song->keys[i].tick;
  for (int32_t i = 0; i < song->n_meters; ++i) work->cuts[work->n_cuts++] = song->meters[i].tick;
  for (int32_t i = 0; cuts_tempos && i < song->n_tempos; ++i)
    work->cuts[work->n_cuts++] = song->tempos[i].tick;
  qsort(work->cuts, (size_t)work->n_cuts, sizeof *work->cuts, compare_ticks);
  return true;
}

// A tick behind all notes and maps.
static int64_t find_end(const NmSong *song)
{
  int64_t last = nm_song_get_end(song) - 1;
  if (song->pickup > last) last = song->pickup;
  if (song->n_keys && song->keys[song->n_keys - 1].tick > last) last = song->keys[song->n_keys - 1].tick;
  if (song->n_meters && song->meters[song->n_meters - 1].tick > last)
    last = song->meters[song->n_meters - 1].tick;
  if (song->n_tempos && song->tempos[song->n_tempos - 1].tick > last)
    last = song->tempos[song->n_tempos - 1].tick;
  const int64_t most = 2 * (int64_t)NM_SONG_TIME_MAX * song->ticks_per_beat;
  return (last < most ? last : most) + 1;
}

// The bar at `tick`, and its compound beat.
static NmLayoutBar find_bar(Work *work, int64_t tick)
{
  const NmSong *song = work->song;
  if (tick < song->pickup) return (NmLayoutBar){.tick = 0, .len = song->pickup, .is_pickup = true};
  const NmSongMeter meter = nm_song_get_meter(song, tick);
  const int64_t whole = 4 * (int64_t)song->ticks_per_beat;
  int64_t len = whole * meter.n_beats / meter.beat_unit;
  for (int32_t i = 1; i < song->n_meters; ++i)
    if (song->meters[i].tick > tick && song->meters[i].tick < tick + len) len = song->meters[i].tick - tick;
  const bool is_compound = meter.beat_unit >= 8 && meter.n_beats > 3 && meter.n_beats % 3 == 0;
  work->group = is_compound ? whole * 3 / meter.beat_unit : 0;
  return (NmLayoutBar){.tick = tick, .len = len};
}

static NmStatus lay_out(Work *work, NmError *err)
{
  NmLayout *layout = work->layout;
  const int64_t end = find_end(work->song);
  for (int64_t tick = 0; tick < end;) {
    NmLayoutBar bar = find_bar(work, tick);
    if (layout->n_bars == NM_LAYOUT_BARS_MAX)
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "the song is longer than %d bars", NM_LAYOUT_BARS_MAX);
    find_spans(work, &bar);
    bar.piece_first = layout->n_pieces;
    if (!work->is_failed) add_bar_pieces(work, &bar);
    bar.n_pieces = layout->n_pieces - bar.piece_first;
    if (!work->is_failed) PUSH(work, layout->bars, layout->n_bars, layout->room_bars, bar);
    if (work->is_failed) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    tick += bar.len;
  }
  return NM_OK;
}

NmStatus nm_layout_init(NmLayout *layout, const NmSong *song, bool cuts_tempos, NmError *err)
{
  *layout = (NmLayout){0};
  Work work = {.layout = layout, .song = song, .odd = song->ticks_per_beat};
  while (work.odd % 2 == 0) work.odd /= 2, ++work.n_twos;
  NmStatus status =
      find_cuts(&work, cuts_tempos) ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) status = lay_out(&work, err);
  free(work.cuts);
  free(work.spans);
  free(work.zones);
  return status;
}

void nm_layout_fini(NmLayout *layout)
{
  free(layout->bars);
  free(layout->pieces);
  *layout = (NmLayout){0};
}

int64_t nm_layout_get_common_ticks(const NmSong *song)
{
  int64_t common = find_gcd(song->ticks_per_beat, song->pickup);
  for (int32_t i = 0; i < song->n_notes; ++i)
    common = find_gcd(find_gcd(common, song->notes[i].onset), song->notes[i].len);
  for (int32_t i = 0; i < song->n_keys; ++i) common = find_gcd(common, song->keys[i].tick);
  for (int32_t i = 0; i < song->n_tempos; ++i) common = find_gcd(common, song->tempos[i].tick);
  for (int32_t i = 0; i < song->n_meters; ++i) {
    const int64_t len =
        4 * (int64_t)song->ticks_per_beat * song->meters[i].n_beats / song->meters[i].beat_unit;
    common = find_gcd(find_gcd(common, song->meters[i].tick), len);
  }
  return common;
}

// Places on the line of fifths, C at 0: a key takes twelve neighbours, so that its own notes and the usual
// alterations are spelled as they are taught.
void nm_layout_spell(int pitch, const NmSongKey *key, char *letter, int *alter, int *octave)
{
  int place = key->fifths - (key->minor ? 3 : 4);
  while ((((place * 7 - pitch) % 12) + 12) % 12) ++place;
  const int from_f = place + 1 + 14; // F at 14
  *letter = "FCGDAEB"[from_f % 7];
  *alter = from_f / 7 - 2;
  *octave = (pitch - *alter + 120) / 12 - 11;
}
