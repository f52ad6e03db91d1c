// SPDX-License-Identifier: GPL-3.0-or-later
// MIDI files: golden bytes, the habits of lyrics, odd files, and songs that come back as they went.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/formats/midi.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"
#include "tests/support/song_check.h"
#include "tests/support/song_round_trip.h"

enum { FILE_MAX = 4096, BEAT = 96 };

typedef struct {
  uint8_t bytes[FILE_MAX];
  size_t n, track;
  int64_t tick;
} Made;

static void put(Made *made, const void *bytes, size_t n)
{
  assert_true(made->n + n <= FILE_MAX);
  memcpy(made->bytes + made->n, bytes, n);
  made->n += n;
}

static void begin_file(Made *made, int type, int n_tracks)
{
  const uint8_t head[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, (uint8_t)type, 0, (uint8_t)n_tracks, 0, BEAT};
  made->n = 0;
  put(made, head, sizeof head);
}

static void begin_track(Made *made)
{
  put(made, "MTrk\0\0\0\0", 8);
  made->track = made->n;
  made->tick = 0;
}

static void put_at(Made *made, int64_t tick, const void *bytes, size_t n)
{
  const int64_t delta = tick - made->tick;
  assert_true(delta >= 0 && delta < 1 << 14);
  const uint8_t number[2] = {(uint8_t)(0x80 | delta >> 7), (uint8_t)(delta & 0x7f)};
  put(made, number, 2);
  put(made, bytes, n);
  made->tick = tick;
}

static void put_meta(Made *made, int64_t tick, int kind, const char *text)
{
  uint8_t bytes[256] = {0xff, (uint8_t)kind, (uint8_t)strlen(text)};
  memcpy(bytes + 3, text, strlen(text));
  put_at(made, tick, bytes, 3 + strlen(text));
}

static void put_note(Made *made, int64_t tick, int channel, int pitch, int velocity)
{
  put_at(made, tick, (const uint8_t[]){(uint8_t)(0x90 | channel), (uint8_t)pitch, (uint8_t)velocity}, 3);
}

static void end_track(Made *made)
{
  put_at(made, made->tick, "\xff\x2f\0", 3);
  const size_t len = made->n - made->track;
  made->bytes[made->track - 2] = (uint8_t)(len >> 8);
  made->bytes[made->track - 1] = (uint8_t)len;
}

// A file of one track: the texts as events of a kind, each on a note of a beat.
static void make_sung(Made *made, int kind, const char *const *texts, int n)
{
  begin_file(made, 0, 1);
  begin_track(made);
  for (int i = 0; i < n; ++i) {
    if (texts[i]) put_meta(made, BEAT * i, kind, texts[i]);
    put_note(made, BEAT * i, 0, 60 + i, 80);
    put_note(made, BEAT * (i + 1), 0, 60 + i, 0);
  }
  end_track(made);
}

static NmSong *read_made(const Made *made, const NmSongReading *reading, NmSongNotes *notes)
{
  NmError err = {0};
  NmSong *song = NULL;
  if (nm_midi_read(made->bytes, made->n, "test", reading, &song, notes, &err) != NM_OK)
    fail_msg("%s", err.message);
  return song;
}

static void check_song(NmSong *song, const char *expected)
{
  nm_song_expect(song, expected);
  assert_true(nm_check_song_round_trip(nm_midi_read, nm_midi_write, song));
  nm_song_free(song);
}

// The lyrics of a song as text: syllables divided by "-", "_" where one is held, lines by "/", stanzas by
// "//".
static void check_lyrics(const Made *made, const char *expected)
{
  char text[512] = "";
  NmSong *song = read_made(made, NULL, NULL);
  for (int32_t i = 0; i < song->n_syllables; ++i) {
    const NmSongWord *word = &song->words[song->syllables[i].word];
    const NmSongLine *line = &song->lines[word->line];
    const bool begins = word->syllable_first == i, first = line->word_first == word - song->words;
    const char *between = !begins                           ? "-"
                          : !first                          ? " "
                          : line == song->lines             ? ""
                          : line[-1].stanza == line->stanza ? "/"
                                                            : "//";
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", between, song->syllables[i].text);
    for (int32_t j = 0, n = 0; j < song->n_links; ++j)
      if (song->links[j].syllable == i && n++ > 0) strcat(text, "_");
  }
  assert_string_equal(text, expected);
  assert_true(nm_check_song_round_trip(nm_midi_read, nm_midi_write, song));
  nm_song_free(song);
}

