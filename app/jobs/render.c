// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/render.h"

#include <string.h>

#include "app/clock.h"
#include "app/formats/audio_out.h"
#include "app/formats/song_file.h"
#include "app/interrupt.h"
#include "app/jobs/project.h"
#include "app/jobs/render_emotion.h"
#include "app/jobs/render_folder.h"
#include "app/jobs/timing_files.h"

enum { BLOCK = 4096 };

// How much of the work is done when the emotion's turn comes.
static const double share_of_sound = .8;

typedef struct {
  const NmRenderRequest *request;
  NmRenderStats *stats;
  NmProject project;
  NmRenderFolder folder;
  NmHash salt;
  NmSingStream *stream;
  NmSingMix *with_band;
  NmMixer *mixer, *alone; // mixer: that of either
  NmAudioOut *audio;
  NmTimings *timings;
  char path_mix[PATH_MAX];
} Render;

NmRenderRequest nm_render_defaults(void)
{
  return (NmRenderRequest){.name = "song", .folder = "out", .ending = ".wav", .stems = true, .emotion = true};
}

// --- telling and asking ---

static void tell(const Render *r, const char *what, double done)
{
  if (r->request->progress) r->request->progress(r->request->user, what, done);
}

static NmStatus check_cancel(const Render *r, NmError *err)
{
  const bool wanted = r->request->cancel && atomic_load(r->request->cancel);
  if (wanted || nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
  return NM_OK;
}

static NmStatus add_file(Render *r, const char *ending, char path[PATH_MAX], NmError *err)
{
  char name[NM_RENDER_FOLDER_NAME];
  if (snprintf(name, sizeof name, "%s%s", r->request->name, ending) >= (int)sizeof name)
    return nm_error_set(err, NM_ERR_IO, "the name %.40s... is too long", r->request->name);
  return nm_render_folder_add(&r->folder, name, path, err);
}

// --- the sound ---

static NmStatus write_mix(void *user, const float *frames, int64_t n, NmError *err)
{
  Render *r = user;
  return nm_audio_out_write(r->audio, frames, n, err);
}

static NmStatus sing(void *user, const NmSingPlan *plan, int32_t i, float *samples, NmError *err)
{
  Render *r = user;
  bool was_there;
  const double start = nm_clock_now();
  NmStatus status = check_cancel(r, err);
  if (status == NM_OK)
    status = nm_project_sing_phrase(&r->project, r->request->cache, &r->salt, i, samples, &was_there, err);
  if (status == NM_OK) r->stats->n_sung += !was_there;
  r->stats->seconds_voice += nm_clock_now() - start;
  return status;
}

static NmStatus add_stems(Render *r, NmError *err)
{
  char name[NM_RENDER_FOLDER_NAME];
  NmStatus status = nm_render_folder_add(&r->folder, "stems/voice.wav", NULL, err);
  const NmBacking *backing = r->with_band ? nm_sing_mix_get_backing(r->with_band) : NULL;
  const int n = backing ? nm_backing_get_performance(backing)->n_parts : 0;
  for (int i = 0; i < n && status == NM_OK; ++i) {
    snprintf(name, sizeof name, "stems/%s.wav", nm_backing_get_performance(backing)->parts[i].name);
    status = nm_render_folder_add(&r->folder, name, NULL, err);
  }
  return status;
}

static NmStatus open_mixer(Render *r, NmError *err)
{
  char stems[PATH_MAX];
  if (snprintf(stems, sizeof stems, "%s/stems", r->folder.work) >= (int)sizeof stems)
    return nm_error_set(err, NM_ERR_IO, "the name of the folder %.60s... is too long", r->folder.path);
  NmSingBand band = r->project.band;
  if (r->request->stems) band.stems = stems;
  const NmMixConfig config = {
      .style = &band.mix, .sink = write_mix, .user = r, .stems = band.stems, .force = true};
  if (r->project.has_band)
    r->with_band = nm_sing_mix_new(r->project.song, r->project.plan, &band, true, write_mix, r, err);
  else
    r->alone = nm_mixer_new(&config, err);
  if (!r->with_band && !r->alone) return err->status;
  r->mixer = r->alone ? r->alone : nm_sing_mix_get_mixer(r->with_band);
  return r->request->stems ? add_stems(r, err) : NM_OK;
}

static NmStatus open_sound(Render *r, NmError *err)
{
  const NmAudioOutFormat format = {NM_MIX_RATE_HZ, 2};
  NmStatus status = add_file(r, r->request->ending, r->path_mix, err);
  if (status != NM_OK) return status;
  r->audio = nm_audio_out_new_file_of(r->path_mix, &format, false, err);
  if (!r->audio) return err->status;
  r->stream = nm_sing_stream_new(NULL, r->project.plan, sing, r);
  if (!r->stream) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return open_mixer(r, err);
}

static NmStatus make_sound(Render *r, NmError *err)
{
  float block[BLOCK];
  const int64_t n_samples = nm_sing_plan_get_n_samples(r->project.plan);
  const double start = nm_clock_now();
  NmStatus status = NM_OK;
  for (int64_t at = 0; at < n_samples && status == NM_OK; at += BLOCK) {
    const int64_t n = n_samples - at < BLOCK ? n_samples - at : BLOCK;
    tell(r, "singing", share_of_sound * (double)at / (double)n_samples);
    status = check_cancel(r, err);
    if (status == NM_OK) status = nm_sing_stream_process(r->stream, block, n, err);
    if (status == NM_OK) status = nm_mixer_push(r->mixer, block, n, err);
  }
  if (status == NM_OK) status = nm_mixer_finish(r->mixer, err);
  if (status == NM_OK) status = nm_audio_out_finish(r->audio, err);
  r->stats->seconds_mix = nm_clock_now() - start - r->stats->seconds_voice;
  return status;
}

// --- what goes with it ---

static NmStatus keep_timing(void *user, const NmTiming *timing, NmError *err)
{
  return nm_timings_add(user, timing, err);
}

static NmStatus write_timings(Render *r, NmError *err)
{
  static const char *const endings[] = {".json", ".TextGrid", ".srt", ".vtt", ".lrc", ".txt"};
  const int64_t n_samples = nm_sing_plan_get_n_samples(r->project.plan);
  NmTimingFiles files = {0};
  char paths[6][PATH_MAX];
  const char *names[6];
  r->timings = nm_timings_new(err);
  NmStatus status =
      r->timings ? nm_sing_plan_tell(r->project.plan, keep_timing, r->timings, err) : err->status;
  for (int i = 0; i < 6 && status == NM_OK; ++i) {
    status = add_file(r, endings[i], paths[i], err);
    names[i] = paths[i];
  }
  if (status == NM_OK) status = nm_timing_files_begin(&files, names, 6, true, err);
  if (status == NM_OK) status = nm_timing_files_write(&files, r->timings, n_samples, err);
  nm_timing_files_discard(&files);
  return status;
}

static NmStatus write_songs(Render *r, NmError *err)
{
  static const char *const endings[] = {".mid", ".musicxml"};
  NmSongNotes notes = {0};
  NmSongWriting writing = nm_song_writing_defaults();
  NmStatus status = NM_OK;
  writing.notes = &notes;
  for (int i = 0; i < 2 && status == NM_OK; ++i) {
    char path[PATH_MAX];
    status = add_file(r, endings[i], path, err);
    if (status == NM_OK) status = nm_song_file_write(path, r->project.song, &writing, true, err);
  }
  for (int32_t i = 0; i < notes.n && r->request->note; ++i) r->request->note(r->request->user, notes.text[i]);
  return status;
}

static NmStatus write_emotion(Render *r, NmError *err)
{
  char path_csv[PATH_MAX], path_png[PATH_MAX];
  const double start = nm_clock_now();
  if (!r->request->emotion) return NM_OK;
  NmStatus status = add_file(r, ".csv", path_csv, err);
  if (status == NM_OK) status = add_file(r, ".png", path_png, err);
  if (status != NM_OK) return status;
  tell(r, "listening", share_of_sound);
  const NmRenderEmotion emotion = {.path = r->path_mix,
                                   .name = r->request->name,
                                   .path_csv = path_csv,
                                   .path_png = path_png,
                                   .n_threads = r->request->n_threads,
                                   .cancel = r->request->cancel,
                                   .cache = r->request->cache,
                                   .salt = &r->salt};
  status = nm_render_emotion(&emotion, &r->stats->heard, err);
  r->stats->seconds_emotion = nm_clock_now() - start;
  return status;
}

// --- all of it ---

// Finds before the work what could not be written after it.
static NmStatus check_targets(Render *r, NmError *err)
{
  static const char *const endings[] = {".json", ".TextGrid", ".srt", ".vtt",      ".lrc",
                                        ".txt",  ".csv",      ".png", ".musicxml", ".mid"};
  NmRenderFolder trial = r->folder;
  Render look = {.request = r->request};
  NmStatus status = NM_OK;
  look.folder = trial;
  status = add_file(&look, r->request->ending, NULL, err);
  for (size_t i = 0; i < sizeof endings / sizeof *endings && status == NM_OK; ++i)
    status = add_file(&look, endings[i], NULL, err);
  return status;
}

static NmStatus plan(Render *r, NmSpeech *speech, const NmDocument *doc, NmError *err)
{
  const double start = nm_clock_now();
  r->salt = nm_cache_get_salt();
  tell(r, "planning", 0);
  const NmStatus status = nm_project_init(&r->project, doc, speech, r->request->note, r->request->user, err);
  r->stats->seconds_plan = nm_clock_now() - start;
  if (status != NM_OK) return status;
  r->stats->n_phrases = nm_sing_plan_get_n_phrases(r->project.plan);
  r->stats->seconds_sound = (double)nm_sing_plan_get_n_samples(r->project.plan) / NM_VOICE_RATE_HZ;
  return NM_OK;
}

static NmStatus render(Render *r, NmSpeech *speech, const NmDocument *doc, NmError *err)
{
  const NmRenderRequest *request = r->request;
  NmStatus status = nm_render_folder_begin(&r->folder, request->folder, request->force, err);
  if (status == NM_OK) status = check_targets(r, err);
  if (status == NM_OK) status = plan(r, speech, doc, err);
  if (status == NM_OK) status = open_sound(r, err);
  if (status == NM_OK) status = make_sound(r, err);
  if (status == NM_OK) status = write_timings(r, err);
  if (status == NM_OK) status = write_songs(r, err);
  if (status == NM_OK) status = write_emotion(r, err);
  if (status == NM_OK) status = check_cancel(r, err);
  return status == NM_OK ? nm_render_folder_commit(&r->folder, err) : status;
}

static void render_fini(Render *r)
{
  nm_timings_free(r->timings);
  nm_sing_stream_free(r->stream);
  nm_sing_mix_free(r->with_band);
  nm_mixer_free(r->alone);
  nm_audio_out_free(r->audio);
  nm_project_fini(&r->project);
  nm_render_folder_discard(&r->folder);
}

NmStatus nm_render_run(NmSpeech *speech, const NmDocument *doc, const NmRenderRequest *request,
                       NmRenderStats *stats, NmError *err)
{
  NmError own = {0};
  NmRenderStats unused;
  const double start = nm_clock_now();
  if (!err) err = &own;
  if (!stats) stats = &unused;
  *stats = (NmRenderStats){0};
  Render r = {.request = request, .stats = stats};
  const NmStatus status = render(&r, speech, doc, err);
  for (int i = 0; status == NM_OK && i < r.folder.n && i < NM_RENDER_FILES_MAX; ++i)
    memcpy(stats->files[stats->n_files++], r.folder.names[i], NM_RENDER_NAME_LEN);
  render_fini(&r);
  tell(&r, "done", 1);
  stats->seconds_total = nm_clock_now() - start;
  return status;
}
