// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/jobs/batch/text.h"

// A line of a file.
typedef struct {
  int64_t offset;
  int32_t len, file;
} Place;

// The last record of a job, or the last that claims an output. len 0: free.
typedef struct {
  NmHash key;
  Place place;
} Entry;

struct NmBatchJournal {
  Entry *entries; // [capacity], a power of two: open addressing
  Place *runs;    // [n_runs]
  int *fds;       // [n_files]
  int64_t capacity, n_entries, n_runs, n_own;
  int32_t n_files, own; // own: the file that is written, -1: none
  bool is_torn;         // it ends amid a line
};

void nm_batch_print_hash(const NmHash *hash, char text[NM_BATCH_HASH_SIZE])
{
  snprintf(text, NM_BATCH_HASH_SIZE, "%016llx%016llx", (unsigned long long)hash->word[0],
           (unsigned long long)hash->word[1]);
}

static NmHash hash_key(const char *kind, const char *text)
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add(&hash, kind, strlen(kind));
  nm_hash_add(&hash, text, strlen(text));
  return hash;
}

// --- the index ---

static Entry *find_entry(const NmBatchJournal *j, NmHash key)
{
  if (!j->capacity) return NULL;
  for (uint64_t i = key.word[0];; ++i) {
    Entry *entry = &j->entries[i & (uint64_t)(j->capacity - 1)];
    if (!entry->place.len || !memcmp(&entry->key, &key, sizeof key)) return entry;
  }
}

static NmStatus grow(NmBatchJournal *j)
{
  NmBatchJournal grown = *j;
  grown.capacity = j->capacity ? 2 * j->capacity : 256;
  grown.entries = calloc((size_t)grown.capacity, sizeof *grown.entries);
  if (!grown.entries) return NM_ERR_NO_MEMORY;
  for (int64_t i = 0; i < j->capacity; ++i)
    if (j->entries[i].place.len) *find_entry(&grown, j->entries[i].key) = j->entries[i];
  free(j->entries);
  *j = grown;
  return NM_OK;
}

static NmStatus put(NmBatchJournal *j, NmHash key, Place place)
{
  if (2 * j->n_entries >= j->capacity && grow(j)) return NM_ERR_NO_MEMORY;
  Entry *entry = find_entry(j, key);
  j->n_entries += !entry->place.len;
  *entry = (Entry){key, place};
  return NM_OK;
}

static NmStatus add_run(NmBatchJournal *j, Place place)
{
  Place *runs = realloc(j->runs, (size_t)(j->n_runs + 1) * sizeof *runs);
  if (!runs) return NM_ERR_NO_MEMORY;
  j->runs = runs;
  runs[j->n_runs++] = place;
  return NM_OK;
}

// A line that says nothing is passed over: it was torn.
static NmStatus index_line(NmBatchJournal *j, const json_t *line, Place place)
{
  const char *job = json_string_value(json_object_get(line, "job"));
  const json_t *outputs = json_object_get(line, "outputs");
  if (json_object_get(line, "neume_batch")) return add_run(j, place);
  if (!job) return NM_OK;
  NmStatus status = put(j, hash_key("job", job), place);
  for (size_t i = 0; i < json_array_size(outputs) && !status; ++i) {
    const char *path = json_string_value(json_object_get(json_array_get(outputs, i), "path"));
    if (path) status = put(j, hash_key("output", path), place);
  }
  j->n_own += place.file == j->own;
  return status;
}

// --- files ---

static NmStatus read_lines(NmBatchJournal *j, int32_t file, FILE *stream)
{
  char *line = NULL;
  size_t size = 0;
  int64_t offset = 0;
  NmStatus status = NM_OK;
  for (ssize_t n; !status && (n = getline(&line, &size, stream)) > 0; offset += n) {
    json_t *object = n < INT32_MAX && line[n - 1] == '\n' ? json_loadb(line, (size_t)n, 0, NULL) : NULL;
    if (object) status = index_line(j, object, (Place){offset, (int32_t)n, file});
    if (file == j->own) j->is_torn = line[n - 1] != '\n';
    json_decref(object);
  }
  free(line);
  return status;
}

