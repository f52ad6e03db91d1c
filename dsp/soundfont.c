// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/soundfont.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- where ---

static const char *const places[] = {
    "/usr/share/sounds/sf2/TimGM6mb.sf2",   "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3", "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf3/FluidR3_GM.sf3", "/usr/share/soundfonts/default.sf2",
};

static NmStatus take(const char *path, const char *source, char *found, size_t size, NmError *err)
{
  struct stat file;
  if (access(path, R_OK) || stat(path, &file) || !S_ISREG(file.st_mode))
    return nm_error_set(
        err, NM_ERR_IO,
        "%s: this soundfont%s cannot be read; the Debian package timgm6mb-soundfont has a small one", path,
        source);
  if ((size_t)snprintf(found, size, "%s", path) >= size)
    return nm_error_set(err, NM_ERR_IO, "%s: the name is too long", path);
  return NM_OK;
}

NmStatus nm_soundfont_find(const char *path, char *found, size_t size, NmError *err)
{
  const char *chosen = getenv("NEUME_SOUNDFONT");
  if (path) return take(path, "", found, size, err);
  if (chosen && *chosen) return take(chosen, " of $NEUME_SOUNDFONT", found, size, err);
  for (size_t i = 0; i < sizeof places / sizeof *places; ++i)
    if (!access(places[i], R_OK)) return take(places[i], "", found, size, err);
  return nm_error_set(err, NM_ERR_IO,
                      "no soundfont is found, so there are no instruments: install the Debian package "
                      "timgm6mb-soundfont, or name another one in $NEUME_SOUNDFONT");
}

// --- whole ---

typedef struct {
  const uint8_t *bytes; // [n] of the file
  const char *name;
  NmError *err;
} File;

// What stands between two places, chunk by chunk.
typedef struct {
  size_t at, end;
} Span;

static uint32_t get_u32(const uint8_t *bytes)
{
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static NmStatus fail(const File *file, size_t at, const char *what)
{
  return nm_error_set_at(file->err, NM_ERR_BAD_DATA, (int64_t)at, 0, "%s: byte %zu: %s", file->name, at,
                         what);
}

// Finds the chunk of a kind, "LIST" with its own kind behind it, from span->at on; its content goes to *inner
// and span->at behind it.
static NmStatus find(const File *file, Span *span, const char *id, const char *kind, Span *inner)
{
  const size_t first = span->at;
  while (span->end - span->at >= 8) {
    const uint8_t *chunk = file->bytes + span->at;
    const size_t size = get_u32(chunk + 4), room = span->end - span->at - 8;
    if (size > room)
      return fail(file, span->at, "the soundfont ends in the middle of a chunk; the file is cut");
    *inner = (Span){span->at + 8, span->at + 8 + size};
    span->at += 8 + size + (size % 2 && size < room);
    if (memcmp(chunk, id, 4)) continue;
    if (!kind) return NM_OK;
    if (size < 4 || memcmp(chunk + 8, kind, 4)) continue;
    inner->at += 4;
    return NM_OK;
  }
  char what[64];
  snprintf(what, sizeof what, "the soundfont has no '%s' here", kind ? kind : id);
  return fail(file, first, what);
}

static NmStatus check_tables(const File *file, Span list)
{
  static const struct {
    const char *id;
    size_t size; // of an entry
  } tables[] = {{"phdr", 38}, {"pbag", 4},  {"pmod", 10}, {"pgen", 4}, {"inst", 22},
                {"ibag", 4},  {"imod", 10}, {"igen", 4},  {"shdr", 46}};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i) {
    Span inner;
    const NmStatus status = find(file, &list, tables[i].id, NULL, &inner);
    if (status) return status;
    const size_t n = inner.end - inner.at;
    if (n == 0 || n % tables[i].size) return fail(file, inner.at, "a table of the soundfont is damaged");
  }
  return NM_OK;
}

NmStatus nm_soundfont_check(const uint8_t *bytes, size_t n, const char *name, NmError *err)
{
  const File file = {bytes, name, err};
  if (n < 12 || memcmp(bytes, "RIFF", 4) || memcmp(bytes + 8, "sfbk", 4))
    return fail(&file, 0, "this is no soundfont (.sf2 or .sf3)");
  Span riff = {12, n}, inner;
  NmStatus status = find(&file, &riff, "LIST", "INFO", &inner);
  if (!status) status = find(&file, &riff, "LIST", "sdta", &inner);
  if (!status) status = find(&file, &riff, "LIST", "pdta", &inner);
  return status ? status : check_tables(&file, inner);
}
