// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/level.h"

#include <math.h>

enum {
  VELOCITY_USUAL = 90,
  BLEND = 4,   // frames on each side of a note's beginning in which the level moves
  RELEASE = 9, // frames in which a note fades before a rest
  GAP_LEAST = 8,
  DIP = 3 // frames on each side of a beginning
};
static const double velocity_share = .7, register_db = .12, release_db = -9, gap_db = -50, dip_db = -12,
                    swell_top = .6;

typedef struct {
  const NmSungScore *score;
  const NmLaid *laid;
  const NmSingStyle *style;
  int64_t first, n;
  float *level;
} Level;

static double clamp(double x, double low, double high)
{
  return fmin(fmax(x, low), high);
}

// Adds `db` at a frame of the song.
static void add_at(Level *level, int64_t frame, double db)
{
  if (frame >= level->first && frame < level->first + level->n)
    level->level[frame - level->first] += (float)db;
}

// --- notes ---

// Units from u on that belong to one breath: of a line, and without a rest between them.
static int32_t count_units(const NmSungScore *score, int32_t u)
{
  int32_t n = 1;
  for (; u + n < score->n_units; ++n) {
    const NmSungUnit *before = &score->units[u + n - 1], *unit = before + 1;
    const NmSungNote *last = &score->notes[before->note_first + before->n_notes - 1];
    if (unit->line != before->line || score->notes[unit->note_first].start_s - last->end_s > .2) break;
  }
  return n;
}

// Half below and half above, highest a little behind the middle.
static double swell(double x)
{
  return sin(M_PI * (x < swell_top ? .5 * x / swell_top : .5 + .5 * (x - swell_top) / (1 - swell_top))) - .5;
}

static double mean_pitch(const NmSungScore *score, int32_t first, int32_t n)
{
  double sum = 0;
  for (int32_t i = 0; i < n; ++i) sum += score->notes[first + i].pitch;
  return sum / n;
}

static double level_of_note(const Level *level, const NmSungNote *note, double place, double middle)
{
  const NmSingStyle *style = nm_sung_style_of(level->style, note->line);
  double db = note->velocity ? velocity_share * 20 * log10((double)note->velocity / VELOCITY_USUAL) : 0;
  db = clamp(db, -12, 6) + style->level_db;
  if (style->plain) return db;
  db += style->arc_db * swell(place) + style->accent_db * (note->accent - .25);
  return db + clamp(register_db * (note->pitch - middle), -1.5, 1.5);
}

// Notes [first, first + n) of one breath, each held until the next.
static void write_breath(Level *level, int32_t first, int32_t n, int64_t from, int64_t to, double *last_db)
{
  const NmSungNote *notes = level->score->notes + first;
  const double start = notes[0].start_s, len = fmax(notes[n - 1].end_s - start, 1e-6);
  const double middle = mean_pitch(level->score, first, n);
  for (int32_t i = 0; i < n; ++i) {
    const double db = level_of_note(level, &notes[i], (notes[i].start_s - start) / len, middle);
    const int64_t begin = i > 0 ? notes[i].start : from, end = i + 1 < n ? notes[i + 1].start : to;
    for (int64_t f = begin > level->first ? begin : level->first; f < end && f < level->first + level->n;
         ++f) {
      const double x = i > 0 ? clamp((double)(f - begin + 1) / (2 * BLEND), 0, 1) : 1;
      level->level[f - level->first] = (float)(*last_db + (db - *last_db) * x);
    }
    *last_db = db;
  }
}

static void write_notes(Level *level)
{
  const NmSungScore *score = level->score;
  double last_db = 0;
  int64_t from = level->first;
  for (int32_t u = 0, n; u < score->n_units; u += n) {
    n = count_units(score, u);
    const NmSungUnit *first = &score->units[u], *last = &score->units[u + n - 1];
    const int64_t to = u + n < score->n_units ? score->notes[score->units[u + n].note_first].start - 2 * BLEND
                                              : level->first + level->n;
    write_breath(level, first->note_first, last->note_first + last->n_notes - first->note_first, from, to,
                 &last_db);
    from = to;
  }
}

// --- ends ---

// What sounds before a pause dies away.
static void add_releases(Level *level)
{
  const NmLaid *laid = level->laid;
  for (int32_t i = 1; i <= laid->n; ++i) {
    const bool ends = i == laid->n || laid->phones[i].phone == NM_PHONE_PAUSE;
    if (!ends || laid->phones[i - 1].unit < 0) continue;
    const int32_t line = level->score->units[laid->phones[i - 1].unit].line;
    if (nm_sung_style_of(level->style, line)->plain) continue;
    const int64_t end = laid->phones[i - 1].start + laid->phones[i - 1].n_frames;
    for (int f = 0; f < RELEASE && f < laid->phones[i - 1].n_frames; ++f)
      add_at(level, end - 1 - f, release_db * pow(1 - (double)f / RELEASE, 2));
  }
}

// A sound that begins anew right after itself is parted by a dip.
static void add_dips(Level *level)
{
  const NmLaid *laid = level->laid;
  for (int32_t i = 1; i < laid->n; ++i) {
    const NmLaidPhone *phone = &laid->phones[i], *before = phone - 1;
    const bool again = phone->unit >= 0 && before->unit >= 0 && phone->unit != before->unit;
    if (!again || nm_phone_with_stress(phone->phone, 0) != nm_phone_with_stress(before->phone, 0)) continue;
    for (int f = -DIP; f <= DIP; ++f)
      add_at(level, phone->start + f, dip_db * pow(1 - fabs((double)f) / (DIP + 1), 2));
  }
}

// A syllable held over a rest is silent there.
static void add_gaps(Level *level)
{
  const NmSungScore *score = level->score;
  for (int32_t u = 0; u < score->n_units; ++u)
    for (int32_t k = 1; k < score->units[u].n_notes; ++k) {
      const NmSungNote *before = &score->notes[score->units[u].note_first + k - 1], *note = before + 1;
      const int64_t len = note->start - before->end;
      for (int64_t f = 0; len >= GAP_LEAST && f < len; ++f)
        add_at(level, before->end + f, gap_db * clamp(fmin((double)f, (double)(len - f)) / 4, 0, 1));
    }
}

void nm_sung_level_write(const NmSungScore *score, const NmLaid *laid, const NmSingStyle *style,
                         int64_t first, int64_t n, float *energy_db)
{
  Level level = {score, laid, style, first, n, energy_db};
  for (int64_t f = 0; f < n; ++f) energy_db[f] = 0;
  write_notes(&level);
  add_releases(&level);
  add_dips(&level);
  add_gaps(&level);
}
