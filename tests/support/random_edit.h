// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of every kind with arguments of every kind, right and wrong.
#ifndef NM_TESTS_SUPPORT_RANDOM_EDIT_H
#define NM_TESTS_SUPPORT_RANDOM_EDIT_H

#include "app/document/edits.h"
#include "dsp/base/rng.h"

// Tries one edit. `other` is another song to take melodies and words from.
NmStatus nm_random_edit(NmRng *rng, NmDocument *doc, const NmSong *other, NmError *err);

// A document of a random song with members that no program knows, in all its objects.
NmDocument *nm_random_document(NmRng *rng);

#endif
