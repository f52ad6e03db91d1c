// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/random_edit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/random_song.h"

typedef struct {
  NmRng *rng;
  NmDocument *doc;
  const NmSong *song, *other;
  NmError *err;
  int32_t ids[4];
  int n_ids;
} Draw;

static int below(Draw *d, int n)
{
  return (int)nm_rng_below(d->rng, (uint64_t)(n < 1 ? 1 : n));
}

static int between(Draw *d, int low, int high)
{
  return low + below(d, high - low + 1);
}

// An index that is now and then one too far.
static int32_t index_of(Draw *d, int32_t n)
{
  return below(d, 20) == 0 ? n : below(d, n);
}

static int32_t draw_id(Draw *d)
{
  return nm_document_get_note_id(d->doc, index_of(d, d->song->n_notes));
}

static int64_t draw_ticks(Draw *d, int64_t most)
{
  const int64_t unit = d->song->ticks_per_beat / 4 > 0 ? d->song->ticks_per_beat / 4 : 1;
  return below(d, 4) ? unit * between(d, (int)(-most), (int)most) : between(d, -7, 7);
}

static int64_t draw_place(Draw *d)
{
  const int64_t end = nm_song_get_end(d->song) + d->song->ticks_per_beat;
  return (int64_t)nm_rng_below(d->rng, (uint64_t)end);
}

static NmSongNote draw_note(Draw *d)
{
  return (NmSongNote){.onset = draw_place(d),
                      .len = 1 + below(d, d->song->ticks_per_beat),
                      .pitch = (int16_t)between(d, 30, below(d, 20) ? 100 : 140),
                      .velocity = (int16_t)(below(d, 2) ? below(d, 128) : 0)};
}

// --- notes ---

static NmStatus add_note(Draw *d)
{
  const NmSongNote note = draw_note(d);
  return nm_edit_add_note(d->doc, &note, below(d, 2) ? NM_OVERLAP_TRIM : NM_OVERLAP_REFUSE, NULL, d->err);
}

static NmStatus remove_notes(Draw *d)
{
  return nm_edit_remove_notes(d->doc, d->ids, d->n_ids, d->err);
}

static NmStatus set_note(Draw *d)
{
  const NmSongNote note = draw_note(d);
  return nm_edit_set_note(d->doc, draw_id(d), &note, NM_OVERLAP_TRIM, d->err);
}

static NmStatus move_notes(Draw *d)
{
  return nm_edit_move_notes(d->doc, d->ids, d->n_ids, draw_ticks(d, 8), between(d, -12, 12),
                            below(d, 2) ? NM_OVERLAP_TRIM : NM_OVERLAP_REFUSE, d->err);
}

static NmStatus transpose_notes(Draw *d)
{
  return nm_edit_transpose_notes(d->doc, d->ids, d->n_ids, between(d, -9, 9), d->err);
}

static NmStatus resize_notes(Draw *d)
{
  return nm_edit_resize_notes(d->doc, d->ids, d->n_ids, below(d, 2), draw_ticks(d, 4),
                              below(d, 2) ? NM_OVERLAP_TRIM : NM_OVERLAP_REFUSE, d->err);
}

static NmStatus set_velocity(Draw *d)
{
  return nm_edit_set_velocity(d->doc, d->ids, d->n_ids, below(d, 130), d->err);
}

static NmStatus split_note(Draw *d)
{
  const int32_t i = below(d, d->song->n_notes);
  const int64_t tick = d->song->n_notes ? d->song->notes[i].onset + below(d, (int)d->song->notes[i].len) : 0;
  return nm_edit_split_note(d->doc, nm_document_get_note_id(d->doc, i), tick, NULL, d->err);
}

static NmStatus merge_notes(Draw *d)
{
  const int32_t i = index_of(d, d->song->n_notes), n = between(d, 1, 3);
  int32_t ids[3];
  for (int32_t k = 0; k < n; ++k) ids[k] = nm_document_get_note_id(d->doc, i + k);
  return nm_edit_merge_notes(d->doc, ids, n, d->err);
}

