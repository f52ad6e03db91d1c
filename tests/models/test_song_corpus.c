// SPDX-License-Identifier: GPL-3.0-or-later
// From lines of JSON to batches: spelling, classes of time and meters keep their numbers; a prepared corpus
// is read as it was written and refused when it is damaged; what is hidden is hidden; the weights' file too.
#define _GNU_SOURCE // memmem
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/safetensors.h"
#include "models/song/batch.h"
#include "models/song/model.h"
#include "models/song/prepare.h"
#include "tests/support/program.h"

#define SONG                                                                                                 \
  "{\"source\":\"OpenScore/"                                                                                 \
  "Lieder\",\"license\":\"CC0-1.0\",\"lang\":\"en\",\"split\":\"train\",\"group\":4,"                        \
  "\"key\":\"Eb "                                                                                            \
  "major\",\"meter\":\"3/4\",\"bar0\":2,\"tpb\":2,\"lines\":[[[[\"Lo\",63,0,2,65,0,1],[\"ving,\",67,1,"      \
  "2]],[[\"moon!\",70,0,4]]],[[[\"Ma\\u00df\",63,2,2]],[[\"\\u2019tis\",63,0,6]]]]}"
#define MELODY                                                                                               \
  "{\"source\":\"nottingham\",\"license\":\"GPL-3.0 (repo)\",\"key\":\"A "                                   \
  "minor\",\"meter\":\"6/8\",\"bar0\":0,"                                                                    \
  "\"tpb\":2,\"phrases_known\":true,\"phrases\":[[57,0,1,60,0,1,64,0,1,57,0,1],[60,1,2,57,0,2,64,0,1,57,0,"  \
  "3]]}"

static void test_time(void **state)
{
  for (int i = 0; i < NM_SONG_N_GAPS; ++i) assert_int_equal(nm_song_gap_class(nm_song_gap_ticks(i)), i);
  for (int i = 0; i < NM_SONG_N_LENS; ++i) assert_int_equal(nm_song_len_class(nm_song_len_ticks(i)), i);
  for (int i = 1; i < NM_SONG_N_METERS; ++i) {
    const NmSongMeter m = nm_song_class_meter(i);
    assert_int_equal(nm_song_meter_class(m.n_beats, m.beat_unit), i);
    const int twice = nm_song_scale_meter(i, true);
    if (twice >= 0) {
      assert_int_equal(nm_song_scale_meter(twice, false), i);
      assert_int_equal(nm_song_bar_ticks(twice), 2 * nm_song_bar_ticks(i));
    }
  }
  // Weights depend on these.
  assert_int_equal(nm_song_len_class(24), 9);
  assert_int_equal(nm_song_gap_class(24), 7);
  assert_int_equal(nm_song_meter_class(4, 4), 3);
  const NmSongFrame frame = {.meter = 3, .pickup = 24};
  assert_int_equal(nm_song_bar_place(&frame, 0), 12);
  assert_int_equal(nm_song_bar_place(&frame, 24), 0);
  assert_int_equal(nm_song_bar_place(&(NmSongFrame){0}, 24), NM_SONG_NO_BAR_PLACE);
}

static void check_fold(const char *text, const char *folded, NmSongMark mark)
{
  char out[NM_SYLLABLE_LEN_MAX + 1];
  assert_int_equal(nm_syllable_fold(text, strlen(text), out), (int)strlen(folded));
  assert_string_equal(out, folded);
  assert_int_equal(nm_syllable_mark(text, strlen(text)), mark);
}

static void test_spelling(void **state)
{
  check_fold("Love,", "love", NM_MARK_COMMA);
  check_fold("\"WHY?\"", "why", NM_MARK_QUESTION);
  check_fold("\xe2\x80\x99tis", "'tis", NM_MARK_NONE);
  check_fold("caf\xc3\xa9;", "cafe", NM_MARK_SEMICOLON);
  check_fold("wand'", "wand", NM_MARK_NONE);
  check_fold("--", "", NM_MARK_DASH);
  check_fold("Ma\xc3\x9f.", "mass", NM_MARK_PERIOD);
  check_fold("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaa", NM_MARK_NONE);
  check_fold("\xff\xfe", "", NM_MARK_NONE);
}

