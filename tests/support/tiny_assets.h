// SPDX-License-Identifier: GPL-3.0-or-later
// A folder with everything the program can use, weights as small as they can be.
#ifndef NM_TESTS_TINY_ASSETS_H
#define NM_TESTS_TINY_ASSETS_H

// Makes `folder` in the current one, with a voice, a vocoder, song and emotion models that know nothing, and
// links to the real dictionaries. Fails the test when it cannot.
void make_tiny_assets(const char *folder, const char *lexicon, const char *hyphens);

#endif
