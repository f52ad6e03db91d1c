// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dsp/base/map.h"

#define ENDING ".phrase"

enum { STALE_S = 3600 }; // a temporary file that old has no writer any more

struct NmCache {
  char *folder;
  int64_t n_bytes_max;
  NmCacheStats stats;
};

// What stands before the content of an entry.
typedef struct {
  char magic[8];
  uint64_t key[2], n, content[2];
} Head;

static const char magic[8] = "NEUMEC1";

static char *find_folder(void)
{
  char *folder = NULL;
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  int n = -1;
  if (cache && cache[0] == '/')
    n = asprintf(&folder, "%s/neume/phrases", cache);
  else if (home && home[0])
    n = asprintf(&folder, "%s/.cache/neume/phrases", home);
  return n < 0 ? NULL : folder;
}

static bool make_folders(char *path)
{
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    const bool ok = mkdir(path, 0777) == 0 || errno == EEXIST;
    *slash = '/';
    if (!ok) return false;
  }
  return mkdir(path, 0777) == 0 || errno == EEXIST;
}

NmCache *nm_cache_new(const char *folder, int64_t n_bytes_max, NmError *err)
{
  NmCache *cache = calloc(1, sizeof *cache);
  char *own = folder ? strdup(folder) : find_folder();
  if (!cache || !own) {
    nm_error_set(err, cache && !folder ? NM_ERR_IO : NM_ERR_NO_MEMORY,
                 "no folder for a cache: set XDG_CACHE_HOME or HOME, or name one with --cache");
  } else if (!make_folders(own) || access(own, W_OK | X_OK)) {
    nm_error_set(err, NM_ERR_IO, "cannot use the cache folder %s: %s", own, strerror(errno));
  } else {
    *cache = (NmCache){.folder = own, .n_bytes_max = n_bytes_max};
    return cache;
  }
  free(own);
  free(cache);
  return NULL;
}

NmCacheStats nm_cache_get_stats(const NmCache *cache)
{
  return cache ? cache->stats : (NmCacheStats){0};
}

const char *nm_cache_get_folder(const NmCache *cache)
{
  return cache ? cache->folder : NULL;
}

// --- keys ---

// The instruction sets for which kernels are compiled several times.
static uint64_t get_machine(void)
{
  uint64_t bits = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  bits |= __builtin_cpu_supports("avx2") ? 1 : 0;
  bits |= __builtin_cpu_supports("fma") ? 2 : 0;
  bits |= __builtin_cpu_supports("avx512f") ? 4 : 0;
  bits |= __builtin_cpu_supports("avx512bf16") ? 8 : 0;
#endif
  return bits;
}

NmHash nm_cache_get_salt(void)
{
  NmMap map;
  NmHash hash;
  nm_hash_init(&hash);
  if (nm_map_open(&map, "/proc/self/exe", NULL) == NM_OK) {
    nm_hash_add(&hash, map.data, map.size);
    nm_map_close(&map);
  }
  nm_hash_add_u64(&hash, get_machine());
  return hash;
}

static bool name_entry(const NmCache *cache, const NmHash *key, char path[PATH_MAX])
{
  return snprintf(path, PATH_MAX, "%s/%016" PRIx64 "%016" PRIx64 ENDING, cache->folder, key->word[0],
                  key->word[1]) < PATH_MAX;
}

static Head make_head(const NmHash *key, const void *bytes, size_t n)
{
  NmHash content;
  Head head = {.key = {key->word[0], key->word[1]}, .n = n};
  nm_hash_init(&content);
  nm_hash_add(&content, bytes, n);
  memcpy(head.magic, magic, sizeof magic);
  memcpy(head.content, content.word, sizeof head.content);
  return head;
}

// --- getting ---

// Whether the bytes of a file are a whole entry of that key.
static bool is_whole(const NmMap *map, const NmHash *key)
{
  if (map->size < sizeof(Head)) return false;
  const Head wanted = make_head(key, map->data + sizeof(Head), map->size - sizeof(Head));
  return !memcmp(map->data, &wanted, sizeof wanted);
}

// Opens an entry; one that is broken is removed.
static bool open_entry(NmCache *cache, const NmHash *key, NmMap *map)
{
  char path[PATH_MAX];
  if (!cache) return false;
  if (!name_entry(cache, key, path) || nm_map_open(map, path, NULL) != NM_OK) {
    ++cache->stats.n_misses;
    return false;
  }
  if (is_whole(map, key)) {
    ++cache->stats.n_hits;
    utimensat(AT_FDCWD, path, NULL, 0); // it was used now
    return true;
  }
  nm_map_close(map);
  unlink(path);
  ++cache->stats.n_misses;
  ++cache->stats.n_broken;
  return false;
}

