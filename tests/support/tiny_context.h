// SPDX-License-Identifier: GPL-3.0-or-later
// libneume over the smallest weights there can be (tiny_assets.h), in a folder of the tests' own.
#ifndef NM_TESTS_TINY_CONTEXT_H
#define NM_TESTS_TINY_CONTEXT_H

#include "app/hosts/neume.h"

// Between the two; and what such a context is opened with.
extern NeumeContext *context;
extern const NeumeOption in_tiny[];

// Before and after all tests of a program.
int open_tiny_context(void **state);
int close_tiny_context(void **state);

#endif
