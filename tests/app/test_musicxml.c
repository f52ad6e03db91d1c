// SPDX-License-Identifier: GPL-3.0-or-later
// MusicXML: every feature of the reader on small files, and songs that come back as they went.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/formats/musicxml.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_sung.h"
#include "tests/support/song_check.h"
#include "tests/support/song_round_trip.h"

#define PART(...)                                                                                            \
  "<score-partwise><part-list><score-part id=\"P1\"/></part-list><part id=\"P1\">" __VA_ARGS__               \
  "</part></score-partwise>"
#define MEASURE(...) "<measure>" __VA_ARGS__ "</measure>"
#define NOTE(STEP, DURATION, ...)                                                                            \
  "<note><pitch><step>" STEP "</step><octave>4</octave></pitch><duration>" DURATION                          \
  "</duration>" __VA_ARGS__ "</note>"
#define LYRIC(TEXT) "<lyric><text>" TEXT "</text></lyric>"
#define SYLLABLE(SYLLABIC, TEXT) "<lyric><syllabic>" SYLLABIC "</syllabic><text>" TEXT "</text></lyric>"

static NmSong *read_text(const char *text, NmSongNotes *notes)
{
  NmError err = {0};
  NmSong *song = NULL;
  const NmStatus status =
      nm_musicxml_read((const uint8_t *)text, strlen(text), "test", NULL, &song, notes, &err);
  if (status != NM_OK) fail_msg("%s", err.message);
  return song;
}

// The file is read as what is expected, and what it is read as comes back from both ways of writing it.
static void check_reads(const char *text, const char *expected)
{
  NmSongNotes notes = {0};
  NmSong *song = read_text(text, &notes);
  nm_song_expect(song, expected);
  assert_true(nm_check_song_round_trip(nm_musicxml_read, nm_musicxml_write, song));
  assert_true(nm_check_song_round_trip(nm_mxl_read, nm_mxl_write, song));
  nm_song_free(song);
}

static void check_note(const char *text, const char *expected)
{
  NmSongNotes notes = {0};
  bool found = false;
  nm_song_free(read_text(text, &notes));
  for (int32_t i = 0; i < notes.n; ++i) found |= strstr(notes.text[i], expected) != NULL;
  if (!found) fail_msg("no note says \"%s\"", expected);
}

static void check_refused(const char *text, NmStatus expected, const char *cause)
{
  NmError err = {0};
  NmSong *song = NULL;
  assert_int_equal(nm_musicxml_read((const uint8_t *)text, strlen(text), "test", NULL, &song, NULL, &err),
                   expected);
  assert_null(song);
  if (!strstr(err.message, cause)) fail_msg("\"%s\" does not say \"%s\"", err.message, cause);
}

static void test_features(void **state)
{
  char path[512];
  snprintf(path, sizeof path, "%s/fuzz/seeds/musicxml/features.musicxml", NM_TEST_DATA);
  NmError err = {0};
  NmSongNotes notes = {0};
  NmSong *song = NULL;
  if (nm_song_file_read(path, NULL, &song, &notes, &err) != NM_OK) fail_msg("%s", err.message);
  assert_string_equal(song->title, "Evening");
  assert_string_equal(song->composer, "A. Composer");
  assert_string_equal(song->lyricist, "B. Poet");
  assert_int_equal(song->pickup, song->ticks_per_beat);
  nm_song_expect(song, "key -3 minor at 0\n"
                       "key 0 major at 7\n"
                       "meter 3/4 at 0\n"
                       "meter 2/4 at 7\n"
                       "tempo 90 at 0\n"
                       "tempo 72.5 at 7\n"
                       "line 1.0: O evening, the ether.\n"
                       "line 2.1: The morning\n"
                       "0 0 1 67 | 1:O 2:The\n"
                       "1 1 1/2 75 | 1:eve- 2:morn-\n"
                       "1 3/2 1/2 74 | 1:_ 2:_\n"
                       "1 2 3 71 | 1:ning, 2:ing\n"
                       "2 5 1/3 72 | 1:_\n"
                       "2 16/3 1/3 74 | 1:_\n"
                       "2 13/2 1/2 76 | 1:the 1:e-\n"
                       "3 7 2 78 | 1:ther.\n");
  assert_true(nm_check_song_round_trip(nm_musicxml_read, nm_musicxml_write, song));
  nm_song_free(song);
}