#define CHECK_SUNG(kind, expected, ...)                                                                      \
  do {                                                                                                       \
    static const char *const texts_[] = {__VA_ARGS__};                                                       \
    Made made_;                                                                                              \
    make_sung(&made_, kind, texts_, sizeof texts_ / sizeof *texts_);                                         \
    check_lyrics(&made_, expected);                                                                          \
  } while (0)

static void check_note(const Made *made, const char *expected)
{
  NmSongNotes notes = {0};
  bool found = false;
  nm_song_free(read_made(made, NULL, &notes));
  for (int32_t i = 0; i < notes.n; ++i) found |= strstr(notes.text[i], expected) != NULL;
  if (!found) fail_msg("no note says \"%s\"", expected);
}

// --- golden bytes ---

// Type 0, running status, velocity 0 as the end, a key, a meter, a tempo.
static const uint8_t golden_read[] = {
    'M',  'T',  'h',  'd',  0,    0,    0,    6,   0,    0, 0,    1,    0x01, 0xe0,
    'M',  'T',  'r',  'k',  0,    0,    0,    63,                               //
    0,    0xff, 0x59, 2,    0xfe, 0,                                            // B flat major
    0,    0xff, 0x58, 4,    3,    2,    24,   8,                                // 3/4
    0,    0xff, 0x51, 3,    0x0a, 0x2c, 0x2b,                                   // 666667 us: 90 a minute
    0,    0xff, 0x05, 4,    'H',  'e',  'l',  '-',                              //
    0,    0x93, 70,   100,  0x81, 0x70, 70,   0,                                // half a beat
    0,    0xff, 0x05, 2,    'l',  'o',                                          //
    0,    72,   90,   0x83, 0x60, 72,   0,                                      // a beat, by running status
    0x81, 0x70, 74,   64,   0x87, 0x40, 0x83, 74,  0x40, 0, 0xff, 0x2f, 0,    0 // a rest, then two beats
};

static void test_golden_read(void **state)
{
  Made made = {.n = sizeof golden_read - 1};
  memcpy(made.bytes, golden_read, made.n);
  check_song(read_made(&made, NULL, NULL),
             "key -2 major at 0\nmeter 3/4 at 0\ntempo 90 at 0\nline 1.0: Hello\n"
             "1 0 1/2 70 | 1:Hel-\n1 1/2 1 72 | 1:lo\n1 2 2 74 |\n");
}

// What we write, byte by byte: "to the" on one beat and a half each, in D, 3/4, after a beat of pick-up.
static const uint8_t golden_written[] = {
    'M',  'T',  'h',  'd',  0,    0,    0,    6,    0,    1,    0,  2,    0x01, 0xe0, //
    'M',  'T',  'r',  'k',  0,    0,    0,    39,                                     //
    0,    0xff, 0x03, 1,    'T',                                                      //
    0,    0xff, 0x58, 4,    1,    2,    24,   8,                              // the pick-up, a bar of 1/4
    0,    0xff, 0x59, 2,    2,    0,                                          //
    0,    0xff, 0x51, 3,    0x07, 0xa1, 0x20,                                 // 120
    0x83, 0x60, 0xff, 0x58, 4,    3,    2,    24,   8,                        //
    0,    0xff, 0x2f, 0,                                                      //
    'M',  'T',  'r',  'k',  0,    0,    0,    50,                             //
    0,    0xff, 0x03, 6,    'M',  'e',  'l',  'o',  'd',  'y',  0,  0xc0, 53, //
    0,    0xff, 0x05, 3,    't',  'o',  ' ',  0,    0x90, 62,   90, 0x83, 0x60, 0x80, 62,   0,     //
    0,    0xff, 0x05, 4,    't',  'h',  'e',  '\r', 0,    0x90, 64, 77,   0x85, 0x50, 0x80, 64, 0, //
    0,    0xff, 0x2f, 0};

