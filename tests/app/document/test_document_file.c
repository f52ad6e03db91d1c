// SPDX-License-Identifier: GPL-3.0-or-later
// Documents on disk: saved whole or not at all, and what was not saved comes back after a crash.
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/document/edits.h"
#include "app/document/file.h"
#include "app/document/journal.h"
#include "tests/support/program.h"
#include "tests/support/random_edit.h"

#define JOURNAL ".song.neume.journal"

static NmDocument *make_file(void)
{
  NmRng rng;
  NmError err = {0};
  nm_rng_init(&rng, 3);
  NmDocument *doc = nm_random_document(&rng);
  if (nm_document_save(doc, "song.neume", true, &err)) fail_msg("%s", err.message);
  return doc;
}

static NmDocument *load(bool recover, NmJournalState *state)
{
  NmError err = {0};
  NmDocument *doc = nm_document_load("song.neume", recover, state, &err);
  if (!doc) fail_msg("%s", err.message);
  return doc;
}

static void set_title(NmDocument *doc, const char *title)
{
  assert_int_equal(nm_edit_set_value(doc, "/title", json_string(title), NULL), NM_OK);
}

static void expect_title(const NmDocument *doc, const char *title)
{
  const char *found = nm_document_get_song(doc)->title;
  assert_string_equal(found ? found : "", title);
}