static void test_ties_and_divisions(void **state)
{
  check_reads(
      PART(MEASURE("<attributes><divisions>4</divisions></attributes>" NOTE("C", "4", "<tie type=\"start\"/>")
                       NOTE("C", "12", "<tie type=\"stop\"/>"))
               MEASURE("<attributes><divisions>3</divisions></attributes>" NOTE("C", "1") NOTE("D", "11"))),
      "1 0 4 60 |\n2 4 1/3 60 |\n2 13/3 11/3 62 |\n");
  check_reads(
      PART(MEASURE(NOTE("C", "2.5", "<tie type=\"start\"/>" LYRIC("a")) NOTE("C", "1.5", LYRIC("b")))),
      "line 1.0: a b\n1 0 5/2 60 | 1:a\n1 5/2 3/2 60 | 1:b\n"); // another syllable: no tie
}

static void test_melismas(void **state)
{
  check_reads(PART(MEASURE(NOTE("C", "1", SYLLABLE("begin", "A")) NOTE("D", "1")
                               NOTE("E", "1", SYLLABLE("end", "men")) NOTE("F", "1"))),
              "line 1.0: Amen\n1 0 1 60 | 1:A-\n1 1 1 62 | 1:_\n1 2 1 64 | 1:men\n1 3 1 65 |\n");
  check_reads(PART(MEASURE(NOTE("C", "1", "<notations><slur type=\"start\"/></notations>" LYRIC("oh")) NOTE(
                  "D", "1", "<notations><slur type=\"stop\"/></notations>") NOTE("E", "1"))),
              "line 1.0: oh\n1 0 1 60 | 1:oh\n1 1 1 62 | 1:_\n1 2 1 64 |\n");
  check_reads(PART(MEASURE(NOTE("C", "1", "<lyric><text>oh</text><extend/></lyric>")
                               NOTE("D", "1") "<note><rest/><duration>1</duration></note>" NOTE("E", "1"))),
              "line 1.0: oh\n1 0 1 60 | 1:oh\n1 1 1 62 | 1:_\n1 3 1 64 |\n");
}

static void test_words_under_notes(void **state)
{
  check_reads(PART(MEASURE(NOTE("C", "1", LYRIC("2. Hal-")) NOTE("D", "1", LYRIC(" lo "))
                               NOTE("E", "1", LYRIC("the‿old")) NOTE("F", "1", LYRIC("Oh !")))),
              "line 1.0: Hallo the old Oh !\n1 0 1 60 | 1:Hal-\n1 1 1 62 | 1:lo\n1 2 1 64 | 1:the 1:old\n"
              "1 3 1 65 | 1:Oh !\n");
  check_reads(PART(MEASURE(NOTE("C", "1", LYRIC("you ❤️")) NOTE("D", "1", LYRIC("all")))),
              "line 1.0: you ❤️ all\n1 0 1 60 | 1:you ❤️\n1 1 1 62 | 1:all\n");
}

static void test_lines(void **state)
{
  check_reads(PART(MEASURE(NOTE("C", "1", "<lyric><text>one</text><end-line/></lyric>") NOTE(
                  "D", "1", LYRIC("two")) NOTE("E", "1", "<lyric><text>three</text><end-paragraph/></lyric>")
                               NOTE("F", "1", LYRIC("four")))),
              "line 1.0: one\nline 1.0: two three\nline 1.1: four\n1 0 1 60 | 1:one\n1 1 1 62 | 1:two\n1 2 1 "
              "64 | 1:three\n"
              "1 3 1 65 | 1:four\n");
}

static void test_chords_grace_and_cue(void **state)
{
  const char *text = PART(MEASURE("<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>" NOTE(
      "C", "1",
      LYRIC("a")) "<note><chord/><pitch><step>G</step><octave>4</octave></pitch><duration>1</duration></note>"
                  "<note><cue/><pitch><step>A</step><octave>4</octave></pitch><duration>1</duration></note>"
                  "<note><unpitched/><duration>1</duration></note>" NOTE("D", "1", LYRIC("b"))));
  check_reads(text, "line 1.0: a b\n1 0 1 67 | 1:a\n1 3 1 62 | 1:b\n");
  check_note(text, "chords");
  check_note(text, "1 grace");
  check_note(text, "1 cue");
  check_note(text, "without pitch");
}

