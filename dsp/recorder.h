// SPDX-License-Identifier: GPL-3.0-or-later
// Recording from the default sound device (PortAudio). Samples come from the device's callback through a ring
// to one thread.
#ifndef NM_DSP_RECORDER_H
#define NM_DSP_RECORDER_H

#include <stdatomic.h>

#include "dsp/base/status.h"

// All calls from one thread.
typedef struct NmRecorder NmRecorder;

// Opens the default device at its own rate and starts it. NULL and `err` (NM_ERR_IO) when there is no device,
// it is busy, or memory is out. What the system's sound libraries print meanwhile is dropped, as by
// nm_player_new.
NmRecorder *nm_recorder_new(NmError *err);
void nm_recorder_free(NmRecorder *recorder);

int nm_recorder_get_rate_hz(const NmRecorder *recorder);

// Up to n samples of one channel (the mean of the device's), x [n]; waits until there are some. `cancel` may
// be NULL; when it becomes true, NM_ERR_CANCELLED. NM_ERR_IO when the device has gone away or gives nothing
// for three seconds.
NmStatus nm_recorder_read(NmRecorder *recorder, float *x, int64_t n, const atomic_bool *cancel,
                          int64_t *n_read, NmError *err) NM_NODISCARD;

// Samples that were lost because they were not read in time: some eight seconds wait at most.
int64_t nm_recorder_get_n_lost(const NmRecorder *recorder);

#endif
