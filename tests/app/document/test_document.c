// SPDX-License-Identifier: GPL-3.0-or-later
// Documents in files: what is read is written again, byte for byte; what is wrong is told with its place.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/document_internal.h"
#include "app/formats/neume.h"
#include "models/text/phones.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"
#include "tests/support/random_sung.h"
#include "tests/support/song_round_trip.h"

// A small document with something of everything, and members that this program does not know.
static const char full[] =
    "{\n"
    " \"format\": \"neume\",\n"
    " \"version\": 1,\n"
    " \"title\": \"Caf\u00e9\",\n"
    " \"ticks_per_beat\": 4,\n"
    " \"tempos\": [\n"
    "  {\"tick\": 0, \"bpm\": 90.5}\n"
    " ],\n"
    " \"meters\": [\n"
    "  {\"tick\": 0, \"beats\": 3, \"unit\": 4}\n"
    " ],\n"
    " \"keys\": [\n"
    "  {\"tick\": 0, \"fifths\": -1, \"mode\": \"minor\"}\n"
    " ],\n"
    " \"chords\": [\n"
    "  {\"tick\": 0, \"name\": \"Dm\"}\n"
    " ],\n"
    " \"notes\": [\n"
    "  {\"id\": 7, \"onset\": 0, \"len\": 4, \"pitch\": 62, \"velocity\": 80, \"colour\": \"red\"},\n"
    "  {\"id\": 3, \"onset\": 4, \"len\": 4, \"pitch\": 65},\n"
    "  {\"id\": 4, \"onset\": 8, \"len\": 2, \"pitch\": 64}\n"
    " ],\n"
    " \"lines\": [\n"
    "  {\n"
    "   \"verse\": 1,\n"
    "   \"stanza\": 0,\n"
    "   \"words\": [\n"
    "    {\n"
    "     \"syllables\": [\n"
    "      {\"text\": \"Hap\", \"stress\": 1, \"phones\": [\"HH\", \"AE1\", \"P\"], \"notes\": [7]},\n"
    "      {\"text\": \"py\", \"stress\": 0, \"notes\": [3, 4]}\n"
    "     ],\n"
    "     \"lang\": \"en\"\n"
    "    }\n"
    "   ],\n"
    "   \"voice\": {\"as\": 0.25, \"seed\": 5}\n"
    "  }\n"
    " ],\n"
    " \"voice\": {\"speaker\": \"fake\", \"zest\": 3},\n"
    " \"pitch_curve\": [[0, 0], [4, 33.5]],\n"
    " \"view\": {\"zoom\": 1.25},\n"
    " \"a\": null,\n"
    " \"b\": [1, [true, {}]]\n"
    "}\n";

static NmDocument *parse(const char *text)
{
  NmError err = {0};
  NmDocument *doc = nm_document_parse(text, strlen(text), "song.neume", &err);
  if (!doc) fail_msg("%s", err.message);
  return doc;
}

static void check_bytes(const NmDocument *doc, const char *expected)
{
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(doc, &bytes, &n, NULL), NM_OK);
  assert_string_equal(bytes, expected);
  assert_int_equal(strlen(bytes), n);
  free(bytes);
}

static void test_same_bytes(void **state)
{
  NmDocument *doc = parse(full);
  check_bytes(doc, full);
  const NmSong *song = nm_document_get_song(doc);
  assert_string_equal(song->title, "Caf\u00e9");
  assert_int_equal(song->n_notes, 3);
  assert_int_equal(song->n_links, 3);
  assert_int_equal(song->syllables[0].n_phones, 3);
  assert_int_equal(song->links[2].syllable, 1);
  assert_true(song->keys[0].minor);
  assert_int_equal(nm_document_get_note_id(doc, 1), 3);
  assert_int_equal(nm_document_find_note(doc, 4), 2);
  assert_int_equal(nm_document_find_note(doc, 5), -1);
  int32_t n;
  assert_true(nm_document_get_pitch_curve(doc, &n)[1].cents == 33.5);
  assert_int_equal(n, 2);
  assert_string_equal(nm_document_get_chords(doc, &n)[0].name, "Dm");
  assert_false(nm_document_is_changed(doc));
  nm_document_free(doc);
}

// The same content in another order, with other spaces, is written the one way.
static void test_one_way(void **state)
{
  json_t *tree = json_loads(full, 0, NULL);
  char *mixed = json_dumps(tree, JSON_SORT_KEYS | JSON_INDENT(7));
  NmDocument *doc = parse(mixed);
  check_bytes(doc, full);
  nm_document_free(doc);
  free(mixed);
  json_decref(tree);
}

static void check_song(const NmSong *song)
{
  NmError err = {0};
  char *bytes, why[256] = "";
  size_t n;
  assert_true(nm_check_song_round_trip(nm_neume_read, nm_neume_write, song));
  NmDocument *doc = nm_document_from_song(song, &err);
  assert_non_null(doc);
  if (!nm_song_equal(song, nm_document_get_song(doc), why, sizeof why)) fail_msg("%s", why);
  assert_int_equal(nm_document_print(doc, &bytes, &n, NULL), NM_OK);
  NmDocument *again = parse(bytes);
  check_bytes(again, bytes);
  nm_document_free(again);
  nm_document_free(doc);
  free(bytes);
}