static void test_vocabulary(void **state)
{
  static const char *const bad[] = {"a\n\nb\n", "a\na\n", "A\n", "a b\n", "aaaaaaaaaaaaaaaaaaaaaaaaa\n"};
  NmVocabulary *v = nm_vocabulary_new("the\nlo\nve", 9, NULL);
  assert_non_null(v);
  assert_int_equal(nm_vocabulary_get_n(v), NM_SYLLABLE_FIRST + 3);
  assert_int_equal(nm_vocabulary_find(v, "The,", 4), NM_SYLLABLE_FIRST);
  assert_int_equal(nm_vocabulary_find(v, "ve", 2), NM_SYLLABLE_FIRST + 2);
  assert_int_equal(nm_vocabulary_find(v, "moon", 4), NM_SYLLABLE_UNKNOWN);
  assert_string_equal(nm_vocabulary_get(v, NM_SYLLABLE_FIRST + 1), "lo");
  assert_string_equal(nm_vocabulary_get(v, -1), "");
  nm_vocabulary_free(v);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    NmError err = {0};
    assert_null(nm_vocabulary_new(bad[i], strlen(bad[i]), &err));
    assert_int_equal(err.status, NM_ERR_BAD_DATA);
  }
}

static int32_t visit(void *user, const char *folded)
{
  NmVocabulary *v = user;
  return nm_vocabulary_find(v, folded, strlen(folded));
}

static int32_t visit_nothing(void *user, const char *folded)
{
  return NM_SYLLABLE_FIRST;
}

static void parse(const char *json, NmVocabulary *v, NmArena *arena, NmSongParsed *parsed)
{
  assert_int_equal(nm_song_parse(json, strlen(json), NULL, visit, v, arena, parsed, NULL), NM_OK);
}

static void test_parse(void **state)
{
  NmSongParsed p;
  NmArena arena;
  NmVocabulary *v = nm_vocabulary_new("lo\nving\nmoon\nmass\n'tis\n", 23, NULL);
  nm_arena_init(&arena, 1 << 12);
  parse(SONG, v, &arena, &p);
  assert_true(p.has_words && p.free_licence && p.english && nm_song_item_fits(&p.item));
  assert_int_equal(p.item.n_lyrics, 5);
  assert_int_equal(p.item.n_notes, 6);
  assert_int_equal(p.item.frame.meter, nm_song_meter_class(3, 4));
  assert_int_equal(p.item.frame.pickup, 24);
  assert_int_equal(p.item.frame.mode, NM_MODE_MAJOR);
  assert_int_equal(p.item.frame.style, NM_STYLE_ART);
  assert_int_equal(p.item.notes[0].tie, NM_TIE_YES);
  assert_int_equal(p.item.notes[0].pitch % 12, 0); // E flat became C
  assert_int_equal(p.item.notes[2].gap, 12);
  assert_int_equal(p.item.lyrics[1].mark, NM_MARK_COMMA);
  assert_int_equal(p.item.lyrics[2].end, NM_END_LINE);
  assert_int_equal(p.item.notes[3].end, NM_END_LINE);
  for (int i = 0; i < 5; ++i) assert_int_equal(p.item.lyrics[i].syllable, NM_SYLLABLE_FIRST + i);
  parse(MELODY, v, &arena, &p);
  assert_int_equal(p.item.notes[0].pitch % 12, 9);
  assert_int_equal(p.item.notes[3].end, NM_END_LINE);
  assert_int_equal(p.item.notes[3].tie, NM_TIE_UNKNOWN);
  nm_arena_fini(&arena);
  nm_vocabulary_free(v);
}

static void test_parse_refuses(void **state)
{
  static const char *const bad[] = {"",
                                    "[]",
                                    "{\"tpb\":4}",
                                    "{\"tpb\":0,\"lines\":[]}",
                                    "{\"tpb\":4,\"lines\":[[]]}",
                                    "{\"tpb\":4,\"lines\":[[[[\"a\",60,0]]]]}",
                                    "{\"tpb\":4,\"lines\":[[[[\"a\",128,0,1]]]]}",
                                    "{\"tpb\":4,\"lines\":[[[[\"a\",60,-1,1]]]]}",
                                    "{\"tpb\":4,\"lines\":[[[[\"a\",60,0,0]]]]}",
                                    "{\"tpb\":4,\"phrases\":[[60,0]]}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    NmSongParsed p;
    NmArena arena;
    NmError err = {0};
    nm_arena_init(&arena, 1 << 12);
    assert_int_equal(nm_song_parse(bad[i], strlen(bad[i]), NULL, visit_nothing, NULL, &arena, &p, &err),
                     NM_ERR_BAD_DATA);
    assert_true(err.message[0]);
    nm_arena_fini(&arena);
  }
}

