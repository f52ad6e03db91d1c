// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/figures.h"

#include <stdlib.h>

#include "dsp/base/rng.h"

enum {
  KICK = 36,
  STICK = 37,
  SNARE = 38,
  HAT = 42,
  HAT_OPEN = 46,
  TOM_LOW = 45,
  TOM_HIGH = 48,
  CRASH = 49,
  RIDE = 51,
  LOWEST_BASS = 28
};

static const double spread_s = .009; // between the strings of a strum
static const double vary = .08;      // of velocities

// --- notes ---

static bool make_room(NmPart *part)
{
  if (part->n_notes < part->room) return true;
  const int32_t room = part->room ? 2 * part->room : 256;
  NmPerformanceNote *notes = realloc(part->notes, (size_t)room * sizeof *notes);
  if (!notes) return false;
  part->notes = notes;
  part->room = room;
  return true;
}

// A note of `force` times the player's velocity; none from the close on, none longer than that.
static void add(NmFigurePlayer *p, int64_t onset, int64_t end, int key, double force)
{
  if (onset >= p->close || end <= onset || key < 0 || key > 127) return;
  if (!make_room(p->part)) {
    p->failed = true;
    return;
  }
  const double chance = nm_rng_uniform_at(p->seed + (uint64_t)p->player->channel, (uint64_t)p->part->n_notes);
  const double velocity = p->player->velocity * force * (1 + vary * (chance - .5)) + 12 * p->mood.arousal;
  p->part->notes[p->part->n_notes++] =
      (NmPerformanceNote){.onset = onset,
                          .end = end < p->close ? end : p->close,
                          .key = (uint8_t)key,
                          .velocity = (uint8_t)(velocity < 8     ? 8
                                                : velocity > 120 ? 120
                                                                 : velocity)};
}

// --- chords ---

static const NmChord *get_chord(const NmFigurePlayer *p, int64_t tick)
{
  return nm_harmony_get_chord(p->harmony, tick / p->scale);
}

static int64_t get_end(const NmFigurePlayer *p, const NmChord *chord)
{
  return (chord->tick + chord->len) * p->scale;
}

static bool begins(const NmFigurePlayer *p, const NmChord *chord, const NmGridBeat *beat)
{
  return beat->weight == NM_BEAT_BAR || chord->tick * p->scale == beat->tick;
}

// How long what is struck at a tick may ring: to the end of chord and bar.
static int64_t get_ring(const NmFigurePlayer *p, const NmFigureBar *b, const NmChord *chord)
{
  const int64_t end = b->bar->tick + b->bar->len, end_chord = get_end(p, chord);
  return end < end_chord ? end : end_chord;
}

static const NmVoicing *take_voicing(NmFigurePlayer *p, const NmChord *chord)
{
  const NmVoicing voicing = nm_voicing_find(chord, &p->voicing, p->center);
  p->voicing = voicing;
  return &p->voicing;
}

static double get_accent(NmBeatWeight weight)
{
  static const double accents[] = {1.08, 1, .92, .9};
  return accents[weight];
}

static void add_chord(NmFigurePlayer *p, int64_t onset, int64_t end, int64_t spread, int from, double force)
{
  for (int i = from; i < p->voicing.n; ++i)
    add(p, onset + (i - from) * spread, end, p->voicing.keys[i], force);
}

// --- figures of chords: each plays one beat ---

typedef void (*PlayBeat)(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                         const NmChord *chord);

static void play_block(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat, const NmChord *chord)
{
  if (!begins(p, chord, beat)) return;
  take_voicing(p, chord);
  add_chord(p, beat->tick, get_ring(p, b, chord), 0, 0, b->force * get_accent(beat->weight));
}

static void play_pad(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat, const NmChord *chord)
{
  const bool first = chord->tick * p->scale == beat->tick;
  const int64_t long_ago = beat->tick - chord->tick * p->scale;
  if (!first && !(beat->weight == NM_BEAT_BAR && long_ago % (2 * b->bar->len) == 0)) return;
  take_voicing(p, chord);
  const int64_t end = get_end(p, chord), most = beat->tick + 2 * b->bar->len;
  add_chord(p, beat->tick, end < most ? end : most, 0, 0, b->force);
}

