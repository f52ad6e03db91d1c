// SPDX-License-Identifier: GPL-3.0-or-later
// Repeats played out.
#include <stdlib.h>

#include "app/formats/score.h"

enum { PLAYS_MAX = 1 << 16 };

// A bar played, and which time its passage is played.
typedef struct {
  int32_t bar, pass;
} Play;

typedef struct {
  NmScore *score;
  NmScorePart *part; // as written
  NmScoreVoice *voice;
  NmScorePart *out; // as played
  NmScoreVoice *out_voice;
  Play *plays; // [n_plays]
  int32_t n_plays;
  int32_t *notes;       // [voice->n_notes] by time
  int32_t *lyrics;      // [voice->n_lyrics] by note
  int32_t *lyric_first; // [voice->n_notes + 1] in `lyrics`
} Unfold;

// Whether the endings behind a bar have one for that pass.
static bool has_ending(const NmScorePart *part, int32_t bar, int32_t pass)
{
  if (pass > NM_SCORE_ENDINGS_MAX) return false;
  for (int32_t i = bar; i < part->n_bars && part->bars[i].endings; ++i)
    if (part->bars[i].endings >> pass & 1) return true;
  return false;
}

static bool goes_back(const NmScorePart *part, int32_t i, int32_t pass)
{
  const NmScoreBar *bar = &part->bars[i];
  if (bar->n_repeats == 0) return false;
  return bar->endings ? has_ending(part, i, pass + 1) : pass < bar->n_repeats;
}

// The order of the bars; false when they are too many.
static bool find_plays(Unfold *unfold)
{
  const NmScorePart *part = unfold->part;
  int32_t start = 0, pass = 1;
  for (int32_t i = 0; i < part->n_bars;) {
    const NmScoreBar *bar = &part->bars[i];
    if (bar->repeats_from && i != start) start = i, pass = 1;
    if (bar->endings && !(bar->endings >> pass & 1)) {
      ++i;
      continue;
    }
    if (unfold->n_plays == PLAYS_MAX) return false;
    unfold->plays[unfold->n_plays++] = (Play){i, pass};
    if (goes_back(part, i, pass)) {
      i = start;
      ++pass;
      continue;
    }
    ++i;
    const bool leaves_endings = bar->endings && (i == part->n_bars || !part->bars[i].endings);
    if (bar->n_repeats || leaves_endings) start = i, pass = 1;
  }
  return true;
}

