// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/interrupt.h"

static bool has_ending(const char *name, const char *ending)
{
  const size_t n = strlen(name), n_ending = strlen(ending);
  return n > n_ending && !strcasecmp(name + n - n_ending, ending);
}

static bool looks_like_file(const char *argument)
{
  static const char *const endings[] = {".txt", ".ssml", ".xml", ".md", ".jsonl", ".text"};
  if (strpbrk(argument, " \t\n") || strstr(argument, "://")) return false;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    if (has_ending(argument, endings[i])) return true;
  }
  return false;
}

static NmStatus fail(const NmSource *source, NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", source->name, strerror(errno));
}

static NmStatus open_file(NmSource *source, const struct stat *info, NmError *err)
{
  if (S_ISDIR(info->st_mode)) errno = EISDIR;
  if (S_ISDIR(info->st_mode) || (source->fd = open(source->name, O_RDONLY | O_CLOEXEC)) < 0)
    return fail(source, err);
  source->len = S_ISREG(info->st_mode) ? info->st_size : -1;
  source->is_ssml = has_ending(source->name, ".ssml");
  return NM_OK;
}

NmStatus nm_source_open(NmSource *source, const char *argument, NmError *err)
{
  struct stat info;
  *source = (NmSource){.name = "standard input", .fd = STDIN_FILENO, .len = -1};
  if (!argument || !strcmp(argument, "-")) return NM_OK;
  source->name = argument;
  if (!stat(argument, &info)) return open_file(source, &info, err);
  if (looks_like_file(argument)) return fail(source, err);
  *source = (NmSource){.name = "the text", .text = argument, .fd = -1, .len = (int64_t)strlen(argument)};
  return NM_OK;
}

void nm_source_close(NmSource *source)
{
  if (source->fd > STDIN_FILENO) close(source->fd);
  source->fd = -1;
}

NmStatus nm_source_read(NmSource *source, char *bytes, size_t size, size_t *n, NmError *err)
{
  ssize_t n_read;
  *n = 0;
  if (source->text) {
    const size_t left = (size_t)(source->len - source->at);
    n_read = (ssize_t)(left < size ? left : size);
    memcpy(bytes, source->text + source->at, (size_t)n_read);
  } else {
    do n_read = read(source->fd, bytes, size);
    while (n_read < 0 && errno == EINTR && !nm_interrupt_seen());
    if (nm_interrupt_seen()) return nm_error_set(err, NM_ERR_CANCELLED, "interrupted");
    if (n_read < 0) return fail(source, err);
  }
  *n = (size_t)n_read;
  source->at += n_read;
  return NM_OK;
}

bool nm_source_rewind(NmSource *source)
{
  const bool done = source->text || (source->fd > STDIN_FILENO && !lseek(source->fd, 0, SEEK_SET));
  if (done) source->at = 0;
  return done;
}