static NmSong *make_golden(void)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  song->title = "T";
  song->ticks_per_beat = 2;
  song->pickup = 2;
  nm_song_add_key(song, 0, 2, false);
  nm_song_add_meter(song, 0, 3, 4);
  nm_song_add_tempo(song, 0, 120);
  nm_song_add_note(song, 0, 2, 62, 0);
  nm_song_add_note(song, 2, 3, 64, 77);
  nm_song_add_word(song);
  nm_song_add_syllable(song, "to", 2, -1);
  nm_song_add_word(song);
  nm_song_add_syllable(song, "the", 3, -1);
  nm_song_add_link(song, 0, 0);
  nm_song_add_link(song, 1, 1);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static void test_golden_written(void **state)
{
  NmSong *song = make_golden();
  uint8_t *bytes;
  size_t n;
  assert_int_equal(nm_song_write_bytes(nm_midi_write, song, NULL, &bytes, &n, NULL), NM_OK);
  assert_int_equal(n, sizeof golden_written);
  assert_memory_equal(bytes, golden_written, n);
  free(bytes);
  nm_song_free(song);
}

// --- lyrics ---

static void test_words(void **state)
{
  CHECK_SUNG(5, "one two three", "one ", "two ", "three ");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal", "le", "lu", "jah ", "a", "men ");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal", "le", "lu", "jah", " a", "men");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal-", "le-", "lu-", "jah", "a-", "men");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal-", "le-", "lu-", "jah ", "a-", "men ");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal- ", "le- ", "lu- ", "jah ", "a- ", "men ");
  CHECK_SUNG(5, "Hal-le-lu-jah a-men", "Hal-", "-le-", "-lu-", "-jah", "a-", "-men");
  CHECK_SUNG(5, "well--known to all", "well-", "known ", "to ", "all ");
  CHECK_SUNG(5, "one two three", "one", "two", "three");
}

static void test_lines(void **state)
{
  CHECK_SUNG(5, "a b/c d//e", "a ", "b\r", "c ", "d\n", "e\r");
  CHECK_SUNG(5, "a b/c d/e", "a ", "b\n", "c ", "d\n", "e\n");
  CHECK_SUNG(5, "a b/c d//e", "a ", "b\r\n", "c ", "d\r\n\r\n", "e");
  CHECK_SUNG(1, "a b/c d//e", "\\a ", "b ", "/c ", "d ", "\\e");
  CHECK_SUNG(5, "a b/c d-e", "a ", "b ", "\rc ", "d", "e");
}

static void test_holds(void **state)
{
  CHECK_SUNG(5, "a_ b", "a ", NULL, "b ");
  CHECK_SUNG(5, "a_ b", "a ", "_", "b ");
  CHECK_SUNG(5, "hel_-lo you", "hel-", "-", "lo", "you");
  CHECK_SUNG(5, "to a star", "to ", "a star ");
}

static void test_by_line(void **state)
{
  static const char *const texts[] = {"how I wonder", NULL, NULL, "what you are\n", NULL, NULL};
  Made made;
  make_sung(&made, 5, texts, 6);
  check_song(read_made(&made, NULL, NULL),
             "line 1.0: how I wonder what you are\n1 0 1 60 | 1:how\n1 1 1 61 | 1:I\n1 2 1 62 | 1:wonder\n"
             "1 3 1 63 | 1:what\n2 4 1 64 | 1:you\n2 5 1 65 | 1:are\n");
  check_note(&made, "word by word");
}

static void test_encodings(void **state)
{
  CHECK_SUNG(5, "caf\u00e9 na-\u00efve \u201cso\u201d", "caf\xe9 ", "na", "\xefve ", "\x93so\x94");
  // Windows-1251 and Shift-JIS, as Cyrillic and Japanese karaoke files have them.
  CHECK_SUNG(5, "\u0440\u0430\u0437 \u0434\u0432\u0430", "\xf0\xe0\xe7 ", "\xe4\xe2\xe0");
  CHECK_SUNG(5, "\u3055\u304f \u3089", "\x82\xb3\x82\xad ", "\x82\xe7");
  CHECK_SUNG(5, "caf\u00e9 \u201cso\u201d", "caf\u00e9 ", "\u201cso\u201d");
}

