// SPDX-License-Identifier: GPL-3.0-or-later
// ABC: every feature of the reader on small tunes, and songs that come back as they went.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/formats/abc.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_sung.h"
#include "tests/support/song_check.h"
#include "tests/support/song_round_trip.h"

static NmSong *read_text(const char *text, const NmSongReading *reading, NmSongNotes *notes)
{
  NmError err = {0};
  NmSong *song = NULL;
  const NmStatus status =
      nm_abc_read((const uint8_t *)text, strlen(text), "test", reading, &song, notes, &err);
  if (status != NM_OK) fail_msg("%s", err.message);
  return song;
}

static void check_song(NmSong *song, const char *expected)
{
  nm_song_expect(song, expected);
  assert_true(nm_check_song_round_trip(nm_abc_read, nm_abc_write, song));
  nm_song_free(song);
}

// A tune in C, 4/4, eighths.
static void check_reads(const char *music, const char *expected)
{
  char text[2048];
  snprintf(text, sizeof text, "X:1\nM:4/4\nL:1/8\nK:C\n%s\n", music);
  char all[2048];
  snprintf(all, sizeof all, "key 0 major at 0\nmeter 4/4 at 0\n%s", expected);
  check_song(read_text(text, NULL, NULL), all);
}

static void check_note(const char *text, const char *expected)
{
  NmSongNotes notes = {0};
  bool found = false;
  nm_song_free(read_text(text, NULL, &notes));
  for (int32_t i = 0; i < notes.n; ++i) found |= strstr(notes.text[i], expected) != NULL;
  if (!found) fail_msg("no note says \"%s\"", expected);
}

static void test_lengths(void **state)
{
  check_reads("C D2 E/ F// G3/2 A/4 z2 B,,2 c''|",
              "1 0 1/2 60 |\n1 1/2 1 62 |\n1 3/2 1/4 64 |\n1 7/4 1/8 65 |\n1 15/8 3/4 67 |\n1 21/8 1/8 69 |\n"
              "1 15/4 1 47 |\n2 19/4 1/2 96 |\n");
}

static void test_rhythms(void **state)
{
  check_reads("C>D E<F G>>A (3cde (3:2:2c2d z|",
              "1 0 3/4 60 |\n1 3/4 1/4 62 |\n1 1 1/4 64 |\n1 5/4 3/4 65 |\n"
              "1 2 7/8 67 |\n1 23/8 1/8 69 |\n1 3 1/3 72 |\n1 10/3 1/3 74 |\n"
              "1 11/3 1/3 76 |\n2 4 2/3 72 |\n2 14/3 1/3 74 |\n");
}

static void test_accidentals(void **state)
{
  const char *text = "X:1\nL:1/4\nK:D\nF ^G G =F | F ^g- | g _B | [K:Cm] B E =A A | [K:G exp ^c] c f\n";
  check_song(
      read_text(text, NULL, NULL),
      "key 2 major at 0\nkey -3 minor at 8\nkey 1 major at 12\n1 0 1 66 |\n1 1 1 68 |\n1 2 1 68 |\n1 3 1 65 "
      "|\n"
      "2 4 1 66 |\n2 5 2 80 |\n2 7 1 70 |\n3 8 1 70 |\n3 9 1 63 |\n3 10 1 69 |\n3 11 1 69 |\n4 12 1 73 |\n"
      "4 13 1 78 |\n");
}

static void test_keys(void **state)
{
  static const struct {
    const char *name, *expected;
  } keys[] = {{"Am", "key 0 minor at 0"},     {"F#", "key 6 major at 0"},
              {"Ebmin", "key -6 minor at 0"}, {"D mixolydian", "key 1 major at 0"},
              {"Ador", "key 1 minor at 0"},   {"Bb clef=bass", "key -2 major at 0"},
              {"HP", "key 2 major at 0"},     {"Glyd", "key 2 major at 0"}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
    char text[64], expected[64];
    snprintf(text, sizeof text, "X:1\nK:%s\n=A2\n", keys[i].name);
    snprintf(expected, sizeof expected, "%s\n1 0 1 69 |\n", keys[i].expected);
    check_song(read_text(text, NULL, NULL), expected);
  }
}

