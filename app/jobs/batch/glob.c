// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/glob.h"

#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  NmStatus (*found)(const char *path, void *user, NmError *err);
  void *user;
  NmError *err;
  char path[PATH_MAX]; // of what is looked at, n characters of it
} Search;

static NmStatus search(Search *s, size_t n, const char *pattern);

static int compare_names(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

// Appends to the path; its new length, 0 when it is too long.
static size_t append(Search *s, size_t n, const char *name, size_t len)
{
  if (n + len >= sizeof s->path) return 0;
  memcpy(s->path + n, name, len);
  s->path[n + len] = '\0';
  return n + len;
}

static bool is_folder(const char *path, bool through_links)
{
  struct stat info;
  return !(through_links ? stat(path, &info) : lstat(path, &info)) && S_ISDIR(info.st_mode);
}

static NmStatus tell(Search *s)
{
  struct stat info;
  return stat(s->path, &info) || S_ISDIR(info.st_mode) ? NM_OK : s->found(s->path, s->user, s->err);
}

// One entry of a folder under the rest of the pattern; "" is its end.
static NmStatus enter(Search *s, size_t n, const char *name, const char *rest)
{
  n = append(s, n, name, strlen(name));
  if (!n) return NM_OK;
  if (!*rest) return tell(s);
  if (!is_folder(s->path, true)) return NM_OK;
  n = append(s, n, "/", 1);
  return n ? search(s, n, rest) : NM_OK;
}

static int is_name(const struct dirent *entry)
{
  return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

// How many entries the folder has; none when it cannot be read.
static int list(Search *s, size_t n, struct dirent ***entries)
{
  s->path[n] = '\0';
  const int n_entries = scandir(n ? s->path : ".", entries, is_name, compare_names);
  if (n_entries >= 0) return n_entries;
  *entries = NULL;
  return 0;
}

static void free_list(struct dirent **entries, int n)
{
  for (int i = 0; i < n; ++i) free(entries[i]);
  free(entries);
}

static NmStatus search_name(Search *s, size_t n, const char *name, const char *rest)
{
  struct dirent **entries;
  const int n_entries = list(s, n, &entries);
  NmStatus status = NM_OK;
  for (int i = 0; i < n_entries && !status; ++i)
    if (!fnmatch(name, entries[i]->d_name, FNM_PERIOD)) status = enter(s, n, entries[i]->d_name, rest);
  free_list(entries, n_entries);
  return status;
}

// "**": here, and in every folder below. As the last name it stands for all files.
static NmStatus search_below(Search *s, size_t n, const char *rest)
{
  struct dirent **entries;
  NmStatus status = search(s, n, *rest ? rest : "*");
  if (status) return status;
  const int n_entries = list(s, n, &entries);
  for (int i = 0; i < n_entries && !status; ++i) {
    const char *name = entries[i]->d_name;
    size_t n_below = *name == '.' ? 0 : append(s, n, name, strlen(name));
    if (!n_below || !is_folder(s->path, false)) continue;
    n_below = append(s, n_below, "/", 1);
    if (n_below) status = search_below(s, n_below, rest);
  }
  free_list(entries, n_entries);
  return status;
}

// Files below the n characters of s->path that `pattern` matches.
static NmStatus search(Search *s, size_t n, const char *pattern)
{
  char name[NAME_MAX + 1];
  const size_t len = strcspn(pattern, "/");
  const char *rest = pattern + len + strspn(pattern + len, "/");
  if (len > NAME_MAX) return NM_OK;
  memcpy(name, pattern, len);
  name[len] = '\0';
  if (!strcmp(name, "**")) return search_below(s, n, rest);
  return strpbrk(name, "*?[") ? search_name(s, n, name, rest) : enter(s, n, name, rest);
}

NmStatus nm_batch_glob(const char *pattern, NmStatus (*found)(const char *path, void *user, NmError *err),
                       void *user, NmError *err)
{
  Search s = {.found = found, .user = user, .err = err};
  const size_t n_slashes = strspn(pattern, "/");
  return search(&s, n_slashes ? append(&s, 0, "/", 1) : 0, pattern + n_slashes);
}
