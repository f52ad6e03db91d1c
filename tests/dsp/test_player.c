// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/player.h"
#include "dsp/player_core.h"
#include "tests/support/fail_alloc.h"

enum { N_RING = 8192, N_BLOCK_MAX = 4096 };

static float in[2 * N_RING], out[8 * N_BLOCK_MAX];

static void begin(NmPlayerCore *core, int n_channels, int n_channels_device)
{
  nm_player_core_init(core, nm_ring_new(N_RING, (size_t)n_channels * sizeof(float)), n_channels,
                      n_channels_device);
  assert_non_null(core->ring);
}

// Every block size from 1 to 4096: all samples in order, no allocation.
static void test_every_block_size(void **state)
{
  NmPlayerCore core;
  float next_in = 0, next_out = 0;
  begin(&core, 1, 1);
  for (int n = 1; n <= N_BLOCK_MAX; ++n) {
    for (int i = 0; i < n; ++i) in[i] = next_in++;
    assert_int_equal(nm_ring_write(core.ring, in, (size_t)n), n);
    nm_alloc_guard_begin();
    nm_player_core_process(&core, out, n);
    assert_int_equal(nm_alloc_guard_end(), 0);
    for (int i = 0; i < n; ++i) assert_true(out[i] == next_out++);
  }
  assert_int_equal(atomic_load(&core.n_underruns), 0);
  assert_int_equal(atomic_load(&core.n_played), (int64_t)N_BLOCK_MAX * (N_BLOCK_MAX + 1) / 2);
  nm_ring_free(core.ring);
}

static void test_channels(void **state)
{
  static const struct {
    int from, to;
    float expected[4]; // of the frame (1, 2), or 1
  } cases[] = {{1, 1, {1}},    {1, 2, {1, 1}}, {1, 4, {1, 1, 0, 0}},
               {2, 1, {1.5f}}, {2, 2, {1, 2}}, {2, 3, {1, 2, 0}}};
  const float frame[] = {1, 2};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    NmPlayerCore core;
    begin(&core, cases[c].from, cases[c].to);
    nm_ring_write(core.ring, frame, 1);
    nm_player_core_process(&core, out, 2);
    assert_memory_equal(out, cases[c].expected, (size_t)cases[c].to * sizeof(float));
    for (int i = 0; i < cases[c].to; ++i) assert_true(out[cases[c].to + i] == 0);
    nm_ring_free(core.ring);
  }
}

static void test_underruns(void **state)
{
  NmPlayerCore core;
  begin(&core, 1, 1);
  nm_player_core_process(&core, out, 64); // nothing has begun
  assert_int_equal(atomic_load(&core.n_underruns), 0);
  nm_ring_write(core.ring, in, 100);
  nm_player_core_process(&core, out, 64);
  memset(out, 0xff, 64 * sizeof *out);
  nm_player_core_process(&core, out, 64);
  for (int i = 36; i < 64; ++i) assert_true(out[i] == 0);
  assert_int_equal(atomic_load(&core.n_underruns), 1);
  atomic_store(&core.ended, true);
  nm_player_core_process(&core, out, 64);
  assert_int_equal(atomic_load(&core.n_underruns), 1);
  assert_int_equal(atomic_load(&core.n_played), 100);
  nm_ring_free(core.ring);
}

static void test_pause_and_discard(void **state)
{
  NmPlayerCore core;
  begin(&core, 1, 1);
  for (int i = 0; i < 5000; ++i) in[i] = 1;
  nm_ring_write(core.ring, in, 5000);
  atomic_store(&core.paused, true);
  nm_player_core_process(&core, out, 64);
  assert_true(out[0] == 0);
  assert_int_equal(nm_ring_get_n_readable(core.ring), 5000);
  atomic_store(&core.paused, false);
  nm_player_core_process(&core, out, 64);
  assert_true(out[63] == 1);
  atomic_store(&core.discard, true);
  nm_alloc_guard_begin();
  nm_player_core_process(&core, out, 64);
  assert_int_equal(nm_alloc_guard_end(), 0);
  assert_true(out[0] == 0);
  assert_false(atomic_load(&core.discard));
  assert_int_equal(nm_ring_get_n_readable(core.ring), 0);
  nm_ring_free(core.ring);
}

