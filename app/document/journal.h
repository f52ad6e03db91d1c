// SPDX-License-Identifier: GPL-3.0-or-later
// The journal of a document (file.h): its lines, how they are written, and how they are read.
#ifndef NM_DOCUMENT_JOURNAL_H
#define NM_DOCUMENT_JOURNAL_H

#include "app/document/document_internal.h"
#include "app/document/file.h"

enum { NM_CONTENT_TEXT = 33 }; // hexadecimal digits of a content's hash, and the end

void nm_content_hash(const char *bytes, size_t n, char text[NM_CONTENT_TEXT]);

// ".song.neume.journal" beside "song.neume"; the caller frees it. NULL when memory is out.
char *nm_journal_path(const char *path);

// Begins a journal at `path` for a document whose file has the content `saved` (NULL or "": never saved);
// what differs from that is put into its first line. NULL and `err`.
NmJournal *nm_journal_new(const char *path, const NmDocument *doc, const char *saved, NmError *err);
// Brings it to the disk; the file goes unless `keep`.
void nm_journal_free(NmJournal *journal, bool keep);

// Appends what just happened: a step, and one taken back or done again.
void nm_journal_add_step(NmJournal *journal, const NmPatch *patch, const char *label, bool joins);
void nm_journal_add_undo(NmJournal *journal, const NmStep *step, bool redo);
// Says that the file is about to get that content; and that it has it.
void nm_journal_add_saving(NmJournal *journal, const char *content);
void nm_journal_restart(NmJournal *journal, const char *content);

const char *nm_journal_get_error(const NmJournal *journal);
void nm_journal_sync(NmJournal *journal);

// Reads a journal of n bytes. `doc` is what the file holds, whose hash is `saved`, and is changed by what
// fits; NULL: there is no file, and a document is made of the journal's first line. *state says how it went.
// NM_ERR_BAD_DATA when it is no journal; a journal that does not fit changes nothing.
NmStatus nm_journal_replay(const char *bytes, size_t n, const char *saved, NmDocument **doc,
                           NmJournalState *state, NmError *err) NM_NODISCARD;

#endif
