// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/neume.h"

#include <stdlib.h>

#include "app/document/document.h"

NmStatus nm_neume_read(const uint8_t *bytes, size_t n, const char *name, const NmSongReading *options,
                       NmSong **song, NmSongNotes *notes, NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  *song = NULL;
  NmDocument *doc = nm_document_parse((const char *)bytes, n, name, err);
  if (!doc) return err->status;
  *song = nm_document_make_song(doc, err);
  nm_document_free(doc);
  return *song ? NM_OK : err->status;
}

NmStatus nm_neume_write(const NmSong *song, const NmSongWriting *options, FILE *file, NmError *err)
{
  NmError own = {0};
  if (!err) err = &own;
  char *bytes;
  size_t n;
  NmDocument *doc = nm_document_from_song(song, err);
  if (!doc) return err->status;
  const NmStatus status = nm_document_print(doc, &bytes, &n, err);
  nm_document_free(doc);
  if (status != NM_OK) return status;
  fwrite(bytes, 1, n, file);
  free(bytes);
  return NM_OK;
}
