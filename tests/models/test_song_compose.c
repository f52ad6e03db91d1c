// SPDX-License-Identifier: GPL-3.0-or-later
// Composing and writing as functions: memory may run out anywhere, a flag stops them, wrong requests are
// told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/song/compose.h"
#include "models/song/write.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/song_weights.h"

static const char words[] = "Silver moon in heaven\nOver all the river\n\nSilver moon in heaven\n";

typedef struct {
  NmLexicon *lexicon;
  NmText *text;
  NmSyllabifier *syllabifier;
  NmSheet sheet;
  NmSongModel model;
  NmLexis lexis;
} Kit;

static Kit kit;

static int set_up(void **state)
{
  const NmSongConfig config = tiny_song_config();
  NmError err = {0};
  kit.lexicon = nm_lexicon_new(NM_LEXICON, &err);
  kit.text = nm_text_new(NM_LEXICON, NULL, &err);
  kit.syllabifier = nm_syllabifier_new(kit.text, NM_HYPHENS, &err);
  if (!kit.syllabifier || nm_song_model_init(&kit.model, &config, tiny_song_vocabulary, 1, &err)) return -1;
  const NmLexisSource source = {
      .lexicon = kit.lexicon, .syllabifier = kit.syllabifier, .vocabulary = kit.model.vocabulary};
  if (nm_lexis_init(&kit.lexis, &source, &err)) return -1;
  return nm_sheet_read((const uint8_t *)words, strlen(words), "words", kit.syllabifier, &kit.sheet, &err) ? -1
                                                                                                          : 0;
}

static int tear_down(void **state)
{
  nm_sheet_fini(&kit.sheet);
  nm_lexis_fini(&kit.lexis);
  nm_song_model_close(&kit.model);
  nm_syllabifier_free(kit.syllabifier);
  nm_text_free(kit.text);
  nm_lexicon_free(kit.lexicon);
  return 0;
}

static bool compose(void *ctx)
{
  NmComposed composed;
  NmComposeRequest request = nm_compose_defaults();
  NmError err = {0};
  request.align = true;
  const NmStatus status = nm_compose(&kit.model, &kit.sheet, &request, &composed, &err);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  if (!status) nm_composed_fini(&composed);
  return status == NM_OK;
}

static bool write_words(void *ctx)
{
  NmWritten written;
  NmWriteRequest request = nm_write_defaults();
  NmError err = {0};
  request.scheme = "AA";
  const NmStatus status = nm_write(&kit.model, &kit.lexis, ctx, &request, &written, &err);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  if (!status) nm_written_fini(&written);
  return status == NM_OK;
}

static NmComposed make_song(void)
{
  NmComposed composed;
  const NmComposeRequest request = nm_compose_defaults();
  assert_int_equal(nm_compose(&kit.model, &kit.sheet, &request, &composed, NULL), NM_OK);
  return composed;
}

static void test_memory(void **state)
{
  NmComposed composed = make_song();
  assert_true(nm_fail_alloc_each(compose, NULL, false) > 50);
  assert_true(nm_fail_alloc_each(write_words, composed.candidates[0].song, false) > 50);
  nm_composed_fini(&composed);
}

static void test_cancel(void **state)
{
  NmComposed composed = make_song(), none;
  NmWritten written;
  const atomic_bool stop = true;
  NmComposeRequest request = nm_compose_defaults();
  NmWriteRequest writing = nm_write_defaults();
  NmError err = {0};
  request.cancel = writing.cancel = &stop;
  assert_int_equal(nm_compose(&kit.model, &kit.sheet, &request, &none, &err), NM_ERR_CANCELLED);
  assert_int_equal(nm_write(&kit.model, &kit.lexis, composed.candidates[0].song, &writing, &written, &err),
                   NM_ERR_CANCELLED);
  nm_composed_fini(&composed);
}

static void expect_refused(NmComposeRequest request)
{
  NmComposed composed;
  NmError err = {0};
  assert_int_equal(nm_compose(&kit.model, &kit.sheet, &request, &composed, &err), NM_ERR_BAD_ARG);
  assert_true(err.message[0]);
}

static void test_requests(void **state)
{
  NmComposeRequest request = nm_compose_defaults();
  request.low = 60;
  expect_refused(request);
  request.high = 64;
  expect_refused(request);
  request = nm_compose_defaults();
  request.n_candidates = NM_COMPOSE_CANDIDATES_MAX + 1;
  expect_refused(request);
  request.n_candidates = 2;
  request.method = NM_SEARCH_GREEDY;
  expect_refused(request);
  request = nm_compose_defaults();
  request.nucleus = 0;
  expect_refused(request);
}

// Each of the meters and modes, and every way of searching.
static void test_choices(void **state)
{
  for (int meter = 1; meter < NM_SONG_N_METERS; ++meter) {
    NmComposed composed;
    NmComposeRequest request = nm_compose_defaults();
    NmError err = {0};
    request.meter = meter;
    request.mode = meter % 2 ? NM_MODE_MINOR : NM_MODE_MAJOR;
    request.fifths = meter - 6;
    request.method = (NmSearchMethod)(meter % NM_SEARCH_N_METHODS);
    if (nm_compose(&kit.model, &kit.sheet, &request, &composed, &err)) fail_msg("%s", err.message);
    const NmSong *song = composed.candidates[0].song;
    const int tonic = ((7 * request.fifths + (composed.minor ? 9 : 0)) % 12 + 12) % 12;
    assert_int_equal(nm_song_get_key(song, 0).fifths, request.fifths);
    assert_int_equal(song->notes[song->n_notes - 1].pitch % 12, tonic);
    nm_composed_fini(&composed);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory), cmocka_unit_test(test_cancel),
                                     cmocka_unit_test(test_requests), cmocka_unit_test(test_choices)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
