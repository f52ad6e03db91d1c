// SPDX-License-Identifier: GPL-3.0-or-later
// libsndfile draws the stream number of an Ogg file from the clock. This puts a fixed one in its place, so
// that the same sound gives the same bytes.
#ifndef NM_DSP_OGG_SERIAL_H
#define NM_DSP_OGG_SERIAL_H

#include "dsp/base/status.h"

// Rewrites the serial number and the checksum of every page (RFC 3533, section 6) of the file open for
// reading and writing as `fd`. One logical stream. NM_ERR_BAD_DATA where there is no page, NM_ERR_IO.
NmStatus nm_ogg_set_serial(int fd, uint32_t serial) NM_NODISCARD;

#endif
