// SPDX-License-Identifier: GPL-3.0-or-later
// Soundfont files: where they are, and whether one is whole.
#ifndef NM_DSP_SOUNDFONT_H
#define NM_DSP_SOUNDFONT_H

#include "dsp/base/status.h"

// The soundfont that is used for `path`: itself, or for NULL $NEUME_SOUNDFONT, else the first there is of the
// places where Debian's soundfont packages put theirs. NM_ERR_IO, saying what to install, when there is none.
NmStatus nm_soundfont_find(const char *path, char *found, size_t size, NmError *err) NM_NODISCARD;

// Whether bytes [n] have the chunks of a SoundFont 2 (SoundFont Technical Specification 2.04, section 4),
// each within the file; `name` is for messages. NM_ERR_BAD_DATA with the place otherwise.
NmStatus nm_soundfont_check(const uint8_t *bytes, size_t n, const char *name, NmError *err) NM_NODISCARD;

#endif
