// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/melody.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/base/hash.h"
#include "dsp/base/rng.h"

// Semitones from a voice's middle pitch when it speaks: where it sings at ease, and what it can reach at all.
static const double ease_low = -5, ease_high = 12, ease_middle = 4, reach_low = -16, reach_high = 26;
// What the vocoder can do: 65 to 1000 Hz.
static const double vocoder_low = 36.05, vocoder_high = 83.2;

static double to_key(double hz)
{
  return 69 + 12 * log2(hz / 440);
}

// --- range ---

static double cost_of_pitch(double pitch, double middle)
{
  const double at = pitch - middle;
  const double beyond = at < ease_low ? ease_low - at : at > ease_high ? at - ease_high : 0;
  return beyond * beyond + .003 * (at - ease_middle) * (at - ease_middle);
}

// The octaves that suit the notes of one speaker best.
static int32_t choose_octaves(const NmSungScore *score, const NmSingStyle *style, int speaker, double middle)
{
  int32_t best = 0;
  double best_cost = INFINITY;
  for (int32_t octave = -6; octave <= 6; ++octave) {
    double cost = .01 * abs(octave); // of two that are as good, the nearer
    for (int32_t i = 0; i < score->n_notes; ++i) {
      const NmSungNote *note = &score->notes[i];
      if (nm_sung_style_of(style, note->line)->speaker != speaker) continue;
      cost += (note->end_s - note->start_s + .05) * cost_of_pitch(note->key + 12 * octave, middle);
    }
    if (cost < best_cost) best_cost = cost, best = octave;
  }
  return 12 * best;
}

// How far the notes of a line go.
static int32_t transpose_line(const NmSungScore *score, const NmSingStyle *style, const NmVoice *voice,
                              int32_t line, int32_t transpose)
{
  const NmSingStyle *own = nm_sung_style_of(style, line);
  if (own == style) return transpose;
  if (own->transpose != NM_SING_TRANSPOSE_AUTO) return transpose + own->transpose;
  if (own->speaker == style->speaker) return transpose;
  return choose_octaves(score, style, own->speaker, to_key(nm_voice_get_pitch_hz(voice, own->speaker)));
}

NmSungRange nm_sung_range_fit(NmSungScore *score, const NmSingStyle *style, const NmVoice *voice)
{
  NmSungRange range = {style->transpose, 0};
  if (style->transpose == NM_SING_TRANSPOSE_AUTO)
    range.transpose =
        choose_octaves(score, style, style->speaker, to_key(nm_voice_get_pitch_hz(voice, style->speaker)));
  int32_t line = -2, transpose = 0;
  for (int32_t i = 0; i < score->n_notes; ++i) {
    NmSungNote *note = &score->notes[i];
    const double middle = to_key(nm_voice_get_pitch_hz(voice, nm_sung_style_of(style, note->line)->speaker));
    const double low = fmax(vocoder_low, middle + reach_low), high = fmin(vocoder_high, middle + reach_high);
    if (note->line != line) transpose = transpose_line(score, style, voice, note->line, range.transpose);
    line = note->line;
    const double asked = note->key + transpose;
    double pitch = asked;
    while (pitch < low) pitch += 12;
    while (pitch > high) pitch -= 12;
    range.n_folded += pitch != asked;
    note->pitch = pitch;
  }
  return range;
}

// --- curves ---

typedef struct {
  const NmSungScore *score;
  const NmSingStyle *style;
  int64_t first, n;
  float *pitch; // [n] MIDI keys
} Curve;

static double time_of(int64_t frame)
{
  return ((double)frame + .5) / NM_SING_FRAMES_PER_S;
}

// The first frame whose middle is not before `s`, within the curve.
static int64_t frame_from(const Curve *curve, double s)
{
  const double frame = ceil(s * NM_SING_FRAMES_PER_S - .5);
  const double last = (double)(curve->first + curve->n);
  return (int64_t)fmin(fmax(frame, (double)curve->first), last);
}

static double smooth(double x)
{
  return .5 - .5 * cos(M_PI * fmin(fmax(x, 0), 1));
}

// Where the glide into note i begins and ends.
static void find_glide(const Curve *curve, int32_t i, double *from, double *to)
{
  const NmSungNote *before = &curve->score->notes[i - 1], *note = before + 1;
  const double rest = note->start_s - before->end_s;
  const NmSingStyle *style = nm_sung_style_of(curve->style, note->line);
  double width = style->plain ? 0 : style->portamento_s;
  width = fmin(width, .5 * fmin(note->end_s - note->start_s, note->start_s - before->start_s));
  *from = note->start_s - .65 * width;
  *to = note->start_s + .35 * width;
  if (rest < .15) return;
  // Unheard: the consonants before the beat have the pitch of their note, and so has the frame in which the
  // one before ends.
  *from = before->end_s + 1 / NM_SING_FRAMES_PER_S;
  *to = *from + fmin(width, rest);
}

