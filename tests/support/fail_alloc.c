// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fail_alloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *memory);

static _Atomic int64_t countdown = -1; // allocations until the one to fail; negative: none will
static _Atomic bool failed;
static _Thread_local int64_t n_calls;

static bool must_fail(void)
{
  ++n_calls;
  if (atomic_load(&countdown) < 0 || atomic_fetch_sub(&countdown, 1) != 0) return false;
  atomic_store(&failed, true);
  errno = ENOMEM;
  return true;
}

void *__wrap_malloc(size_t size)
{
  return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
  return must_fail() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
  return must_fail() ? NULL : __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
  return must_fail() ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
  return must_fail() ? ENOMEM : __real_posix_memalign(memory, alignment, size);
}

char *__wrap_strdup(const char *text)
{
  return must_fail() ? NULL : __real_strdup(text);
}

void __wrap_free(void *memory)
{
  ++n_calls;
  __real_free(memory);
}

void nm_fail_alloc_at(int64_t n)
{
  atomic_store(&failed, false);
  atomic_store(&countdown, n);
}

bool nm_fail_alloc_off(void)
{
  atomic_store(&countdown, -1);
  return atomic_load(&failed);
}

static void stop(const char *complaint, int64_t n)
{
  fprintf(stderr, "allocation %lld: %s\n", (long long)n, complaint);
  abort();
}

int64_t nm_fail_alloc_each(bool (*body)(void *ctx), void *ctx, bool may_survive)
{
  for (int64_t n = 0;; ++n) {
    nm_fail_alloc_at(n);
    const bool ok = body(ctx);
    const bool denied = nm_fail_alloc_off();
    if (denied && ok && !may_survive) stop("it was denied, yet all went well", n);
    if (denied) continue;
    if (!ok) stop("nothing was denied, yet it failed", n);
    return n;
  }
}

void nm_alloc_guard_begin(void)
{
  n_calls = 0;
}

int64_t nm_alloc_guard_end(void)
{
  return n_calls;
}