static NmStatus quantise_notes(Draw *d)
{
  return nm_edit_quantise_notes(d->doc, d->ids, d->n_ids, below(d, d->song->ticks_per_beat), d->err);
}

// --- words ---

static const char *draw_text(Draw *d)
{
  static const char *const texts[] = {"la", "O\u00e9", "sun,", "", "a\"b", "x\xff", "strength", "moon\n"};
  return texts[below(d, 8)];
}

static NmStatus set_syllable(Draw *d)
{
  return nm_edit_set_syllable(d->doc, index_of(d, d->song->n_syllables), draw_text(d), d->err);
}

static NmStatus set_phones(Draw *d)
{
  static const char *const phones[] = {"AA1", "S T R EH1 NG", "", "ZZ", NULL};
  return nm_edit_set_phones(d->doc, index_of(d, d->song->n_syllables), phones[below(d, 5)], between(d, -1, 3),
                            d->err);
}

static NmStatus set_lengths(Draw *d)
{
  double lengths_s[4];
  const int n = below(d, 5);
  for (int i = 0; i < n; ++i) lengths_s[i] = below(d, 3) ? between(d, -1, 20) / 64.0 : 0;
  return nm_edit_set_lengths(d->doc, index_of(d, d->song->n_syllables), lengths_s, n,
                             between(d, -70, 70) / 64.0, d->err);
}

static NmStatus set_links(Draw *d)
{
  return nm_edit_set_links(d->doc, index_of(d, d->song->n_syllables), d->ids, below(d, d->n_ids + 1), d->err);
}

static NmStatus split_syllable(Draw *d)
{
  return nm_edit_split_syllable(d->doc, index_of(d, d->song->n_syllables), (size_t)below(d, 6), d->err);
}

static NmStatus join_syllables(Draw *d)
{
  return nm_edit_join_syllables(d->doc, index_of(d, d->song->n_syllables), d->err);
}

static NmStatus split_word(Draw *d)
{
  return nm_edit_split_word(d->doc, index_of(d, d->song->n_syllables), d->err);
}

static NmStatus join_words(Draw *d)
{
  return nm_edit_join_words(d->doc, index_of(d, d->song->n_words), d->err);
}

static NmStatus remove_syllables(Draw *d)
{
  return nm_edit_remove_syllables(d->doc, index_of(d, d->song->n_syllables), below(d, 4), d->err);
}

static NmStatus split_line(Draw *d)
{
  return nm_edit_split_line(d->doc, index_of(d, d->song->n_words), d->err);
}

static NmStatus join_lines(Draw *d)
{
  return nm_edit_join_lines(d->doc, index_of(d, d->song->n_lines), d->err);
}

static NmStatus set_line(Draw *d)
{
  return nm_edit_set_line(d->doc, index_of(d, d->song->n_lines), below(d, 4), below(d, 5), d->err);
}

static NmStatus add_line(Draw *d)
{
  return nm_edit_add_line(d->doc, index_of(d, d->song->n_lines + 1), d->other, index_of(d, d->other->n_lines),
                          d->err);
}

static NmStatus remove_lines(Draw *d)
{
  return nm_edit_remove_lines(d->doc, index_of(d, d->song->n_lines), below(d, 3), below(d, 2), d->err);
}

static NmStatus type_lyrics(Draw *d)
{
  static const char *const parts[] = {"la ", "hal-", "_", "le ", " _ ", "lu-jah ", "-", "sun\xc3\xa9 ", "__"};
  char text[128] = "";
  for (int n = below(d, 8); n > 0; --n) strcat(text, parts[below(d, 9)]);
  return nm_edit_type_lyrics(d->doc, draw_id(d), below(d, 10) ? between(d, 1, 3) : 0, text, d->err);
}

// --- melodies ---

static NmStatus replace_melody(Draw *d)
{
  return nm_edit_replace_melody(d->doc, below(d, 2) ? d->song : d->other, d->err);
}

