// SPDX-License-Identifier: GPL-3.0-or-later
// Thousands of random edits over random songs: undone they leave the same bytes as at the beginning, redone
// those at the end; what fails changes nothing; and a journal, torn anywhere, gives the state after some
// step.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/journal.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"
#include "tests/support/random_edit.h"
#include "tests/support/random_song.h"

enum { N_SONGS = 60, N_EDITS = 150 };

static char *print(const NmDocument *doc)
{
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(doc, &bytes, &n, NULL), NM_OK);
  return bytes;
}

static void expect_bytes(const NmDocument *doc, const char *expected)
{
  char *bytes = print(doc), *p = bytes;
  const char *q = expected, *line = expected;
  for (; *p && *p == *q; ++p, ++q)
    if (*q == '\n') line = q + 1;
  if (*p || *q)
    fail_msg("they differ behind:\n%.*s\nhere: %.200s\nand expected: %.200s", (int)(q - line), line, p, q);
  free(bytes);
}

static NmSong *draw_other(NmRng *rng)
{
  NmSong *song = nm_random_song(rng, &(NmRandomSong){.n_notes_max = 30, .melismas = true, .tuplets = true});
  assert_non_null(song);
  return song;
}

// What a document says is what its file says.
static void expect_round_trip(const NmDocument *doc)
{
  NmError err = {0};
  char why[256] = "", *bytes = print(doc);
  NmDocument *again = nm_document_parse(bytes, strlen(bytes), "again", &err);
  if (!again) fail_msg("%s in %s", err.message, bytes);
  expect_bytes(again, bytes);
  if (!nm_song_equal(nm_document_get_song(doc), nm_document_get_song(again), why, sizeof why))
    fail_msg("%s", why);
  nm_document_free(again);
  free(bytes);
}

// An edit, now and then in a group, started anew or given up; or a step back or forth.
static void take_step(NmRng *rng, NmDocument *doc, const NmSong *other, bool has_view)
{
  NmError err = {0};
  const json_t *before = nm_document_get(doc, "");
  const uint64_t kind = nm_rng_below(rng, 20), revision = nm_document_get_revision(doc);
  if (kind == 0 && nm_document_get_undo(doc)) assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  if (kind == 1 && nm_document_get_redo(doc)) assert_int_equal(nm_document_redo(doc, &err), NM_OK);
  if (kind == 2 || kind == 3) {
    assert_int_equal(nm_document_begin(doc, "group", nm_rng_below(rng, 3), &err), NM_OK);
    for (int i = 0; i < 4; ++i) {
      if (nm_random_edit(rng, doc, other, &err)) assert_true(err.message[0]);
      if (nm_rng_below(rng, 6) == 0) assert_int_equal(nm_document_restart(doc, &err), NM_OK);
    }
    if (nm_rng_below(rng, 6) == 0)
      assert_int_equal(nm_document_cancel(doc, &err), NM_OK);
    else
      assert_int_equal(nm_document_end(doc, &err), NM_OK);
  }
  if (kind == 4 && has_view)
    assert_int_equal(nm_edit_set_view(doc, "zoom", json_integer((json_int_t)nm_rng_below(rng, 9)), &err),
                     NM_OK);
  if (kind > 4 && nm_random_edit(rng, doc, other, &err) != NM_OK) {
    if (err.status != NM_ERR_BAD_ARG && err.status != NM_ERR_BAD_DATA) fail_msg("%s", err.message);
    assert_ptr_equal(nm_document_get(doc, ""), before);
    assert_int_equal(nm_document_get_revision(doc), revision);
    assert_true(err.message[0]);
  }
}

static void test_undo_and_redo(void **state)
{
  int n_steps = 0;
  for (uint64_t seed = 0; seed < N_SONGS; ++seed) {
    NmRng rng;
    nm_rng_init(&rng, seed);
    NmDocument *doc = nm_random_document(&rng);
    NmSong *other = draw_other(&rng);
    assert_int_equal(nm_edit_set_view(doc, "zoom", json_integer(1), NULL), NM_OK);
    char *first = print(doc);
    for (int i = 0; i < N_EDITS; ++i) {
      take_step(&rng, doc, other, true);
      if (i % 10 == 0) expect_round_trip(doc);
    }
    assert_int_equal(nm_edit_set_view(doc, "zoom", json_integer(1), NULL), NM_OK);
    while (nm_document_get_redo(doc)) assert_int_equal(nm_document_redo(doc, NULL), NM_OK);
    char *last = print(doc);
    for (; nm_document_get_undo(doc); ++n_steps) assert_int_equal(nm_document_undo(doc, NULL), NM_OK);
    expect_bytes(doc, first);
    assert_false(nm_document_is_changed(doc));
    while (nm_document_get_redo(doc)) assert_int_equal(nm_document_redo(doc, NULL), NM_OK);
    expect_bytes(doc, last);
    free(first);
    free(last);
    nm_song_free(other);
    nm_document_free(doc);
  }
  assert_true(n_steps > N_SONGS * N_EDITS / 4);
}

