// SPDX-License-Identifier: GPL-3.0-or-later
// What editing a document costs: median processor time of each step for a song of so many notes (default
// 2000).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/document/edits.h"
#include "app/document/journal.h"

enum { N_REPEATS = 41 };

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct {
  NmDocument *doc;
  char *bytes;
  size_t n;
  int32_t *ids, n_ids;
  int turn;
} Bench;

static bool make_song(Bench *b)
{
  NmSong *song = nm_document_make_song(b->doc, NULL);
  nm_song_free(song);
  return song != NULL;
}

static bool move_one(Bench *b)
{
  return nm_edit_move_notes(b->doc, b->ids + b->n_ids / 2, 1, 0, b->turn++ % 2 ? 1 : -1, NM_OVERLAP_REFUSE,
                            NULL) == NM_OK;
}

static bool move_all(Bench *b)
{
  return nm_edit_move_notes(b->doc, b->ids, b->n_ids, 0, b->turn++ % 2 ? 1 : -1, NM_OVERLAP_REFUSE, NULL) ==
         NM_OK;
}

static bool drag_one(Bench *b)
{
  return nm_document_restart(b->doc, NULL) == NM_OK && move_one(b);
}

static bool set_text(Bench *b)
{
  return nm_edit_set_syllable(b->doc, b->n_ids / 3, b->turn++ % 2 ? "la" : "lo", NULL) == NM_OK;
}

static bool type_words(Bench *b)
{
  return nm_edit_type_lyrics(b->doc, b->ids[b->n_ids / 4], 1,
                             b->turn++ % 2 ? "hal-le-lu-jah" : "one two three", NULL) == NM_OK;
}

static bool set_voice(Bench *b)
{
  return nm_edit_set_value(b->doc, "/lines/0/voice/vibrato_cents", json_integer(b->turn++ % 100), NULL) ==
         NM_OK;
}

static bool undo(Bench *b)
{
  return nm_document_undo(b->doc, NULL) == NM_OK && nm_document_redo(b->doc, NULL) == NM_OK;
}

static bool print(Bench *b)
{
  char *bytes;
  size_t n;
  const bool ok = nm_document_print(b->doc, &bytes, &n, NULL) == NM_OK;
  free(bytes);
  return ok;
}

static bool parse(Bench *b)
{
  NmDocument *doc = nm_document_parse(b->bytes, b->n, "bench", NULL);
  nm_document_free(doc);
  return doc != NULL;
}

static void measure(Bench *b, const char *name, bool (*work)(Bench *b))
{
  double times[N_REPEATS];
  for (int i = 0; i < N_REPEATS; ++i) {
    const double start = now_us();
    if (!work(b)) {
      printf("%-28s failed\n", name);
      return;
    }
    times[i] = now_us() - start;
  }
  qsort(times, N_REPEATS, sizeof *times, compare);
  printf("%-28s %8.0f us\n", name, times[N_REPEATS / 2]);
}

static NmDocument *make_document(int n_notes)
{
  NmSong *song = nm_song_new();
  nm_song_add_meter(song, 0, 4, 4);
  for (int i = 0; song && i < n_notes; ++i) {
    static const int32_t phones[] = {1, 26, 20};
    nm_song_add_note(song, 240 * i, 240, 60 + i % 12, 80);
    if (i % 8 == 0) nm_song_add_line(song, 1, i / 32);
    if (i % 2 == 0) nm_song_add_word(song);
    nm_song_add_syllable(song, "lamp", 4, i % 2);
    nm_song_add_phones(song, phones, 3);
    nm_song_add_link(song, i, i);
  }
  NmDocument *doc = song && nm_song_finish(song, NULL) == NM_OK ? nm_document_from_song(song, NULL) : NULL;
  nm_song_free(song);
  return doc;
}

int main(int n_args, char **args)
{
  const int n_notes = n_args > 1 ? atoi(args[1]) : 2000;
  Bench b = {.doc = make_document(n_notes), .n_ids = n_notes, .ids = calloc((size_t)n_notes, sizeof *b.ids)};
  if (!b.doc || !b.ids || nm_document_print(b.doc, &b.bytes, &b.n, NULL)) return 1;
  for (int i = 0; i < n_notes; ++i) b.ids[i] = nm_document_get_note_id(b.doc, i);
  printf("%d notes, %zu bytes\n", n_notes, b.n);
  measure(&b, "song from the tree", make_song);
  measure(&b, "move a note", move_one);
  measure(&b, "set a syllable", set_text);
  measure(&b, "type over four notes", type_words);
  measure(&b, "set a line's vibrato", set_voice);
  measure(&b, "undo and redo", undo);
  if (nm_document_begin(b.doc, "drag", 0, NULL) == NM_OK) measure(&b, "a moment of a drag", drag_one);
  if (nm_document_end(b.doc, NULL)) return 1;
  measure(&b, "transpose all notes", move_all);
  measure(&b, "print", print);
  measure(&b, "parse", parse);
  free(b.bytes);
  free(b.ids);
  nm_document_free(b.doc);
  return 0;
}