static NmStatus replace_line_melody(Draw *d)
{
  const int32_t line = index_of(d, d->song->n_lines);
  const NmSong *from = below(d, 2) ? d->song : d->other;
  return nm_edit_replace_line_melody(d->doc, line, from, index_of(d, from->n_lines), below(d, 2), d->err);
}

static NmStatus replace_words(Draw *d)
{
  return nm_edit_replace_words(d->doc, below(d, 3) ? d->song : d->other, d->err);
}

static NmStatus replace_line_words(Draw *d)
{
  return nm_edit_replace_line_words(d->doc, index_of(d, d->song->n_lines), d->other,
                                    index_of(d, d->other->n_lines), d->err);
}

static NmStatus replace_song(Draw *d)
{
  return below(d, 4) ? NM_OK : nm_edit_replace_song(d->doc, d->other, d->err);
}

static NmStatus keep_take(Draw *d)
{
  return nm_edit_keep_take(d->doc, index_of(d, d->song->n_lines), draw_text(d), d->err);
}

static NmStatus add_take(Draw *d)
{
  return nm_edit_add_take(d->doc, index_of(d, d->song->n_lines), d->other, index_of(d, d->other->n_lines),
                          NULL, d->err);
}

static NmStatus swap_take(Draw *d)
{
  return nm_edit_swap_take(d->doc, index_of(d, d->song->n_lines), below(d, 2), d->err);
}

static NmStatus remove_take(Draw *d)
{
  return nm_edit_remove_take(d->doc, index_of(d, d->song->n_lines), below(d, 2), d->err);
}

// --- the rest ---

static NmStatus set_map(Draw *d)
{
  const int64_t tick = below(d, 3) ? draw_place(d) : 0;
  switch (below(d, 6)) {
  case 0: return nm_edit_set_tempo(d->doc, tick, below(d, 3) ? between(d, 0, 300) : 61.7, d->err);
  case 1: return nm_edit_set_meter(d->doc, tick, below(d, 8), below(d, 3) ? 4 : 3 + below(d, 6), d->err);
  case 2: return nm_edit_set_key(d->doc, tick, between(d, -8, 8), below(d, 2), d->err);
  case 3: return nm_edit_set_chord(d->doc, tick, below(d, 3) ? draw_text(d) : NULL, d->err);
  case 4: return nm_edit_set_marker(d->doc, tick, below(d, 3) ? draw_text(d) : NULL, d->err);
  default: return nm_edit_set_pickup(d->doc, draw_ticks(d, 4), d->err);
  }
}

static NmStatus set_resolution(Draw *d)
{
  static const int factors[] = {1, 2, 3, 5, 480, 240, 0};
  const int factor = factors[below(d, 7)];
  return nm_edit_set_resolution(d->doc, factor < 6 ? factor * d->song->ticks_per_beat : factor, d->err);
}

static NmStatus insert_time(Draw *d)
{
  return nm_edit_insert_time(d->doc, draw_place(d), draw_ticks(d, 16), d->err);
}

static NmStatus draw_pitch(Draw *d)
{
  NmPitchPoint points[8];
  const int n = below(d, 9);
  const int64_t from = draw_place(d);
  for (int i = 0; i < n; ++i) points[i] = (NmPitchPoint){from + 10 * i, between(d, -100, 100) / 3.0};
  return nm_edit_draw_pitch(d->doc, from, from + (below(d, 10) ? 80 : 40), points, n, d->err);
}

static NmStatus draw_emotion(Draw *d)
{
  NmEmotionPoint points[4];
  const int n = below(d, 5);
  const double from = below(d, 1000) / 7.0;
  for (int i = 0; i < n; ++i)
    points[i] = (NmEmotionPoint){from + i, between(d, -10, 10) / 10.0, between(d, -10, 10) / 9.9};
  return nm_edit_draw_emotion(d->doc, from, from + 4, points, n, d->err);
}

