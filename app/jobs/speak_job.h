// SPDX-License-Identifier: GPL-3.0-or-later
// One text spoken into files, a stream or the loudspeaker, with everything that is wanted beside the sound.
#ifndef NM_JOBS_SPEAK_JOB_H
#define NM_JOBS_SPEAK_JOB_H

#include <stdbool.h>
#include <stdio.h>

#include "app/jobs/speak_input.h"
#include "app/jobs/speech.h"
#include "app/jobs/timing_files.h"

enum { NM_SPEAK_TIMINGS_MAX = NM_TIMING_FILES_MAX, NM_SPEAK_NOTES_MAX = 100 };

// What is wanted. Strings are borrowed until the job is freed.
typedef struct {
  const char *name; // of the input, for messages
  NmSpeakInputKind input;
  const char *out; // audio file, "-" for standard output, NULL for none
  bool raw, play, force, report;
  const char *timings[NM_SPEAK_TIMINGS_MAX]; // [n_timings] files
  int n_timings;
  const char *picture; // PNG file or NULL
  NmProsody prosody;
  int speaker;
  uint64_t seed;
  bool warn;    // notes are also printed as they come
  double start; // what times are measured from (app/clock.h); 0: the start of the job
} NmSpeakRequest;

typedef struct NmSpeakJob NmSpeakJob;

// Opens the outputs; nothing is spoken yet. One job at a time over a `speech`. NULL and `err` when an output
// cannot be opened.
NmSpeakJob *nm_speak_job_new(NmSpeech *speech, const NmSpeakRequest *request, NmError *err);

// Speaks the next bytes of the input; `at_end` with the last.
NmStatus nm_speak_job_feed(NmSpeakJob *job, const char *bytes, size_t n, bool at_end,
                           NmError *err) NM_NODISCARD;

// Completes all outputs and puts them in place. NM_ERR_BAD_DATA when there was nothing to say.
NmStatus nm_speak_job_finish(NmSpeakJob *job, NmError *err) NM_NODISCARD;

// Frees the job; outputs that were not finished are removed.
void nm_speak_job_free(NmSpeakJob *job);

// Whether the last failure is only that nobody reads standard output any more.
bool nm_speak_job_is_closed(const NmSpeakJob *job);

// Whether it came from an output, not from the input.
bool nm_speak_job_failed_writing(const NmSpeakJob *job);

// What a finished job knows, for reports. Strings and the timings belong to the job.
typedef struct {
  const NmSpeakRequest *request;
  const NmSpeakerStats *stats;
  struct NmTimings *timings; // NULL unless a report, timings or a picture were asked for
  const char *voice;
  const char *const *notes; // [n_notes]
  int n_notes, n_notes_dropped;
  double seconds_load, seconds_write, seconds_first_audio, seconds_total; // first audio < 0: none yet
} NmSpeakResult;

NmSpeakResult nm_speak_job_get_result(NmSpeakJob *job);

#endif
