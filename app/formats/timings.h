// SPDX-License-Identifier: GPL-3.0-or-later
// The timings of a session on disk: a spool that takes any number of them in constant memory, and the six
// formats they are written in.
#ifndef NM_FORMATS_TIMINGS_H
#define NM_FORMATS_TIMINGS_H

#include <stdbool.h>
#include <stdio.h>

#include "models/speech/speak.h"

typedef struct NmTimings NmTimings;

// Writes all of a spool in one format; n_samples is the length of the audio.
typedef NmStatus (*NmTimingsWrite)(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err);

// An empty spool in an unnamed temporary file. NULL and `err` when there is no room for one.
NmTimings *nm_timings_new(NmError *err);
void nm_timings_free(NmTimings *timings);

// Appends one; strings are copied.
NmStatus nm_timings_add(NmTimings *timings, const NmTiming *timing, NmError *err) NM_NODISCARD;

// Reads from the start: rewind, then next until *found is false. Strings live until the next call. Nothing
// may be added while reading.
NmStatus nm_timings_rewind(NmTimings *timings, NmError *err) NM_NODISCARD;
NmStatus nm_timings_next(NmTimings *timings, NmTiming *timing, bool *found, NmError *err) NM_NODISCARD;

// As next, but only the given kind.
NmStatus nm_timings_next_of(NmTimings *timings, NmTimingKind kind, NmTiming *timing, bool *found,
                            NmError *err) NM_NODISCARD;

// Whether there is one of the given kind; reads from the start.
NmStatus nm_timings_have(NmTimings *timings, NmTimingKind kind, bool *found, NmError *err) NM_NODISCARD;

// The writer for a file name by its ending, in either case: .json .TextGrid .srt .vtt .lrc .txt. NULL and
// `err` (bad argument) for another.
NmTimingsWrite nm_timings_find_format(const char *path, NmError *err);

// The formats. JSON: seconds; phones tile the audio. TextGrid: Praat's long text format, interval tiers
// phones, syllables, words, and of a song notes and lines. SubRip, WebVTT and LRC: cues of one or two lines,
// the last ending with the audio; of a song a cue a line, from the onset of its first note, with a time for
// every word in LRC. Labels: Audacity's, words and pauses.
NmStatus nm_timings_write_json(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_timings_write_textgrid(NmTimings *timings, int64_t n_samples, FILE *file,
                                   NmError *err) NM_NODISCARD;
NmStatus nm_timings_write_srt(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_timings_write_vtt(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_timings_write_lrc(NmTimings *timings, int64_t n_samples, FILE *file, NmError *err) NM_NODISCARD;
NmStatus nm_timings_write_labels(NmTimings *timings, int64_t n_samples, FILE *file,
                                 NmError *err) NM_NODISCARD;

#endif