static void test_karaoke_headers(void **state)
{
  Made made;
  begin_file(&made, 1, 2);
  begin_track(&made);
  put_meta(&made, 0, 3, "Words");
  put_meta(&made, 0, 1, "@KMIDI KARAOKE FILE");
  put_meta(&made, 0, 1, "@LENGL");
  put_meta(&made, 0, 1, "@TThe Star");
  put_meta(&made, 0, 1, "@TJane Taylor");
  static const char *const texts[] = {"\\Twin", "kle ", "star", "/how ", "I"};
  for (int i = 0; i < 5; ++i) put_meta(&made, BEAT * (i + 1), 1, texts[i]);
  end_track(&made);
  begin_track(&made);
  for (int i = 0; i < 5; ++i) {
    put_note(&made, BEAT * (i + 1), 3, 60 + i, 80);
    put_note(&made, BEAT * (i + 2), 3, 60 + i, 0);
  }
  end_track(&made);
  NmSong *song = read_made(&made, NULL, NULL);
  assert_string_equal(song->title, "The Star");
  assert_string_equal(song->composer, "Jane Taylor");
  assert_string_equal(song->language, "ENGL");
  nm_song_free(song);
  check_lyrics(&made, "Twin-kle star/how I");
}

// Events twice in the track count once.
static void test_duplicates(void **state)
{
  Made made;
  begin_file(&made, 0, 1);
  begin_track(&made);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) put_meta(&made, BEAT * i, 5, i ? "b " : "a ");
    for (int j = 0; j < 2; ++j) put_note(&made, BEAT * i, 0, 60, 80);
    for (int j = 0; j < 2; ++j) put_note(&made, BEAT * (i + 1), 0, 60, 0);
  }
  end_track(&made);
  check_song(read_made(&made, NULL, NULL), "line 1.0: a b\n1 0 1 60 | 1:a\n1 1 1 60 | 1:b\n");
}

// --- notes ---

static void test_one_voice(void **state)
{
  Made made;
  begin_file(&made, 0, 1);
  begin_track(&made);
  for (int i = 0; i < 3; ++i) put_note(&made, 0, 0, 60 + 4 * i, 80); // a chord
  for (int i = 0; i < 3; ++i) put_note(&made, BEAT, 0, 60 + 4 * i, 0);
  put_note(&made, BEAT, 0, 70, 80); // held into the next
  put_note(&made, 2 * BEAT, 0, 72, 80);
  put_note(&made, 3 * BEAT, 0, 70, 0);
  put_note(&made, 3 * BEAT, 0, 50, 80); // under it
  put_note(&made, 4 * BEAT, 0, 50, 0);
  put_note(&made, 5 * BEAT, 0, 72, 0);
  put_note(&made, 5 * BEAT, 0, 65, 80); // no length
  put_note(&made, 5 * BEAT, 0, 65, 0);
  put_note(&made, 6 * BEAT, 0, 67, 80); // struck again, its first end behind
  put_note(&made, 7 * BEAT, 0, 67, 80);
  put_note(&made, 7 * BEAT, 0, 67, 0);
  put_note(&made, 8 * BEAT, 0, 67, 0);
  put_note(&made, 8 * BEAT, 0, 69, 80); // never ends
  put_note(&made, 9 * BEAT, 1, 69, 0);
  end_track(&made);
  for (int i = 0; i < 4; ++i) {
    static const char *const said[] = {"top note", "under longer", "overlapping", "no length"};
    check_note(&made, said[i]);
  }
  check_note(&made, "never end");
  check_song(read_made(&made, NULL, NULL),
             "1 0 1 68 |\n1 1 1 70 |\n1 2 3 72 |\n2 5 1/4 65 |\n2 6 1 67 |\n2 7 1 67 |\n3 8 1 69 |\n");
}

// A bass, a chord track, a melody that the words fit, drums.
static void make_band(Made *made, bool words, const char *name)
{
  begin_file(made, 1, 4);
  for (int part = 0; part < 4; ++part) {
    static const int channels[] = {2, 0, 4, 9}, pitches[] = {36, 80, 67, 40};
    begin_track(made);
    if (part == 2 && name) put_meta(made, 0, 3, name);
    for (int i = 0; i < 8; ++i) {
      const int64_t from = BEAT * i + (part == 2 && i % 2 ? BEAT / 2 : 0);
      if (part == 2 && words) put_meta(made, from, 5, i % 2 ? "la" : "la ");
      for (int j = 0; j < (part == 1 ? 3 : 1); ++j)
        put_note(made, from, channels[part], pitches[part] + 3 * j, 80);
      for (int j = 0; j < (part == 1 ? 3 : 1); ++j)
        put_note(made, BEAT * (i + 1), channels[part], pitches[part] + 3 * j, 0);
    }
    end_track(made);
  }
}