// The licence decides, the vocabulary is by number, held-out songs are not among the melodies.
static void test_prepare(void **state)
{
  static const char *const songs[] = {"songs.jsonl"}, *const melodies[] = {"melodies.jsonl"},
                           *const verse[] = {"verse.txt"};
  NmSongPrepare p = nm_song_prepare_defaults();
  NmSongPrepared done;
  NmSongCorpus corpus;
  enter_scratch();
  write_file("songs.jsonl", SONG "\n", strlen(SONG) + 1);
  const char text[] = MELODY "\n{\"license\":\"CC BY-NC 4.0\",\"tpb\":2,\"phrases\":[[60,0,1]]}\n";
  write_file("melodies.jsonl", text, sizeof text - 1);
  write_file("verse.txt", "", 0);
  p.paired = songs, p.melodies = melodies, p.verse = verse;
  p.n_paired = p.n_melodies = p.n_verse = 1;
  p.out = "corpus";
  assert_int_equal(nm_song_prepare(&p, &done, NULL), NM_OK);
  assert_int_equal(done.n_songs, 1);
  assert_int_equal(done.n_melodies, 1);
  assert_int_equal(done.n_licence, 1);
  assert_int_equal(done.n_unknown, 0);
  assert_int_equal(nm_song_corpus_open(&corpus, "corpus", NULL), NM_OK);
  assert_int_equal(corpus.n_items, 2);
  assert_int_equal(corpus.items[0].n_lyrics, 5);
  assert_int_equal(corpus.items[1].n_lyrics, 0);
  assert_int_equal(corpus.items[1].notes[4].gap, 12);
  nm_song_corpus_close(&corpus);
  leave_scratch();
}

static void make_item(NmSongItem *item, NmLyricToken *lyrics, NmNoteToken *notes)
{
  for (int i = 0; i < 8; ++i)
    lyrics[i] = (NmLyricToken){.syllable = NM_SYLLABLE_FIRST + i % 2,
                               .end = i == 7   ? NM_END_SONG
                                      : i == 3 ? NM_END_STANZA
                                               : NM_END_WORD,
                               .stress = (int8_t)(i % 4),
                               .vowel = (int8_t)(i % 16),
                               .mark = (int8_t)(i % 7)};
  for (int i = 0; i < 9; ++i) // the first syllable has two
    notes[i] = (NmNoteToken){.gap = (int16_t)(i * 6),
                             .len = (int16_t)(12 + i),
                             .pitch = (int8_t)(60 + i),
                             .tie = i == 0 ? NM_TIE_YES : NM_TIE_NO,
                             .end = i == 8   ? NM_END_SONG
                                    : i == 4 ? NM_END_LINE
                                             : NM_END_NOTHING};
  *item = (NmSongItem){.lyrics = lyrics,
                       .notes = notes,
                       .n_lyrics = 8,
                       .n_notes = 9,
                       .frame = {NM_STYLE_HYMN, NM_MODE_MINOR, 4, -12, NM_SONG_NO_SHIFT},
                       .split = NM_SONG_TEST};
}

static void test_round_trip(void **state)
{
  NmLyricToken lyrics[8];
  NmNoteToken notes[9];
  NmSongItem items[3];
  NmSongCorpus c;
  make_item(&items[0], lyrics, notes);
  items[1] = items[2] = items[0];
  items[1].n_lyrics = 0;
  items[2].n_notes = 0;
  enter_scratch();
  assert_int_equal(nm_song_corpus_save("c", "la\nlo\n", items, 3, NULL), NM_OK);
  assert_int_equal(nm_song_corpus_open(&c, "c", NULL), NM_OK);
  assert_int_equal(c.n_items, 3);
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(c.items[i].n_lyrics, items[i].n_lyrics);
    assert_int_equal(c.items[i].n_notes, items[i].n_notes);
    assert_memory_equal(&c.items[i].frame, &items[i].frame, sizeof items[i].frame);
    assert_int_equal(c.items[i].split, NM_SONG_TEST);
    assert_memory_equal(c.items[i].lyrics, lyrics, sizeof *lyrics * (size_t)items[i].n_lyrics);
    for (int k = 0; k < items[i].n_notes; ++k) // without the padding
      assert_memory_equal(&c.items[i].notes[k], &notes[k], offsetof(NmNoteToken, end) + 1);
  }
  nm_song_corpus_close(&c);
  leave_scratch();
}

