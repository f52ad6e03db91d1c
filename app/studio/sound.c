// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/sound.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/tone.h"

enum { VELOCITY_USUAL = 90 };
static const double peak_loudest = .4;

typedef struct {
  int64_t onset, end; // sample, `end` where it is silent
  NmTone tone;
  bool sung;
} Note;

struct NmSound {
  atomic_int n_shares;
  Note *notes;          // [n_notes] by time
  NmSoundPiece *pieces; // [n_pieces] by start
  int32_t n_notes, n_pieces;
  int64_t len;
  void (*release)(void *owner);
};

static Note make_note(const NmSong *song, const NmSongNote *note)
{
  int velocity = note->velocity ? note->velocity : VELOCITY_USUAL;
  int64_t onset = llround(nm_song_get_seconds(song, note->onset) * NM_SOUND_RATE_HZ);
  int64_t end = llround(nm_song_get_seconds(song, note->onset + note->len) * NM_SOUND_RATE_HZ);
  Note made = {.onset = onset,
               .tone = {.rate_hz = NM_SOUND_RATE_HZ,
                        .f0_hz = 440 * exp2((note->pitch - 69) / 12.),
                        .peak = peak_loudest * velocity / 127,
                        .n_held = end - onset}};
  made.end = onset + nm_tone_get_len(&made.tone);
  return made;
}

NmSound *nm_sound_new(const NmSong *song)
{
  NmSound *sound = calloc(1, sizeof *sound);
  if (sound) sound->notes = calloc((size_t)song->n_notes + 1, sizeof *sound->notes);
  if (!sound || !sound->notes) {
    free(sound);
    return NULL;
  }
  for (int32_t i = 0; i < song->n_notes; i++) sound->notes[i] = make_note(song, &song->notes[i]);
  sound->n_notes = song->n_notes;
  sound->len = sound->n_notes ? sound->notes[sound->n_notes - 1].end : 0;
  atomic_init(&sound->n_shares, 1);
  return sound;
}

// The first piece that ends after a sample.
static int32_t find_piece(const NmSound *sound, int64_t at)
{
  int32_t low = 0, high = sound->n_pieces;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (sound->pieces[middle].start + sound->pieces[middle].n <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

NmStatus nm_sound_set_voice(NmSound *sound, const NmSoundPiece *pieces, int32_t n,
                            void (*release)(void *owner))
{
  sound->pieces = calloc((size_t)n + 1, sizeof *sound->pieces);
  if (!sound->pieces) return NM_ERR_NO_MEMORY;
  if (n > 0) memcpy(sound->pieces, pieces, (size_t)n * sizeof *pieces);
  sound->n_pieces = n;
  sound->release = release;
  for (int32_t i = 0; i < sound->n_notes; i++) {
    int32_t piece = find_piece(sound, sound->notes[i].onset);
    sound->notes[i].sung = piece < n && pieces[piece].start <= sound->notes[i].onset;
  }
  if (n > 0 && pieces[n - 1].start + pieces[n - 1].n > sound->len)
    sound->len = pieces[n - 1].start + pieces[n - 1].n;
  return NM_OK;
}

NmSound *nm_sound_share(NmSound *sound)
{
  if (sound) atomic_fetch_add(&sound->n_shares, 1);
  return sound;
}

void nm_sound_release(NmSound *sound)
{
  if (!sound || atomic_fetch_sub(&sound->n_shares, 1) > 1) return;
  for (int32_t i = 0; i < sound->n_pieces; i++) sound->release(sound->pieces[i].owner);
  free(sound->notes);
  free(sound->pieces);
  free(sound);
}

int64_t nm_sound_get_len(const NmSound *sound)
{
  return sound->len;
}

// Tones end in the order in which they begin, as notes do not overlap.
static int32_t find_note(const NmSound *sound, int64_t at)
{
  int32_t low = 0, high = sound->n_notes;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (sound->notes[middle].end <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void add_piece(const NmSoundPiece *piece, int64_t from, float *out, int64_t n)
{
  int64_t first = piece->start > from ? piece->start : from;
  int64_t end = piece->start + piece->n < from + n ? piece->start + piece->n : from + n;
  for (int64_t i = first; i < end; i++) out[i - from] += piece->samples[i - piece->start];
}

void nm_sound_add(const NmSound *sound, int64_t from, float *out, int64_t n)
{
  for (int32_t i = find_note(sound, from); i < sound->n_notes && sound->notes[i].onset < from + n; i++)
    if (!sound->notes[i].sung) nm_tone_add(&sound->notes[i].tone, from - sound->notes[i].onset, out, n);
  for (int32_t i = find_piece(sound, from); i < sound->n_pieces && sound->pieces[i].start < from + n; i++)
    add_piece(&sound->pieces[i], from, out, n);
}
