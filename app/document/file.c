// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/document/journal.h"
#include "app/formats/song_file.h"

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

// --- reading ---

// Read and not mapped: who has the document open may cut its journal meanwhile.
typedef struct {
  char *data; // [size], from malloc
  size_t size;
} Content;

static NmStatus too_long(const char *path, NmError *err)
{
  return nm_error_set(err, NM_ERR_BAD_DATA, "%s is longer than %d MiB: no document is", path,
                      NM_SONG_FILE_MAX >> 20);
}

static NmStatus read_to_end(int fd, const char *path, Content *content, NmError *err)
{
  size_t room = 0;
  for (;;) {
    if (content->size == room) {
      char *data = realloc(content->data, room = room ? 2 * room : 1 << 16);
      if (!data) return no_memory(err);
      content->data = data;
    }
    const ssize_t n = read(fd, content->data + content->size, room - content->size);
    if (n == 0) return NM_OK;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return nm_error_set(err, NM_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    content->size += (size_t)n;
    if (content->size > NM_SONG_FILE_MAX) return too_long(path, err);
  }
}

// `content` is freed by the caller, whatever comes of it.
static NmStatus read_file(Content *content, const char *path, NmError *err)
{
  struct stat about;
  *content = (Content){0};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  const bool is_file = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  const NmStatus status = is_file ? read_to_end(fd, path, content, err)
                                  : nm_error_set(err, NM_ERR_IO, "%s: not a regular file", path);
  close(fd);
  return status;
}

static bool is_locked(const char *path)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool locked = flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
  close(fd);
  return locked;
}

// Replays a journal on a document (or makes one). What does not fit is an error only when it is wanted.
static NmStatus replay(const char *path_journal, const char *saved, NmDocument **doc, NmJournalState *state,
                       NmError *err)
{
  Content content;
  NmError inner = {0};
  NmStatus status = read_file(&content, path_journal, err);
  const bool is_read = status == NM_OK;
  if (is_read) status = nm_journal_replay(content.data, content.size, saved, doc, state, &inner);
  free(content.data);
  if (!is_read) return status;
  if (status != NM_OK) return nm_error_set(err, status, "%s: %s", path_journal, inner.message);
  if (state->fits) return NM_OK;
  return nm_error_set(
      err, NM_ERR_BAD_DATA,
      "%s: the changes in it belong to another state of the document, which was changed since; "
      "move it away to go on without them",
      path_journal);
}

// What the journal beside a document holds, made to the document with `recover`, else to a copy of it.
static NmStatus look_at_journal(const char *path_journal, const char *saved, bool recover, NmDocument *doc,
                                NmJournalState *state, NmError *err)
{
  if (access(path_journal, F_OK)) return NM_OK;
  const bool is_open = is_locked(path_journal);
  if (is_open && recover) {
    state->exists = state->is_open = true;
    return nm_error_set(err, NM_ERR_IO, "%s: another program has this document open", path_journal);
  }
  NmDocument *changed = recover ? doc : nm_document_copy(doc);
  if (!changed) return no_memory(err);
  NmStatus status = replay(path_journal, saved, &changed, state, err);
  state->exists = true;
  state->is_open = is_open;
  if (recover) return status;
  nm_document_free(changed);
  return NM_OK;
}

NmDocument *nm_document_load(const char *path, bool recover, NmJournalState *journal, NmError *err)
{
  Content content;
  NmJournalState state = {0};
  NmDocument *doc = NULL;
  if (read_file(&content, path, err) == NM_OK) doc = nm_document_parse(content.data, content.size, path, err);
  if (doc) nm_content_hash(content.data, content.size, doc->content);
  free(content.data);
  if (!doc) return NULL;
  char *path_journal = nm_journal_path(path);
  const NmStatus status =
      path_journal ? look_at_journal(path_journal, doc->content, recover, doc, &state, err) : no_memory(err);
  free(path_journal);
  if (journal) *journal = state;
  if (status == NM_OK) return doc;
  nm_document_free(doc);
  return NULL;
}

NmDocument *nm_document_load_journal(const char *path_journal, NmJournalState *journal, NmError *err)
{
  NmDocument *doc = NULL;
  NmJournalState state = {0};
  const NmStatus status = replay(path_journal, "", &doc, &state, err);
  if (journal) *journal = state;
  if (status == NM_OK) return doc;
  nm_document_free(doc);
  return NULL;
}