static void write_notes(Curve *curve)
{
  const NmSungScore *score = curve->score;
  int32_t i = 0;
  for (int64_t f = 0; f < curve->n; ++f) {
    while (i + 1 < score->n_notes && score->notes[i + 1].start_s <= time_of(curve->first + f)) ++i;
    curve->pitch[f] = (float)score->notes[i].pitch;
  }
  for (i = 1; i < score->n_notes; ++i) {
    const double a = score->notes[i - 1].pitch, b = score->notes[i].pitch;
    double from, to;
    find_glide(curve, i, &from, &to);
    const int64_t end = frame_from(curve, fmax(to, score->notes[i].start_s));
    for (int64_t f = frame_from(curve, from); f < end; ++f) {
      const double x = to > from ? (time_of(f) - from) / (to - from) : time_of(f) >= to;
      curve->pitch[f - curve->first] = (float)(a + (b - a) * smooth(x));
    }
  }
}

// A number of this note that moves with it and not with what is sung elsewhere.
static uint64_t seed_of_note(const Curve *curve, int32_t i)
{
  const NmSungScore *score = curve->score;
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add_u64(&hash, nm_sung_style_of(curve->style, score->notes[i].line)->seed);
  nm_hash_add_real(&hash, score->notes[i].pitch);
  const bool joined = i > 0 && score->notes[i].start_s - score->notes[i - 1].end_s < .15;
  nm_hash_add_real(&hash, joined ? score->notes[i - 1].pitch : 0);
  nm_hash_add_u64(&hash, (uint64_t)(score->notes[i].end - score->notes[i].start));
  return hash.word[0];
}

// The steady part of note i, [from, to) in seconds: between the glides.
static void find_steady(const Curve *curve, int32_t i, double *from, double *to)
{
  const NmSungScore *score = curve->score;
  double unused;
  *from = score->notes[i].start_s;
  *to = score->notes[i].end_s;
  if (i > 0) find_glide(curve, i, &unused, from);
  if (i + 1 < score->n_notes) {
    double next;
    find_glide(curve, i + 1, &next, &unused);
    *to = fmin(*to, next);
  }
  *from = fmax(*from, score->notes[i].start_s);
}

// How much vibrato there is at `s`: grows from its beginning, and is gone at its end.
static double vibrato_share(double s, double from, double to)
{
  return smooth((s - from) / .25) * smooth((to - s) / .12);
}

// Its mean over the note is the note itself.
static void add_vibrato(Curve *curve, int32_t i)
{
  const NmSingStyle *style = nm_sung_style_of(curve->style, curve->score->notes[i].line);
  double from, to, sum = 0, weight = 0;
  find_steady(curve, i, &from, &to);
  from += style->vibrato_delay_s;
  if (to - from < .3 || style->vibrato_cents <= 0) return;
  const double depth = style->vibrato_cents / 100 * fmin(1, (to - from) / .7);
  const double rate = style->vibrato_hz * (1 + .06 * (nm_rng_uniform_at(seed_of_note(curve, i), 7) - .5));
  const int64_t first = frame_from(curve, from), end = frame_from(curve, to);
  for (int64_t f = first; f < end; ++f) {
    const double share = vibrato_share(time_of(f), from, to);
    sum += share * sin(2 * M_PI * rate * (time_of(f) - from));
    weight += share;
  }
  for (int64_t f = first; f < end; ++f) {
    const double share = vibrato_share(time_of(f), from, to);
    const double wave = sin(2 * M_PI * rate * (time_of(f) - from)) - sum / weight;
    curve->pitch[f - curve->first] += (float)(depth * share * wave);
  }
}

// Two slow waves of random phase, without a mean.
static void add_drift(Curve *curve, int32_t i)
{
  static const double rates[] = {.71, 1.63};
  const double depth = nm_sung_style_of(curve->style, curve->score->notes[i].line)->drift_cents / 100;
  const uint64_t seed = seed_of_note(curve, i);
  double from, to;
  find_steady(curve, i, &from, &to);
  if (depth <= 0 || to - from < .1) return;
  const int64_t first = frame_from(curve, from), end = frame_from(curve, to);
  for (int k = 0; k < 2; ++k) {
    const double phase = 2 * M_PI * nm_rng_uniform_at(seed, (uint64_t)k);
    double sum = 0;
    for (int64_t f = first; f < end; ++f) sum += sin(2 * M_PI * rates[k] * (time_of(f) - from) + phase);
    for (int64_t f = first; f < end; ++f) {
      const double wave =
          sin(2 * M_PI * rates[k] * (time_of(f) - from) + phase) - sum / (double)(end - first);
      const double edge = smooth((time_of(f) - from) / .05) * smooth((to - time_of(f)) / .05);
      curve->pitch[f - curve->first] += (float)(depth * edge * wave);
    }
  }
}

void nm_sung_melody_write(const NmSungScore *score, const NmSingStyle *style, int64_t first, int64_t n,
                          float *f0_hz)
{
  Curve curve = {score, style, first, n, f0_hz};
  write_notes(&curve);
  for (int32_t i = 0; i < score->n_notes; ++i) {
    if (nm_sung_style_of(style, score->notes[i].line)->plain) continue;
    add_vibrato(&curve, i);
    add_drift(&curve, i);
  }
  for (int64_t f = 0; f < n; ++f) f0_hz[f] = 440 * exp2f((f0_hz[f] - 69) / 12);
}
