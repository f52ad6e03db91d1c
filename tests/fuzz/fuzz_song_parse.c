// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a line of a file of songs: refused with a reason, or tokens in their ranges whose places can
// be found.
#include <stdlib.h>

#include "models/song/prepare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static int32_t visit(void *user, const char *folded)
{
  check(folded[0]);
  ++*(int *)user;
  return NM_SYLLABLE_FIRST;
}

static void check_item(const NmSongItem *item, NmArena *arena)
{
  NmSongPlace *places = nm_arena_alloc(arena, (size_t)(item->n_lyrics + item->n_notes) * sizeof *places + 1);
  check(places != NULL);
  for (int32_t i = 0; i < item->n_notes; ++i)
    check(item->notes[i].pitch >= 0 && item->notes[i].gap >= 0 && item->notes[i].len >= 1);
  nm_note_places(item->notes, item->n_notes, places);
  nm_lyric_places(item->lyrics, item->n_lyrics, places);
  check(item->frame.meter >= 0 && item->frame.meter < NM_SONG_N_METERS);
  nm_song_item_fits(item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  NmSongParsed parsed;
  NmArena arena;
  NmError err = {0};
  int n = 0;
  nm_arena_init(&arena, 1 << 16);
  if (nm_song_parse((const char *)data, size, NULL, visit, &n, &arena, &parsed, &err) == NM_OK)
    check_item(&parsed.item, &arena);
  else
    check(err.message[0]);
  nm_arena_fini(&arena);
  return 0;
}
