// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NmScore *nm_score_new(void)
{
  NmScore *score = calloc(1, sizeof *score);
  if (score) nm_arena_init(&score->arena, 4096);
  return score;
}

static void free_part(NmScorePart *part)
{
  for (int32_t i = 0; i < part->n_voices; ++i) {
    free(part->voices[i].notes);
    free(part->voices[i].lyrics);
  }
  free(part->voices);
  free(part->bars);
  free(part->keys);
  free(part->meters);
  free(part->tempos);
}

void nm_score_free(NmScore *score)
{
  if (!score) return;
  for (int32_t i = 0; i < score->n_parts; ++i) free_part(&score->parts[i]);
  free(score->parts);
  free(score->lines);
  nm_arena_fini(&score->arena);
  free(score);
}

const char *nm_score_keep(NmScore *score, const char *text, size_t len)
{
  char *copy = nm_arena_alloc(&score->arena, len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = 0;
  return copy;
}

// A zeroed element more, NULL when memory is out or there are `most`.
static void *append(void **array, size_t size, int32_t *n, int32_t *room, int32_t most)
{
  if (*n >= most) return NULL;
  if (*n == *room) {
    const int32_t wanted = *room ? *room * 2 : 8;
    void *moved = realloc(*array, (size_t)wanted * size);
    if (!moved) return NULL;
    *array = moved;
    *room = wanted;
  }
  char *element = (char *)*array + (size_t)*n * size;
  memset(element, 0, size);
  ++*n;
  return element;
}

NmScorePart *nm_score_add_part(NmScore *score, const char *id, size_t len_id)
{
  const char *kept = nm_score_keep(score, id, len_id);
  void *array = score->parts;
  if (!kept) return NULL;
  NmScorePart *part = append(&array, sizeof *part, &score->n_parts, &score->room_parts, NM_SCORE_PARTS_MAX);
  score->parts = array;
  if (!part) return NULL;
  part->id = kept;
  part->ticks_per_beat = 1;
  return part;
}

NmScoreVoice *nm_score_get_voice(NmScorePart *part, int32_t key)
{
  for (int32_t i = 0; i < part->n_voices; ++i)
    if (part->voices[i].key == key) return &part->voices[i];
  void *array = part->voices;
  NmScoreVoice *voice =
      append(&array, sizeof *voice, &part->n_voices, &part->room_voices, NM_SCORE_PARTS_MAX);
  part->voices = array;
  if (voice) voice->key = key;
  return voice;
}

NmScoreNote *nm_score_add_note(NmScore *score, NmScoreVoice *voice, const NmScoreNote *note)
{
  if (score->n_notes >= NM_SCORE_NOTES_MAX) return NULL;
  void *array = voice->notes;
  NmScoreNote *added = append(&array, sizeof *added, &voice->n_notes, &voice->room_notes, NM_SCORE_NOTES_MAX);
  voice->notes = array;
  if (!added) return NULL;
  *added = *note;
  ++score->n_notes;
  return added;
}

NmScoreLyric *nm_score_add_lyric(NmScore *score, NmScoreVoice *voice, const NmScoreLyric *lyric)
{
  if (score->n_lyrics >= NM_SCORE_NOTES_MAX) return NULL;
  void *array = voice->lyrics;
  NmScoreLyric *added =
      append(&array, sizeof *added, &voice->n_lyrics, &voice->room_lyrics, NM_SCORE_NOTES_MAX);
  voice->lyrics = array;
  if (!added) return NULL;
  *added = *lyric;
  ++score->n_lyrics;
  return added;
}

NmScoreBar *nm_score_add_bar(NmScorePart *part, int64_t tick)
{
  void *array = part->bars;
  NmScoreBar *bar = append(&array, sizeof *bar, &part->n_bars, &part->room_bars, NM_SCORE_NOTES_MAX);
  part->bars = array;
  if (bar) bar->tick = tick;
  return bar;
}

bool nm_score_add_key(NmScorePart *part, int64_t tick, int fifths, bool minor)
{
  void *array = part->keys;
  NmSongKey *key = append(&array, sizeof *key, &part->n_keys, &part->room_keys, NM_SONG_NOTES_MAX);
  part->keys = array;
  if (key) *key = (NmSongKey){tick, (int8_t)fifths, minor};
  return key;
}

bool nm_score_add_meter(NmScorePart *part, int64_t tick, int n_beats, int beat_unit)
{
  void *array = part->meters;
  NmSongMeter *meter = append(&array, sizeof *meter, &part->n_meters, &part->room_meters, NM_SONG_NOTES_MAX);
  part->meters = array;
  if (meter) *meter = (NmSongMeter){tick, (int16_t)n_beats, (int16_t)beat_unit};
  return meter;
}

bool nm_score_add_tempo(NmScorePart *part, int64_t tick, double bpm)
{
  void *array = part->tempos;
  NmSongTempo *tempo = append(&array, sizeof *tempo, &part->n_tempos, &part->room_tempos, NM_SONG_NOTES_MAX);
  part->tempos = array;
  if (tempo) *tempo = (NmSongTempo){tick, bpm};
  return tempo;
}

bool nm_score_add_line(NmScore *score, int verse, int stanza, int n_words)
{
  void *array = score->lines;
  NmScoreLine *line = append(&array, sizeof *line, &score->n_lines, &score->room_lines, NM_SONG_NOTES_MAX);
  score->lines = array;
  if (line) *line = (NmScoreLine){verse, stanza, n_words};
  return line;
}

bool nm_score_refine(NmScorePart *part, int64_t divisor)
{
  int64_t a = part->ticks_per_beat, b = divisor;
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  const int64_t factor = divisor / a;
  if (factor == 1) return true;
  if (factor > NM_SCORE_TICKS_MAX / part->ticks_per_beat) return false;
  part->ticks_per_beat *= factor;
  part->time *= factor;
  for (int32_t i = 0; i < part->n_voices; ++i)
    for (int32_t j = 0; j < part->voices[i].n_notes; ++j) {
      part->voices[i].notes[j].onset *= factor;
      part->voices[i].notes[j].len *= factor;
    }
  for (int32_t i = 0; i < part->n_bars; ++i) part->bars[i].tick *= factor, part->bars[i].len *= factor;
  for (int32_t i = 0; i < part->n_keys; ++i) part->keys[i].tick *= factor;
  for (int32_t i = 0; i < part->n_meters; ++i) part->meters[i].tick *= factor;
  for (int32_t i = 0; i < part->n_tempos; ++i) part->tempos[i].tick *= factor;
  return true;
}

NmStatus nm_score_read_lines(NmScore *score, const char *text)
{
  for (;;) {
    long values[3];
    for (int i = 0; i < 3; ++i) {
      char *end;
      values[i] = strtol(text, &end, 10);
      if (end == text || *end != (i < 2 ? ':' : ' ') || values[i] < 0) return NM_OK;
      text = end + 1;
    }
    if (values[0] > NM_SONG_VERSES_MAX || values[1] > INT16_MAX || values[2] > NM_SONG_NOTES_MAX)
      return NM_OK;
    if (!nm_score_add_line(score, (int)values[0], (int)values[1], (int)values[2])) return NM_ERR_NO_MEMORY;
  }
}
