// SPDX-License-Identifier: GPL-3.0-or-later
// Writing: lines go to the file at once, a thread brings them to the disk.
#include "app/document/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "dsp/base/hash.h"

struct NmJournal {
  char *path;
  int fd;
  // Steps above `base` (counted as the document's steps are) have lines of their own here; of those, n_undone
  // were taken back by a line without operations.
  int32_t at, base, n_undone;
  char error[256];
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool is_dirty, is_syncing, ends;
};

void nm_content_hash(const char *bytes, size_t n, char text[NM_CONTENT_TEXT])
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add(&hash, bytes, n);
  snprintf(text, NM_CONTENT_TEXT, "%016" PRIx64 "%016" PRIx64, hash.word[0], hash.word[1]);
}

char *nm_journal_path(const char *path)
{
  char *journal;
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  return asprintf(&journal, "%.*s.%s.journal", (int)(name - path), path, name) < 0 ? NULL : journal;
}

// --- the disk ---

static void *sync_lines(void *context)
{
  NmJournal *journal = context;
  pthread_mutex_lock(&journal->mutex);
  for (;;) {
    while (!journal->is_dirty && !journal->ends) pthread_cond_wait(&journal->changed, &journal->mutex);
    if (!journal->is_dirty) break;
    journal->is_dirty = false;
    journal->is_syncing = true;
    pthread_mutex_unlock(&journal->mutex);
    const int failed = fdatasync(journal->fd);
    pthread_mutex_lock(&journal->mutex);
    journal->is_syncing = false;
    if (failed && !journal->error[0])
      snprintf(journal->error, sizeof journal->error, "cannot write %s: %s", journal->path, strerror(errno));
    pthread_cond_broadcast(&journal->changed);
  }
  pthread_mutex_unlock(&journal->mutex);
  return NULL;
}

void nm_journal_sync(NmJournal *journal)
{
  pthread_mutex_lock(&journal->mutex);
  while (journal->is_dirty || journal->is_syncing) pthread_cond_wait(&journal->changed, &journal->mutex);
  pthread_mutex_unlock(&journal->mutex);
}

static void set_dirty(NmJournal *journal, const char *error)
{
  pthread_mutex_lock(&journal->mutex);
  if (error && !journal->error[0])
    snprintf(journal->error, sizeof journal->error, "cannot write %s: %s", journal->path, error);
  journal->is_dirty = true;
  pthread_cond_broadcast(&journal->changed);
  pthread_mutex_unlock(&journal->mutex);
}

