// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/band.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/project.h"
#include "app/studio/voice.h"
#include "app/studio/worker.h"
#include "dsp/base/hash.h"
#include "dsp/resample.h"
#include "ui/kit/words.h"

enum { N_BLOCK = 1024 };

// Under the lock but for what the thread alone uses.
struct NmStudioBand {
  NmWorker worker;
  NmDocument *wanted; // to be played next, NULL: nothing
  bool works;
  NmPlayback *sound; // NULL: nothing
  char trouble[512];

  // The thread's own.
  NmHash key; // of what is played
  bool has_key;
};

// --- the sound ---

// What comes out of the mixer, on its way to the rate and the single channel of a playback.
typedef struct {
  NmStudioBand *band;
  NmResampler *resampler;
  double gain;
  float *samples; // [room]
  int64_t n, room;
} Take;

static NmStatus take_frames(void *user, const float *frames, int64_t n, NmError *err)
{
  Take *take = user;
  float mono[N_BLOCK];
  while (n > 0) {
    int64_t n_now = n < N_BLOCK ? n : N_BLOCK, n_taken;
    if (nm_worker_is_cancelled(&take->band->worker)) return nm_error_set(err, NM_ERR_CANCELLED, "given up");
    for (int64_t i = 0; i < n_now; i++)
      mono[i] = (float)(take->gain * .5) * (frames[2 * i] + frames[2 * i + 1]);
    for (int64_t at = 0; at < n_now; at += n_taken)
      take->n += nm_resampler_push(take->resampler, mono + at, n_now - at, &n_taken, take->samples + take->n,
                                   take->room - take->n);
    frames += 2 * n_now;
    n -= n_now;
  }
  return NM_OK;
}

// The voice is played as it comes, and mixed louder: what lies between is taken off the band.
static double find_gain(const NmMixStyle *mix)
{
  return pow(10, -(NM_MIX_VOICE_LUFS - mix->voice_lufs + mix->voice_db) / 20) * M_SQRT2;
}

static NmStatus fill(Take *take, const NmProject *project, NmBacking *backing, NmError *err)
{
  NmMixConfig config = {.backing = backing, .style = &project->band.mix, .sink = take_frames, .user = take};
  take->gain = find_gain(&project->band.mix);
  take->resampler = nm_resampler_new(NM_MIX_RATE_HZ, NM_PLAYBACK_RATE_HZ, NM_RESAMPLE_MEDIUM);
  NmMixer *mixer = nm_mixer_new(&config, err);
  if (!mixer || !take->resampler) {
    nm_mixer_free(mixer);
    return err->status ? err->status : nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  }
  NmStatus status = NM_OK;
  take->room = nm_mixer_get_len(mixer, 0) / (NM_MIX_RATE_HZ / NM_PLAYBACK_RATE_HZ) + N_BLOCK;
  take->samples = calloc((size_t)take->room, sizeof *take->samples);
  if (!take->samples) status = nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  if (!status) status = nm_mixer_finish(mixer, err);
  for (int64_t n = 1; !status && n > 0; take->n += n)
    n = nm_resampler_finish(take->resampler, take->samples + take->n, take->room - take->n);
  nm_mixer_free(mixer);
  return status;
}

// The document begins where the lead-in ends, which is not heard.
static NmPlayback *make_playback(const Take *take, double lead_in_s)
{
  NmPlaybackPiece piece = {-llround(lead_in_s * NM_PLAYBACK_RATE_HZ), take->n, take->samples, take->samples};
  NmSong *silence = nm_song_new();
  NmPlayback *sound = silence && nm_song_finish(silence, NULL) == NM_OK ? nm_playback_new(silence) : NULL;
  nm_song_free(silence);
  if (sound && nm_playback_set_voice(sound, &piece, 1, free) == NM_OK) return sound;
  nm_playback_release(sound);
  return NULL;
}

static NmPlayback *play(NmStudioBand *band, const NmProject *project, NmBacking *backing, NmError *err)
{
  Take take = {.band = band};
  NmPlayback *sound = NULL;
  NmStatus status = fill(&take, project, backing, err);
  if (!status) {
    sound = make_playback(&take, nm_song_get_seconds(project->song, project->n_lead_in));
    if (!sound) nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  }
  if (!sound) free(take.samples);
  nm_resampler_free(take.resampler);
  return sound;
}

// --- whether it has to be made ---

static void add_part(NmHash *key, const NmPart *part)
{
  nm_hash_add_u64(key, (uint64_t)part->channel << 8 | (uint64_t)part->program);
  nm_hash_add_real(key, (double)part->pan);
  nm_hash_add_real(key, (double)part->level_db);
  nm_hash_add_real(key, (double)part->room_db);
  for (int32_t i = 0; i < part->n_notes; i++) {
    const NmPerformanceNote *note = &part->notes[i];
    nm_hash_add_u64(key, (uint64_t)note->frame);
    nm_hash_add_u64(key, (uint64_t)note->frame_end);
    nm_hash_add_u64(key, (uint64_t)note->key << 8 | note->velocity);
  }
}

