// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/render_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK ".neume-render-"

static NmStatus fail(const char *what, const char *path, NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "cannot %s %s: %s", what, path, strerror(errno));
}

static bool join(char out[PATH_MAX], const char *folder, const char *name)
{
  return snprintf(out, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static bool make_folder(const char *path)
{
  return mkdir(path, 0777) == 0 || errno == EEXIST;
}

// The folder that a file is in.
static bool make_folder_of(const char *path)
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
  return make_folder(folder);
}

// Removes a folder and what is in it, two folders deep.
static void remove_folder(const char *path, int depth)
{
  char inner[PATH_MAX];
  DIR *dir = opendir(path);
  for (const struct dirent *item; dir && (item = readdir(dir));) {
    if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, "..") || !join(inner, path, item->d_name))
      continue;
    if (unlink(inner) && depth > 0) remove_folder(inner, depth - 1);
  }
  if (dir) closedir(dir);
  rmdir(path);
}

// What renders left that were killed.
static void remove_stale(const char *path)
{
  char inner[PATH_MAX];
  DIR *dir = opendir(path);
  for (const struct dirent *item; dir && (item = readdir(dir));) {
    if (strncmp(item->d_name, WORK, strlen(WORK)) != 0) continue;
    const long maker = atol(item->d_name + strlen(WORK));
    if (maker > 0 && kill((pid_t)maker, 0) && errno == ESRCH && join(inner, path, item->d_name))
      remove_folder(inner, 1);
  }
  if (dir) closedir(dir);
}

NmStatus nm_render_folder_begin(NmRenderFolder *folder, const char *path, bool force, NmError *err)
{
  *folder = (NmRenderFolder){.force = force};
  if (snprintf(folder->path, PATH_MAX, "%s", path) >= PATH_MAX ||
      snprintf(folder->work, PATH_MAX, "%s/" WORK "%ld", path, (long)getpid()) >= PATH_MAX)
    return nm_error_set(err, NM_ERR_IO, "the name of the folder %.60s... is too long", path);
  if (!make_folder(path)) return fail("make the folder", path, err);
  remove_stale(path);
  remove_folder(folder->work, 1);
  if (make_folder(folder->work)) return NM_OK;
  folder->work[0] = 0;
  return fail("write into", path, err);
}

NmStatus nm_render_folder_add(NmRenderFolder *folder, const char *name, char path[PATH_MAX], NmError *err)
{
  char target[PATH_MAX], work[PATH_MAX];
  struct stat info;
  if (folder->n == NM_RENDER_FOLDER_FILES_MAX || strlen(name) >= NM_RENDER_FOLDER_NAME ||
      !join(target, folder->path, name) || !join(work, folder->work, name))
    return nm_error_set(err, NM_ERR_IO, "%s: too many files, or too long a name", name);
  if (stat(target, &info) == 0 && (!folder->force || S_ISDIR(info.st_mode)))
    return nm_error_set(err, NM_ERR_IO,
                        S_ISDIR(info.st_mode) ? "cannot write %s: it is a folder"
                                              : "%s exists; add --force to overwrite it",
                        target);
  if (!make_folder_of(work)) return fail("make the folder of", work, err);
  snprintf(folder->names[folder->n++], NM_RENDER_FOLDER_NAME, "%s", name);
  if (path) memcpy(path, work, PATH_MAX);
  return NM_OK;
}

NmStatus nm_render_folder_commit(NmRenderFolder *folder, NmError *err)
{
  char from[PATH_MAX], to[PATH_MAX];
  NmStatus status = NM_OK;
  for (int i = 0; i < folder->n && status == NM_OK; ++i) {
    const bool ok = join(from, folder->work, folder->names[i]) && join(to, folder->path, folder->names[i]) &&
                    make_folder_of(to) && rename(from, to) == 0;
    if (!ok) status = fail("put in place", folder->names[i], err);
  }
  nm_render_folder_discard(folder);
  return status;
}

void nm_render_folder_discard(NmRenderFolder *folder)
{
  if (folder->work[0]) remove_folder(folder->work, 1);
  folder->work[0] = 0;
}
