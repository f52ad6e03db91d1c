// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/playback.h"

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

struct NmPlayback {
  atomic_int n_shares;
  Note *notes;             // [n_notes] by time
  NmPlaybackPiece *pieces; // [n_pieces] by start
  int32_t n_notes, n_pieces;
  int64_t len;
  void (*release)(void *owner);
};

static Note make_note(const NmSong *song, const NmSongNote *note)
{
  int velocity = note->velocity ? note->velocity : VELOCITY_USUAL;
  int64_t onset = llround(nm_song_get_seconds(song, note->onset) * NM_PLAYBACK_RATE_HZ);
  int64_t end = llround(nm_song_get_seconds(song, note->onset + note->len) * NM_PLAYBACK_RATE_HZ);
  Note made = {.onset = onset,
               .tone = {.rate_hz = NM_PLAYBACK_RATE_HZ,
                        .f0_hz = 440 * exp2((note->pitch - 69) / 12.),
                        .peak = peak_loudest * velocity / 127,
                        .n_held = end - onset}};
  made.end = onset + nm_tone_get_len(&made.tone);
  return made;
}

NmPlayback *nm_playback_new(const NmSong *song)
{
  NmPlayback *playback = calloc(1, sizeof *playback);
  if (playback) playback->notes = calloc((size_t)song->n_notes + 1, sizeof *playback->notes);
  if (!playback || !playback->notes) {
    free(playback);
    return NULL;
  }
  for (int32_t i = 0; i < song->n_notes; i++) playback->notes[i] = make_note(song, &song->notes[i]);
  playback->n_notes = song->n_notes;
  playback->len = playback->n_notes ? playback->notes[playback->n_notes - 1].end : 0;
  atomic_init(&playback->n_shares, 1);
  return playback;
}

// The first piece that ends after a sample.
static int32_t find_piece(const NmPlayback *playback, int64_t at)
{
  int32_t low = 0, high = playback->n_pieces;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (playback->pieces[middle].start + playback->pieces[middle].n <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

NmStatus nm_playback_set_voice(NmPlayback *playback, const NmPlaybackPiece *pieces, int32_t n,
                               void (*release)(void *owner))
{
  playback->pieces = calloc((size_t)n + 1, sizeof *playback->pieces);
  if (!playback->pieces) return NM_ERR_NO_MEMORY;
  if (n > 0) memcpy(playback->pieces, pieces, (size_t)n * sizeof *pieces);
  playback->n_pieces = n;
  playback->release = release;
  for (int32_t i = 0; i < playback->n_notes; i++) {
    int32_t piece = find_piece(playback, playback->notes[i].onset);
    playback->notes[i].sung = piece < n && pieces[piece].start <= playback->notes[i].onset;
  }
  if (n > 0 && pieces[n - 1].start + pieces[n - 1].n > playback->len)
    playback->len = pieces[n - 1].start + pieces[n - 1].n;
  return NM_OK;
}

NmPlayback *nm_playback_share(NmPlayback *playback)
{
  if (playback) atomic_fetch_add(&playback->n_shares, 1);
  return playback;
}

void nm_playback_release(NmPlayback *playback)
{
  if (!playback || atomic_fetch_sub(&playback->n_shares, 1) > 1) return;
  for (int32_t i = 0; i < playback->n_pieces; i++) playback->release(playback->pieces[i].owner);
  free(playback->notes);
  free(playback->pieces);
  free(playback);
}

int64_t nm_playback_get_len(const NmPlayback *playback)
{
  return playback->len;
}

// Tones end in the order in which they begin, as notes do not overlap.
static int32_t find_note(const NmPlayback *playback, int64_t at)
{
  int32_t low = 0, high = playback->n_notes;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (playback->notes[middle].end <= at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void add_piece(const NmPlaybackPiece *piece, int64_t from, float *out, int64_t n)
{
  int64_t first = piece->start > from ? piece->start : from;
  int64_t end = piece->start + piece->n < from + n ? piece->start + piece->n : from + n;
  for (int64_t i = first; i < end; i++) out[i - from] += piece->samples[i - piece->start];
}

void nm_playback_add(const NmPlayback *playback, int64_t from, float *out, int64_t n)
{
  for (int32_t i = find_note(playback, from); i < playback->n_notes && playback->notes[i].onset < from + n;
       i++)
    if (!playback->notes[i].sung)
      nm_tone_add(&playback->notes[i].tone, from - playback->notes[i].onset, out, n);
  for (int32_t i = find_piece(playback, from); i < playback->n_pieces && playback->pieces[i].start < from + n;
       i++)
    add_piece(&playback->pieces[i], from, out, n);
}
