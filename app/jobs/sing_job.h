// SPDX-License-Identifier: GPL-3.0-or-later
// One song sung into a file, a stream or the loudspeaker, with its timings. The sound can also be read in
// blocks, by what mixes it with others.
#ifndef NM_JOBS_SING_JOB_H
#define NM_JOBS_SING_JOB_H

#include <stdbool.h>

#include "app/jobs/sing_mix.h"
#include "app/jobs/speech.h"
#include "app/jobs/timing_files.h"
#include "models/sing/sing.h"

enum { NM_SING_NOTES_MAX = 100, NM_SING_BLOCK = 4096 };

// What is wanted. Strings are borrowed until the job is freed.
typedef struct {
  const char *name; // of the song, for messages
  const char *out;  // audio file, "-" for standard output, NULL for none
  bool raw, play, force, report;
  const char *timings[NM_TIMING_FILES_MAX]; // [n_timings] files
  int n_timings;
  NmSingStyle style;
  const NmSingBand *band; // a backing that plays along, mixed to stereo at NM_MIX_RATE_HZ; NULL: none
  bool warn;              // what cannot be sung as written is also printed
  double start;           // what times are measured from (app/clock.h); 0: the start of the job
} NmSingRequest;

typedef struct NmSingJob NmSingJob;

// Plans the song and opens the outputs; nothing is sung yet. `song` is not needed afterwards. One job at a
// time over a `speech`. NULL and `err`: as nm_sing_plan_new, or when an output cannot be opened.
NmSingJob *nm_sing_job_new(NmSpeech *speech, const NmSong *song, const NmSingRequest *request, NmError *err);

// Frees the job; outputs that were not finished are removed.
void nm_sing_job_free(NmSingJob *job);

const NmSingPlan *nm_sing_job_get_plan(const NmSingJob *job);

// The next n samples of the voice alone, mono, NM_VOICE_RATE_HZ; silence behind the plan's end.
NmStatus nm_sing_job_read(NmSingJob *job, float *samples, int64_t n, NmError *err) NM_NODISCARD;

// Sings all that has not been read into the outputs, completes them and puts them in place.
NmStatus nm_sing_job_run(NmSingJob *job, NmError *err) NM_NODISCARD;

// Whether the last failure is only that nobody reads standard output any more; whether it came from an
// output, not from the song.
bool nm_sing_job_is_closed(const NmSingJob *job);
bool nm_sing_job_failed_writing(const NmSingJob *job);

// What a finished job knows, for reports. Strings, plan and timings belong to the job.
typedef struct {
  const NmSingRequest *request;
  const NmSingPlan *plan;
  const NmBacking *backing; // NULL: the voice alone
  NmTimings *timings;       // NULL unless a report or timings were asked for
  const char *voice;
  const char *const *notes; // [n_notes]
  int n_notes, n_notes_dropped;
  double seconds_load, seconds_plan, seconds_voice, seconds_total;
} NmSingResult;

NmSingResult nm_sing_job_get_result(const NmSingJob *job);

#endif
