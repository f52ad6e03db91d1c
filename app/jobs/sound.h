// SPDX-License-Identifier: GPL-3.0-or-later
// Sound that comes in, from a file, a pipe or the microphone: one channel at 24 kHz, in constant memory.
#ifndef NM_JOBS_SOUND_H
#define NM_JOBS_SOUND_H

#include "app/formats/pcm.h"

enum { NM_SOUND_RATE_HZ = 24000 };

// One thread at a time per object.
typedef struct NmSound NmSound;

// `path` is a sound file, "-" standard input. A pipe of plain WAV, or of bare samples (`raw` says what they
// are, else NULL), is heard as it comes; other pipes are stored in a temporary file first. NULL and `err`:
// what is wrong and where.
NmSound *nm_sound_open(const char *path, const NmPcmFormat *raw, NmError *err);
NmSound *nm_sound_open_microphone(NmError *err);
void nm_sound_close(NmSound *sound);

// What messages call it.
const char *nm_sound_get_name(const NmSound *sound);

// Seconds of it in all, 0 when unknown.
double nm_sound_get_seconds(const NmSound *sound);

// Up to n samples, x [n], full scale 1; waits until there are some. *n_read 0 at the end. NM_ERR_CANCELLED
// when interrupted; NM_ERR_BAD_DATA when not one sample can be had.
NmStatus nm_sound_read(NmSound *sound, float *x, int64_t n, int64_t *n_read, NmError *err) NM_NODISCARD;

// Samples so far that were no numbers (they count as 0), and that came faster than they were read (lost).
int64_t nm_sound_get_n_replaced(const NmSound *sound);
int64_t nm_sound_get_n_lost(const NmSound *sound);

#endif
