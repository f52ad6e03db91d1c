// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/sing_job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/formats/audio_out.h"
#include "app/interrupt.h"
#include "app/message.h"
#include "app/progress.h"

enum { N_WARNINGS_MAX = 10 };

struct NmSingJob {
  NmSpeech *speech;
  NmSingRequest request;
  NmSinger *singer;
  NmSingPlan *plan;
  NmSingStream *stream;
  NmSingMix *mix; // NULL: the voice alone
  NmAudioOut *audio, *player;
  NmTimings *timings;
  NmTimingFiles files;
  char *notes[NM_SING_NOTES_MAX]; // [n_notes]
  int n_notes, n_notes_dropped;
  bool failed_writing;
  int64_t at; // samples read
  double start, seconds_plan, seconds_voice, seconds_total;
};

static void take_note(void *user, const char *message)
{
  NmSingJob *job = user;
  const int n = job->n_notes + job->n_notes_dropped;
  if (job->request.warn && n < N_WARNINGS_MAX) nm_message_warning("%s: %s", job->request.name, message);
  if (job->request.warn && n == N_WARNINGS_MAX) nm_message_warning("more of these are not shown");
  char *copy = job->n_notes < NM_SING_NOTES_MAX ? strdup(message) : NULL;
  if (copy)
    job->notes[job->n_notes++] = copy;
  else
    job->n_notes_dropped++;
}

static NmStatus take_timing(void *user, const NmTiming *timing, NmError *err)
{
  return nm_timings_add(user, timing, err);
}

// --- outputs ---

static NmStatus open_timings(NmSingJob *job, NmError *err)
{
  const NmSingRequest *request = &job->request;
  const char *paths[NM_TIMING_FILES_MAX + 1];
  for (int i = 0; i < request->n_timings; i++) paths[i] = request->timings[i];
  paths[request->n_timings] = request->out;
  NmStatus status = nm_check_paths_differ(paths, request->n_timings + 1, err);
  if (!status)
    status = nm_timing_files_begin(&job->files, request->timings, request->n_timings, request->force, err);
  if (status || !(request->n_timings || request->report)) return status;
  return (job->timings = nm_timings_new(err)) ? NM_OK : err->status;
}

static NmStatus open_audio(NmSingJob *job, NmError *err)
{
  const NmSingRequest *request = &job->request;
  const NmAudioOutFormat format =
      request->band ? (NmAudioOutFormat){NM_MIX_RATE_HZ, 2} : (NmAudioOutFormat){NM_VOICE_RATE_HZ, 1};
  if (request->play && !(job->player = nm_audio_out_new_player_of(&format, err))) return err->status;
  if (!request->out) return NM_OK;
  if (strcmp(request->out, "-")) {
    const NmStatus status = nm_output_check(request->out, request->force, err);
    if (status) return status;
    job->audio = nm_audio_out_new_file_of(request->out, &format, request->raw, err);
  } else {
    job->audio = nm_audio_out_new_stream_of(STDOUT_FILENO, &format, request->raw, err);
  }
  return job->audio ? NM_OK : err->status;
}

static NmStatus write_audio(void *user, const float *frames, int64_t n, NmError *err)
{
  NmSingJob *job = user;
  NmStatus status = job->audio ? nm_audio_out_write(job->audio, frames, n, err) : NM_OK;
  if (!status && job->player) status = nm_audio_out_write(job->player, frames, n, err);
  job->failed_writing = status != NM_OK;
  return status;
}

static NmStatus open_band(NmSingJob *job, const NmSong *song, NmError *err)
{
  const NmSingRequest *request = &job->request;
  if (!request->band) return NM_OK;
  job->mix = nm_sing_mix_new(song, job->plan, request->band, request->force, write_audio, job, err);
  return job->mix ? NM_OK : err->status;
}