static void check_first_pitch(const Made *made, int part, int pitch)
{
  NmSong *song = read_made(made, &(NmSongReading){.part = part}, NULL);
  assert_int_equal(song->notes[0].pitch, pitch);
  nm_song_free(song);
}

static void test_melody_is_chosen(void **state)
{
  Made made;
  make_band(&made, true, NULL);
  check_first_pitch(&made, -1, 67);
  check_note(&made, "part 2 of 4");
  make_band(&made, false, NULL);
  check_first_pitch(&made, -1, 67);
  make_band(&made, false, "Bass and Melody");
  check_first_pitch(&made, -1, 67);
  check_first_pitch(&made, 0, 36);
  check_first_pitch(&made, 1, 86);
  check_first_pitch(&made, 3, 40);
}

// Everything a tick late, as some programs have it; but not quintuplets, which are no mistakes.
static void test_grid(void **state)
{
  static const int onsets[][4] = {{1, 481, 601, 961}, {0, 96, 192, 288}};
  static const char *const expected[] = {"1 0 1 60 |\n1 1 1/4 62 |\n1 5/4 3/4 64 |\n1 2 1 65 |\n",
                                         "1 0 1/5 60 |\n1 1/5 1/5 62 |\n1 2/5 1/5 64 |\n1 3/5 1 65 |\n"};
  for (int i = 0; i < 2; ++i) {
    Made made;
    begin_file(&made, 0, 1);
    begin_track(&made);
    made.bytes[12] = 480 >> 8, made.bytes[13] = 480 & 255;
    for (int j = 0; j < 4; ++j) {
      static const int pitches[] = {60, 62, 64, 65};
      put_note(&made, onsets[i][j], 0, pitches[j], 80);
      put_note(&made, j < 3 ? onsets[i][j + 1] : onsets[i][j] + 480, 0, pitches[j], 0);
    }
    end_track(&made);
    check_song(read_made(&made, NULL, NULL), expected[i]);
  }
}

static void test_pickups(void **state)
{
  Made made;
  begin_file(&made, 0, 1);
  begin_track(&made);
  put_meta(&made, 0, 0x58, "\1\2\30\10");
  put_note(&made, 0, 0, 60, 80);
  put_note(&made, BEAT, 0, 60, 0);
  put_meta(&made, BEAT, 0x58, "\3\2\30\10");
  put_note(&made, BEAT, 0, 62, 80);
  put_note(&made, 4 * BEAT, 0, 62, 0);
  end_track(&made);
  check_song(read_made(&made, NULL, NULL), "meter 3/4 at 0\n0 0 1 60 |\n1 1 3 62 |\n");
}

// --- odd files ---

static void check_refused(const uint8_t *bytes, size_t n, NmStatus expected, const char *said)
{
  NmError err = {0};
  NmSong *song;
  assert_int_equal(nm_midi_read(bytes, n, "odd.mid", NULL, &song, NULL, &err), expected);
  assert_null(song);
  if (!strstr(err.message, "odd.mid") || !strstr(err.message, said)) fail_msg("it says: %s", err.message);
}

static void test_refused(void **state)
{
  Made made;
  static const char *const texts[] = {"a "};
  make_sung(&made, 5, texts, 1);
  check_refused((const uint8_t *)"", 0, NM_ERR_BAD_DATA, "byte 0");
  check_refused(made.bytes, 13, NM_ERR_BAD_DATA, "byte 0");
  check_refused(made.bytes, 14, NM_ERR_BAD_DATA, "no track");
  made.bytes[9] = 2;
  check_refused(made.bytes, made.n, NM_ERR_UNSUPPORTED, "type 2");
  made.bytes[9] = 0;
  made.bytes[12] = 0xe3; // 29: drop-frame
  check_refused(made.bytes, made.n, NM_ERR_UNSUPPORTED, "byte 12");
  made.bytes[12] = 0, made.bytes[13] = 0;
  check_refused(made.bytes, made.n, NM_ERR_BAD_DATA, "byte 12");
  made.bytes[13] = BEAT;
  made.bytes[22] = made.bytes[23] = 0xff; // a number without end
  made.bytes[24] = made.bytes[25] = made.bytes[26] = 0xff;
  check_refused(made.bytes, made.n, NM_ERR_BAD_DATA, "byte 22");
  begin_file(&made, 0, 1);
  begin_track(&made);
  put_at(&made, 0, "\x40\x40", 2);
  end_track(&made);
  check_refused(made.bytes, made.n, NM_ERR_BAD_DATA, "byte 24");
  begin_file(&made, 0, 1);
  begin_track(&made);
  end_track(&made);
  check_refused(made.bytes, made.n, NM_ERR_BAD_DATA, "no notes");
}

