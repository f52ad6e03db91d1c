// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody who presses every key and clicks everywhere.
#ifndef NM_TESTS_UI_MONKEY_H
#define NM_TESTS_UI_MONKEY_H

#include "tests/ui/puppet.h"

// Does so `n_deeds` times, the same for the same seed. Then whatever is open is closed, and everything is
// undone: stops the test unless the song is as it was before, and as it was after when all is done again.
void monkey_play(Puppet *puppet, uint64_t seed, int64_t n_deeds);

#endif
