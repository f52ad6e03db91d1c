// SPDX-License-Identifier: GPL-3.0-or-later
// Text for manual pages in the man macros (groff_man(7), mandoc's man(7)): what has a meaning for roff is
// escaped, lines stay below 80 columns. Functions print to `file` and leave errors to ferror.
#ifndef NM_MANUAL_ROFF_H
#define NM_MANUAL_ROFF_H

#include <stdio.h>

// Prose, filled: words that look like options are bold. Paragraphs are parted by an empty line; lines that
// begin with spaces are shown as they are. Ends at the start of a line.
void nm_roff_print_prose(FILE *file, const char *text);

// The same of a short text whose first letter becomes a capital and that ends with `end`.
void nm_roff_print_sentence(FILE *file, const char *text, const char *end);

// Characters as they are, within a line: hyphens are minus signs, quotes straight.
void nm_roff_print_literal(FILE *file, const char *text);

// What stands for something of the user's, "[TEXT|FILE|-]": capitals slanted, the rest as it is.
void nm_roff_print_operands(FILE *file, const char *text);

#endif