static void play_arpeggio(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                          const NmChord *chord)
{
  static const int8_t twos[4] = {0, 1, 2, 1}, threes[6] = {0, 1, 2, 1, 2, 1};
  const int k = (int)(beat - b->beats);
  take_voicing(p, chord);
  for (int i = 0; i < beat->n_parts; ++i) {
    const int64_t tick = beat->tick + i * beat->len / beat->n_parts;
    int voice = beat->n_parts == 3 ? threes[(k % 2) * 3 + i] : twos[(k % 2) * 2 + i];
    if (b->n_beats == 3 && beat->n_parts == 2) voice = threes[k * 2 + i];
    if (voice == 2 && p->voicing.n == 4 && k % 2) voice = 3;
    add(p, tick, get_ring(p, b, chord), p->voicing.keys[voice],
        b->force * (i ? .86 : get_accent(beat->weight)));
  }
}

static int64_t get_ticks(const NmFigurePlayer *p, const NmFigureBar *b, double seconds)
{
  return (int64_t)(seconds * b->bar->bpm / 60 * (double)p->grid->ticks_per_beat);
}

static void play_strum(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat, const NmChord *chord)
{
  const int64_t spread = get_ticks(p, b, spread_s);
  take_voicing(p, chord);
  add_chord(p, beat->tick, beat->tick + beat->len, spread, 0, b->force * get_accent(beat->weight));
  if (beat->weight == NM_BEAT_BAR && b->n_beats > 2) return;
  for (int i = 1; i < beat->n_parts; ++i) {
    const int64_t tick = beat->tick + i * beat->len / beat->n_parts;
    for (int k = 0; k < 2; ++k)
      add(p, tick + k * spread, beat->tick + beat->len, p->voicing.keys[p->voicing.n - 1 - k],
          .72 * b->force);
  }
}

static void play_pulse(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat, const NmChord *chord)
{
  take_voicing(p, chord);
  for (int i = 0; i < beat->n_parts; ++i) {
    const int64_t tick = beat->tick + i * beat->len / beat->n_parts;
    const int64_t len = beat->len / beat->n_parts;
    add_chord(p, tick, tick + len * 7 / 10, 0, i ? 1 : 0, b->force * (i ? .78 : get_accent(beat->weight)));
  }
}

static void play_afterbeat(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                           const NmChord *chord)
{
  take_voicing(p, chord);
  if (beat->weight == NM_BEAT_BAR || (b->n_beats == 4 && beat->weight == NM_BEAT_GROUP)) return;
  add_chord(p, beat->tick, beat->tick + beat->len * 8 / 10, get_ticks(p, b, spread_s), 0, .9 * b->force);
}

// --- figures of the bass ---

static int take_bass(NmFigurePlayer *p, int pitch_class)
{
  const int center = p->player->center;
  const int before = p->bass ? (p->bass + center) / 2 : center;
  int key = nm_voicing_nearest(pitch_class, before);
  if (key < LOWEST_BASS) key += 12;
  return p->bass = key;
}

static void play_bass_long(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                           const NmChord *chord)
{
  if (begins(p, chord, beat)) add(p, beat->tick, get_ring(p, b, chord), take_bass(p, chord->bass), b->force);
}

// Root, and where the chord goes on its fifth (the third of a chord that stands on its fifth); before the
// next chord the tone that lies nearest to it.
static void play_bass_turn(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                           const NmChord *chord)
{
  int8_t intervals[NM_CHORD_TONES_MAX];
  nm_chord_get_intervals(chord->quality, intervals);
  const int fifth = (chord->root + intervals[2]) % 12, third = (chord->root + intervals[1]) % 12;
  const bool last = beat - b->beats == b->n_beats - 1;
  if (begins(p, chord, beat)) {
    add(p, beat->tick, get_ring(p, b, chord), take_bass(p, chord->bass), b->force);
  } else if (beat->weight == NM_BEAT_GROUP) {
    add(p, beat->tick, get_ring(p, b, chord), take_bass(p, fifth == chord->bass ? third : fifth),
        .94 * b->force);
  } else if (last && p->mood.arousal > 0 && get_end(p, chord) == b->bar->tick + b->bar->len) {
    const NmChord *next = get_chord(p, b->bar->tick + b->bar->len);
    if (next && next->bass != third)
      add(p, beat->tick, beat->tick + beat->len, take_bass(p, third), .88 * b->force);
  }
}

static void play_bass_pulse(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                            const NmChord *chord)
{
  const int key = take_bass(p, chord->bass);
  for (int i = 0; i < beat->n_parts; ++i) {
    const int64_t tick = beat->tick + i * beat->len / beat->n_parts, len = beat->len / beat->n_parts;
    add(p, tick, tick + len * 9 / 10, key, b->force * (i ? .86 : get_accent(beat->weight)));
  }
}

// --- drums ---

