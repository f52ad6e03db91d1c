// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of what is seen, held against those of tests/golden/ui, which are a quarter as large.
#ifndef NM_TESTS_UI_PICTURE_H
#define NM_TESTS_UI_PICTURE_H

#include "ui/kit/raster.h"

// Fails the test when the picture is not that of tests/golden/ui/NAME.png, but for how letters are drawn.
// `folder` has it as NAME.png, whole, and is named when it fails. With NM_NEW_PICTURES in the environment the
// golden one is made anew: look at it.
void picture_compare(const NmPixels *picture, const char *folder, const char *name);

// The same for a picture that is in the folder already.
void picture_compare_file(const char *folder, const char *name);

#endif
