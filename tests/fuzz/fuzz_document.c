// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a document: no crash, an error in words, or a document that is written, read again and written
// as the same bytes.
#include <stdlib.h>
#include <string.h>

#include "app/document/document.h"
#include "app/formats/neume.h"
#include "tests/support/song_round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_same(const NmDocument *doc)
{
  char *once, *twice;
  size_t n_once, n_twice;
  if (nm_document_print(doc, &once, &n_once, NULL)) abort();
  NmDocument *again = nm_document_parse(once, n_once, "again", NULL);
  if (!again || nm_document_print(again, &twice, &n_twice, NULL)) abort();
  if (n_once != n_twice || memcmp(once, twice, n_once) != 0) abort();
  nm_document_free(again);
  free(once);
  free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmError err = {0};
  NmDocument *doc = nm_document_parse((const char *)bytes, n, "fuzz", &err);
  if (!doc && (!err.status || !err.message[0])) abort();
  if (doc) check_same(doc);
  nm_document_free(doc);
  nm_check_song_bytes(nm_neume_read, nm_neume_write, bytes, n);
  return 0;
}
