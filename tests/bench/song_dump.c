// SPDX-License-Identifier: GPL-3.0-or-later
// song_dump FILE [OUT]: a song in any format as text, one line a note: bar, onset and length in beats, pitch,
// and under "|" its syllables, "verse:text", with "-" where the word goes on and "_" where a syllable is
// held. With OUT the song is written there as well, in the format of its ending.
#include <stdio.h>

#include "app/formats/song_file.h"
#include "tests/support/song_text.h"

int main(int n_args, char **args)
{
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSong *song = NULL;
  if (n_args < 2 || n_args > 3) {
    fputs("usage: song_dump FILE [OUT]\n", stderr);
    return 2;
  }
  NmStatus status = nm_song_file_read(args[1], NULL, &song, &notes, &err);
  if (status == NM_OK) {
    nm_song_print(stdout, song);
    for (int32_t i = 0; i < notes.n; ++i) fprintf(stderr, "note: %s\n", notes.text[i]);
    if (n_args == 3) status = nm_song_file_write(args[2], song, NULL, true, &err);
  }
  if (status != NM_OK) fprintf(stderr, "song_dump: %s\n", err.message);
  nm_song_free(song);
  return status == NM_OK ? 0 : 1;
}