static NmStatus plan_song(NmSingJob *job, const NmSong *song, NmError *err)
{
  const double start = nm_clock_now();
  job->singer = nm_singer_new(job->speech->text, job->speech->voice);
  if (!job->singer) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  job->plan = nm_sing_plan_new(job->singer, song, &job->request.style, take_note, job, err);
  if (!job->plan) return err->status;
  job->seconds_plan = nm_clock_now() - start;
  job->stream = nm_sing_stream_new(job->singer, job->plan, NULL, NULL);
  return job->stream ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

NmSingJob *nm_sing_job_new(NmSpeech *speech, const NmSong *song, const NmSingRequest *request, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmSingJob *job = calloc(1, sizeof *job);
  if (!job) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  job->speech = speech;
  job->request = *request;
  job->start = request->start > 0 ? request->start : nm_clock_now();
  if (!plan_song(job, song, err) && !open_timings(job, err) && !open_audio(job, err) &&
      !open_band(job, song, err))
    return job;
  nm_sing_job_free(job);
  return NULL;
}

void nm_sing_job_free(NmSingJob *job)
{
  if (!job) return;
  nm_sing_mix_free(job->mix);
  nm_audio_out_free(job->audio);
  nm_audio_out_free(job->player);
  nm_timing_files_discard(&job->files);
  nm_timings_free(job->timings);
  nm_sing_stream_free(job->stream);
  nm_sing_plan_free(job->plan);
  nm_singer_free(job->singer);
  for (int i = 0; i < job->n_notes; i++) free(job->notes[i]);
  free(job);
}

const NmSingPlan *nm_sing_job_get_plan(const NmSingJob *job)
{
  return job->plan;
}

// --- work ---

NmStatus nm_sing_job_read(NmSingJob *job, float *samples, int64_t n, NmError *err)
{
  if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
  const double start = nm_clock_now();
  const NmStatus status = nm_sing_stream_process(job->stream, samples, n, err);
  job->seconds_voice += nm_clock_now() - start;
  job->at += n;
  return status;
}

static NmStatus pass_on(NmSingJob *job, const float *samples, int64_t n, NmError *err)
{
  if (!job->mix) return write_audio(job, samples, n, err);
  const NmStatus status = nm_mixer_push(nm_sing_mix_get_mixer(job->mix), samples, n, err);
  job->failed_writing = status != NM_OK;
  return status;
}

static NmStatus sing_all(NmSingJob *job, NmError *err)
{
  const int64_t n_samples = nm_sing_plan_get_n_samples(job->plan);
  float block[NM_SING_BLOCK];
  NmStatus status = NM_OK;
  while (job->at < n_samples && !status) {
    const int64_t left = n_samples - job->at, n = left < NM_SING_BLOCK ? left : NM_SING_BLOCK;
    nm_progress_show(job->request.name, (double)job->at, (double)n_samples);
    status = nm_sing_job_read(job, block, n, err);
    if (!status) status = pass_on(job, block, n, err);
  }
  nm_progress_clear();
  return status;
}

static NmStatus finish(NmSingJob *job, bool silent, NmError *err)
{
  job->failed_writing = true;
  NmStatus status = job->mix && !silent ? nm_mixer_finish(nm_sing_mix_get_mixer(job->mix), err) : NM_OK;
  if (!status && job->audio) status = nm_audio_out_finish(job->audio, err);
  if (!status && job->timings) status = nm_sing_plan_tell(job->plan, take_timing, job->timings, err);
  if (!status)
    status = nm_timing_files_write(&job->files, job->timings, nm_sing_plan_get_n_samples(job->plan), err);
  job->seconds_total = nm_clock_now() - job->start;
  if (!status && job->player) status = nm_audio_out_finish(job->player, err);
  return status;
}

NmStatus nm_sing_job_run(NmSingJob *job, NmError *err)
{
  // Without a use for the sound it need not be made: the timings follow from the plan.
  const bool silent = !job->audio && !job->player && !(job->mix && job->request.band->stems);
  const NmStatus status = silent ? NM_OK : sing_all(job, err);
  return status ? status : finish(job, silent, err);
}

bool nm_sing_job_is_closed(const NmSingJob *job)
{
  return job->audio && nm_audio_out_is_closed(job->audio);
}

bool nm_sing_job_failed_writing(const NmSingJob *job)
{
  return job->failed_writing;
}

NmSingResult nm_sing_job_get_result(const NmSingJob *job)
{
  return (NmSingResult){.request = &job->request,
                        .plan = job->plan,
                        .backing = job->mix ? nm_sing_mix_get_backing(job->mix) : NULL,
                        .timings = job->timings,
                        .voice = nm_voice_get_speaker_name(job->speech->voice, job->request.style.speaker),
                        .notes = (const char *const *)job->notes,
                        .n_notes = job->n_notes,
                        .n_notes_dropped = job->n_notes_dropped,
                        .seconds_load = job->speech->seconds_load,
                        .seconds_plan = job->seconds_plan,
                        .seconds_voice = job->seconds_voice,
                        .seconds_total = job->seconds_total};
}
