// SPDX-License-Identifier: GPL-3.0-or-later
// ALSA and JACK report what they do not find on standard error, past every handler of ours.
#ifndef NM_DSP_DEVICE_QUIET_H
#define NM_DSP_DEVICE_QUIET_H

// Drops what the process prints on standard error from `begin` to `end`, which takes what `begin` returned.
// Other threads that begin wait until then.
int nm_device_quiet_begin(void);
void nm_device_quiet_end(int saved);

#endif