static const char *write_all(int fd, const char *bytes, size_t n)
{
  while (n > 0) {
    const ssize_t written = write(fd, bytes, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return strerror(errno);
    bytes += written;
    n -= (size_t)written;
  }
  return NULL;
}

// --- lines ---

// A line with its end; NULL when memory is out. Takes `line`.
static char *print_line(json_t *line, size_t *n)
{
  char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
  json_decref(line);
  if (!text) return NULL;
  *n = strlen(text);
  char *longer = realloc(text, *n + 2);
  if (!longer) {
    free(text);
    return NULL;
  }
  longer[(*n)++] = '\n';
  longer[*n] = 0;
  return longer;
}

// Appends a line, stolen. After a failure nothing more is appended: a line would be missing.
static void add_line(NmJournal *journal, json_t *line)
{
  size_t n;
  if (nm_journal_get_error(journal)) {
    json_decref(line);
    return;
  }
  char *text = print_line(line, &n);
  const char *error = text ? write_all(journal->fd, text, n) : "out of memory";
  free(text);
  set_dirty(journal, error);
}

static json_t *make_step(const NmPatch *patch, bool inverse, const char *label, bool joins)
{
  json_t *ops = inverse ? nm_patch_to_json_inverse(patch) : nm_patch_to_json(patch);
  json_t *line = ops ? json_pack("{s:o, s:s}", "do", ops, "label", label) : NULL;
  if (line && joins && json_object_set_new(line, "joins", json_true())) {
    json_decref(line);
    line = NULL;
  }
  return line;
}

void nm_journal_add_step(NmJournal *journal, const NmPatch *patch, const char *label, bool joins)
{
  journal->n_undone = 0;
  if (!joins) ++journal->at;
  add_line(journal, make_step(patch, false, label, joins));
}

void nm_journal_add_undo(NmJournal *journal, const NmStep *step, bool redo)
{
  const bool is_here = redo ? journal->n_undone > 0 : journal->at > journal->base;
  journal->at += redo ? 1 : -1;
  journal->n_undone = !is_here ? 0 : journal->n_undone + (redo ? -1 : 1);
  if (!redo && journal->at < journal->base) journal->base = journal->at;
  add_line(journal, is_here ? json_pack("{s:b}", redo ? "redo" : "undo", 1)
                            : make_step(&step->patch, !redo, step->label, false));
}

void nm_journal_add_saving(NmJournal *journal, const char *content)
{
  add_line(journal, json_pack("{s:s}", "saving", content));
  nm_journal_sync(journal);
}

const char *nm_journal_get_error(const NmJournal *journal)
{
  NmJournal *own = (NmJournal *)journal;
  pthread_mutex_lock(&own->mutex);
  const bool failed = own->error[0] != 0;
  pthread_mutex_unlock(&own->mutex);
  return failed ? journal->error : NULL;
}

// --- beginning ---

static json_t *make_head(const char *content, json_t *base)
{
  return json_pack("{s:s, s:i, s:s, s:O*}", "format", "neume journal", "version", 1, "document", content,
                   "base", base);
}

void nm_journal_restart(NmJournal *journal, const char *content)
{
  nm_journal_sync(journal);
  const bool failed = ftruncate(journal->fd, 0) || lseek(journal->fd, 0, SEEK_SET) < 0;
  pthread_mutex_lock(&journal->mutex);
  journal->error[0] = 0;
  pthread_mutex_unlock(&journal->mutex);
  if (failed) set_dirty(journal, strerror(errno));
  journal->base = journal->at;
  journal->n_undone = 0;
  add_line(journal, make_head(content, NULL));
}

static NmStatus fail_open(const char *path, NmError *err)
{
  if (errno == EWOULDBLOCK)
    return nm_error_set(err, NM_ERR_IO, "another program has this document open: it is writing %s", path);
  return nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", path, strerror(errno));
}

// A new file under a name of its own, locked, in which the first line stands, takes the place of an old one
// that nobody writes. The descriptor, -1 and `err`.
static int create(const char *path, const char *head, size_t n, NmError *err)
{
  char *path_work;
  int fd = -1;
  if (asprintf(&path_work, "%s.%ld", path, (long)getpid()) < 0) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return -1;
  }
  const int old = open(path, O_RDONLY | O_CLOEXEC);
  const bool is_free = old < 0 ? errno == ENOENT : flock(old, LOCK_EX | LOCK_NB) == 0;
  if (is_free) fd = open(path_work, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
  const bool ok = fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !write_all(fd, head, n) && !fdatasync(fd) &&
                  !rename(path_work, path);
  if (!ok) {
    fail_open(path, err);
    if (fd >= 0) unlink(path_work);
    if (fd >= 0) close(fd);
  }
  if (old >= 0) close(old);
  free(path_work);
  return ok ? fd : -1;
}

static bool start_thread(NmJournal *journal)
{
  pthread_mutex_init(&journal->mutex, NULL);
  pthread_cond_init(&journal->changed, NULL);
  if (pthread_create(&journal->thread, NULL, sync_lines, journal) == 0) return true;
  pthread_cond_destroy(&journal->changed);
  pthread_mutex_destroy(&journal->mutex);
  return false;
}

NmJournal *nm_journal_new(const char *path, const NmDocument *doc, const char *saved, NmError *err)
{
  size_t n;
  const bool is_whole = !saved || nm_document_is_changed(doc);
  char *head = print_line(make_head(saved ? saved : "", is_whole ? doc->root : NULL), &n);
  NmJournal *journal = calloc(1, sizeof *journal);
  char *own_path = strdup(path);
  if (head && journal && own_path) {
    *journal =
        (NmJournal){.path = own_path, .fd = create(path, head, n, err), .at = doc->at, .base = doc->at};
    free(head);
    if (journal->fd >= 0 && start_thread(journal)) return journal;
    if (journal->fd >= 0) {
      nm_error_set(err, NM_ERR_NO_MEMORY, "no thread for the journal");
      close(journal->fd);
      unlink(path);
    }
  } else {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    free(head);
  }
  free(own_path);
  free(journal);
  return NULL;
}

void nm_journal_free(NmJournal *journal, bool keep)
{
  if (!journal) return;
  pthread_mutex_lock(&journal->mutex);
  journal->ends = true;
  pthread_cond_broadcast(&journal->changed);
  pthread_mutex_unlock(&journal->mutex);
  pthread_join(journal->thread, NULL);
  if (!keep) unlink(journal->path);
  close(journal->fd);
  pthread_cond_destroy(&journal->changed);
  pthread_mutex_destroy(&journal->mutex);
  free(journal->path);
  free(journal);
}