static int set_up(void **state)
{
  enter_scratch();
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static void test_save(void **state)
{
  NmError err = {0};
  NmDocument *doc = make_file();
  set_title(doc, "one");
  assert_true(nm_document_is_changed(doc));
  assert_int_equal(nm_document_save(doc, "song.neume", false, &err), NM_OK);
  assert_false(nm_document_is_changed(doc));
  assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  assert_true(nm_document_is_changed(doc));
  assert_int_equal(nm_document_redo(doc, &err), NM_OK);
  assert_false(nm_document_is_changed(doc));
  assert_int_equal(count_files(), 1);
  NmDocument *again = load(false, NULL);
  expect_title(again, "one");
  nm_document_free(again);
  nm_document_free(doc);
}

// Another program's file is not overwritten unasked.
static void test_save_over(void **state)
{
  NmError err = {0};
  NmDocument *doc = make_file();
  set_title(doc, "mine");
  write_file("song.neume", "theirs", 6);
  assert_int_equal(nm_document_save(doc, "song.neume", false, &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "changed by another program"));
  assert_true(nm_document_is_changed(doc));
  assert_int_equal(nm_document_save(doc, "song.neume", true, &err), NM_OK);
  NmDocument *fresh = nm_document_new(&err);
  assert_int_equal(nm_document_save(fresh, "song.neume", false, &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "song.neume exists"));
  assert_int_equal(nm_document_save(fresh, "no/such/song.neume", false, &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "cannot write no/such/song.neume"));
  assert_int_equal(count_files(), 1);
  nm_document_free(fresh);
  nm_document_free(doc);
}

// Links stay links, and rights stay as they were.
static void test_save_in_place(void **state)
{
  struct stat info;
  NmDocument *doc = make_file();
  assert_int_equal(chmod("song.neume", 0640), 0);
  assert_int_equal(symlink("song.neume", "link.neume"), 0);
  set_title(doc, "linked");
  assert_int_equal(nm_document_save(doc, "link.neume", false, NULL), NM_OK);
  assert_int_equal(lstat("link.neume", &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_int_equal(stat("song.neume", &info), 0);
  assert_int_equal(info.st_mode & 07777, 0640);
  NmDocument *again = load(false, NULL);
  expect_title(again, "linked");
  nm_document_free(again);
  nm_document_free(doc);
}

// --- crashes ---

// Runs `work` in a process of its own that dies at its end without a farewell.
static void crash_after(void (*work)(void))
{
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    work();
    _exit(7);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static NmDocument *open_song(void)
{
  NmDocument *doc = nm_document_load("song.neume", false, NULL, NULL);
  if (!doc || nm_document_open_journal(doc, "song.neume", NULL, NULL)) _exit(1);
  return doc;
}

static void edit(NmDocument *doc, const char *title)
{
  if (nm_edit_set_value(doc, "/title", json_string(title), NULL)) _exit(1);
}

static void edit_three_times(void)
{
  NmDocument *doc = open_song();
  edit(doc, "a");
  edit(doc, "b");
  edit(doc, "c");
  if (nm_document_undo(doc, NULL)) _exit(1);
}

static void test_recover(void **state)
{
  NmJournalState journal;
  NmError err = {0};
  nm_document_free(make_file());
  crash_after(edit_three_times);
  NmDocument *doc = load(false, &journal);
  assert_true(journal.exists && journal.fits && !journal.is_open);
  assert_int_equal(journal.n_steps, 4);
  expect_title(doc, "");
  nm_document_free(doc);
  doc = load(true, &journal);
  expect_title(doc, "b");
  assert_true(nm_document_is_changed(doc));
  assert_int_equal(nm_document_redo(doc, &err), NM_OK);
  expect_title(doc, "c");
  while (nm_document_get_undo(doc)) assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  expect_title(doc, "");
  nm_document_free(doc);
}

static void save_between(void)
{
  NmDocument *doc = open_song();
  edit(doc, "a");
  if (nm_document_save(doc, "song.neume", false, NULL)) _exit(1);
  edit(doc, "b");
  if (nm_document_undo(doc, NULL) || nm_document_undo(doc, NULL))
    _exit(1); // the second one goes before the saving
}

static void test_recover_after_save(void **state)
{
  NmJournalState journal;
  nm_document_free(make_file());
  crash_after(save_between);
  NmDocument *doc = load(false, NULL);
  expect_title(doc, "a");
  nm_document_free(doc);
  doc = load(true, &journal);
  assert_int_equal(journal.n_steps, 3);
  expect_title(doc, "");
  nm_document_free(doc);
}

// Dies between the new file's rename and the new journal.
static void die_while_saving(void)
{
  NmDocument *doc = open_song();
  char *bytes, content[NM_CONTENT_TEXT];
  size_t n;
  edit(doc, "a");
  if (nm_document_print(doc, &bytes, &n, NULL)) _exit(1);
  nm_content_hash(bytes, n, content);
  nm_journal_add_saving(doc->journal, content);
  write_file("song.neume", bytes, n);
}

// Dies before it.
static void die_before_saving(void)
{
  NmDocument *doc = open_song();
  edit(doc, "b");
  nm_journal_add_saving(doc->journal, "0123");
  edit(doc, "c");
}

static void test_recover_while_saving(void **state)
{
  NmJournalState journal;
  nm_document_free(make_file());
  crash_after(die_while_saving);
  NmDocument *doc = load(true, &journal);
  assert_true(journal.fits);
  assert_int_equal(journal.n_steps, 0);
  expect_title(doc, "a");
  nm_document_free(doc);
  crash_after(die_before_saving);
  doc = load(true, &journal);
  assert_int_equal(journal.n_steps, 2);
  expect_title(doc, "c");
  nm_document_free(doc);
}

// What was recovered once survives the next crash too.
static void recover_and_edit(void)
{
  NmDocument *doc = nm_document_load("song.neume", true, NULL, NULL);
  if (!doc || nm_document_open_journal(doc, "song.neume", NULL, NULL)) _exit(1);
  edit(doc, "d");
  if (nm_document_undo(doc, NULL)) _exit(1);
}

static void test_recover_twice(void **state)
{
  NmJournalState journal;
  nm_document_free(make_file());
  crash_after(edit_three_times);
  crash_after(recover_and_edit);
  NmDocument *doc = load(true, &journal);
  expect_title(doc, "b");
  assert_true(nm_document_is_changed(doc));
  assert_int_equal(nm_document_undo(doc, NULL), NM_OK);
  nm_document_free(doc);
}

static void edit_untitled(void)
{
  NmDocument *doc = nm_document_new(NULL);
  if (nm_document_open_journal(doc, NULL, "untitled.journal", NULL)) _exit(1);
  edit(doc, "nameless");
}

static void test_untitled(void **state)
{
  NmJournalState journal;
  crash_after(edit_untitled);
  NmDocument *doc = nm_document_load_journal("untitled.journal", &journal, NULL);
  expect_title(doc, "nameless");
  assert_int_equal(journal.n_steps, 1);
  assert_true(nm_document_is_changed(doc));
  nm_document_free(doc);
}

// --- what does not fit ---

static void test_other_file(void **state)
{
  NmJournalState journal;
  NmError err = {0};
  NmDocument *doc = make_file();
  crash_after(edit_three_times);
  set_title(doc, "another");
  assert_int_equal(nm_document_save(doc, "song.neume", true, &err), NM_OK);
  nm_document_free(doc);
  doc = load(false, &journal);
  assert_true(journal.exists && !journal.fits);
  nm_document_free(doc);
  assert_null(nm_document_load("song.neume", true, &journal, &err));
  assert_non_null(strstr(err.message, JOURNAL ": the changes in it belong to another state"));
}

static void test_broken_journal(void **state)
{
  NmJournalState journal;
  NmError err = {0};
  size_t n;
  nm_document_free(make_file());
  crash_after(edit_three_times);
  char *bytes = read_file(JOURNAL, &n);
  char *third = strstr(strstr(bytes, "\n{\"do\"") + 1, "\n{\"do\"") + 1;
  memcpy(third, "!!!", 3);
  write_file(JOURNAL, bytes, n - 3);
  free(bytes);
  NmDocument *doc = load(true, &journal);
  expect_title(doc, "a");
  assert_int_equal(journal.n_steps, 1);
  assert_int_equal(journal.n_broken, 3);
  nm_document_free(doc);
  write_file(JOURNAL, "{}\n", 3);
  nm_document_free(load(false, &journal));
  assert_true(journal.exists && !journal.fits);
  assert_null(nm_document_load("song.neume", true, &journal, &err));
  assert_non_null(strstr(err.message, "no journal of Neume"));
  write_file(JOURNAL, "", 0);
  assert_null(nm_document_load("song.neume", true, &journal, &err));
}

// Two programs at one document.
static void test_in_use(void **state)
{
  NmJournalState journal;
  NmError err = {0};
  NmDocument *doc = make_file(), *second = load(false, NULL);
  assert_int_equal(nm_document_open_journal(doc, "song.neume", NULL, &err), NM_OK);
  set_title(doc, "first");
  assert_int_equal(nm_document_open_journal(second, "song.neume", NULL, &err), NM_ERR_IO);
  assert_non_null(strstr(err.message, "another program has this document open"));
  nm_document_free(second);
  assert_null(nm_document_load("song.neume", true, &journal, &err));
  assert_true(journal.is_open);
  second = load(false, &journal);
  assert_true(journal.exists && journal.is_open);
  nm_document_free(second);
  nm_document_sync_journal(doc);
  assert_null(nm_document_get_journal_error(doc));
  nm_document_close_journal(doc, true);
  assert_true(file_exists(JOURNAL)); // there is something in it
  assert_int_equal(nm_document_open_journal(doc, "song.neume", NULL, &err), NM_OK);
  assert_int_equal(nm_document_save(doc, "song.neume", false, &err), NM_OK);
  nm_document_free(doc);
  assert_false(file_exists(JOURNAL));
}

// Who has the document open cuts its journal when it saves.
static void test_load_while_cut(void **state)
{
  static const char lines[1 << 18] = "{}\n";
  nm_document_free(make_file());
  const pid_t writer = fork();
  if (writer == 0) alarm(60); // should the test die
  while (writer == 0) {
    const int fd = open(JOURNAL, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, lines, sizeof lines) < 0) _exit(1);
    close(fd);
  }
  for (int i = 0; i < 300; ++i) nm_document_free(load(false, NULL));
  kill(writer, SIGKILL);
  waitpid(writer, NULL, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_save, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_save_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_save_in_place, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_recover, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_recover_after_save, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_recover_while_saving, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_recover_twice, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_untitled, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_other_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_broken_journal, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_in_use, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_load_while_cut, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
