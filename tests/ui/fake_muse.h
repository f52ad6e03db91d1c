// SPDX-License-Identifier: GPL-3.0-or-later
// A muse without a model, which answers at once and always the same: for tests of what is done with its
// songs.
#ifndef NM_TESTS_UI_FAKE_MUSE_H
#define NM_TESTS_UI_FAKE_MUSE_H

#include "tests/ui/puppet.h"

// From now on the studio asks this one.
void fake_muse_install(Puppet *puppet);

#endif
