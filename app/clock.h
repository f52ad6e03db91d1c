// SPDX-License-Identifier: GPL-3.0-or-later
// Seconds of this program.
#ifndef NM_APP_CLOCK_H
#define NM_APP_CLOCK_H

#include "dsp/base/clock.h"

// When the program started.
double nm_clock_start(void);

#endif