static void test_part_that_is_not_there(void **state)
{
  Made made;
  NmError err = {0};
  NmSong *song;
  make_band(&made, true, NULL);
  assert_int_equal(nm_midi_read(made.bytes, made.n, "x", &(NmSongReading){.part = 4}, &song, NULL, &err),
                   NM_ERR_BAD_ARG);
}

static void test_cut_short(void **state)
{
  Made made;
  static const char *const texts[] = {"a ", "b ", "c "};
  make_sung(&made, 5, texts, 3);
  made.n -= 20;
  check_note(&made, "cut short");
  NmSong *song = read_made(&made, NULL, NULL);
  assert_true(song->n_notes >= 2);
  nm_song_free(song);
}

static void test_seconds(void **state)
{
  Made made;
  static const char *const texts[] = {"a ", "b "};
  make_sung(&made, 5, texts, 2);
  made.bytes[12] = 0xe7, made.bytes[13] = 40; // 25 frames of 40 ticks: 1000 a second
  check_song(read_made(&made, NULL, NULL),
             "tempo 60 at 0\nline 1.0: a b\n1 0 12/125 60 | 1:a\n1 12/125 12/125 61 | 1:b\n");
}

static void test_riff(void **state)
{
  Made made, riff = {0};
  static const char *const texts[] = {"a ", "b "};
  make_sung(&made, 5, texts, 2);
  put(&riff, "RIFF\0\0\0\0RMIDdata", 16);
  put(&riff, (const uint8_t[]){(uint8_t)made.n, (uint8_t)(made.n >> 8), 0, 0}, 4);
  put(&riff, made.bytes, made.n);
  check_lyrics(&riff, "a b");
}

// --- round trips ---

static void check_random(const NmRandomSong *shape, int n)
{
  NmRng rng;
  nm_rng_init(&rng, 4);
  for (int i = 0; i < n; ++i) {
    NmSong *song = nm_random_song(&rng, shape);
    assert_non_null(song);
    assert_true(nm_check_song_round_trip(nm_midi_read, nm_midi_write, song));
    nm_song_free(song);
  }
}

static void test_round_trips(void **state)
{
  check_random(&(NmRandomSong){0}, 300);
  check_random(&(NmRandomSong){.pickups = true, .maps = true}, 300);
  check_random(&(NmRandomSong){.melismas = true, .tuplets = true}, 300);
  check_random(&(NmRandomSong){.elisions = true, .texts = true}, 300);
  check_random(&(NmRandomSong){.unsung = true, .n_verses = 3}, 300);
  check_random(&(NmRandomSong){400, 4, true, true, true, true, true, true, true}, 300);
}

static uint8_t *find(uint8_t *bytes, size_t n, const char *what)
{
  for (size_t i = 0; i + strlen(what) <= n; ++i)
    if (!memcmp(bytes + i, what, strlen(what))) return bytes + i;
  return NULL;
}

static bool has_exact(uint8_t *bytes, size_t n)
{
  return find(bytes, n, "}neume") != NULL;
}

static uint8_t *write_one(const NmSong *song, size_t *n)
{
  uint8_t *bytes;
  NmError err = {0};
  if (nm_song_write_bytes(nm_midi_write, song, NULL, &bytes, n, &err) != NM_OK) fail_msg("%s", err.message);
  return bytes;
}

// Ordinary songs need nothing but what other programs understand.
static void test_plain_suffices(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  int n_exact = 0;
  for (int i = 0; i < 200; ++i) {
    NmSong *song =
        nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 100, .melismas = true, .pickups = true});
    assert_non_null(song);
    size_t n;
    uint8_t *bytes = write_one(song, &n);
    if (song->n_notes > 10) n_exact += has_exact(bytes, n);
    free(bytes);
    nm_song_free(song);
  }
  assert_int_equal(n_exact, 0);
}

