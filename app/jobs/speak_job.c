// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/speak_job.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/formats/audio_out.h"
#include "app/formats/picture_speech.h"
#include "app/interrupt.h"
#include "app/jobs/timing_files.h"
#include "app/message.h"
#include "app/output.h"

enum { N_WARNINGS_MAX = 10 };

struct NmSpeakJob {
  NmSpeech *speech;
  NmSpeakRequest request;
  NmAudioOut *audio, *player;
  NmOutput picture_file;
  NmTimingFiles timings_files;
  NmTimings *timings;
  NmPicture *picture;
  NmSpeakInput input;
  char *notes[NM_SPEAK_NOTES_MAX]; // [n_notes]
  int n_notes, n_notes_dropped;
  bool failed_writing;
  double start, seconds_write, seconds_first_audio, seconds_total;
};

static void take_note(void *user, const char *message)
{
  NmSpeakJob *job = user;
  const int n = job->n_notes + job->n_notes_dropped;
  if (job->request.warn && n < N_WARNINGS_MAX) nm_message_warning("%s", message);
  if (job->request.warn && n == N_WARNINGS_MAX) nm_message_warning("more of these are not shown");
  char *copy = job->n_notes < NM_SPEAK_NOTES_MAX ? strdup(message) : NULL;
  if (copy)
    job->notes[job->n_notes++] = copy;
  else
    job->n_notes_dropped++;
}

static NmStatus write_audio(NmSpeakJob *job, NmAudioOut *out, const float *samples, int64_t n, NmError *err)
{
  return out ? nm_audio_out_write(out, samples, n, err) : NM_OK;
}

static NmStatus take_audio(void *user, const float *samples, int64_t n, NmError *err)
{
  NmSpeakJob *job = user;
  const double start = nm_clock_now();
  NmStatus status = write_audio(job, job->audio, samples, n, err);
  if (!status) status = write_audio(job, job->player, samples, n, err);
  if (!status && job->picture) status = nm_picture_add_audio(job->picture, samples, n, err);
  const double now = nm_clock_now();
  job->seconds_write += now - start;
  if (job->seconds_first_audio < 0) job->seconds_first_audio = now - job->start;
  job->failed_writing = status != NM_OK;
  return status;
}

static NmStatus take_timing(void *user, const NmTiming *timing, NmError *err)
{
  NmSpeakJob *job = user;
  const NmStatus status = nm_timings_add(job->timings, timing, err);
  job->failed_writing = status != NM_OK;
  return status;
}

static NmStatus take_pitch(void *user, int64_t start, const float *f0_hz, int64_t n_frames, NmError *err)
{
  NmSpeakJob *job = user;
  return nm_picture_add_pitch(job->picture, start, f0_hz, n_frames, err);
}

static int is_cancelled(void *user)
{
  return nm_interrupt_seen();
}

static NmStatus check_paths(const NmSpeakRequest *request, NmError *err)
{
  const char *paths[NM_SPEAK_TIMINGS_MAX + 2];
  for (int i = 0; i < request->n_timings; i++) paths[i] = request->timings[i];
  paths[request->n_timings] = request->picture;
  paths[request->n_timings + 1] = request->out;
  return nm_check_paths_differ(paths, request->n_timings + 2, err);
}

static NmStatus check_picture(const char *path, NmError *err)
{
  const char *ending = strrchr(path, '.');
  if (ending && !strcasecmp(ending, ".png")) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "the picture goes to .png, not to %s", path);
}

static NmStatus open_files(NmSpeakJob *job, NmError *err)
{
  const NmSpeakRequest *request = &job->request;
  NmStatus status = check_paths(request, err);
  if (!status && request->picture) status = check_picture(request->picture, err);
  if (!status)
    status =
        nm_timing_files_begin(&job->timings_files, request->timings, request->n_timings, request->force, err);
  if (!status && request->picture) {
    status = nm_output_begin(&job->picture_file, request->picture, request->force, err);
  }
  const bool needs_timings = request->n_timings || request->picture || request->report;
  if (!status && needs_timings && !(job->timings = nm_timings_new(err))) status = err->status;
  if (!status && request->picture && !(job->picture = nm_picture_new(err))) status = err->status;
  return status;
}

static NmStatus open_audio(NmSpeakJob *job, NmError *err)
{
  const NmSpeakRequest *request = &job->request;
  if (request->play && !(job->player = nm_audio_out_new_player(err))) return err->status;
  if (!request->out) return NM_OK;
  if (!strcmp(request->out, "-")) {
    job->audio = nm_audio_out_new_stream(STDOUT_FILENO, request->raw, err);
    return job->audio ? NM_OK : err->status;
  }
  NmStatus status = nm_output_check(request->out, request->force, err);
  if (status) return status;
  job->audio = nm_audio_out_new_file(request->out, request->raw, err);
  return job->audio ? NM_OK : err->status;
}