static void test_words(void **state)
{
  check_reads("C2 D2 E2 F2 | G2- G2 A2 B2|\nw: A- men_ * | oh_ well\\-known~one ~\nw: 2.~La-la la",
              "line 1.0: Amen oh well-known one\nline 2.1: Lala la\n1 0 1 60 | 1:A- 2:La-\n"
              "1 1 1 62 | 1:men 2:la\n1 2 1 64 | 1:_ 2:la\n1 3 1 65 |\n2 4 2 67 | 1:oh\n"
              "2 6 1 69 | 1:well-known 1:one\n2 7 1 71 |\n");
  check_reads("C2 D2|\nw: hap-\nE2 F2|\nw: -py day", // a word over two lines, held
              "line 1.0: happy\n0 0 1 60 | 1:hap-\n0 1 1 62 |\n1 2 1 64 | 1:_\n1 3 1 65 | 1:py\n");
  check_reads("C2 D2\\\nE2 F2|\nw: a b\n+: c \\'e", // lines that go on
              "line 1.0: a b c é\n1 0 1 60 | 1:a\n1 1 1 62 | 1:b\n1 2 1 64 | 1:c\n1 3 1 65 | 1:é\n");
}

static void test_bars(void **state)
{
  check_song(
      read_text("X:1\nM:3/4\nL:1/4\nK:C\nG|ABc|d2:|e|[M:2/4]f2|\n", NULL, NULL),
      "key 0 major at 0\nmeter 3/4 at 0\nmeter 2/4 at 7\n0 0 1 67 |\n1 1 1 69 |\n1 2 1 71 |\n1 3 1 72 |\n"
      "2 4 2 74 |\n2 6 1 76 |\n3 7 2 77 |\n");
}

static void test_repeats(void **state)
{
  NmSongReading reading = nm_song_reading_defaults();
  reading.unfolds_repeats = true;
  check_song(read_text("X:1\nM:2/4\nL:1/4\nK:C\n|:CD|1 EF:|2 GA||:[K:G]c2:|\n"
                       "w: one two three four five six la\nw: two too * * seven eight\n",
                       &reading, NULL),
             "key 0 major at 0\nkey 1 major at 8\nmeter 2/4 at 0\n"
             "line 1.0: one two three four two too seven eight la la\n"
             "1 0 1 60 | 1:one\n1 1 1 62 | 1:two\n2 2 1 64 | 1:three\n2 3 1 65 | 1:four\n"
             "3 4 1 60 | 1:two\n3 5 1 62 | 1:too\n4 6 1 67 | 1:seven\n4 7 1 69 | 1:eight\n"
             "5 8 2 72 | 1:la\n6 10 2 72 | 1:la\n");
}

static void test_tempo(void **state)
{
  check_song(read_text("X:1\nQ:3/8=60\nL:1/4\nK:C\nC[Q:1/2=50]D[Q:72]\n", NULL, NULL),
             "key 0 major at 0\ntempo 90 at 0\ntempo 100 at 1\ntempo 72 at 2\n1 0 1 60 |\n1 1 1 62 |\n");
}

static void test_signs(void **state)
{
  check_reads("\"Am\"!f!{ag}[CE]2 .D2 (E2 u~F2) `y|| [|G8:|]",
              "1 0 1 64 |\n1 1 1 62 |\n1 2 1 64 |\n1 3 1 65 |\n2 4 4 67 |\n");
  check_note("X:1\nK:C\n[CE]{g}C & D2 |]:\n", "chords");
  check_note("X:1\nK:C\n{g}C\n", "grace");
  check_note("X:1\nK:C\nC & D2 |\n", "overlays");
  check_note("X:1\nK:C\n|:C:|\n", "repeats");
  check_note("X:1\nK:C\nC\nW: more\n", "W:");
  check_note("X:1\nK:C\nC\nw: a b\n", "1 syllable");
}

static void test_voices_and_tunes(void **state)
{
  const char *voices = "X:1\nV:1\nV:2 octave=-1\nK:C\n[V:1]C2 D2|\n[V:2]c4|\nw: la\n";
  const char *tunes = "T:all\n\nX:1\nT:one\nK:C\nC\n\nX:2\nT:two\nK:C\nD\n";
  NmSongReading reading = nm_song_reading_defaults();
  NmError err = {0};
  NmSong *song = NULL;
  check_song(read_text(voices, NULL, NULL), "key 0 major at 0\nline 1.0: la\n1 0 2 60 | 1:la\n");
  reading.part = 0;
  check_song(read_text(voices, &reading, NULL), "key 0 major at 0\n1 0 1 60 |\n1 1 1 62 |\n");
  check_note(tunes, "tune 1 of 2");
  reading.part = 1;
  check_song(read_text(tunes, &reading, NULL), "key 0 major at 0\n1 0 1/2 62 |\n");
  reading.part = 2;
  assert_int_equal(nm_abc_read((const uint8_t *)tunes, strlen(tunes), "test", &reading, &song, NULL, &err),
                   NM_ERR_BAD_ARG);
}

static void test_encodings(void **state)
{
  NmSong *song = read_text("X:1\nT:Caf\xe9\nK:C\nC\n", NULL, NULL);
  assert_string_equal(song->title, "Café");
  nm_song_free(song);
}

