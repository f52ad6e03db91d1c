// SPDX-License-Identifier: GPL-3.0-or-later
// Allocations that fail on demand, and a guard that counts them. The test programs are linked with
// -Wl,--wrap=malloc and friends (tests/CMakeLists.txt), so that every malloc, calloc, realloc, aligned_alloc,
// posix_memalign, strdup and free of our own code passes through here; what shared libraries allocate inside
// does not. Works under the sanitizers.
#ifndef NM_TESTS_FAIL_ALLOC_H
#define NM_TESTS_FAIL_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

// Lets the n-th allocation from now fail (0 is the next one), on any thread, and no other.
void nm_fail_alloc_at(int64_t n);

// Lets nothing fail any more. Returns whether the allocation to fail came.
bool nm_fail_alloc_off(void);

// Calls body(ctx) with the first allocation failing, then the second, and so on until it runs through without
// reaching the one to fail. The body frees what it made, checks what it must, and returns whether it
// succeeded. Stops the test when a body that was denied memory says that it succeeded, unless may_survive, or
// when the last one, denied nothing, says that it failed. Returns the number of allocations. For example:
//
//   static bool make(void *ctx) { NmStft *s = nm_stft_new(...); nm_stft_free(s); return s != NULL; }
//   assert_true(nm_fail_alloc_each(make, NULL, false) > 0);
int64_t nm_fail_alloc_each(bool (*body)(void *ctx), void *ctx, bool may_survive);

// Counts this thread's allocations and frees from now on.
void nm_alloc_guard_begin(void);

// Ends the count and returns it: 0 for real-time code.
int64_t nm_alloc_guard_end(void);

#endif
