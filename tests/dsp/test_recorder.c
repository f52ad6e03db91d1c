// SPDX-License-Identifier: GPL-3.0-or-later
// What the recording callback does, without a device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "dsp/recorder_core.h"
#include "tests/support/fail_alloc.h"

enum { N_RING = 8192, N_BLOCK_MAX = 4096, N_STRESS = 1 << 20 };

static float in[3 * N_BLOCK_MAX], out[N_RING];

static void begin(NmRecorderCore *core, int n_channels)
{
  *core = (NmRecorderCore){.ring = nm_ring_new(N_RING, sizeof(float)), .n_channels_device = n_channels};
  assert_non_null(core->ring);
}

// Every block size from 1 to 4096: all samples in order, no allocation.
static void test_every_block_size(void **state)
{
  NmRecorderCore core;
  int next_in = 0, next_out = 0;
  begin(&core, 3);
  for (int n = 1; n <= N_BLOCK_MAX; ++n) {
    for (int i = 0; i < n; ++i, ++next_in)
      for (int c = 0; c < 3; ++c) in[3 * i + c] = (float)(next_in % 1000 + c - 1);
    nm_alloc_guard_begin();
    nm_recorder_core_process(&core, in, n);
    assert_int_equal(nm_alloc_guard_end(), 0);
    assert_int_equal(nm_ring_read(core.ring, out, N_RING), n);
    for (int i = 0; i < n; ++i, ++next_out) assert_true(out[i] == (float)(next_out % 1000));
  }
  assert_int_equal(atomic_load(&core.n_lost), 0);
  nm_ring_free(core.ring);
}

static void test_silence_and_loss(void **state)
{
  NmRecorderCore core;
  begin(&core, 1);
  nm_recorder_core_process(&core, NULL, 100);
  assert_int_equal(nm_ring_read(core.ring, out, N_RING), 100);
  for (int i = 0; i < 100; ++i) assert_true(out[i] == 0);
  for (int i = 0; i < 4; ++i) nm_recorder_core_process(&core, in, N_BLOCK_MAX);
  assert_int_equal(atomic_load(&core.n_lost), 4 * N_BLOCK_MAX - N_RING);
  nm_ring_free(core.ring);
}

static void *record(void *user)
{
  NmRecorderCore *core = user;
  float block[64];
  for (int i = 0; i < N_STRESS;) {
    if (nm_ring_get_n_writable(core->ring) < 64) {
      sched_yield();
      continue;
    }
    for (int k = 0; k < 64; ++k) block[k] = (float)(i + k);
    nm_recorder_core_process(core, block, 64);
    i += 64;
  }
  return NULL;
}

static void test_two_threads(void **state)
{
  NmRecorderCore core;
  pthread_t thread;
  begin(&core, 1);
  assert_int_equal(pthread_create(&thread, NULL, record, &core), 0);
  for (int i = 0; i < N_STRESS;) {
    const int n = (int)nm_ring_read(core.ring, out, 100);
    if (n == 0) sched_yield();
    for (int k = 0; k < n; ++k) assert_true(out[k] == (float)(i + k));
    i += n;
  }
  pthread_join(thread, NULL);
  assert_int_equal(atomic_load(&core.n_lost), 0);
  nm_ring_free(core.ring);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_block_size),
                                     cmocka_unit_test(test_silence_and_loss),
                                     cmocka_unit_test(test_two_threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