static NmStatus add_file(NmBatchJournal *j, const char *path, bool own, NmError *err)
{
  const int fd = open(path, (own ? O_RDWR | O_CREAT | O_APPEND : O_RDONLY) | O_CLOEXEC, 0666);
  if (fd < 0) return nm_error_set(err, NM_ERR_IO, "cannot open %s: %s", path, strerror(errno));
  int *fds = realloc(j->fds, (size_t)(j->n_files + 1) * sizeof *fds);
  if (!fds) {
    close(fd);
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  j->fds = fds;
  fds[j->n_files++] = fd;
  if (own) j->own = j->n_files - 1;
  const int fd_read = dup(fd);
  FILE *stream = fd_read < 0 ? NULL : fdopen(fd_read, "r");
  if (!stream) return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", path, strerror(errno));
  const NmStatus status = read_lines(j, j->n_files - 1, stream);
  const bool failed = ferror(stream) != 0;
  fclose(stream);
  if (status) return nm_error_set(err, status, "out of memory");
  return failed ? nm_error_set(err, NM_ERR_IO, "cannot read %s", path) : NM_OK;
}

static int is_journal(const struct dirent *entry)
{
  return !strncmp(entry->d_name, "journal-", 8);
}

static NmStatus add_files(NmBatchJournal *j, const NmBatchState *state, bool writes, NmError *err)
{
  char path[PATH_MAX + 256], own[64];
  struct dirent **entries = NULL;
  NmStatus status = NM_OK;
  const int n = scandir(state->folder, &entries, is_journal, alphasort);
  if (n < 0) return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", state->folder, strerror(errno));
  snprintf(own, sizeof own, "journal-%lld-of-%lld.jsonl", (long long)state->shard.k,
           (long long)state->shard.n);
  for (int i = 0; i < n; ++i) {
    snprintf(path, sizeof path, "%s/%.200s", state->folder, entries[i]->d_name);
    if (!status && !(writes && !strcmp(entries[i]->d_name, own))) status = add_file(j, path, false, err);
    free(entries[i]);
  }
  free(entries);
  // Its own last: of a job that several did, this part's record counts.
  snprintf(path, sizeof path, "%s/%s", state->folder, own);
  return status || !writes ? status : add_file(j, path, true, err);
}

NmBatchJournal *nm_batch_journal_open(const NmBatchState *state, bool writes, NmError *err)
{
  NmBatchJournal *j = calloc(1, sizeof *j);
  if (!j) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  j->own = -1;
  if (!add_files(j, state, writes, err)) return j;
  nm_batch_journal_close(j);
  return NULL;
}

void nm_batch_journal_close(NmBatchJournal *j)
{
  if (!j) return;
  for (int32_t i = 0; i < j->n_files; ++i) close(j->fds[i]);
  free(j->entries);
  free(j->runs);
  free(j->fds);
  free(j);
}

// --- lines ---

int64_t nm_batch_journal_count_own(const NmBatchJournal *j)
{
  return j->n_own;
}

static json_t *load(const NmBatchJournal *j, Place place)
{
  char *line = malloc((size_t)place.len);
  json_t *record = NULL;
  if (line && pread(j->fds[place.file], line, (size_t)place.len, place.offset) == place.len)
    record = json_loadb(line, (size_t)place.len, 0, NULL);
  free(line);
  return record;
}

json_t *nm_batch_journal_find(const NmBatchJournal *j, const char *job)
{
  const Entry *entry = find_entry(j, hash_key("job", job));
  return entry && entry->place.len ? load(j, entry->place) : NULL;
}

json_t *nm_batch_journal_find_output(const NmBatchJournal *j, const char *path)
{
  json_t *name = nm_batch_text_encode(path);
  const Entry *entry = name ? find_entry(j, hash_key("output", json_string_value(name))) : NULL;
  json_decref(name);
  return entry && entry->place.len ? load(j, entry->place) : NULL;
}

void nm_batch_journal_visit_runs(const NmBatchJournal *j, void (*visit)(const json_t *run, void *user),
                                 void *user)
{
  for (int64_t i = 0; i < j->n_runs; ++i) {
    json_t *run = load(j, j->runs[i]);
    if (run) visit(run, user);
    json_decref(run);
  }
}

static bool write_all(int fd, const char *bytes, size_t n)
{
  while (n > 0) {
    const ssize_t n_written = write(fd, bytes, n);
    if (n_written < 0 && errno == EINTR) continue;
    if (n_written <= 0) return false;
    bytes += n_written;
    n -= (size_t)n_written;
  }
  return true;
}

static NmStatus append_text(NmBatchJournal *j, char *text, size_t n, Place *place, NmError *err)
{
  const int fd = j->fds[j->own];
  struct stat info;
  if (j->is_torn && !write_all(fd, "\n", 1)) goto failed;
  if (fstat(fd, &info)) goto failed;
  j->is_torn = true;
  text[n++] = '\n';
  if (!write_all(fd, text, n) || fdatasync(fd)) goto failed;
  j->is_torn = false;
  *place = (Place){info.st_size, (int32_t)n, j->own};
  return NM_OK;
failed:
  return nm_error_set(err, NM_ERR_IO, "cannot write the journal of the batch: %s", strerror(errno));
}

NmStatus nm_batch_journal_append(NmBatchJournal *j, const json_t *record, NmError *err)
{
  Place place;
  char *text = json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(6)); // its '\0' makes room for '\n'
  if (!text) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = append_text(j, text, strlen(text), &place, err);
  free(text);
  if (!status && index_line(j, record, place)) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return status;
}