// Every byte changed in turn: read soundly, or refused.
static void test_damaged(void **state)
{
  NmLyricToken lyrics[8];
  NmNoteToken notes[9];
  NmSongItem item;
  NmSongCorpus c;
  size_t n, n_refused = 0;
  make_item(&item, lyrics, notes);
  enter_scratch();
  assert_int_equal(nm_song_corpus_save("c", "la\nlo\n", &item, 1, NULL), NM_OK);
  char *songs = read_file("c/songs.bin", &n);
  for (size_t i = 0; i < n; ++i) {
    NmError err = {0};
    songs[i] = (char)(songs[i] ^ 0x85);
    if (nm_song_corpus_read(&c, (const uint8_t *)songs, n, "la\nlo\n", 6, &err) == NM_OK)
      nm_song_corpus_close(&c);
    else
      ++n_refused, assert_true(strncmp(err.message, "songs.bin", 9) == 0);
    songs[i] = (char)(songs[i] ^ 0x85);
  }
  assert_true(n_refused > n / 3);
  for (size_t len = 0; len < n; ++len)
    assert_int_not_equal(nm_song_corpus_read(&c, (const uint8_t *)songs, len, "la\nlo\n", 6, NULL), NM_OK);
  write_file("c/songs.bin", songs, n - 1);
  NmError err = {0};
  assert_int_equal(nm_song_corpus_open(&c, "c", &err), NM_ERR_BAD_DATA);
  assert_true(strncmp(err.message, "c: songs.bin", 12) == 0);
  free(songs);
  leave_scratch();
}

static void test_masked_batch(void **state)
{
  NmLyricToken lyrics[8];
  NmNoteToken notes[9];
  NmSongItem item;
  NmSongBatch b;
  NmArena arena;
  NmRng rng = {3};
  make_item(&item, lyrics, notes);
  const NmSongItem *items[1] = {&item};
  const NmSongBatchOptions plain = nm_song_batch_options_plain();
  nm_arena_init(&arena, 1 << 14);
  assert_int_equal(nm_song_batch_fill(&b, &arena, items, 1, NM_TASK_MASK_LYRIC, &plain, &rng), NM_OK);
  assert_int_equal(b.S, 8);
  assert_int_equal(b.T, 4); // two of each line
  int n_hidden = 0;
  for (int i = 0; i < 8; ++i) {
    const bool hidden = b.syllables_in[i] == NM_SYLLABLE_MASK;
    n_hidden += hidden;
    assert_int_equal(b.features_in[i * nm_song_n_features(NM_SONG_LYRIC, false)] < 0, hidden);
    if (!hidden) assert_int_equal(b.syllables_in[i], lyrics[i].syllable);
  }
  assert_int_equal(n_hidden, 4);
  assert_int_equal(b.syllables_out[0], NM_SYLLABLE_MASK); // nothing before the first hidden one is told
  assert_int_equal(b.syllables_out[1], b.choices[NM_CHOICE_SYLLABLE][0]);
  assert_int_equal(b.segment_out[0], 0);
  assert_int_equal(b.segment_out[3], 1);
  assert_null(b.alignment);
  nm_arena_fini(&arena);
}

static void test_alignment(void **state)
{
  NmLyricToken lyrics[8];
  NmNoteToken notes[9];
  NmSongItem item;
  NmSongBatch b;
  NmArena arena;
  make_item(&item, lyrics, notes);
  const NmSongItem *items[1] = {&item};
  const NmSongBatchOptions plain = nm_song_batch_options_plain();
  nm_arena_init(&arena, 1 << 14);
  for (int task = NM_TASK_COMPOSE; task <= NM_TASK_WRITE; ++task) {
    NmRng rng = {3};
    assert_int_equal(nm_song_batch_fill(&b, &arena, items, 1, (NmSongTask)task, &plain, &rng), NM_OK);
    for (int note = 0; note < 9; ++note)
      for (int syllable = 0; syllable < 8; ++syllable) {
        const float wanted =
            (note == 0 ? 0 : note - 1) == syllable ? task == NM_TASK_WRITE && syllable == 0 ? .5f : 1 : 0;
        const int at = task == NM_TASK_COMPOSE ? note * b.S + syllable : syllable * b.S + note;
        assert_true(b.alignment[at] == wanted);
      }
  }
  nm_arena_fini(&arena);
}

