// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/predict.h"

#include <math.h>
#include <string.h>

enum {
  PHONES_MAX = 200, // of what is asked for at once, if a word ends there
  ROOM = 512        // and wherever it ends
};
static const double rest_s = .3; // a longer one parts what is said

typedef struct {
  NmSungScore *score;
  NmVoicePhone said[ROOM];
  int32_t source[ROOM]; // the score's phone; -1 - unit: the pause behind it; INT32_MIN: an edge
  float frames[ROOM];
  int32_t n, n_words;
} Asked;

static void say(Asked *asked, int32_t phone, int32_t i_word, NmBoundary boundary, int32_t source)
{
  asked->source[asked->n] = source;
  asked->said[asked->n++] =
      (NmVoicePhone){.phone = phone, .i_word = i_word, .boundary = boundary, .rate = 1, .pitch_range = 1};
}

// Whether what is said ends behind unit u.
static bool ends(const NmSungScore *score, int32_t u, int32_t n)
{
  const NmSungUnit *unit = &score->units[u], *next = unit + 1;
  if (u + 1 == score->n_units || unit->line != next->line) return true;
  if (unit->syllable < 0 && next->syllable < 0 && n + next->n_phones > PHONES_MAX / 4) return true;
  if (n + next->n_phones + 2 > ROOM / 2) return true;
  if (unit->ends_word && n > PHONES_MAX) return true;
  const NmSungNote *last = &score->notes[unit->note_first + unit->n_notes - 1];
  return unit->ends_word && score->notes[next->note_first].start_s - last->end_s > rest_s;
}

// Units from `first` on that are said together; the first behind them.
static int32_t gather(Asked *asked, int32_t first)
{
  const NmSungScore *score = asked->score;
  asked->n = asked->n_words = 0;
  say(asked, NM_PHONE_PAUSE, -1, NM_BOUNDARY_NONE, INT32_MIN);
  for (int32_t u = first;; ++u) {
    const NmSungUnit *unit = &score->units[u];
    if (unit->begins_word && u > first) ++asked->n_words;
    for (int32_t i = 0; i < unit->n_phones && asked->n < ROOM - 2; ++i)
      say(asked, score->phones[unit->phone_first + i], asked->n_words, unit->boundary, unit->phone_first + i);
    if (ends(score, u, asked->n)) {
      say(asked, NM_PHONE_PAUSE, -1, unit->boundary ? unit->boundary : NM_BOUNDARY_COMMA, -1 - u);
      return u + 1;
    }
    if (unit->ends_word && unit->boundary) say(asked, NM_PHONE_PAUSE, -1, unit->boundary, -1 - u);
  }
}

static void keep(Asked *asked)
{
  for (int32_t i = 0; i < asked->n; ++i) {
    const int32_t source = asked->source[i];
    if (source >= 0)
      asked->score->natural[source] = asked->frames[i];
    else if (source != INT32_MIN)
      asked->score->pauses[-1 - source] = asked->frames[i];
  }
}

NmStatus nm_sung_take_lengths(NmSungScore *score, const NmSong *song, NmError *err)
{
  score->wished = nm_arena_calloc(&score->arena, (size_t)score->n_phones + 1, sizeof *score->wished);
  if (!score->wished) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t u = 0; u < score->n_units; ++u) {
    NmSungUnit *unit = &score->units[u];
    if (unit->syllable < 0) continue;
    const NmSongSyllable *syllable = &song->syllables[unit->syllable];
    unit->shift = (int32_t)lrint(syllable->shift_s * NM_SING_FRAMES_PER_S);
    if (syllable->n_lengths != unit->n_phones) continue;
    for (int32_t i = 0; i < unit->n_phones; ++i)
      score->wished[unit->phone_first + i] = roundf(syllable->lengths_s[i] * (float)NM_SING_FRAMES_PER_S);
  }
  return NM_OK;
}

NmStatus nm_sung_predict(NmSungScore *score, NmVoice *voice, int speaker, NmError *err)
{
  Asked *asked = nm_arena_calloc(&score->arena, 1, sizeof *asked);
  score->natural = nm_arena_calloc(&score->arena, (size_t)score->n_phones, sizeof *score->natural);
  score->pauses = nm_arena_calloc(&score->arena, (size_t)score->n_units, sizeof *score->pauses);
  if (!asked || !score->natural || !score->pauses)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  asked->score = score;
  for (int32_t i = 0; i < score->n_phones; ++i) score->natural[i] = 1;
  for (int32_t u = 0; u < score->n_units;) {
    u = gather(asked, u);
    const NmStatus status = nm_voice_predict(voice, asked->said, asked->n, speaker, asked->frames, err);
    if (status != NM_OK) return status;
    keep(asked);
  }
  return NM_OK;
}
