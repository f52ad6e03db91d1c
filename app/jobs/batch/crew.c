// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/interrupt.h"

typedef struct {
  pid_t pid; // 0: free
  double start, deadline;
  bool timed_out;
} Slot;

struct NmBatchCrew {
  Slot *slots;           // [n]
  NmBatchShared *shared; // [n] in memory that children share
  int n, n_busy;
  sigset_t mask; // as it was
  struct sigaction action;
};

static void on_child(int number) {}

static void hold_signals(NmBatchCrew *crew)
{
  sigset_t held;
  const struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
  sigemptyset(&held);
  sigaddset(&held, SIGCHLD);
  sigaddset(&held, SIGINT);
  sigaddset(&held, SIGTERM);
  sigprocmask(SIG_BLOCK, &held, &crew->mask);
  sigaction(SIGCHLD, &action, &crew->action);
}

NmBatchCrew *nm_batch_crew_new(int n, NmError *err)
{
  NmBatchCrew *crew = calloc(1, sizeof *crew);
  Slot *slots = calloc((size_t)n, sizeof *slots);
  void *shared =
      mmap(NULL, (size_t)n * sizeof *crew->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (!crew || !slots || shared == MAP_FAILED) {
    free(crew);
    free(slots);
    if (shared != MAP_FAILED) munmap(shared, (size_t)n * sizeof *crew->shared);
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  *crew = (NmBatchCrew){.slots = slots, .shared = shared, .n = n};
  hold_signals(crew);
  return crew;
}

void nm_batch_crew_free(NmBatchCrew *crew)
{
  NmBatchEnd end;
  if (!crew) return;
  for (int i = 0; i < crew->n; ++i)
    if (crew->slots[i].pid) kill(crew->slots[i].pid, SIGKILL);
  while (crew->n_busy && nm_batch_crew_wait(crew, 1, &end)) continue;
  sigaction(SIGCHLD, &crew->action, NULL);
  sigprocmask(SIG_SETMASK, &crew->mask, NULL);
  munmap(crew->shared, (size_t)crew->n * sizeof *crew->shared);
  free(crew->slots);
  free(crew);
}

int nm_batch_crew_find_free(const NmBatchCrew *crew)
{
  for (int i = 0; i < crew->n; ++i)
    if (!crew->slots[i].pid) return i;
  return -1;
}

int nm_batch_crew_count(const NmBatchCrew *crew)
{
  return crew->n_busy;
}

// Nobody is left to take the result when the process that started this one is gone.
static void begin_child(const NmBatchCrew *crew, pid_t parent)
{
  const struct sigaction ignored = {.sa_handler = SIG_DFL};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(NM_EXIT_FAILED);
  sigaction(SIGCHLD, &ignored, NULL);
  nm_interrupt_install();
  sigprocmask(SIG_SETMASK, &crew->mask, NULL);
}

NmStatus nm_batch_crew_start(NmBatchCrew *crew, int slot, NmBatchWork *work, double timeout_s, NmError *err)
{
  const pid_t parent = getpid();
  work->shared = &crew->shared[slot];
  atomic_store(&work->shared->stage, -1);
  const pid_t pid = fork();
  if (pid < 0) return nm_error_set(err, NM_ERR_IO, "cannot start a process: %s", strerror(errno));
  if (!pid) {
    begin_child(crew, parent);
    nm_batch_work(work);
  }
  const double now = nm_clock_now();
  crew->slots[slot] = (Slot){.pid = pid, .start = now, .deadline = timeout_s > 0 ? now + timeout_s : 0};
  ++crew->n_busy;
  return NM_OK;
}

static void fill_end(NmBatchCrew *crew, int slot, int state, const struct rusage *usage, NmBatchEnd *end)
{
  Slot *s = &crew->slots[slot];
  *end = (NmBatchEnd){.slot = slot,
                      .exit_code = WIFEXITED(state) ? WEXITSTATUS(state) : -1,
                      .signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0,
                      .timed_out = s->timed_out,
                      .stage = atomic_load(&crew->shared[slot].stage),
                      .seconds = nm_clock_now() - s->start,
                      .rss_kb = usage->ru_maxrss};
  *s = (Slot){0};
  --crew->n_busy;
}

// Takes one that has ended.
static bool reap(NmBatchCrew *crew, NmBatchEnd *end)
{
  struct rusage usage;
  int state;
  for (int i = 0; i < crew->n; ++i) {
    if (!crew->slots[i].pid || wait4(crew->slots[i].pid, &state, WNOHANG, &usage) <= 0) continue;
    fill_end(crew, i, state, &usage, end);
    return true;
  }
  return false;
}

// Ends those that took too long; seconds to the next that will have, at most `seconds`.
static double end_late(NmBatchCrew *crew, double seconds)
{
  const double now = nm_clock_now();
  for (int i = 0; i < crew->n; ++i) {
    Slot *slot = &crew->slots[i];
    if (!slot->pid || !slot->deadline || slot->timed_out) continue;
    if (now >= slot->deadline) {
      slot->timed_out = true;
      kill(slot->pid, SIGKILL);
    } else if (slot->deadline - now < seconds) {
      seconds = slot->deadline - now;
    }
  }
  return seconds;
}

bool nm_batch_crew_wait(NmBatchCrew *crew, double seconds, NmBatchEnd *end)
{
  if (reap(crew, end)) return true;
  seconds = end_late(crew, seconds);
  const struct timespec wait = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  pselect(0, NULL, NULL, NULL, &wait, &crew->mask);
  return reap(crew, end);
}

bool nm_batch_crew_is_interrupted(void)
{
  sigset_t pending;
  if (nm_interrupt_seen()) return true;
  return !sigpending(&pending) && (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM));
}
