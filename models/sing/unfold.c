// SPDX-License-Identifier: GPL-3.0-or-later
// Verses one after the other.
#include <stdlib.h>

#include "models/sing/sing.h"

NmSong *nm_sing_unfold(const NmSong *song, NmError *err)
{
  nm_error_set(err, NM_ERR_UNSUPPORTED, "verses in turn are not there yet");
  return NULL;
}