static void test_songs(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 1);
  for (int i = 0; i < 200; ++i) {
    const NmRandomSong shape = {.n_notes_max = 60,
                                .n_verses = 1 + i % 3,
                                .melismas = i & 1,
                                .elisions = i & 2,
                                .unsung = i & 4,
                                .tuplets = i & 8,
                                .pickups = i & 16,
                                .maps = i & 32,
                                .texts = i & 64};
    NmSong *song = nm_random_song(&rng, &shape);
    check_song(song);
    nm_song_free(song);
  }
}

// Bytes that are no UTF-8 become the sign for that.
static void test_texts(void **state)
{
  NmSong *song = nm_song_new();
  song->title = nm_song_keep(song, "a\xe9\"\\\n\x7f", 6);
  NmDocument *doc = nm_document_from_song(song, NULL);
  assert_string_equal(nm_document_get_song(doc)->title, "a\xef\xbf\xbd\"\\\n\x7f");
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(doc, &bytes, &n, NULL), NM_OK);
  NmDocument *again = parse(bytes);
  assert_string_equal(nm_document_get_song(again)->title, "a\xef\xbf\xbd\"\\\n\x7f");
  nm_document_free(again);
  free(bytes);
  nm_document_free(doc);
  nm_song_free(song);
}

// --- mistakes ---

#define DOC(REST) "{\"format\": \"neume\", \"version\": 1, \"ticks_per_beat\": 480, " REST "}"
#define NOTES(LIST) DOC("\"lines\": [], \"notes\": [" LIST "]")
#define LINES(LIST)                                                                                          \
  DOC("\"notes\": [{\"id\": 1, \"onset\": 0, \"len\": 1, \"pitch\": 60}], \"lines\": [" LIST "]")

static void test_mistakes(void **state)
{
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "line 1, column 0: it is no JSON"},
      {"{\"format\": \"neume\",\n \"version\" 1}", "line 2, column 12: it is no JSON"},
      {"[1]", "it is no JSON object"},
      {"{}", "it is no document of Neume"},
      {"{\"format\": 5}", "it is no document of Neume"},
      {"{\"format\": \"neume\", \"format\": \"neume\"}", "line 1: duplicate object key"},
      {"{\"format\": \"neume\"}", "version: a whole number"},
      {"{\"format\": \"neume\", \"version\": 99}", "written by a newer Neume (version 99"},
      {"{\"format\": \"neume\", \"version\": 1}", "ticks_per_beat: it is missing"},
      {DOC("\"lines\": []"), "notes: it is missing"},
      {DOC("\"lines\": [], \"notes\": {}"), "notes: a list is wanted, not an object"},
      {NOTES("5"), "notes[0]: an object is wanted, not a whole number"},
      {NOTES("{\"id\": 1, \"onset\": 0, \"len\": 1, \"pitch\": 200}"),
       "notes[0].pitch: 200 is not between 0 and 127"},
      {NOTES("{\"id\": 1, \"onset\": 0, \"len\": 1, \"pitch\": 60.5}"),
       "notes[0].pitch: a whole number is wanted, not a number"},
      {NOTES("{\"id\": 1, \"onset\": 0, \"len\": 0, \"pitch\": 60}"), "notes[0].len: 0 is not between 1"},
      {NOTES("{\"id\": 1, \"onset\": 0, \"len\": 9, \"pitch\": 60}, {\"id\": 2, \"onset\": 8, \"len\": 1, "
             "\"pitch\": 60}"),
       "notes[1].onset: it begins at 8, before notes[0] ends at 9"},
      {NOTES("{\"id\": 1, \"onset\": 0, \"len\": 1, \"pitch\": 60}, {\"id\": 1, \"onset\": 8, \"len\": 1, "
             "\"pitch\": 60}"),
       "notes[1].id: notes[0] has the id 1 already"},
      {LINES("{\"verse\": 1, \"stanza\": 0, \"words\": []}"), "lines[0].words: a list of 1 to"},
      {LINES("{\"verse\": 1, \"stanza\": 0, \"words\": [{\"syllables\": [{\"text\": \"a\", \"notes\": "
             "[2]}]}]}"),
       "syllable 1 (\"a\"): there is no note of id 2"},
      {LINES("{\"verse\": 1, \"stanza\": 0, \"words\": [{\"syllables\": [{\"text\": \"a\", \"phones\": "
             "[\"QQ\"]}]}]}"),
       "lines[0].words[0].syllables[0].phones[0]: \"QQ\" is none of pau, B"},
      {DOC("\"notes\": [], \"lines\": [], \"keys\": [{\"tick\": 0, \"fifths\": 0, \"mode\": \"doric\"}]"),
       "keys[0].mode: \"doric\" is none of major, minor"},
      {DOC("\"notes\": [], \"lines\": [], \"tempos\": [{\"tick\": 0, \"bpm\": 1}, {\"tick\": 0, \"bpm\": "
           "2}]"),
       "tempos[1].tick: tempos stand by tick"},
      {DOC("\"notes\": [], \"lines\": [], \"meters\": [{\"tick\": 0, \"beats\": 3, \"unit\": 5}]"),
       "3/5 is no meter"},
      {DOC("\"notes\": [], \"lines\": [], \"pitch_curve\": [[5, 1], [4, 1]]"),
       "pitch_curve[1]: points stand"},
      {DOC("\"notes\": [], \"lines\": [], \"pitch_curve\": [[5]]"), "pitch_curve[0]: 2 values are wanted"},
      {DOC("\"notes\": [], \"lines\": [], \"pitch_curve\": [[5, 5000]]"),
       "pitch_curve[0][1]: 5000 is not between"},
      {DOC("\"notes\": [], \"lines\": [], \"voice\": {\"as\": 1.5}"), "voice.as: 1.5 is not between 0 and 1"},
      {DOC("\"notes\": [], \"lines\": [], \"backing\": {\"on\": 1}"),
       "backing.on: true or false is wanted, not a whole number"},
      {DOC("\"notes\": [], \"lines\": [], \"title\": \"\\u0000\""), "it is no JSON"},
      {DOC("\"notes\": [], \"lines\": [], \"title\": \"\xff\""), "it is no JSON"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmError err = {0};
    assert_null(nm_document_parse(cases[i].text, strlen(cases[i].text), "song.neume", &err));
    if (strncmp(err.message, "song.neume: ", 12) || !strstr(err.message, cases[i].message))
      fail_msg("\"%s\" instead of \"%s\"", err.message, cases[i].message);
  }
}

