// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/jobs/batch/journal.h"
#include "dsp/base/hash.h"

enum { N_PART = 1 << 16 };

// Whole parts, for the hash knows how it was fed.
static ssize_t read_part(int fd, uint8_t *bytes)
{
  size_t n = 0;
  while (n < N_PART) {
    const ssize_t n_read = read(fd, bytes + n, N_PART - n);
    if (n_read < 0 && errno == EINTR) continue;
    if (n_read < 0) return -1;
    if (n_read == 0) break;
    n += (size_t)n_read;
  }
  return (ssize_t)n;
}

static bool hash_file(int fd, char text[NM_BATCH_HASH_SIZE])
{
  uint8_t bytes[N_PART];
  ssize_t n;
  NmHash hash;
  nm_hash_init(&hash);
  while ((n = read_part(fd, bytes)) > 0) nm_hash_add(&hash, bytes, (size_t)n);
  nm_batch_print_hash(&hash, text);
  return n == 0;
}

static int64_t get_time_ns(const struct stat *info)
{
  return (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec;
}

static bool read_facts(int fd, struct stat *info, char hash[NM_BATCH_HASH_SIZE], bool keeps)
{
  if (keeps && fdatasync(fd) && errno != EINVAL && errno != EROFS) return false;
  if (fstat(fd, info)) return false;
  if (!S_ISREG(info->st_mode)) {
    errno = S_ISDIR(info->st_mode) ? EISDIR : EINVAL;
    return false;
  }
  return hash_file(fd, hash);
}

NmStatus nm_batch_facts_add(json_t *record, const char *path, bool keeps, NmError *err)
{
  struct stat info;
  char hash[NM_BATCH_HASH_SIZE];
  const int fd =
      open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe without a writer is no reason to wait
  const bool known = fd >= 0 && read_facts(fd, &info, hash, keeps);
  const int cause = errno;
  if (fd >= 0) close(fd);
  if (!known)
    return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", path,
                        cause == EINVAL ? "it is no ordinary file" : strerror(cause));
  json_object_set_new(record, "bytes", json_integer(info.st_size));
  json_object_set_new(record, "time_ns", json_integer(get_time_ns(&info)));
  json_object_set_new(record, "hash", json_string(hash));
  return NM_OK;
}

bool nm_batch_facts_hold(const json_t *record, const char *path)
{
  struct stat info;
  char hash[NM_BATCH_HASH_SIZE];
  const char *known = json_string_value(json_object_get(record, "hash"));
  if (!known || stat(path, &info) || !S_ISREG(info.st_mode)) return false;
  if (info.st_size != json_integer_value(json_object_get(record, "bytes"))) return false;
  if (get_time_ns(&info) == json_integer_value(json_object_get(record, "time_ns"))) return true;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const bool holds = fd >= 0 && hash_file(fd, hash) && !strcmp(hash, known);
  if (fd >= 0) close(fd);
  return holds;
}
