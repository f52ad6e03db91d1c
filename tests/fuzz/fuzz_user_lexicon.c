// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a user's lexicon: refused with a reason, or used.
#include <stdlib.h>
#include <string.h>

#include "models/text/user_lexicon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const NmPronouncer pronouncer = {0};
  NmError err = {0};
  NmUserLexicon *lexicon = nm_user_lexicon_parse("fuzz", (const char *)data, size, &pronouncer, &err);
  if (!lexicon && (!err.message[0] || err.line < 1)) abort();
  if (!lexicon) return 0;
  NmNormaliser normaliser = {0};
  NmReading reading;
  if (nm_normaliser_run(&normaliser, (const char *)data, size, NM_SAY_PLAIN) == NM_OK)
    for (size_t i = 0; i < normaliser.tokens.n; i++)
      if (nm_user_lexicon_match(lexicon, &normaliser.tokens, i, &reading) && reading.n < 1) abort();
  nm_normaliser_fini(&normaliser);
  nm_user_lexicon_free(lexicon);
  return 0;
}
