// SPDX-License-Identifier: GPL-3.0-or-later
// Songs in files: formats by ending and by content, whole files or none, LRC.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/formats/lrc.h"
#include "app/formats/song_file.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"

static char folder[] = "/tmp/neume_song_file_XXXXXX";

static const char *get_path(const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void put_file(const char *name, const void *bytes, size_t n)
{
  FILE *file = fopen(get_path(name), "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

static NmSong *draw_song(uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 60, .melismas = true, .pickups = true});
  assert_non_null(song);
  return song;
}

static void test_endings(void **state)
{
  int n;
  const NmSongFormat *formats = nm_song_formats(&n);
  for (int i = 0; i < n; ++i) assert_ptr_equal(nm_song_format_find(formats[i].ending, NULL), &formats[i]);
  assert_string_equal(nm_song_format_find("a/b.KAR", NULL)->name, "MIDI");
  NmError err = {0};
  assert_null(nm_song_format_find("mid", &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  assert_non_null(strstr(err.message, ".musicxml"));
}

static void test_content(void **state)
{
  static const struct {
    const char *bytes;
    size_t n;
    const char *ending; // NULL: none
  } cases[] = {{"MThd", 4, ".mid"},
               {"RIFF\0\0\0\0RMID", 12, ".mid"},
               {"RIFF\0\0\0\0WAVE", 12, NULL},
               {"PK\3\4", 4, ".mxl"},
               {"  <?xml", 7, ".musicxml"},
               {"\xef\xbb\xbf<score", 9, ".musicxml"},
               {"\xff\xfe<\0", 4, ".musicxml"},
               {"\xfe\xff\0<", 4, ".musicxml"},
               {"X:1\n", 4, ".abc"},
               {"%abc\nT:a\nX: 2\n", 14, ".abc"},
               {" {\n \"format\": \"neume\"", 20, ".neume"},
               {"{title: Amazing Grace}", 22, NULL},
               {"{", 1, NULL},
               {"Twinkle twinkle", 15, NULL},
               {"A: b\nword\n", 10, NULL},
               {"", 0, NULL},
               {"M", 1, NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const NmSongFormat *format = nm_song_format_guess((const uint8_t *)cases[i].bytes, cases[i].n);
    if (cases[i].ending)
      assert_string_equal(format ? format->ending : "none", cases[i].ending);
    else
      assert_null(format);
  }
}

// Every format that can be read gives the song back, whatever the file is called.
static void test_files(void **state)
{
  int n;
  const NmSongFormat *formats = nm_song_formats(&n);
  NmSong *song = draw_song(1);
  for (int i = 0; i < n; ++i) {
    char name[32], why[128] = "";
    NmError err = {0};
    NmSong *again = NULL;
    snprintf(name, sizeof name, "song%s", formats[i].ending);
    if (!formats[i].read || !formats[i].write) continue;
    assert_int_equal(nm_song_file_write(get_path(name), song, NULL, false, &err), NM_OK);
    assert_int_equal(nm_song_file_write(get_path(name), song, NULL, false, &err), NM_ERR_IO); // it exists
    assert_int_equal(nm_song_file_write(get_path(name), song, NULL, true, &err), NM_OK);
    assert_int_equal(nm_song_file_read(get_path(name), NULL, &again, NULL, &err), NM_OK);
    if (!nm_song_equal(song, again, why, sizeof why)) fail_msg("%s: %s", name, why);
    nm_song_free(again);
  }
  nm_song_free(song);
}

static void check_unread(const char *path, NmStatus expected, const char *said)
{
  NmError err = {0};
  NmSong *song;
  assert_int_equal(nm_song_file_read(path, NULL, &song, NULL, &err), expected);
  assert_null(song);
  if (!strstr(err.message, said)) fail_msg("it says: %s", err.message);
}

static void test_unread(void **state)
{
  check_unread(get_path("absent.mid"), NM_ERR_IO, "absent.mid");
  check_unread(folder, NM_ERR_IO, folder);
  put_file("words.txt", "Twinkle", 7);
  check_unread(get_path("words.txt"), NM_ERR_BAD_ARG, "words.txt");
  put_file("words.lrc", "[00:01.00]a", 11);
  check_unread(get_path("words.lrc"), NM_ERR_UNSUPPORTED, "only written");
  put_file("huge.mid", "MThd", 4);
  assert_int_equal(truncate(get_path("huge.mid"), (off_t)NM_SONG_FILE_MAX + 1), 0);
  check_unread(get_path("huge.mid"), NM_ERR_IO, "64 MiB");
}

// What fails leaves neither the file nor a part of it.
static void test_whole_or_nothing(void **state)
{
  NmError err = {0};
  NmSong *song = nm_song_new();
  assert_non_null(song);
  assert_int_equal(nm_song_file_write(get_path("none.mid"), song, NULL, false, &err), NM_ERR_UNSUPPORTED);
  assert_int_equal(access(get_path("none.mid"), F_OK), -1);
  assert_int_equal(nm_song_file_write(get_path("none.xyz"), song, NULL, false, NULL), NM_ERR_BAD_ARG);
  assert_int_equal(nm_song_file_write("/nowhere/none.mid", song, NULL, false, NULL), NM_ERR_IO);
  nm_song_free(song);
}

static void test_notes(void **state)
{
  NmSongNotes notes = {0};
  nm_song_notes_add(NULL, "nobody listens");
  nm_song_notes_add(&notes, "%d", 1);
  nm_song_notes_add(&notes, "%d", 1);
  assert_int_equal(notes.n, 1);
  for (int i = 0; i < 2 * NM_SONG_NOTES_TEXTS; ++i) nm_song_notes_add(&notes, "%d %0300d", i, 7);
  assert_int_equal(notes.n, NM_SONG_NOTES_TEXTS);
}

// --- LRC ---

// "Hel-lo you" from half a second on, five seconds of nothing, "bye"; a second verse under it.
static NmSong *make_song(void)
{
  static const struct {
    int onset, len;
    const char *text;
    bool begins_word, begins_line;
  } notes[] = {{1, 1, "Hel", true, true},
               {2, 1, "lo", false, false},
               {3, 2, "you,", true, false},
               {15, 1, "bye", true, true}};
  NmSong *song = nm_song_new();
  assert_non_null(song);
  song->title = "Tune [1]";
  song->composer = "C. D.";
  song->lyricist = "L.";
  song->ticks_per_beat = 1;
  for (int i = 0; i < 4; ++i) {
    nm_song_add_note(song, notes[i].onset, notes[i].len, 60 + i, 0);
    if (notes[i].begins_line) nm_song_add_line(song, 1, 0);
    if (notes[i].begins_word) nm_song_add_word(song);
    nm_song_add_syllable(song, notes[i].text, strlen(notes[i].text), -1);
    nm_song_add_link(song, i, i);
  }
  nm_song_add_line(song, 2, 0);
  nm_song_add_word(song);
  nm_song_add_syllable(song, "more", 4, -1);
  nm_song_add_link(song, 4, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static void check_lrc(bool word_times, const char *expected)
{
  NmSong *song = make_song();
  NmSongNotes notes = {0};
  const NmSongWriting writing = {.word_times = word_times, .notes = &notes};
  uint8_t *bytes;
  size_t n;
  assert_int_equal(nm_song_write_bytes(nm_lrc_write, song, &writing, &bytes, &n, NULL), NM_OK);
  assert_string_equal((const char *)bytes, expected);
  assert_int_equal(notes.n, 1);
  free(bytes);
  nm_song_free(song);
}

static void test_lrc(void **state)
{
#define HEAD "[ti:Tune [1]]\n[au:C. D.]\n[lr:L.]\n[length:00:08]\n"
  check_lrc(false, HEAD "[00:00.50]Hello you,\n[00:02.50]\n[00:07.50]bye\n[00:08.00]\n");
  check_lrc(true, HEAD "[00:00.50]<00:00.50>Hello <00:01.50>you, <00:02.50>\n[00:02.50]\n"
                       "[00:07.50]<00:07.50>bye <00:08.00>\n[00:08.00]\n");
}

static bool write_lrc(void *context)
{
  uint8_t *bytes;
  size_t n;
  const NmStatus status = nm_song_write_bytes(nm_lrc_write, context, NULL, &bytes, &n, NULL);
  free(bytes);
  return status == NM_OK;
}

static bool read_file(void *context)
{
  NmSong *song;
  const NmStatus status = nm_song_file_read(context, NULL, &song, NULL, NULL);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  nm_song_free(song);
  return status == NM_OK;
}

static void test_no_memory(void **state)
{
  NmSong *song = make_song();
  char path[256];
  assert_true(nm_fail_alloc_each(write_lrc, song, false) > 0);
  snprintf(path, sizeof path, "%s", get_path("memory.mid"));
  assert_int_equal(nm_song_file_write(path, song, NULL, true, NULL), NM_OK);
  assert_true(nm_fail_alloc_each(read_file, path, false) > 5);
  nm_song_free(song);
}

static int set_up(void **state)
{
  return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_endings), cmocka_unit_test(test_content),          cmocka_unit_test(test_files),
      cmocka_unit_test(test_unread),  cmocka_unit_test(test_whole_or_nothing), cmocka_unit_test(test_notes),
      cmocka_unit_test(test_lrc),     cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
