// SPDX-License-Identifier: GPL-3.0-or-later
// Documents on disk: loading, saving so that a crash at any moment leaves the old file or the new one, and a
// journal of what is not saved yet.
//
// The journal of `song.neume` is `.song.neume.journal` beside it: a line of JSON that says to which content
// of the file it belongs, then a line for each step (its operations as a JSON Patch, RFC 6902), undo and
// redo. A line is appended when a step is taken, in the file at once, so that no crash of the program loses
// it, and on the disk moments later, by a thread of its own, so that no edit waits for it. A last line that
// is torn is dropped. When all is saved there is no journal.
#ifndef NM_DOCUMENT_FILE_H
#define NM_DOCUMENT_FILE_H

#include "app/document/document.h"

// What lies beside a document.
typedef struct {
  bool exists;      // changes that were not saved
  bool is_open;     // another program has the document open and is writing them
  bool fits;        // they belong to the file as it is now
  int32_t n_steps;  // whole ones
  int32_t n_broken; // lines behind them that cannot be used
} NmJournalState;

// The document of a file. With `recover` the changes of its journal are made again, as steps that can be
// undone; NM_ERR_BAD_DATA when they do not fit, NM_ERR_IO when another program is at it. Without it, they are
// only looked at. `journal` may be NULL.
NmDocument *nm_document_load(const char *path, bool recover, NmJournalState *journal, NmError *err);

// Saves it: written beside the file, brought to the disk, renamed. NM_ERR_IO when it cannot be, or when the
// file is there with a content that this document neither came from nor was saved as, and `force` is not set.
NmStatus nm_document_save(NmDocument *doc, const char *path, bool force, NmError *err) NM_NODISCARD;

// From now on what is done to the document is written to the journal of that file, until it is closed or the
// document freed; saving begins it anew. `path` NULL: it was never saved, and the journal is `path_journal`,
// which holds it all. NM_ERR_IO when it cannot be written or another program has it.
NmStatus nm_document_open_journal(NmDocument *doc, const char *path, const char *path_journal,
                                  NmError *err) NM_NODISCARD;
// Stops that. The journal stays when `keep` is set and something is not saved, else it goes.
void nm_document_close_journal(NmDocument *doc, bool keep);
// What went wrong with the journal since it was begun, NULL: nothing. The document does not suffer from it.
const char *nm_document_get_journal_error(const NmDocument *doc);
// Waits until all steps are on the disk.
void nm_document_sync_journal(NmDocument *doc);

// A document of a journal alone that holds all of it.
NmDocument *nm_document_load_journal(const char *path_journal, NmJournalState *journal, NmError *err);

#endif
