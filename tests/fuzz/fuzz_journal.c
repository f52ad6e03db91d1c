// SPDX-License-Identifier: GPL-3.0-or-later
// A document and a journal that may not fit it, parted by a zero byte: no crash, and what comes out is a
// document.
#include <stdlib.h>
#include <string.h>

#include "app/document/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(NmDocument *doc)
{
  char *text;
  size_t n;
  while (nm_document_get_undo(doc))
    if (nm_document_undo(doc, NULL)) abort();
  while (nm_document_get_redo(doc))
    if (nm_document_redo(doc, NULL)) abort();
  if (nm_document_print(doc, &text, &n, NULL)) abort();
  NmDocument *again = nm_document_parse(text, n, "again", NULL);
  if (!again) abort();
  nm_document_free(again);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmError err = {0};
  NmJournalState state;
  const uint8_t *zero = n ? memchr(bytes, 0, n) : NULL;
  const size_t n_doc = zero ? (size_t)(zero - bytes) : 0, at = zero ? n_doc + 1 : 0;
  NmDocument *doc = zero ? nm_document_parse((const char *)bytes, n_doc, "fuzz", NULL) : NULL;
  if (zero && !doc) return 0;
  const NmStatus status = nm_journal_replay((const char *)bytes + at, n - at, "hash", &doc, &state, &err);
  if (status != NM_OK && !err.message[0]) abort();
  if (doc) check(doc);
  nm_document_free(doc);
  return 0;
}
