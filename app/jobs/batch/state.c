// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/message.h"

enum { N_OPEN_MAX = 16, N_TRIES = 20, TRY_US = 100000 };

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
  remove(path);
  return 0;
}

void nm_batch_remove_tree(const char *path)
{
  nftw(path, remove_one, N_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

NmStatus nm_batch_make_folders(char *path, NmError *err)
{
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const bool failed = mkdir(path, 0777) && errno != EEXIST;
    if (failed) nm_error_set(err, NM_ERR_IO, "cannot make the folder %s: %s", path, strerror(errno));
    *slash = '/';
    if (failed) return NM_ERR_IO;
  }
  return NM_OK;
}

// --- locks ---

typedef enum { LOCK_OURS, LOCK_THEIRS, LOCK_UNKNOWN } LockState;

static LockState try_lock(int fd)
{
  if (!flock(fd, LOCK_EX | LOCK_NB)) return LOCK_OURS;
  return errno == EWOULDBLOCK ? LOCK_THEIRS : LOCK_UNKNOWN;
}

// The children of a batch that was killed hold its lock for the moment they need to end.
static LockState wait_lock(int fd)
{
  LockState lock = try_lock(fd);
  for (int i = 0; lock == LOCK_THEIRS && i < N_TRIES; ++i) {
    usleep(TRY_US);
    lock = try_lock(fd);
  }
  return lock;
}

static NmStatus lock_part(NmBatchState *state, const char *dir, NmError *err)
{
  char path[PATH_MAX + 64];
  const long long k = state->shard.k, n = state->shard.n;
  snprintf(path, sizeof path, "%s/lock-%lld-of-%lld", state->folder, k, n);
  state->fd_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (state->fd_lock < 0) return nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", path, strerror(errno));
  const LockState lock = wait_lock(state->fd_lock);
  if (lock == LOCK_UNKNOWN)
    nm_message_warning("%s: the file system knows no locks (%s); see to it that nobody else works on it", dir,
                       strerror(errno));
  if (lock != LOCK_THEIRS) return NM_OK;
  if (n == 1)
    return nm_error_set(err, NM_ERR_IO, "another batch is at work on %s; wait for it or take another folder",
                        dir);
  return nm_error_set(err, NM_ERR_IO, "another batch is at work on part %lld/%lld of %s", k, n, dir);
}

// Whether a part of another division is being done: the two would do the same inputs.
static NmStatus check_other(const NmBatchState *state, const char *dir, const char *name, NmError *err)
{
  char path[PATH_MAX + 64];
  long long k, n;
  if (sscanf(name, "lock-%lld-of-%lld", &k, &n) != 2 || n == state->shard.n) return NM_OK;
  snprintf(path, sizeof path, "%s/%.60s", state->folder, name);
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  const LockState lock = fd < 0 ? LOCK_UNKNOWN : wait_lock(fd);
  if (fd >= 0) close(fd);
  if (lock != LOCK_THEIRS) return NM_OK;
  return nm_error_set(
      err, NM_ERR_IO,
      "another batch is at work on part %lld/%lld of %s; parts must all be of the same number", k, n, dir);
}

static bool is_stale(const NmBatchState *state, const char *name)
{
  long long k, n;
  int slot;
  if (sscanf(name, "work-%lld-of-%lld-%d", &k, &n, &slot) != 3) return false;
  return n != state->shard.n || k == state->shard.k;
}

static NmStatus look_around(const NmBatchState *state, const char *dir, NmError *err)
{
  char path[PATH_MAX + 256];
  NmStatus status = NM_OK;
  DIR *folder = opendir(state->folder);
  if (!folder) return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", state->folder, strerror(errno));
  for (struct dirent *entry; !status && (entry = readdir(folder));)
    status = check_other(state, dir, entry->d_name, err);
  rewinddir(folder);
  for (struct dirent *entry; !status && (entry = readdir(folder));) {
    snprintf(path, sizeof path, "%s/%.200s", state->folder, entry->d_name);
    if (is_stale(state, entry->d_name)) nm_batch_remove_tree(path);
  }
  closedir(folder);
  return status;
}

// --- the folder ---

static NmStatus make_state(NmBatchState *state, const char *dir, NmError *err)
{
  char path[PATH_MAX], whole[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/", dir) >= (int)sizeof path - 64)
    return nm_error_set(err, NM_ERR_IO, "the name of the output folder is too long");
  const NmStatus status = nm_batch_make_folders(path, err);
  if (status) return status;
  if (!realpath(dir, whole)) return nm_error_set(err, NM_ERR_IO, "cannot open %s: %s", dir, strerror(errno));
  if (snprintf(state->folder, sizeof state->folder, "%s/%s", whole, NM_BATCH_STATE_FOLDER) >=
      (int)sizeof state->folder - 128)
    return nm_error_set(err, NM_ERR_IO, "the name of the output folder is too long");
  if (!mkdir(state->folder, 0777) || errno == EEXIST) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot make the folder %s: %s", state->folder, strerror(errno));
}

NmStatus nm_batch_state_open(NmBatchState *state, const char *dir, const NmBatchShard *shard, NmError *err)
{
  *state = (NmBatchState){.shard = *shard, .fd_lock = -1};
  NmStatus status = make_state(state, dir, err);
  if (!status) status = lock_part(state, dir, err);
  if (!status) status = look_around(state, dir, err);
  if (status) nm_batch_state_close(state);
  return status;
}

NmStatus nm_batch_state_look(NmBatchState *state, const char *dir, NmError *err)
{
  struct stat info;
  *state = (NmBatchState){.shard = {1, 1, false}, .fd_lock = -1};
  const int n = snprintf(state->folder, sizeof state->folder, "%s/%s", dir, NM_BATCH_STATE_FOLDER);
  if (n < (int)sizeof state->folder - 128 && !stat(state->folder, &info) && S_ISDIR(info.st_mode))
    return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s holds no batch: it has no folder %s", dir, NM_BATCH_STATE_FOLDER);
}

void nm_batch_state_close(NmBatchState *state)
{
  if (state->fd_lock >= 0) close(state->fd_lock);
  state->fd_lock = -1;
}

bool nm_batch_state_name_work(const NmBatchState *state, int slot, char path[PATH_MAX])
{
  return snprintf(path, PATH_MAX, "%s/work-%lld-of-%lld-%d", state->folder, (long long)state->shard.k,
                  (long long)state->shard.n, slot) < PATH_MAX;
}