static void test_voices_and_parts(void **state)
{
  const char *text =
      "<score-partwise><part-list><score-part id=\"A\"><part-name>Piano</part-name></score-part>"
      "<score-part id=\"B\"><part-name>Voice</part-name></score-part></part-list>"
      "<part id=\"A\"><measure>" NOTE("C", "1") NOTE("C", "1") NOTE("C", "1") NOTE(
          "C", "1") "</measure></part>"
                    "<part id=\"B\"><measure>" NOTE(
                        "E", "4", "<voice>1</voice>") "<backup><duration>4</duration></backup>"
                                                      "<forward><duration>1</duration></forward>" NOTE(
                                                          "G", "3",
                                                          "<voice>2</voice>" LYRIC(
                                                              "la")) "</measure></part></score-partwise>";
  NmSongReading reading = nm_song_reading_defaults();
  NmSong *song = NULL;
  NmError err = {0};
  check_reads(text, "line 1.0: la\n1 1 3 67 | 1:la\n");
  check_note(text, "part 2 of 2, Voice");
  reading.part = 0;
  assert_int_equal(nm_musicxml_read((const uint8_t *)text, strlen(text), "test", &reading, &song, NULL, &err),
                   NM_OK);
  assert_int_equal(song->n_notes, 4);
  nm_song_free(song);
  reading.part = 2;
  assert_int_equal(nm_musicxml_read((const uint8_t *)text, strlen(text), "test", &reading, &song, NULL, &err),
                   NM_ERR_BAD_ARG);
}

static void test_bars(void **state)
{
  // A pick-up, a bar in two parts at a repeat, and one too short, behind which the meter is said again.
  const char *text = PART(
      MEASURE("<attributes><time><beats>4</beats><beat-type>4</beat-type></time></attributes>" NOTE("C", "1"))
          MEASURE(NOTE("D", "3") "<barline><repeat direction=\"backward\"/></barline>")
              MEASURE(NOTE("E", "1")) MEASURE(NOTE("F", "2")) MEASURE(NOTE("G", "4")));
  check_reads(text,
              "meter 4/4 at 0\nmeter 4/4 at 7\n0 0 1 60 |\n1 1 3 62 |\n1 4 1 64 |\n2 5 2 65 |\n3 7 4 67 |\n");
  check_note(text, "repeats");
}

static void test_tempo_places(void **state)
{
  check_reads(
      PART(MEASURE(NOTE("C", "4") "<direction><direction-type><words/></direction-type><offset>-1</offset>"
                                  "<sound tempo=\"72.5\"/></direction>"
                                  "<direction><direction-type><metronome><beat-unit>half</beat-unit>"
                                  "<per-minute>c. 50</per-minute></metronome></direction-type></direction>")),
      "tempo 72.5 at 3\ntempo 100 at 4\n1 0 4 60 |\n");
}

static void test_encodings(void **state)
{
  check_reads(
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" PART(MEASURE(NOTE("C", "4", LYRIC("n\xe4h")))),
      "line 1.0: näh\n1 0 4 60 | 1:näh\n");
}

static void test_refused(void **state)
{
  char deep[8192] = "<score-partwise>";
  for (int i = 0; i < 100; ++i) strcat(deep, "<x>");
  check_refused("<html/>", NM_ERR_UNSUPPORTED, "no MusicXML");
  check_refused("<score-partwise>", NM_ERR_BAD_DATA, "line 1");
  check_refused("<score-partwise/>", NM_ERR_BAD_DATA, "no notes");
  check_refused("", NM_ERR_BAD_DATA, "test");
  check_refused(deep, NM_ERR_BAD_DATA, "deep");
  check_refused("<!DOCTYPE score-partwise [<!ENTITY a \"b\">]><score-partwise/>", NM_ERR_UNSUPPORTED,
                "entit");
  check_refused(PART(MEASURE(NOTE("C", "x"))), NM_ERR_BAD_DATA, "duration");
  check_refused(PART(MEASURE("<attributes><divisions>1048583</divisions></attributes>" NOTE("C", "1"))),
                NM_ERR_UNSUPPORTED, "parts of a beat");
}

static void test_mxl_refused(void **state)
{
  NmError err = {0};
  NmSong *song = NULL;
  const uint8_t bytes[] = "PK\3\4 not a zip archive";
  assert_int_equal(nm_mxl_read(bytes, sizeof bytes, "test", NULL, &song, NULL, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "zip"));
}