static void begin_speaker(NmSpeakJob *job)
{
  const NmSpeakerConfig config = {.speaker = job->request.speaker,
                                  .seed = job->request.seed,
                                  .sink = {.user = job,
                                           .audio = take_audio,
                                           .timing = job->timings ? take_timing : NULL,
                                           .pitch = job->picture ? take_pitch : NULL,
                                           .note = take_note,
                                           .cancelled = is_cancelled}};
  nm_speaker_begin(job->speech->speaker, &config);
  job->input = (NmSpeakInput){.speaker = job->speech->speaker,
                              .name = job->request.name,
                              .kind = job->request.input,
                              .prosody = job->request.prosody,
                              .voice_hz = nm_voice_get_pitch_hz(job->speech->voice, job->request.speaker),
                              .note = take_note,
                              .user = job};
}

NmSpeakJob *nm_speak_job_new(NmSpeech *speech, const NmSpeakRequest *request, NmError *err)
{
  NmSpeakJob *job = calloc(1, sizeof *job);
  if (!job) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  job->speech = speech;
  job->request = *request;
  job->start = request->start > 0 ? request->start : nm_clock_now();
  job->seconds_first_audio = -1;
  NmStatus status = open_files(job, err);
  if (!status) status = open_audio(job, err);
  if (status) {
    nm_speak_job_free(job);
    return NULL;
  }
  begin_speaker(job);
  return job;
}

NmStatus nm_speak_job_feed(NmSpeakJob *job, const char *bytes, size_t n, bool at_end, NmError *err)
{
  return nm_speak_input_feed(&job->input, bytes, n, at_end, err);
}

static NmStatus finish_audio(NmSpeakJob *job, NmError *err)
{
  const double start = nm_clock_now();
  NmStatus status = job->audio ? nm_audio_out_finish(job->audio, err) : NM_OK;
  job->seconds_write += nm_clock_now() - start;
  job->seconds_total = nm_clock_now() - job->start;
  if (!status && job->player) status = nm_audio_out_finish(job->player, err);
  return status;
}

static NmStatus write_picture(NmSpeakJob *job, NmError *err)
{
  FILE *file = nm_output_open(&job->picture_file, err);
  if (!file) return err->status;
  NmStatus status = nm_picture_write(job->picture, job->timings, file, err);
  const NmStatus closed = nm_output_close(file, job->picture_file.path, status ? NULL : err);
  if (!status) status = closed;
  return status ? status : nm_output_commit(&job->picture_file, err);
}

NmStatus nm_speak_job_finish(NmSpeakJob *job, NmError *err)
{
  NmStatus status = nm_speaker_finish(job->speech->speaker, err);
  if (status) return status;
  if (!nm_speaker_get_stats(job->speech->speaker)->n_samples) {
    return nm_error_set(err, NM_ERR_BAD_DATA, "nothing to say in %s", job->request.name);
  }
  job->failed_writing = true;
  status = finish_audio(job, err);
  if (!status)
    status = nm_timing_files_write(&job->timings_files, job->timings,
                                   nm_speaker_get_stats(job->speech->speaker)->n_samples, err);
  if (!status && job->picture) status = write_picture(job, err);
  return status;
}

void nm_speak_job_free(NmSpeakJob *job)
{
  if (!job) return;
  nm_audio_out_free(job->audio);
  nm_audio_out_free(job->player);
  nm_output_discard(&job->picture_file);
  nm_timing_files_discard(&job->timings_files);
  for (int i = 0; i < job->n_notes; i++) free(job->notes[i]);
  nm_timings_free(job->timings);
  nm_picture_free(job->picture);
  nm_speak_input_fini(&job->input);
  free(job);
}

bool nm_speak_job_is_closed(const NmSpeakJob *job)
{
  return nm_audio_out_is_closed(job->audio);
}

bool nm_speak_job_failed_writing(const NmSpeakJob *job)
{
  return job->failed_writing;
}

NmSpeakResult nm_speak_job_get_result(NmSpeakJob *job)
{
  return (NmSpeakResult){.request = &job->request,
                         .stats = nm_speaker_get_stats(job->speech->speaker),
                         .timings = job->timings,
                         .voice = nm_voice_get_speaker_name(job->speech->voice, job->request.speaker),
                         .notes = (const char *const *)job->notes,
                         .n_notes = job->n_notes,
                         .n_notes_dropped = job->n_notes_dropped,
                         .seconds_load = job->speech->seconds_load,
                         .seconds_write = job->seconds_write,
                         .seconds_first_audio = job->seconds_first_audio,
                         .seconds_total = job->seconds_total};
}
