// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_context.h"

#include <stdio.h>

#include "tests/support/program.h"
#include "tests/support/tiny_assets.h"

NeumeContext *context;
const NeumeOption in_tiny[] = {{"assets", "assets"}, {NULL, NULL}};

int open_tiny_context(void **state)
{
  NeumeError err = {0};
  enter_scratch();
  make_tiny_assets("assets", NM_LEXICON, NM_HYPHENS);
  context = neume_context_new(in_tiny, &err);
  if (!context) fprintf(stderr, "%s\n", err.message);
  return context ? 0 : -1;
}

int close_tiny_context(void **state)
{
  neume_context_free(context);
  leave_scratch();
  return 0;
}