bool nm_cache_get(NmCache *cache, const NmHash *key, void *bytes, size_t n)
{
  NmMap map;
  if (!open_entry(cache, key, &map)) return false;
  const bool fits = map.size == sizeof(Head) + n;
  if (fits) memcpy(bytes, map.data + sizeof(Head), n);
  nm_map_close(&map);
  return fits;
}

void *nm_cache_get_any(NmCache *cache, const NmHash *key, size_t *n)
{
  NmMap map;
  if (!open_entry(cache, key, &map)) return NULL;
  *n = map.size - sizeof(Head);
  void *bytes = malloc(*n + 1);
  if (bytes) memcpy(bytes, map.data + sizeof(Head), *n);
  nm_map_close(&map);
  return bytes;
}

// --- putting ---

static bool write_all(int fd, const void *bytes, size_t n)
{
  for (const char *p = bytes; n > 0;) {
    const ssize_t written = write(fd, p, n);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    p += written;
    n -= (size_t)written;
  }
  return true;
}

void nm_cache_put(NmCache *cache, const NmHash *key, const void *bytes, size_t n)
{
  char path[PATH_MAX], path_work[PATH_MAX + 32];
  if (!cache || !name_entry(cache, key, path)) return;
  snprintf(path_work, sizeof path_work, "%s.%ld", path, (long)getpid());
  const Head head = make_head(key, bytes, n);
  const int fd = open(path_work, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool ok = fd >= 0 && write_all(fd, &head, sizeof head) && write_all(fd, bytes, n);
  ok = fd >= 0 && close(fd) == 0 && ok && rename(path_work, path) == 0;
  if (!ok && fd >= 0) unlink(path_work);
  cache->stats.n_stored += ok;
  cache->stats.n_not_stored += !ok;
}

// --- size ---

typedef struct {
  char name[80];
  struct timespec used;
  int64_t n;
} Entry;

typedef struct {
  Entry *entries; // [n]
  size_t n, room;
  int64_t n_bytes;
} Entries;

static int compare_entries(const void *a, const void *b)
{
  const Entry *x = a, *y = b;
  if (x->used.tv_sec != y->used.tv_sec) return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
  if (x->used.tv_nsec != y->used.tv_nsec) return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
  return strcmp(x->name, y->name);
}

static bool add_entry(Entries *entries, const char *name, const struct stat *info)
{
  if (entries->n == entries->room) {
    const size_t room = 2 * entries->room + 256;
    Entry *moved = realloc(entries->entries, room * sizeof *moved);
    if (!moved) return false;
    entries->entries = moved;
    entries->room = room;
  }
  Entry *entry = &entries->entries[entries->n++];
  *entry = (Entry){.used = info->st_mtim, .n = info->st_size};
  snprintf(entry->name, sizeof entry->name, "%s", name);
  entries->n_bytes += info->st_size;
  return true;
}

// All entries of a folder; temporary files whose writer died go.
static bool list_entries(DIR *dir, Entries *entries)
{
  struct stat info;
  const time_t now = time(NULL);
  for (const struct dirent *item; (item = readdir(dir));) {
    const char *ending = strstr(item->d_name, ENDING);
    if (!ending || strlen(item->d_name) >= sizeof(Entry){0}.name ||
        fstatat(dirfd(dir), item->d_name, &info, 0))
      continue;
    if (strcmp(ending, ENDING) != 0) {
      if (now - info.st_mtim.tv_sec > STALE_S) unlinkat(dirfd(dir), item->d_name, 0);
    } else if (!add_entry(entries, item->d_name, &info)) {
      return false;
    }
  }
  return true;
}

static void evict(NmCache *cache)
{
  Entries entries = {0};
  DIR *dir = opendir(cache->folder);
  if (!dir) return;
  if (list_entries(dir, &entries) && entries.n_bytes > cache->n_bytes_max) {
    qsort(entries.entries, entries.n, sizeof *entries.entries, compare_entries);
    for (size_t i = 0; i < entries.n && entries.n_bytes > cache->n_bytes_max; ++i) {
      if (unlinkat(dirfd(dir), entries.entries[i].name, 0)) continue;
      entries.n_bytes -= entries.entries[i].n;
      ++cache->stats.n_evicted;
    }
  }
  closedir(dir);
  free(entries.entries);
}

void nm_cache_free(NmCache *cache)
{
  if (!cache) return;
  if (cache->stats.n_stored) evict(cache);
  free(cache->folder);
  free(cache);
}
