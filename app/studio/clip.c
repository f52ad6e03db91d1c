// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/sound.h"
#include "ui/kit/words.h"

enum { N_BLOCK = NM_PLAYBACK_RATE_HZ, N_MAX = NM_CLIP_SECONDS_MAX * NM_PLAYBACK_RATE_HZ };

static NmClip *make(const char *name, NmError *err)
{
  NmClip *clip = calloc(1, sizeof *clip);
  if (!clip) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
    return NULL;
  }
  atomic_init(&clip->n_shares, 1);
  snprintf(clip->name, sizeof clip->name, "%s", name);
  return clip;
}

// A second more of room than is filled.
static NmStatus make_room(NmClip *clip, int64_t *room, NmError *err)
{
  if (clip->n + N_BLOCK <= *room) return NM_OK;
  *room = 2 * *room + N_BLOCK;
  float *samples = realloc(clip->samples, (size_t)*room * sizeof *samples);
  if (!samples) return nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  clip->samples = samples;
  return NM_OK;
}

static NmStatus report(NmClipProgress progress, void *user, float done, NmError *err)
{
  return progress(user, done) ? NM_OK : nm_error_set(err, NM_ERR_CANCELLED, _("Cancelled"));
}

static NmStatus read_sound(NmClip *clip, NmSound *sound, NmClipProgress progress, void *user, NmError *err)
{
  double total = nm_sound_get_seconds(sound) * NM_PLAYBACK_RATE_HZ;
  int64_t n_read = 1, room = 0;
  NmStatus status = NM_OK;
  while (!status && n_read > 0) {
    if (clip->n > N_MAX)
      return nm_error_set(err, NM_ERR_BAD_DATA, _("%s is longer than an hour: cut out what you listen to"),
                          clip->name);
    status = make_room(clip, &room, err);
    if (!status) status = nm_sound_read(sound, clip->samples + clip->n, N_BLOCK, &n_read, err);
    if (!status) clip->n += n_read;
    if (!status) status = report(progress, user, total > 0 ? (float)((double)clip->n / total) : -1, err);
  }
  return status;
}

static NmStatus finish(NmClip *clip, NmError *err)
{
  if (clip->n < 1) return nm_error_set(err, NM_ERR_BAD_DATA, _("There is no sound in %s"), clip->name);
  clip->peaks = nm_peaks_new(clip->samples, clip->n);
  return clip->peaks ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
}

static NmClip *end(NmClip *clip, NmStatus status, NmError *err)
{
  if (!status) status = finish(clip, err);
  if (!status) return clip;
  nm_clip_release(clip);
  return NULL;
}

NmClip *nm_clip_new(const char *path, NmClipProgress progress, void *user, NmError *err)
{
  const char *slash = strrchr(path, '/');
  NmClip *clip = make(slash ? slash + 1 : path, err);
  if (!clip) return NULL;
  NmSound *sound = nm_sound_open(path, NULL, err);
  NmStatus status = sound ? read_sound(clip, sound, progress, user, err) : err->status;
  nm_sound_close(sound);
  return end(clip, status, err);
}

NmClip *nm_clip_new_of_playback(const NmPlayback *playback, const char *name, NmClipProgress progress,
                                void *user, NmError *err)
{
  int64_t len = nm_playback_get_len(playback);
  NmClip *clip = make(name, err);
  if (!clip) return NULL;
  if (len > N_MAX) len = N_MAX;
  NmStatus status = NM_OK;
  clip->samples = calloc((size_t)len + 1, sizeof *clip->samples);
  if (!clip->samples) status = nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  while (!status && clip->n < len) {
    int64_t n = len - clip->n < N_BLOCK ? len - clip->n : N_BLOCK;
    nm_playback_add(playback, clip->n, clip->samples + clip->n, n);
    clip->n += n;
    status = report(progress, user, (float)clip->n / (float)len, err);
  }
  return end(clip, status, err);
}

NmClip *nm_clip_share(NmClip *clip)
{
  if (clip) atomic_fetch_add(&clip->n_shares, 1);
  return clip;
}

void nm_clip_release(NmClip *clip)
{
  if (!clip || atomic_fetch_sub(&clip->n_shares, 1) > 1) return;
  nm_peaks_free(clip->peaks);
  free(clip->samples);
  free(clip);
}

static void release(void *owner)
{
  nm_clip_release(owner);
}

NmPlayback *nm_clip_make_playback(NmClip *clip)
{
  NmSong *silence = nm_song_new();
  NmPlayback *playback = silence && nm_song_finish(silence, NULL) == NM_OK ? nm_playback_new(silence) : NULL;
  NmPlaybackPiece piece = {0, clip->n, clip->samples, nm_clip_share(clip)};
  nm_song_free(silence);
  if (playback && nm_playback_set_voice(playback, &piece, 1, release) == NM_OK) return playback;
  nm_clip_release(clip);
  nm_playback_release(playback);
  return NULL;
}
