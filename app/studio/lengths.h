// SPDX-License-Identifier: GPL-3.0-or-later
// The length regulator in the hand: edges between sounds are moved, and the document holds it.
#ifndef NM_STUDIO_LENGTHS_H
#define NM_STUDIO_LENGTHS_H

#include "app/studio/studio.h"
#include "ui/views/phones.h"

void nm_studio_obey_phones(NmStudio *studio, NmPhonesEdit edit);

// The sounds of the selected notes as the voice says them.
void nm_studio_reset_lengths(NmStudio *studio);

#endif
