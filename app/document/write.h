// SPDX-License-Identifier: GPL-3.0-or-later
// The one way in which a document is written: known members in the order of the schema, unknown ones behind
// them by name; what fits on a line stands on one; numbers as short as they can be read back exactly. So
// equal documents are equal bytes, and a file that was written so is written so again.
#ifndef NM_DOCUMENT_WRITE_H
#define NM_DOCUMENT_WRITE_H

#include <jansson.h>
#include <stdio.h>

#include "app/document/schema.h"

// `field` says what the value is, NULL: unknown. Whether the stream took it is the caller's to ask.
// NM_ERR_NO_MEMORY.
NmStatus nm_document_write_value(const json_t *value, const NmField *field, FILE *file,
                                 NmError *err) NM_NODISCARD;

#endif