static void hit(NmFigurePlayer *p, int64_t tick, int key, double force)
{
  add(p, tick, tick + p->grid->ticks_per_beat / 8 + 1, key, force);
}

// The beats that answer: two and four, the second half of six eighths, the last of three.
static bool is_backbeat(const NmFigureBar *b, const NmGridBeat *beat)
{
  const int k = (int)(beat - b->beats);
  if (b->n_beats == 3) return k == 2;
  return b->n_beats > 1 && k % 2 == 1;
}

static void play_drums_light(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                             const NmChord *chord)
{
  if (beat->weight == NM_BEAT_BAR) hit(p, beat->tick, KICK, .85 * b->force);
  if (is_backbeat(b, beat)) hit(p, beat->tick, STICK, .7 * b->force);
  for (int i = 0; i < beat->n_parts; ++i)
    hit(p, beat->tick + i * beat->len / beat->n_parts, HAT, (i ? .5 : .68) * b->force);
}

static void play_fill(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat)
{
  static const int8_t keys[4] = {SNARE, SNARE, TOM_HIGH, TOM_LOW};
  const int n = 2 * beat->n_parts;
  for (int i = 0; i < n; ++i)
    hit(p, beat->tick + i * beat->len / n, keys[i * 4 / n], (.7 + .3 * i / n) * b->force);
}

static void play_drums_full(NmFigurePlayer *p, const NmFigureBar *b, const NmGridBeat *beat,
                            const NmChord *chord)
{
  if (b->quiet) {
    play_drums_light(p, b, beat, chord);
    return;
  }
  const bool last = beat - b->beats == b->n_beats - 1;
  if (b->opens && beat->weight == NM_BEAT_BAR) hit(p, beat->tick, CRASH, .8 * b->force);
  if (b->leads_on && last && b->n_beats > 1) {
    play_fill(p, b, beat);
    return;
  }
  if (!is_backbeat(b, beat)) hit(p, beat->tick, KICK, b->force);
  if (is_backbeat(b, beat)) hit(p, beat->tick, SNARE, .95 * b->force);
  if (beat->weight == NM_BEAT_GROUP && beat->n_parts == 2)
    hit(p, beat->tick + beat->len / 2, KICK, .8 * b->force);
  for (int i = 0; i < beat->n_parts; ++i)
    hit(p, beat->tick + i * beat->len / beat->n_parts, HAT, (i ? .55 : .75) * b->force);
}

// --- a bar, and the end ---

static const PlayBeat figures[] = {
    [NM_FIGURE_BLOCK] = play_block,           [NM_FIGURE_PAD] = play_pad,
    [NM_FIGURE_ARPEGGIO] = play_arpeggio,     [NM_FIGURE_STRUM] = play_strum,
    [NM_FIGURE_PULSE] = play_pulse,           [NM_FIGURE_AFTERBEAT] = play_afterbeat,
    [NM_FIGURE_BASS_LONG] = play_bass_long,   [NM_FIGURE_BASS_TURN] = play_bass_turn,
    [NM_FIGURE_BASS_PULSE] = play_bass_pulse, [NM_FIGURE_DRUMS_LIGHT] = play_drums_light,
    [NM_FIGURE_DRUMS_FULL] = play_drums_full};

void nm_figure_play(NmFigurePlayer *player, const NmFigureBar *bar)
{
  const bool three = bar->n_beats == 3;
  const PlayBeat play = figures[three ? player->player->figure_three : player->player->figure];
  for (int k = 0; k < bar->n_beats; ++k) {
    const NmChord *chord = get_chord(player, bar->beats[k].tick);
    if (chord) play(player, bar, &bar->beats[k], chord);
  }
}

void nm_figure_close(NmFigurePlayer *player, int64_t end)
{
  const int64_t tick = player->close;
  const NmChord *chord = get_chord(player, tick);
  if (!chord) return;
  player->close = end;
  const NmFigure figure = player->player->figure;
  if (figure == NM_FIGURE_DRUMS_FULL || figure == NM_FIGURE_DRUMS_LIGHT) {
    hit(player, tick, KICK, .9);
    hit(player, tick, figure == NM_FIGURE_DRUMS_FULL ? CRASH : RIDE, .7);
  } else if (figure >= NM_FIGURE_BASS_LONG) {
    add(player, tick, end, take_bass(player, chord->bass), .95);
  } else {
    take_voicing(player, chord);
    const bool rolls = figure == NM_FIGURE_ARPEGGIO || figure == NM_FIGURE_STRUM;
    add_chord(player, tick, end, rolls ? player->grid->ticks_per_beat / 12 : 0, 0, .9);
  }
}