// All that the sound depends on.
static NmHash make_key(const NmProject *project, const NmPerformance *performance)
{
  NmHash key;
  const NmMixStyle *mix = &project->band.mix;
  const double levels[] = {mix->voice_lufs, mix->voice_db, mix->backing_db, mix->room_db, mix->peak_db};
  const char *soundfont = project->band.backing.soundfont;
  nm_hash_init(&key);
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) nm_hash_add_real(&key, levels[i]);
  nm_hash_add_real(&key, nm_song_get_seconds(project->song, project->n_lead_in));
  nm_hash_add(&key, soundfont ? soundfont : "", soundfont ? strlen(soundfont) : 0);
  for (int32_t p = 0; p < performance->n_parts; p++) add_part(&key, &performance->parts[p]);
  return key;
}

// --- the thread's ---

static void publish(NmStudioBand *band, NmPlayback *sound, const char *trouble)
{
  nm_worker_lock(&band->worker);
  NmPlayback *before = band->sound;
  band->sound = sound;
  snprintf(band->trouble, sizeof band->trouble, "%s", trouble);
  nm_worker_unlock(&band->worker);
  nm_playback_release(before);
  nm_worker_wake(&band->worker);
}

static NmStatus play_project(NmStudioBand *band, const NmProject *project, NmError *err)
{
  NmBacking *backing = nm_backing_new(project->song, &project->band.backing, err);
  if (!backing) return err->status;
  NmHash key = make_key(project, nm_backing_get_performance(backing));
  bool is_long = nm_backing_get_len(backing) > (int64_t)NM_STUDIO_BAND_S_MAX * NM_BACKING_RATE_HZ;
  NmPlayback *sound = NULL;
  if (is_long)
    nm_error_set(err, NM_ERR_UNSUPPORTED, "%s",
                 _("So long a song is heard with its band only when rendered"));
  else if (!band->has_key || memcmp(&key, &band->key, sizeof key) != 0)
    sound = play(band, project, backing, err);
  nm_backing_free(backing);
  if (!sound) return err->status;
  band->key = key;
  band->has_key = true;
  publish(band, sound, "");
  return NM_OK;
}

static void play_document(NmStudioBand *band, const NmDocument *doc)
{
  NmProject project;
  NmError err = {0};
  NmStatus status = nm_project_read(&project, doc, NULL, NULL, NULL, &err);
  bool plays = !status && project.has_band && project.song->n_notes > 0;
  if (plays) status = play_project(band, &project, &err);
  if ((status && status != NM_ERR_CANCELLED) || (!status && !plays)) {
    band->has_key = false;
    publish(band, NULL, err.message);
  }
  nm_project_fini(&project);
}

static bool work(void *owner)
{
  NmStudioBand *band = owner;
  NmDocument *doc = band->wanted;
  if (!doc) return false;
  band->wanted = NULL;
  band->works = true;
  nm_worker_unlock(&band->worker);
  play_document(band, doc);
  nm_document_free(doc);
  nm_worker_lock(&band->worker);
  band->works = false;
  nm_worker_wake(&band->worker);
  return true;
}

// --- the user's ---

NmStudioBand *nm_studio_band_new(void (*wake)(void *user), void *user)
{
  NmStudioBand *band = calloc(1, sizeof *band);
  if (band && nm_worker_init(&band->worker, true, work, band, wake, user)) return band;
  free(band);
  return NULL;
}

void nm_studio_band_free(NmStudioBand *band)
{
  if (!band) return;
  nm_worker_fini(&band->worker);
  nm_document_free(band->wanted);
  nm_playback_release(band->sound);
  free(band);
}

// Nothing is played and nothing is to be taken back.
static bool is_silent(NmStudioBand *band)
{
  nm_worker_lock(&band->worker);
  bool silent = !band->wanted && !band->works && !band->sound && !band->trouble[0];
  nm_worker_unlock(&band->worker);
  return silent;
}

void nm_studio_band_play(NmStudioBand *band, const NmDocument *doc, int verse)
{
  NmDocument *copy = NULL;
  bool plays = json_is_true(nm_document_get(doc, "/backing/on"));
  if (!plays && is_silent(band)) return;
  if (!(copy = nm_studio_copy_verse(doc, verse))) return;
  nm_worker_lock(&band->worker);
  NmDocument *before = band->wanted;
  band->wanted = copy;
  nm_worker_cancel(&band->worker);
  nm_worker_tell(&band->worker);
  nm_worker_unlock(&band->worker);
  nm_document_free(before);
}

bool nm_studio_band_is_busy(NmStudioBand *band, char *trouble)
{
  nm_worker_lock(&band->worker);
  bool busy = band->wanted || band->works;
  if (trouble) memcpy(trouble, band->trouble, sizeof band->trouble);
  nm_worker_unlock(&band->worker);
  return busy;
}

NmPlayback *nm_studio_band_get(NmStudioBand *band)
{
  nm_worker_lock(&band->worker);
  NmPlayback *sound = nm_playback_share(band->sound);
  nm_worker_unlock(&band->worker);
  return sound;
}
