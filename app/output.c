// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static NmStatus make_work_path(NmOutput *out, NmError *err)
{
  const char *slash = strrchr(out->path, '/');
  const int n_folder = slash ? (int)(slash + 1 - out->path) : 0;
  if (asprintf(&out->path_work, "%.*s.neume-%ld-%s", n_folder, out->path, (long)getpid(),
               out->path + n_folder) < 0) {
    out->path_work = NULL;
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  return NM_OK;
}

static NmStatus create(NmOutput *out, NmError *err)
{
  const int fd = open(out->path_work, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd >= 0) {
    close(fd);
    return NM_OK;
  }
  return nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", out->path, strerror(errno));
}

static bool is_special(const char *path)
{
  struct stat info;
  return !stat(path, &info) && !S_ISREG(info.st_mode);
}

NmStatus nm_output_check(const char *path, bool force, NmError *err)
{
  struct stat info;
  if (stat(path, &info)) return NM_OK;
  if (S_ISDIR(info.st_mode)) return nm_error_set(err, NM_ERR_IO, "cannot write %s: it is a folder", path);
  if (!S_ISREG(info.st_mode) || force) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s exists; add --force to overwrite it", path);
}

NmStatus nm_output_begin(NmOutput *out, const char *path, bool force, NmError *err)
{
  *out = (NmOutput){0};
  NmStatus status = nm_output_check(path, force, err);
  if (status) return status;
  *out = (NmOutput){.path = strdup(path), .direct = is_special(path)};
  if (out->direct) out->path_work = strdup(path);
  if (!out->path || (out->direct && !out->path_work)) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  } else if (!out->direct) {
    status = make_work_path(out, err);
    if (!status) status = create(out, err);
  }
  if (status) nm_output_discard(out);
  return status;
}

NmStatus nm_output_commit(NmOutput *out, NmError *err)
{
  NmStatus status = NM_OK;
  if (out->path && !out->direct && rename(out->path_work, out->path)) {
    status = nm_error_set(err, NM_ERR_IO, "cannot put %s in place: %s", out->path, strerror(errno));
  } else {
    out->direct = true;
  }
  nm_output_discard(out);
  return status;
}

void nm_output_discard(NmOutput *out)
{
  if (out->path_work && !out->direct) unlink(out->path_work);
  free(out->path);
  free(out->path_work);
  *out = (NmOutput){0};
}

FILE *nm_output_open(const NmOutput *out, NmError *err)
{
  FILE *file = fopen(out->path_work, "we");
  if (!file) nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", out->path, strerror(errno));
  return file;
}

NmStatus nm_output_close(FILE *file, const char *path, NmError *err)
{
  const int failed = ferror(file);
  if (!fclose(file) && !failed) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", path,
                      errno ? strerror(errno) : "the disk failed");
}
