// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as text: cut into sentences, analysed in every way of saying. Run it in the build folder, so that
// it finds the lexicon.
#include <stdlib.h>

#include "models/text/text.h"

static void check(const NmSentence *sentence, size_t len)
{
  int32_t phone = 0;
  for (int32_t i = 0; i < sentence->n_words; i++) {
    const NmWord *word = &sentence->words[i];
    if (word->n_phones < 1 || word->phone_first != phone || word->source_start + word->len_source > len)
      abort();
    phone += word->n_phones;
  }
  if (phone != sentence->n_phones) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static NmText *text;
  if (!text) text = nm_text_new("assets/english.lexicon", NULL, NULL);
  if (!text) text = nm_text_new(NULL, NULL, NULL);
  if (!text || size < 1) return 0;
  const NmSayAs say_as = (NmSayAs)(data[0] % (NM_SAY_TELEPHONE + 1));
  const char *utf8 = (const char *)data + 1;
  for (size_t at = 0; at < size - 1;) {
    NmSentence sentence;
    const size_t step = nm_text_find_sentence(utf8 + at, size - 1 - at, true, NULL);
    if (step < 1 || step > size - 1 - at) abort();
    if (nm_text_analyse(text, utf8 + at, step, say_as, &sentence, NULL) != NM_OK) abort();
    check(&sentence, step);
    at += step;
  }
  return 0;
}