// Whatever is cut, hidden, transposed and stretched, the same numbers from the same seed.
static void test_changed_batches(void **state)
{
  NmLyricToken lyrics[8];
  NmNoteToken notes[9];
  NmSongItem item;
  NmArena arena;
  make_item(&item, lyrics, notes);
  const NmSongItem *items[2] = {&item, &item};
  const NmSongBatchOptions options = {
      .n_most = 5, .share_masked = .5, .transpose = 1, .stretch = 1, .hide_style = .5};
  nm_arena_init(&arena, 1 << 14);
  for (uint64_t seed = 0; seed < 50; ++seed)
    for (int task = 0; task < NM_SONG_N_TASKS; ++task) {
      NmSongBatch a, b;
      NmRng first = {seed}, second = {seed};
      nm_arena_reset(&arena);
      assert_int_equal(nm_song_batch_fill(&a, &arena, items, 2, (NmSongTask)task, &options, &first), NM_OK);
      assert_int_equal(nm_song_batch_fill(&b, &arena, items, 2, (NmSongTask)task, &options, &second), NM_OK);
      assert_true(a.S <= 5 && a.T <= 5 && a.len_in[0] >= 1 && a.len_out[1] >= 1);
      const size_t n =
          2 * (size_t)a.S * (size_t)nm_song_n_features(nm_song_task_from((NmSongTask)task), false);
      assert_memory_equal(a.features_in, b.features_in, n * sizeof *a.features_in);
    }
  nm_arena_fini(&arena);
}

static char *save_model(void)
{
  const NmSongConfig config = {
      .d_model = 16, .n_heads = 2, .d_inner = 16, .n_encoder = 1, .n_decoder = 1, .reach = 4};
  NmSongModel m;
  assert_int_equal(nm_song_model_init(&m, &config, "la\nlo\n", 1, NULL), NM_OK);
  char *metadata = nm_song_model_metadata(&m.config, m.vocabulary);
  assert_non_null(metadata);
  assert_int_equal(nm_params_save(m.params, "song.safetensors", NM_STORE_F16, false, metadata, NULL), NM_OK);
  nm_song_model_close(&m);
  return metadata;
}

// The file once more, with `from` in its header changed to `to` of the same length.
static void check_refused(const char *from, const char *to, const char *cause)
{
  size_t n;
  NmSongModel m;
  NmError err = {0};
  char *file = read_file("song.safetensors", &n);
  char *at = memmem(file, n, from, strlen(from));
  assert_non_null(at);
  assert_int_equal(strlen(from), strlen(to));
  memcpy(at, to, strlen(to));
  write_file("spoilt.safetensors", file, n);
  free(file);
  assert_int_equal(nm_song_model_open(&m, "spoilt.safetensors", NULL, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "spoilt.safetensors"));
  assert_non_null(strstr(err.message, cause));
}

static void test_weights(void **state)
{
  NmSongModel m;
  enter_scratch();
  free(save_model());
  assert_int_equal(nm_song_model_open(&m, "song.safetensors", NULL, NULL), NM_OK);
  assert_int_equal(m.config.n_syllables, NM_SYLLABLE_FIRST + 2);
  assert_int_equal(nm_vocabulary_find(m.vocabulary, "Lo!", 3), NM_SYLLABLE_FIRST + 1);
  nm_song_model_close(&m);
  check_refused("\"model\":\"song\"", "\"model\":\"gong\"", "song");
  check_refused("\"n_heads\":\"2\"", "\"n_heads\":\"3\"", "n_heads");
  check_refused("\"n_syllables\":\"4\"", "\"n_syllables\":\"5\"", "n_syllables");
  check_refused("\"n_decoder\":\"1\"", "\"n_decoder\":\"2\"", "decoder");
  check_refused("melody_decoder.0.cross.q.w", "melody_decoder.0.cross.x.w", "melody_decoder.0.cross");
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_time),
                                     cmocka_unit_test(test_spelling),
                                     cmocka_unit_test(test_vocabulary),
                                     cmocka_unit_test(test_parse),
                                     cmocka_unit_test(test_parse_refuses),
                                     cmocka_unit_test(test_prepare),
                                     cmocka_unit_test(test_round_trip),
                                     cmocka_unit_test(test_damaged),
                                     cmocka_unit_test(test_masked_batch),
                                     cmocka_unit_test(test_alignment),
                                     cmocka_unit_test(test_changed_batches),
                                     cmocka_unit_test(test_weights)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