// --- journals ---

// The document after each line of the journal.
typedef struct {
  size_t n_bytes[N_EDITS + 2];
  char *content[N_EDITS + 2];
  int n;
} States;

static size_t get_size(const char *path)
{
  size_t n = 0;
  char *bytes = read_file(path, &n);
  free(bytes);
  return n;
}

static void note_state(States *states, const NmDocument *doc, const char *path)
{
  states->n_bytes[states->n] = get_size(path);
  states->content[states->n++] = print(doc);
}

static void check_torn(const char *bytes, size_t n, const NmDocument *original, const States *states)
{
  NmError err = {0};
  NmJournalState state;
  NmDocument *doc = nm_document_copy(original);
  char *same = malloc(n + 1); // so that reading beyond is noticed
  memcpy(same, bytes, n);
  const NmStatus status = nm_journal_replay(same, n, "hash", &doc, &state, &err);
  int last = -1;
  while (last + 1 < states->n && states->n_bytes[last + 1] <= n) ++last;
  if (last < 0) {
    assert_int_not_equal(status, NM_OK);
  } else {
    if (status != NM_OK) fail_msg("%s", err.message);
    assert_true(state.fits);
    expect_bytes(doc, states->content[last]);
  }
  free(same);
  nm_document_free(doc);
}

static void check_journal(uint64_t seed)
{
  NmRng rng;
  NmError err = {0};
  States states = {0};
  size_t n;
  nm_rng_init(&rng, 1000 + seed);
  NmDocument *doc = nm_random_document(&rng);
  NmSong *other = draw_other(&rng);
  for (int i = 0; i < 20; ++i)
    take_step(&rng, doc, other, false); // steps from before, which can be undone too
  nm_document_set_saved(doc);
  NmDocument *original = nm_document_copy(doc);
  doc->journal = nm_journal_new("journal", doc, "hash", &err);
  assert_non_null(doc->journal);
  note_state(&states, doc, "journal");
  for (int i = 0; i < N_EDITS; ++i) {
    take_step(&rng, doc, other, false);
    note_state(&states, doc, "journal");
  }
  assert_null(nm_document_get_journal_error(doc));
  char *bytes = read_file("journal", &n);
  check_torn(bytes, n, original, &states);
  for (int i = 0; i < 60; ++i) check_torn(bytes, (size_t)nm_rng_below(&rng, n), original, &states);
  for (int i = 0; i < states.n; ++i) free(states.content[i]);
  free(bytes);
  nm_document_free(original);
  nm_song_free(other);
  nm_document_close_journal(doc, false);
  assert_false(file_exists("journal"));
  nm_document_free(doc);
}

static void test_journal(void **state)
{
  enter_scratch();
  for (uint64_t seed = 0; seed < 12; ++seed) check_journal(seed);
  leave_scratch();
}

// --- memory ---

typedef struct {
  NmDocument *doc;
  NmSong *other;
  uint64_t seed;
  char *before;
} Attempt;

// The same edit on the same document, which stays as it was when memory is out.
static bool attempt(void *context)
{
  Attempt *a = context;
  NmRng rng;
  NmError err = {0};
  nm_rng_init(&rng, a->seed);
  const json_t *root = nm_document_get(a->doc, "");
  const NmStatus status = nm_random_edit(&rng, a->doc, a->other, &err);
  if (status != NM_OK && status != NM_ERR_NO_MEMORY) {
    const bool denied = nm_fail_alloc_off(); // a refused edit ends the attempts
    (void)denied;
    return true;
  }
  if (status != NM_OK) {
    assert_ptr_equal(nm_document_get(a->doc, ""), root);
    return false;
  }
  nm_fail_alloc_off();
  if (nm_document_get(a->doc, "") != root) assert_int_equal(nm_document_undo(a->doc, &err), NM_OK);
  return true;
}

static void test_no_memory(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  json_set_alloc_funcs(malloc, free);
  NmDocument *doc = nm_random_document(&rng);
  Attempt a = {.doc = doc, .other = draw_other(&rng), .before = print(doc)};
  for (a.seed = 0; a.seed < 150; ++a.seed) {
    bool done = false;
    for (int64_t n = 0; !done; ++n) {
      nm_fail_alloc_at(n);
      done = attempt(&a);
      nm_fail_alloc_off();
    }
    expect_bytes(doc, a.before);
  }
  free(a.before);
  nm_song_free(a.other);
  nm_document_free(doc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_undo_and_redo), cmocka_unit_test(test_journal),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