static void test_refused(void **state)
{
  static const char *const texts[] = {"", "X:1\nK:C\n", "hello", "X:1\nK:C\nC,,,,,,,,\n"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    NmError err = {0};
    NmSong *song = NULL;
    assert_int_equal(
        nm_abc_read((const uint8_t *)texts[i], strlen(texts[i]), "test", NULL, &song, NULL, &err),
        NM_ERR_BAD_DATA);
    assert_null(song);
    assert_non_null(strstr(err.message, "test"));
  }
}

// A song with what ABC finds hard.
static NmSong *make_song(void)
{
  NmSong *song = nm_song_new();
  song->ticks_per_beat = 60;
  song->pickup = 240; // a whole bar
  song->title = nm_song_keep(song, "50 % \\o", 7);
  nm_song_add_key(song, 130, -7, false);
  nm_song_add_key(song, 250, 7, true);
  nm_song_add_meter(song, 600, 6, 8);
  nm_song_add_tempo(song, 0, 97.3);
  nm_song_add_tempo(song, 777, 60);
  static const int lens[] = {40, 12, 8, 40, 90, 30, 300, 20, 7, 13, 60, 170};
  int64_t at = 0;
  for (size_t i = 0; i < sizeof lens / sizeof *lens; ++i) {
    nm_song_add_note(song, at, lens[i], 10 + (int)(i * 67 % 110), 0);
    at += lens[i] + (i % 4 == 3 ? 25 : 0);
  }
  static const char *const texts[] = {"a-_*~|\\%", "", " x ", "‿é&", "'em", "9."};
  for (int16_t verse = 3; verse >= 1; verse -= 2) {
    nm_song_add_line(song, verse, 4 - verse);
    for (int i = 0; i < 3; ++i) {
      nm_song_add_word(song);
      for (int j = 0; j < 2; ++j)
        nm_song_add_link(song, nm_song_add_syllable(song, texts[2 * i + j], strlen(texts[2 * i + j]), -1),
                         3 * i + verse - 1);
    }
  }
  nm_song_add_link(song, 1, 3);
  nm_song_add_link(song, 3, 7);
  nm_song_add_link(song, 7, 3); // held on the note where the next one begins
  nm_song_add_link(song, 11, 11);
  NmError err = {0};
  if (nm_song_finish(song, &err) != NM_OK) fail_msg("%s", err.message);
  return song;
}

static void test_round_trip(void **state)
{
  NmSong *song = make_song();
  assert_true(nm_check_song_round_trip(nm_abc_read, nm_abc_write, song));
  nm_song_free(song);
}

static bool read_note_by_note(void *context)
{
  const char *text = context;
  NmSong *song = NULL;
  NmError err = {0};
  const NmStatus status = nm_abc_read((const uint8_t *)text, strlen(text), "test", NULL, &song, NULL, &err);
  nm_song_free(song);
  assert_true(status == NM_OK || err.message[0]);
  return status == NM_OK;
}

static bool write_song(void *context)
{
  NmError err = {0};
  uint8_t *bytes;
  size_t n;
  const NmStatus status = nm_song_write_bytes(nm_abc_write, context, NULL, &bytes, &n, &err);
  free(bytes);
  return status == NM_OK;
}

static void test_no_memory(void **state)
{
  char text[] = "X:1\nT:t\nM:4/4\nQ:60\nK:C\nV:1\nC2>D2|E4|\nw: a-b c\nw: d\n";
  NmSong *song = make_song();
  assert_true(nm_fail_alloc_each(read_note_by_note, text, false) > 20);
  assert_true(nm_fail_alloc_each(write_song, song, false) > 5);
  nm_song_free(song);
}

static void test_random_songs(void **state)
{
  for (uint64_t seed = 0; seed < 500; ++seed) {
    NmSong *song = nm_random_sung(seed);
    assert_true(nm_check_song_round_trip(nm_abc_read, nm_abc_write, song));
    nm_song_free(song);
  }
}

static void test_seeds(void **state)
{
  assert_true(nm_check_song_folder(nm_abc_read, nm_abc_write, NM_TEST_DATA "/fuzz/seeds/abc") > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lengths),     cmocka_unit_test(test_rhythms),
      cmocka_unit_test(test_accidentals), cmocka_unit_test(test_keys),
      cmocka_unit_test(test_words),       cmocka_unit_test(test_bars),
      cmocka_unit_test(test_tempo),       cmocka_unit_test(test_repeats),
      cmocka_unit_test(test_signs),       cmocka_unit_test(test_voices_and_tunes),
      cmocka_unit_test(test_encodings),   cmocka_unit_test(test_refused),
      cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_seeds),       cmocka_unit_test(test_random_songs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