// --- writing ---

// What the file has now must be what the document came from.
static NmStatus check_content(const NmDocument *doc, const char *path, NmError *err)
{
  Content content;
  char hash[NM_CONTENT_TEXT] = "";
  if (access(path, F_OK)) return NM_OK;
  const NmStatus status = read_file(&content, path, err);
  if (status == NM_OK) nm_content_hash(content.data, content.size, hash);
  free(content.data);
  if (status != NM_OK) return status;
  if (!strcmp(hash, doc->content)) return NM_OK;
  return nm_error_set(
      err, NM_ERR_IO,
      doc->content[0] ? "%s was changed by another program since it was opened; save under another name, or "
                        "overwrite it"
                      : "%s exists; save under another name, or overwrite it",
      path);
}

static bool write_all(int fd, const char *bytes, size_t n)
{
  while (n > 0) {
    const ssize_t written = write(fd, bytes, n);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    n -= (size_t)written;
  }
  return true;
}

// The rename itself is on the disk when the folder is.
static bool sync_folder(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  const int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL); // some file systems cannot
  if (fd >= 0) close(fd);
  free(folder);
  return ok;
}

// With the rights of the file that it replaces.
static bool write_work(const char *path_work, const char *path, const char *bytes, size_t n)
{
  struct stat info;
  const int fd = open(path_work, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  bool ok = stat(path, &info) || fchmod(fd, info.st_mode & 07777) == 0;
  ok = ok && write_all(fd, bytes, n) && fsync(fd) == 0;
  return close(fd) == 0 && ok;
}

static NmStatus write_file(const char *path, const char *bytes, size_t n, NmError *err)
{
  char *path_work;
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  if (asprintf(&path_work, "%.*s.%s.%ld", (int)(name - path), path, name, (long)getpid()) < 0)
    return no_memory(err);
  const bool ok = write_work(path_work, path, bytes, n) && !rename(path_work, path) && sync_folder(path);
  NmStatus status = NM_OK;
  if (!ok) {
    status = nm_error_set(err, NM_ERR_IO, "cannot write %s: %s", path, strerror(errno));
    unlink(path_work);
  }
  free(path_work);
  return status;
}

static NmStatus save(NmDocument *doc, const char *path, const char *bytes, size_t n, NmError *err)
{
  char content[NM_CONTENT_TEXT];
  nm_content_hash(bytes, n, content);
  if (doc->journal) nm_journal_add_saving(doc->journal, content);
  const NmStatus status = write_file(path, bytes, n, err);
  if (status != NM_OK) return status;
  memcpy(doc->content, content, sizeof content);
  nm_document_set_saved(doc);
  if (doc->journal) nm_journal_restart(doc->journal, content);
  return NM_OK;
}

NmStatus nm_document_save(NmDocument *doc, const char *path, bool force, NmError *err)
{
  char *bytes = NULL, *target = realpath(path, NULL); // a link stays one
  size_t n = 0;
  if (!target) target = strdup(path);
  NmStatus status = target ? NM_OK : no_memory(err);
  if (status == NM_OK && !force) status = check_content(doc, target, err);
  if (status == NM_OK) status = nm_document_print(doc, &bytes, &n, err);
  if (status == NM_OK) status = save(doc, target, bytes, n, err);
  free(bytes);
  free(target);
  return status;
}

// --- the journal ---

NmStatus nm_document_open_journal(NmDocument *doc, const char *path, const char *path_journal, NmError *err)
{
  nm_document_close_journal(doc, true);
  char *own = path ? nm_journal_path(path) : strdup(path_journal);
  if (!own) return no_memory(err);
  doc->journal = nm_journal_new(own, doc, path ? doc->content : NULL, err);
  free(own);
  return doc->journal ? NM_OK : err ? err->status : NM_ERR_IO;
}

void nm_document_close_journal(NmDocument *doc, bool keep)
{
  nm_journal_free(doc->journal, keep && nm_document_is_changed(doc));
  doc->journal = NULL;
}

const char *nm_document_get_journal_error(const NmDocument *doc)
{
  return doc->journal ? nm_journal_get_error(doc->journal) : NULL;
}

void nm_document_sync_journal(NmDocument *doc)
{
  if (doc->journal) nm_journal_sync(doc->journal);
}