// A device that asks in its own thread while another pushes and then ends.
static void *device_main(void *arg)
{
  NmPlayerCore *core = arg;
  float block[97];
  double sum = 0;
  while (!atomic_load(&core->ended) || nm_ring_get_n_readable(core->ring) > 0) {
    nm_player_core_process(core, block, 97);
    for (int i = 0; i < 97; ++i) sum += block[i];
    sched_yield();
  }
  in[0] = (float)sum;
  return NULL;
}

static void test_two_threads(void **state)
{
  NmPlayerCore core;
  pthread_t device;
  const float ones[333] = {[0 ... 332] = 1};
  begin(&core, 1, 1);
  assert_int_equal(pthread_create(&device, NULL, device_main, &core), 0);
  for (int n = 0; n < 333 * 300;) {
    const size_t n_written = nm_ring_write(core.ring, ones, n % 333 ? 333 - n % 333 : 333);
    n += (int)n_written;
    if (n_written == 0) sched_yield();
  }
  atomic_store(&core.ended, true);
  pthread_join(device, NULL);
  assert_true(in[0] == 333 * 300);
  assert_int_equal(atomic_load(&core.n_played), 333 * 300);
  nm_ring_free(core.ring);
}

// Runs new with the system's sound configuration replaced by `text`, and what it prints on standard error
// caught.
static NmPlayer *player_with(const char *text, NmError *err, char *printed, size_t size)
{
  FILE *config = fopen("neume-asound.conf", "w"), *caught = tmpfile();
  fputs(text, config);
  fclose(config);
  setenv("ALSA_CONFIG_PATH", "neume-asound.conf", 1);
  fflush(stderr);
  const int saved = dup(2);
  dup2(fileno(caught), 2);
  NmPlayer *player = nm_player_new(24000, 1, err);
  dup2(saved, 2);
  close(saved);
  rewind(caught);
  printed[fread(printed, 1, size - 1, caught)] = 0;
  fclose(caught);
  unlink("neume-asound.conf");
  return player;
}

static void test_no_device(void **state)
{
  NmError err = {0};
  char printed[1000];
  NmPlayer *player = player_with("pcm.!default { type hw card 31 }\n", &err, printed, sizeof printed);
  assert_string_equal(printed, "");
  if (player) { // another kind of device is there
    nm_player_free(player);
    skip();
  }
  assert_int_equal(err.status, NM_ERR_IO);
  assert_non_null(strstr(err.message, "no sound device"));
}

// ALSA's device that swallows everything at once.
static void test_null_device(void **state)
{
  NmError err = {0};
  char printed[1000];
  static float sound[2 * 24000];
  atomic_bool cancel = false;
  NmPlayer *player =
      player_with("pcm.!default { type null }\nctl.!default { type null }\n", &err, printed, sizeof printed);
  assert_string_equal(printed, "");
  if (!player) skip();
  assert_int_equal(nm_player_push(player, sound, 2 * 24000, NULL, &err), NM_OK);
  assert_int_equal(nm_player_drain(player, &cancel, &err), NM_OK);
  assert_true(nm_player_get_time_s(player) > 1.99 && nm_player_get_time_s(player) < 2.01);
  nm_player_pause(player, true);
  atomic_store(&cancel, true);
  assert_int_equal(nm_player_push(player, sound, 2 * 24000, &cancel, &err), NM_ERR_CANCELLED);
  nm_player_discard(player);
  nm_player_free(player);
}

static void test_arguments_not_allowed(void **state)
{
  NmError err = {0};
  assert_null(nm_player_new(0, 1, &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  assert_null(nm_player_new(24000, 3, &err));
  nm_player_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_block_size), cmocka_unit_test(test_channels),
      cmocka_unit_test(test_underruns),        cmocka_unit_test(test_pause_and_discard),
      cmocka_unit_test(test_two_threads),      cmocka_unit_test(test_no_device),
      cmocka_unit_test(test_null_device),      cmocka_unit_test(test_arguments_not_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
