// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a lyric sheet. Run it in the build folder, so that it finds the lexicon.
#include <stdlib.h>

#include "models/song/sheet.h"

static void check(const NmSheet *sheet)
{
  const NmSong *song = sheet->song;
  if (song->n_lines < 1 || song->n_lines > NM_SHEET_LINES_MAX || sheet->n_stanzas < 1) abort();
  for (int32_t i = 0; i < song->n_lines; ++i) {
    const int32_t stanza = song->lines[i].stanza;
    if (stanza < 0 || stanza >= sheet->n_stanzas || sheet->same_as[i] > i || sheet->same_as[i] < 0) abort();
  }
  for (int32_t i = 0; i < song->n_syllables; ++i)
    if (song->syllables[i].n_phones < 1 || !*song->syllables[i].text) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static NmText *text;
  static NmSyllabifier *syllabifier;
  if (!text) text = nm_text_new("assets/english.lexicon", NULL, NULL);
  if (!text) text = nm_text_new(NULL, NULL, NULL);
  if (!syllabifier) syllabifier = nm_syllabifier_new(text, "assets/english.hyphens", NULL);
  if (!syllabifier) syllabifier = nm_syllabifier_new(text, NULL, NULL);
  NmSheet sheet;
  NmError err = {0};
  if (!syllabifier) return 0;
  if (nm_sheet_read(data, size, "fuzz", syllabifier, &sheet, &err) == NM_OK)
    check(&sheet);
  else if (!err.message[0] || sheet.song)
    abort();
  nm_sheet_fini(&sheet);
  return 0;
}