// Once a note is another, what was kept for the old ones is no more than a remark.
static void test_exact_goes_stale(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 6);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_verses = 2});
  assert_non_null(song);
  size_t n;
  uint8_t *bytes = write_one(song, &n);
  assert_true(has_exact(bytes, n));
  uint8_t *note = find(bytes, n, "\xc0\x35"); // then a lyric and the first note
  assert_non_null(note);
  while (*note != 0x90) ++note;
  note[1] ^= 1;
  NmSong *again;
  NmSongNotes notes = {0};
  assert_int_equal(nm_midi_read(bytes, n, "x", NULL, &again, &notes, NULL), NM_OK);
  for (int32_t i = 0; i < again->n_lines; ++i) assert_int_equal(again->lines[i].verse, 1);
  assert_true(notes.n > 0);
  nm_song_free(again);
  free(bytes);
  nm_song_free(song);
}

// A meter of no unit, or of a third, found by the fuzzer.
static void test_exact_is_damaged(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 8);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_verses = 2});
  assert_non_null(song);
  size_t n;
  uint8_t *bytes = write_one(song, &n);
  uint8_t *exact = find(bytes, n, "}neume");
  assert_non_null(exact);
  enum { UNIT = 7 + 4 + 4 }; // behind the head, the hash, the pick-up, the count, the tick and the beats
  assert_int_equal(exact[UNIT], song->meters[0].beat_unit);
  for (int unit = 0; unit < 4; unit += 3) {
    exact[UNIT] = (uint8_t)unit;
    check_refused(bytes, n, NM_ERR_BAD_DATA, "damaged");
  }
  free(bytes);
  nm_song_free(song);
}

static void test_limits(void **state)
{
  NmSong *song = make_golden();
  NmError err = {0};
  uint8_t *bytes;
  size_t n;
  song->ticks_per_beat = 32771;
  assert_int_equal(nm_song_write_bytes(nm_midi_write, song, NULL, &bytes, &n, &err), NM_ERR_UNSUPPORTED);
  assert_non_null(strstr(err.message, "32771"));
  song->ticks_per_beat = 1 << 18;
  song->pickup = song->notes[0].len = 1 << 17;
  song->notes[1] = (NmSongNote){1ll << 40, 3 << 17, 64, 77};
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  assert_true(nm_check_song_round_trip(nm_midi_read, nm_midi_write, song));
  nm_song_free(song);
}

// --- memory ---

static bool read_body(void *context)
{
  const Made *made = context;
  NmSong *song;
  NmError err = {0};
  const NmStatus status = nm_midi_read(made->bytes, made->n, "x", NULL, &song, NULL, &err);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  if (status) assert_null(song);
  nm_song_free(song);
  return status == NM_OK;
}

static bool write_body(void *context)
{
  uint8_t *bytes;
  size_t n;
  const NmStatus status = nm_song_write_bytes(nm_midi_write, context, NULL, &bytes, &n, NULL);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  free(bytes);
  return status == NM_OK;
}

static void test_no_memory(void **state)
{
  Made made;
  NmRng rng;
  make_band(&made, true, "Voice");
  assert_true(nm_fail_alloc_each(read_body, &made, false) > 10);
  nm_rng_init(&rng, 7);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_verses = 2});
  assert_non_null(song);
  assert_true(nm_fail_alloc_each(write_body, song, false) > 10);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_read),
      cmocka_unit_test(test_golden_written),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_holds),
      cmocka_unit_test(test_by_line),
      cmocka_unit_test(test_encodings),
      cmocka_unit_test(test_karaoke_headers),
      cmocka_unit_test(test_duplicates),
      cmocka_unit_test(test_one_voice),
      cmocka_unit_test(test_melody_is_chosen),
      cmocka_unit_test(test_grid),
      cmocka_unit_test(test_pickups),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_part_that_is_not_there),
      cmocka_unit_test(test_cut_short),
      cmocka_unit_test(test_seconds),
      cmocka_unit_test(test_riff),
      cmocka_unit_test(test_round_trips),
      cmocka_unit_test(test_plain_suffices),
      cmocka_unit_test(test_exact_goes_stale),
      cmocka_unit_test(test_exact_is_damaged),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