static NmStatus set_value(Draw *d)
{
  static const char *const pointers[] = {
      "/title",      "/voice/as",         "/voice/speaker",  "/lines/0/voice/as", "/lines/1/voice/seed",
      "/backing/on", "/notes/0/velocity", "/nothing/at/all", "/ticks_per_beat"};
  json_t *value = NULL;
  switch (below(d, 5)) {
  case 0: value = json_string("text"); break;
  case 1: value = json_real(0.5); break;
  case 2: value = json_integer(below(d, 200)); break;
  case 3: value = json_true(); break;
  default: break;
  }
  return nm_edit_set_value(d->doc, pointers[below(d, 9)], value, d->err);
}

static const struct {
  NmStatus (*edit)(Draw *d);
  int weight;
} edits[] = {{add_note, 6},
             {remove_notes, 2},
             {set_note, 4},
             {move_notes, 8},
             {transpose_notes, 4},
             {resize_notes, 6},
             {set_velocity, 2},
             {split_note, 4},
             {merge_notes, 4},
             {quantise_notes, 4},
             {set_syllable, 4},
             {set_phones, 2},
             {set_lengths, 3},
             {set_links, 6},
             {split_syllable, 3},
             {join_syllables, 3},
             {split_word, 3},
             {join_words, 3},
             {remove_syllables, 2},
             {split_line, 3},
             {join_lines, 2},
             {set_line, 2},
             {add_line, 3},
             {remove_lines, 1},
             {type_lyrics, 8},
             {replace_melody, 1},
             {replace_line_melody, 4},
             {replace_words, 1},
             {replace_line_words, 4},
             {replace_song, 1},
             {keep_take, 3},
             {add_take, 4},
             {swap_take, 6},
             {remove_take, 1},
             {set_map, 8},
             {set_resolution, 1},
             {insert_time, 3},
             {draw_pitch, 3},
             {draw_emotion, 3},
             {set_value, 6}};

NmStatus nm_random_edit(NmRng *rng, NmDocument *doc, const NmSong *other, NmError *err)
{
  Draw d = {.rng = rng, .doc = doc, .song = nm_document_get_song(doc), .other = other, .err = err};
  int sum = 0, pick = 0;
  d.n_ids = between(&d, 1, 4);
  for (int i = 0; i < d.n_ids; ++i) d.ids[i] = draw_id(&d);
  for (size_t i = 0; i < sizeof edits / sizeof *edits; ++i) sum += edits[i].weight;
  int left = below(&d, sum);
  while (left >= edits[pick].weight) left -= edits[pick++].weight;
  return edits[pick].edit(&d);
}

// --- documents ---

static void add_unknown(NmRng *rng, json_t *value)
{
  const char *name;
  json_t *child;
  size_t i;
  void *next;
  json_object_foreach_safe(value, next, name, child)
  {
    add_unknown(rng, child);
  }
  json_array_foreach(value, i, child)
  {
    add_unknown(rng, child);
  }
  if (json_is_object(value) && nm_rng_below(rng, 3) == 0)
    json_object_set_new(value, nm_rng_below(rng, 2) ? "x-colour" : "~odd/name",
                        json_pack("[i, {s:n}]", (int)nm_rng_below(rng, 100), "a"));
}

NmDocument *nm_random_document(NmRng *rng)
{
  const uint64_t bits = nm_rng_next(rng);
  const NmRandomSong shape = {.n_notes_max = 40,
                              .n_verses = 1 + (int)(bits & 1),
                              .melismas = bits & 2,
                              .elisions = bits & 4,
                              .unsung = bits & 8,
                              .tuplets = bits & 16,
                              .pickups = bits & 32,
                              .maps = bits & 64,
                              .texts = true};
  NmSong *song = nm_random_song(rng, &shape);
  NmDocument *plain = nm_document_from_song(song, NULL);
  json_t *tree = json_deep_copy(nm_document_get(plain, ""));
  add_unknown(rng, tree);
  char *text = json_dumps(tree, 0);
  NmDocument *doc = nm_document_parse(text, strlen(text), "random", NULL);
  free(text);
  json_decref(tree);
  nm_document_free(plain);
  nm_song_free(song);
  return doc;
}