static int32_t find_note(const Unfold *unfold, int64_t tick)
{
  int32_t low = 0, high = unfold->voice->n_notes;
  while (low < high) { // the first note at `tick` or behind it
    const int32_t middle = (low + high) / 2;
    if (unfold->voice->notes[unfold->notes[middle]].onset >= tick)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// Whether the verse has words in a bar.
static bool has_verse(const Unfold *unfold, const NmScoreBar *bar, int32_t verse)
{
  for (int32_t i = find_note(unfold, bar->tick); i < unfold->voice->n_notes; ++i) {
    const int32_t note = unfold->notes[i];
    if (unfold->voice->notes[note].onset >= bar->tick + bar->len) return false;
    for (int32_t j = unfold->lyric_first[note]; j < unfold->lyric_first[note + 1]; ++j)
      if (unfold->voice->lyrics[unfold->lyrics[j]].verse == verse) return true;
  }
  return false;
}

static bool copy_lyrics(Unfold *unfold, int32_t note, int32_t verse)
{
  for (int32_t j = unfold->lyric_first[note]; j < unfold->lyric_first[note + 1]; ++j) {
    NmScoreLyric lyric = unfold->voice->lyrics[unfold->lyrics[j]];
    if (lyric.verse != verse) continue;
    lyric.note = unfold->out_voice->n_notes - 1;
    lyric.verse = 1;
    if (!nm_score_add_lyric(unfold->score, unfold->out_voice, &lyric)) return false;
  }
  return true;
}

static bool copy_notes(Unfold *unfold, const NmScoreBar *bar, int64_t shift, int32_t verse)
{
  for (int32_t i = find_note(unfold, bar->tick); i < unfold->voice->n_notes; ++i) {
    NmScoreNote note = unfold->voice->notes[unfold->notes[i]];
    if (note.onset >= bar->tick + bar->len) break;
    note.onset += shift;
    if (!nm_score_add_note(unfold->score, unfold->out_voice, &note) ||
        !copy_lyrics(unfold, unfold->notes[i], verse))
      return false;
  }
  return true;
}

// Whether an entry of a map begins in the bar; after a jump, what holds already begins again with it, unless
// `is_same`, it held before the jump.
static bool begins_in(const NmScoreBar *bar, bool jumps, bool is_same, int64_t *tick, int64_t next)
{
  if (*tick > bar->tick || (*tick == bar->tick && !jumps)) return *tick < bar->tick + bar->len;
  if (!jumps || is_same || next <= bar->tick) return false;
  *tick = bar->tick;
  return true;
}

static bool copy_maps(Unfold *unfold, const NmScoreBar *bar, int64_t shift, bool jumps)
{
  const NmScorePart *part = unfold->part, *out = unfold->out;
  bool ok = true;
  for (int32_t i = 0; ok && i < part->n_keys; ++i) {
    NmSongKey key = part->keys[i];
    const NmSongKey *last = out->n_keys ? &out->keys[out->n_keys - 1] : &key;
    const bool is_same = out->n_keys && last->fifths == key.fifths && last->minor == key.minor;
    if (begins_in(bar, jumps, is_same, &key.tick, i + 1 < part->n_keys ? part->keys[i + 1].tick : INT64_MAX))
      ok = nm_score_add_key(unfold->out, key.tick + shift, key.fifths, key.minor);
  }
  for (int32_t i = 0; ok && i < part->n_meters; ++i) {
    NmSongMeter meter = part->meters[i];
    const NmSongMeter *last = out->n_meters ? &out->meters[out->n_meters - 1] : &meter;
    const bool is_same =
        out->n_meters && last->n_beats == meter.n_beats && last->beat_unit == meter.beat_unit;
    if (begins_in(bar, jumps, is_same, &meter.tick,
                  i + 1 < part->n_meters ? part->meters[i + 1].tick : INT64_MAX))
      ok = nm_score_add_meter(unfold->out, meter.tick + shift, meter.n_beats, meter.beat_unit);
  }
  for (int32_t i = 0; ok && i < part->n_tempos; ++i) {
    NmSongTempo tempo = part->tempos[i];
    const bool is_same = out->n_tempos && out->tempos[out->n_tempos - 1].bpm == tempo.bpm;
    if (begins_in(bar, jumps, is_same, &tempo.tick,
                  i + 1 < part->n_tempos ? part->tempos[i + 1].tick : INT64_MAX))
      ok = nm_score_add_tempo(unfold->out, tempo.tick + shift, tempo.bpm);
  }
  return ok;
}

static bool copy_bars(Unfold *unfold)
{
  int64_t tick = 0;
  for (int32_t i = 0; i < unfold->n_plays; ++i) {
    const Play *play = &unfold->plays[i];
    const NmScoreBar *bar = &unfold->part->bars[play->bar];
    const bool jumps = i > 0 && play->bar != unfold->plays[i - 1].bar + 1;
    const int32_t verse = has_verse(unfold, bar, play->pass) ? play->pass : 1;
    NmScoreBar *added = nm_score_add_bar(unfold->out, tick);
    if (!added || !copy_maps(unfold, bar, tick - bar->tick, jumps) ||
        !copy_notes(unfold, bar, tick - bar->tick, verse))
      return false;
    added->len = bar->len;
    added->is_pickup = i == 0 && bar->is_pickup;
    tick += bar->len;
  }
  return true;
}

// --- order ---

typedef struct {
  int64_t key;
  int32_t index;
} Sorted;

static int compare_sorted(const void *a, const void *b)
{
  const Sorted *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static void sort(Sorted *sorted, int32_t n, int32_t *indices)
{
  if (n) qsort(sorted, (size_t)n, sizeof *sorted, compare_sorted);
  for (int32_t i = 0; i < n; ++i) indices[i] = sorted[i].index;
}

static bool sort_voice(Unfold *unfold)
{
  const NmScoreVoice *voice = unfold->voice;
  const size_t n_notes = (size_t)voice->n_notes + 1, n_lyrics = (size_t)voice->n_lyrics + 1;
  Sorted *sorted = malloc((n_notes > n_lyrics ? n_notes : n_lyrics) * sizeof *sorted);
  unfold->notes = malloc(n_notes * sizeof *unfold->notes);
  unfold->lyrics = malloc(n_lyrics * sizeof *unfold->lyrics);
  unfold->lyric_first = malloc(n_notes * sizeof *unfold->lyric_first);
  unfold->plays = malloc(PLAYS_MAX * sizeof *unfold->plays);
  const bool ok = sorted && unfold->notes && unfold->lyrics && unfold->lyric_first && unfold->plays;
  if (ok) {
    for (int32_t i = 0; i < voice->n_notes; ++i) sorted[i] = (Sorted){voice->notes[i].onset, i};
    sort(sorted, voice->n_notes, unfold->notes);
    for (int32_t i = 0; i < voice->n_lyrics; ++i) sorted[i] = (Sorted){voice->lyrics[i].note, i};
    sort(sorted, voice->n_lyrics, unfold->lyrics);
    for (int32_t i = 0, lyric = 0; i <= voice->n_notes; ++i) {
      while (lyric < voice->n_lyrics && sorted[lyric].key < i) ++lyric;
      unfold->lyric_first[i] = lyric;
    }
  }
  free(sorted);
  return ok;
}

NmStatus nm_score_unfold(NmScore *score, int32_t part, int32_t voice, NmError *err)
{
  Unfold unfold = {.score = score, .out = nm_score_add_part(score, "", 0)};
  if (!unfold.out) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  unfold.part = &score->parts[part];
  unfold.voice = &unfold.part->voices[voice];
  unfold.out->ticks_per_beat = unfold.part->ticks_per_beat;
  unfold.out_voice = nm_score_get_voice(unfold.out, 0);
  NmStatus status = NM_OK;
  if (!unfold.out_voice || !sort_voice(&unfold))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  else if (!find_plays(&unfold) || !copy_bars(&unfold))
    status =
        nm_error_set(err, NM_ERR_UNSUPPORTED, "out of memory, or its repeats make too many bars or notes");
  free(unfold.notes);
  free(unfold.lyrics);
  free(unfold.lyric_first);
  free(unfold.plays);
  return status;
}