// A song with what notation finds hard, verse after verse.
static NmSong *make_song(void)
{
  NmSong *song = nm_song_new();
  song->ticks_per_beat = 60;
  song->pickup = 40;
  song->title = nm_song_keep(song, "A & B", 5);
  nm_song_add_key(song, 0, -5, true);
  nm_song_add_key(song, 250, 4, false);
  nm_song_add_meter(song, 0, 3, 4);
  nm_song_add_meter(song, 400, 6, 8);
  nm_song_add_tempo(song, 0, 97.3);
  nm_song_add_tempo(song, 777, 60);
  static const int lens[] = {40, 12, 8, 40, 90, 30, 300, 20, 7, 13, 60, 170};
  int64_t at = 0;
  for (size_t i = 0; i < sizeof lens / sizeof *lens; ++i) {
    nm_song_add_note(song, at, lens[i], 60 + (int)(i * 7 % 12), i % 3 ? 80 : 0);
    at += lens[i] + (i % 4 == 3 ? 25 : 0);
  }
  for (int16_t verse = 1; verse <= 2; ++verse) {
    nm_song_add_line(song, verse, verse - 1);
    for (int i = 0; i < 3; ++i) {
      nm_song_add_word(song);
      for (int j = 0; j < 2; ++j)
        nm_song_add_link(song, nm_song_add_syllable(song, j ? "lo-la_" : "Hál <", j ? 6 : 6, -1),
                         3 * i + j + verse - 1);
    }
  }
  nm_song_add_link(song, 1, 2); // a melisma
  nm_song_add_link(song, 5, 8); // one over a gap in the links
  nm_song_add_link(song, 5, 11);
  NmError err = {0};
  if (nm_song_finish(song, &err) != NM_OK) fail_msg("%s", err.message);
  return song;
}

static void test_round_trip(void **state)
{
  NmSong *song = make_song();
  assert_true(nm_check_song_round_trip(nm_musicxml_read, nm_musicxml_write, song));
  song->lines[0].stanza = 7; // lines that end-paragraph cannot say
  song->lines[1].stanza = 3;
  assert_true(nm_check_song_round_trip(nm_musicxml_read, nm_musicxml_write, song));
  song->notes[0].pitch = 3; // below MusicXML's lowest octave
  assert_true(nm_check_song_round_trip(nm_mxl_read, nm_mxl_write, song));
  nm_song_free(song);
}

static void test_not_written(void **state)
{
  NmSong *song = make_song();
  uint8_t *bytes;
  size_t n;
  NmError err = {0};
  song->links[0].syllable = 4; // out of order
  assert_int_equal(nm_song_write_bytes(nm_musicxml_write, song, NULL, &bytes, &n, &err), NM_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "syllable 5"));
  nm_song_free(song);
  song = make_song();
  song->syllables[2].text = "\x01";
  assert_int_equal(nm_song_write_bytes(nm_musicxml_write, song, NULL, &bytes, &n, &err), NM_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "syllable 3"));
  nm_song_free(song);
}

static bool read_note_by_note(void *context)
{
  const char *text = context;
  NmSong *song = NULL;
  NmError err = {0};
  const NmStatus status =
      nm_musicxml_read((const uint8_t *)text, strlen(text), "test", NULL, &song, NULL, &err);
  nm_song_free(song);
  assert_true(status == NM_OK || err.message[0]);
  return status == NM_OK;
}

static bool write_packed(void *context)
{
  NmError err = {0};
  uint8_t *bytes;
  size_t n;
  const NmStatus status = nm_song_write_bytes(nm_mxl_write, context, NULL, &bytes, &n, &err);
  free(bytes);
  assert_true(status == NM_OK || err.message[0]);
  return status == NM_OK;
}

static void test_no_memory(void **state)
{
  char text[] = PART(MEASURE(NOTE("C", "2", SYLLABLE("begin", "A")) NOTE("D", "2", SYLLABLE("end", "men"))));
  NmSong *song = make_song();
  assert_true(nm_fail_alloc_each(read_note_by_note, text, false) > 20);
  assert_true(nm_fail_alloc_each(write_packed, song, true) > 5);
  nm_song_free(song);
}

static void test_random_songs(void **state)
{
  for (uint64_t seed = 0; seed < 500; ++seed) {
    NmSong *song = nm_random_sung(seed);
    assert_true(nm_check_song_round_trip(nm_musicxml_read, nm_musicxml_write, song));
    nm_song_free(song);
  }
}

static void test_seeds(void **state)
{
  assert_true(nm_check_song_folder(nm_musicxml_read, nm_musicxml_write, NM_TEST_DATA "/fuzz/seeds/musicxml") >
              0);
  assert_true(nm_check_song_folder(nm_mxl_read, nm_mxl_write, NM_TEST_DATA "/fuzz/seeds/mxl") > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_features),
      cmocka_unit_test(test_ties_and_divisions),
      cmocka_unit_test(test_melismas),
      cmocka_unit_test(test_words_under_notes),
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_chords_grace_and_cue),
      cmocka_unit_test(test_voices_and_parts),
      cmocka_unit_test(test_bars),
      cmocka_unit_test(test_tempo_places),
      cmocka_unit_test(test_encodings),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_mxl_refused),
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_not_written),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_random_songs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