// What the fuzzer starts from, and what it found.
static void test_seeds(void **state)
{
  assert_true(nm_check_song_folder(nm_neume_read, nm_neume_write, NM_TEST_DATA "/fuzz/seeds/document") >= 3);
}

static bool rename_speed(json_t *root)
{
  return json_object_set(root, "tempo", json_object_get(root, "speed")) == 0 &&
         json_object_del(root, "speed") == 0;
}

static bool double_tempo(json_t *root)
{
  const json_int_t tempo = json_integer_value(json_object_get(root, "tempo"));
  return json_object_set_new(root, "tempo", json_integer(2 * tempo)) == 0;
}

static void test_upgrades(void **state)
{
  static const NmUpgrade upgrades[] = {rename_speed, double_tempo};
  for (int version = 1; version <= 4; ++version) {
    NmError err = {0};
    json_t *root = json_pack("{s:s, s:i, s:i}", "format", "neume", "version", version,
                             version == 1 ? "speed" : "tempo", 50);
    const NmStatus status = nm_document_upgrade(root, upgrades, 2, &err);
    assert_int_equal(status, version <= 3 ? NM_OK : NM_ERR_UNSUPPORTED);
    if (version <= 3) assert_int_equal(json_integer_value(json_object_get(root, "version")), 3);
    assert_int_equal(json_integer_value(json_object_get(root, "tempo")), version <= 2 ? 100 : 50);
    json_decref(root);
  }
}

// The table's phones are those of the voice.
static void test_phones(void **state)
{
  const NmField *field = nm_schema_find("/lines/0/words/0/syllables/0/phones/0");
  assert_non_null(field);
  for (int i = 0; i < NM_N_PHONES; ++i) assert_string_equal(field->choices[i], nm_phone_name(i));
  assert_null(field->choices[NM_N_PHONES]);
}

static bool parse_full(void *context)
{
  NmError err = {0};
  NmDocument *doc = nm_document_parse(full, strlen(full), "song", &err);
  if (!doc) assert_int_equal(err.status, NM_ERR_NO_MEMORY);
  nm_document_free(doc);
  return doc != NULL;
}

static bool copy_and_print(void *context)
{
  NmError err = {0};
  char *bytes = NULL;
  size_t n;
  NmDocument *copy = nm_document_copy(context);
  NmDocument *of_song = copy ? nm_document_from_song(nm_document_get_song(copy), &err) : NULL;
  const bool ok = of_song && nm_document_print(copy, &bytes, &n, &err) == NM_OK;
  if (copy && !of_song) assert_int_equal(err.status, NM_ERR_NO_MEMORY);
  if (ok) assert_string_equal(bytes, full);
  free(bytes);
  nm_document_free(of_song);
  nm_document_free(copy);
  return ok;
}

// jansson's parser stops the program when its own memory is out, so only ours fails there.
static void test_no_memory(void **state)
{
  assert_true(nm_fail_alloc_each(parse_full, NULL, false) > 10);
  NmDocument *doc = parse(full);
  json_set_alloc_funcs(malloc, free);
  assert_true(nm_fail_alloc_each(copy_and_print, doc, false) > 100);
  nm_document_free(doc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_one_way),  cmocka_unit_test(test_songs),
      cmocka_unit_test(test_texts),      cmocka_unit_test(test_mistakes), cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_upgrades),   cmocka_unit_test(test_phones),   cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
