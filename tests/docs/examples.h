// SPDX-License-Identifier: GPL-3.0-or-later
// The lines for the shell that the documentation shows: the examples of the tables of commands, which --help
// and the manual pages print, and the blocks marked `sh` of Markdown files.
#ifndef NM_TEST_DOCS_EXAMPLES_H
#define NM_TEST_DOCS_EXAMPLES_H

#include <stdbool.h>

typedef struct {
  char *line;      // without the comment behind it; continued lines are joined
  char where[160]; // "README.md:31", "neume speak"
} Example;

typedef struct {
  Example *rows; // [n]
  int n;
} Examples;

void examples_add_commands(Examples *examples);

// Of a Markdown file. Fails the test when a block does not say of which kind it is.
void examples_add_markdown(Examples *examples, const char *path, const char *name);

void examples_fini(Examples *examples);

// The words of a line as the shell would part them, quotes removed, at most `max`; returns how many. They lie
// in `buffer`, as long as the line.
int examples_split(const char *line, char *buffer, char **words, int max);

#endif
