// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/lyrics.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/formats/song_file.h"
#include "app/jobs/resident.h"
#include "app/jobs/source.h"

NmStatus nm_lyrics_reader_open(NmLyricsReader *reader, NmError *err)
{
  char lexicon[PATH_MAX], g2p[PATH_MAX], hyphens[PATH_MAX];
  NmError local = {0};
  if (!err) err = &local;
  if (nm_resident_take_reader(reader)) return NM_OK;
  NmStatus status = nm_assets_find("english.lexicon", lexicon, err);
  if (!status) status = nm_assets_find("english.hyphens", hyphens, err);
  if (status) return status;
  const bool has_g2p = !nm_assets_find("g2p.safetensors", g2p, NULL);
  reader->text = nm_text_new(lexicon, has_g2p ? g2p : NULL, err);
  if (reader->text) reader->syllabifier = nm_syllabifier_new(reader->text, hyphens, err);
  if (reader->syllabifier) return NM_OK;
  nm_lyrics_reader_close(reader);
  return err->status;
}

void nm_lyrics_reader_close(NmLyricsReader *reader)
{
  if (!nm_resident_keeps(reader->text)) {
    nm_syllabifier_free(reader->syllabifier);
    nm_text_free(reader->text);
  }
  *reader = (NmLyricsReader){0};
}

// All of the source, up to one byte more than a sheet may have.
static NmStatus read_bytes(NmSource *source, char *bytes, size_t *n, NmError *err)
{
  NmStatus status = NM_OK;
  size_t n_read = 1;
  *n = 0;
  while (!status && n_read && *n < NM_SHEET_BYTES_MAX + 1) {
    status = nm_source_read(source, bytes + *n, NM_SHEET_BYTES_MAX + 1 - *n, &n_read, err);
    *n += n_read;
  }
  return status;
}

static NmStatus read_sheet(NmLyricsReader *reader, NmSource *source, char *bytes, NmSheet *sheet,
                           NmError *err)
{
  size_t n;
  NmStatus status = read_bytes(source, bytes, &n, err);
  if (status) return status;
  const NmSongFormat *format = nm_song_format_guess((const uint8_t *)bytes, n);
  if (format)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s is a song in %s; lyrics are plain text", source->name,
                        format->name);
  return nm_sheet_read((const uint8_t *)bytes, n, source->name, reader->syllabifier, sheet, err);
}

NmStatus nm_lyrics_read(NmLyricsReader *reader, const char *argument, NmSheet *sheet, const char **name,
                        NmError *err)
{
  NmSource source;
  *sheet = (NmSheet){0};
  NmStatus status = nm_source_open(&source, argument, err);
  if (name) *name = source.name;
  if (status) return status;
  if (source.text && !strpbrk(argument, " \t\n"))
    return nm_error_set(err, NM_ERR_IO, "cannot read %s: there is no such file", argument);
  char *bytes = malloc(NM_SHEET_BYTES_MAX + 1);
  status = bytes ? read_sheet(reader, &source, bytes, sheet, err)
                 : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  free(bytes);
  nm_source_close(&source);
  return status;
}
