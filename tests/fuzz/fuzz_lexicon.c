// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a compiled lexicon: refused, or safe to look up in.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "models/text/lexicon.h"

static bool look_up(void *user, const char *word, size_t len, const NmPron *prons, int n_prons)
{
  NmPron found[NM_LEXICON_PRONS_MAX];
  (void)nm_lexicon_find(user, word, len, found);
  for (int i = 0; i < n_prons; i++)
    if (prons[i].n_phones < 1 || !nm_phone_name(prons[i].phones[0] & ~NM_LEXICON_SYLLABLE)) abort();
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  const int fd = memfd_create("lexicon", 0);
  if (fd < 0) return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (write(fd, data, size) == (ssize_t)size) {
    NmError err = {0};
    NmLexicon *lexicon = nm_lexicon_new(path, &err);
    if (!lexicon && !err.message[0]) abort();
    nm_lexicon_visit(lexicon, look_up, lexicon);
    nm_lexicon_free(lexicon);
  }
  close(fd);
  return 0;
}
