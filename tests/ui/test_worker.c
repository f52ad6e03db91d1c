// SPDX-License-Identifier: GPL-3.0-or-later
// A worker of the studio: what is wanted last is done, what is under way is given up, and it ends when told.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/studio/worker.h"

typedef struct {
  NmWorker worker;
  int wanted, done, n_given_up; // wanted 0: nothing; done: what was last done to its end
  bool lasts;                   // a job ends only when it is to give up
  int n_wakes, n_begun;
} Owner;

static void wake(void *user)
{
  Owner *owner = user;
  owner->n_wakes++;
}

static bool job(void *user)
{
  Owner *owner = user;
  int task = owner->wanted;
  if (!task) return false;
  owner->wanted = 0;
  owner->n_begun++;
  bool lasts = owner->lasts;
  nm_worker_unlock(&owner->worker);
  while (lasts && !nm_worker_is_cancelled(&owner->worker)) usleep(100);
  nm_worker_lock(&owner->worker);
  if (lasts)
    owner->n_given_up++;
  else
    owner->done = task;
  nm_worker_wake(&owner->worker);
  return true;
}

static void want(Owner *owner, int task, bool lasts)
{
  nm_worker_lock(&owner->worker);
  owner->wanted = task;
  owner->lasts = lasts;
  nm_worker_cancel(&owner->worker);
  nm_worker_tell(&owner->worker);
  nm_worker_unlock(&owner->worker);
}

static void wait_until(Owner *owner, const int *counter, int value)
{
  for (bool done = false; !done; usleep(100)) {
    nm_worker_lock(&owner->worker);
    done = *counter == value;
    nm_worker_unlock(&owner->worker);
  }
}

static void wait_until_done(Owner *owner, int task)
{
  wait_until(owner, &owner->done, task);
}

static void test_last_counts(void **state)
{
  Owner owner = {0};
  assert_true(nm_worker_init(&owner.worker, true, job, &owner, wake, &owner));
  for (int i = 1; i <= 2000; i++) want(&owner, i, false);
  wait_until_done(&owner, 2000);
  nm_worker_fini(&owner.worker);
  assert_true(owner.n_wakes > 0 && owner.n_wakes <= 2000);
}

static void test_gives_up(void **state)
{
  Owner owner = {0};
  assert_true(nm_worker_init(&owner.worker, true, job, &owner, wake, &owner));
  for (int i = 1; i <= 100; i++) {
    want(&owner, i, true);
    wait_until(&owner, &owner.n_begun, i);
  }
  want(&owner, 1000, false);
  wait_until_done(&owner, 1000);
  assert_int_equal(owner.n_given_up, 100);
  want(&owner, 1001, true);
  nm_worker_fini(&owner.worker); // waits for nothing that does not end
}

// All is done within the call.
static void test_no_thread(void **state)
{
  Owner owner = {0};
  assert_true(nm_worker_init(&owner.worker, false, job, &owner, wake, &owner));
  for (int i = 1; i <= 3; i++) {
    want(&owner, i, false);
    assert_int_equal(owner.done, i);
  }
  assert_int_equal(owner.n_wakes, 3);
  nm_worker_fini(&owner.worker);
}

static bool rests(void *user)
{
  Owner *owner = user;
  if (!owner->wanted) return false;
  nm_worker_rest(&owner->worker, owner->done++ ? 60000 : 1);
  return true;
}

// A rest ends when its time is over, and when there is something to do.
static void test_rest(void **state)
{
  Owner owner = {.wanted = 1};
  assert_true(nm_worker_init(&owner.worker, true, rests, &owner, wake, &owner));
  wait_until_done(&owner, 2);
  nm_worker_fini(&owner.worker);
  assert_int_equal(owner.done, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_last_counts), cmocka_unit_test(test_gives_up),
                                     cmocka_unit_test(test_no_thread), cmocka_unit_test(test_rest)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
