// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/base/log.h"
#include "models/text/text.h"

static NmText *text;
static char path[64];
static int n_logged;

static void count_logged(void *user, NmLogLevel level, const char *message)
{
  assert_non_null(strstr(message, path));
  n_logged++;
}

static int set_up(void **state)
{
  NmError err = {0};
  text = nm_text_new(NM_LEXICON, NULL, &err);
  snprintf(path, sizeof path, "user-%d.lexicon", (int)getpid());
  n_logged = 0;
  nm_log_set_sink(count_logged, NULL);
  return text ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_log_set_sink(NULL, NULL);
  nm_text_free(text);
  unlink(path);
  return 0;
}

// Writes the file with a time of its own, so that every version differs.
static void write_file(const char *content)
{
  static time_t seconds = 1000000000;
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(content, file);
  assert_int_equal(fclose(file), 0);
  const struct timespec times[2] = {{.tv_sec = ++seconds}, {.tv_sec = seconds}};
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

// Phones of word `i` of a text.
static const char *say(const char *utf8, int32_t i)
{
  static char found[512];
  NmSentence sentence;
  assert_int_equal(nm_text_analyse(text, utf8, strlen(utf8), NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  assert_true(i < sentence.n_words);
  found[0] = '\0';
  for (int32_t k = 0; k < sentence.words[i].n_phones; k++) {
    if (k) strcat(found, " ");
    strcat(found, nm_phone_name(sentence.phones[sentence.words[i].phone_first + k]));
  }
  return found;
}

static void add(const char *content)
{
  NmError err = {0};
  write_file(content);
  if (nm_text_add_user_lexicon(text, path, &err) != NM_OK) fail_msg("%s", err.message);
}

static void test_phones_and_respellings(void **state)
{
  add("# mine\n\nneume\tN Y UW1 M\nGIF jh ih f\nworcester\twuster\nnginx  engine x\r\n");
  assert_string_equal(say("a neume", 1), "N Y UW1 M");
  assert_string_equal(say("the GIF", 1), "JH IH1 F");
  assert_string_equal(say("nginx", 0), "EH1 N JH AH0 N EH1 K S");
  assert_string_equal(say("hello", 0), "HH AH0 L OW1");
}

static void test_it_wins_over_the_dictionary_and_rules(void **state)
{
  add("hello\tB\nread\tR EH1 D\nthe\tDH IY1\n");
  assert_string_equal(say("hello", 0), "B");
  assert_string_equal(say("to read", 1), "R EH1 D");
  assert_string_equal(say("the cat", 0), "DH IY1");
}

static void test_longest_match_of_several_words(void **state)
{
  NmSentence sentence;
  add("new york\tN UW0 Y AO1 R K\nnew\tN Y UW1\nnew york city\tZ\n");
  assert_string_equal(say("new york", 0), "N UW0 Y AO1 R K");
  assert_string_equal(say("New York City", 0), "Z");
  assert_string_equal(say("new, york", 0), "N Y UW1");
  assert_string_equal(say("new shoes", 0), "N Y UW1");
  const char *utf8 = "in New York now";
  assert_int_equal(nm_text_analyse(text, utf8, strlen(utf8), NM_SAY_PLAIN, &sentence, NULL), NM_OK);
  assert_int_equal(sentence.n_words, 3);
  assert_string_equal(sentence.words[1].text, "new york");
  assert_int_equal(sentence.words[1].source_start, 3);
  assert_int_equal(sentence.words[1].len_source, 8);
}

static void test_keys_are_read_as_texts_are(void **state)
{
  add("MP3\tEH1 M P IY1 TH R IY1\n42\tF AO1 R\nSt. Louis\tS EY2 N T L UW1 IH0 S\n");
  assert_string_equal(say("an MP3 player", 1), "EH1 M P IY1 TH R IY1");
  assert_string_equal(say("42", 0), "F AO1 R");
  assert_string_equal(say("in St. Louis", 1), "S EY2 N T L UW1 IH0 S");
}

static void test_the_last_line_and_the_last_file_win(void **state)
{
  char other[80];
  NmError err;
  add("cat\tK AA1 T\ncat\tK UH1 T\ndog\tD UH1 G\n");
  assert_string_equal(say("cat", 0), "K UH1 T");
  snprintf(other, sizeof other, "%s.2", path);
  FILE *file = fopen(other, "w");
  fputs("cat\tK IY1 T\n", file);
  fclose(file);
  assert_int_equal(nm_text_add_user_lexicon(text, other, &err), NM_OK);
  assert_string_equal(say("cat", 0), "K IY1 T");
  assert_string_equal(say("dog", 0), "D UH1 G");
  unlink(other);
}

static void test_changes_are_read_without_restart(void **state)
{
  add("cat\tK AA1 T\n");
  assert_string_equal(say("cat", 0), "K AA1 T");
  write_file("cat\tK UW1 T\ndog\tD UH1 G\n");
  assert_string_equal(say("cat", 0), "K UW1 T");
  assert_string_equal(say("dog", 0), "D UH1 G");
  assert_int_equal(n_logged, 0);
}

static void test_a_broken_change_keeps_the_good_version(void **state)
{
  add("cat\tK AA1 T\n");
  write_file("dog\tD UH1 G\ncat\t\xff\xfe\n");
  assert_string_equal(say("cat", 0), "K AA1 T");
  assert_int_equal(n_logged, 1);
  assert_string_equal(say("cat", 0), "K AA1 T");
  assert_int_equal(n_logged, 1);
  write_file("cat\tK EY1 T\n");
  assert_string_equal(say("cat", 0), "K EY1 T");
  unlink(path);
  assert_string_equal(say("cat", 0), "K EY1 T");
}

static void test_bad_files_tell_the_line(void **state)
{
  static const char *const contents[] = {"a\tAH0\nlonely\n",
                                         "a\tAH0\n!!!\tAH0\n",
                                         "a\tAH0\nword\t...\n",
                                         "a\tAH0\n\tAH0\n",
                                         "a\tAH0\nword\t\xf0\x9f\x98\x80\n",
                                         "a\tAH0\nword\tK AE9\n",
                                         "a\tAH0\nword\tQ AE1 T\n"};
  for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
    NmError err = {0};
    write_file(contents[i]);
    assert_int_equal(nm_text_add_user_lexicon(text, path, &err), NM_ERR_BAD_DATA);
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.message, path));
  }
  NmError err = {0};
  assert_int_equal(nm_text_add_user_lexicon(text, "no/such.lexicon", &err), NM_ERR_IO);
  assert_string_equal(say("hello", 0), "HH AH0 L OW1");
}

static void test_a_false_phone_is_named(void **state)
{
  NmError err = {0};
  write_file("cat\tK AE9 T\n");
  assert_int_equal(nm_text_add_user_lexicon(text, path, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "'AE9' is no phone"));
  add("canine\tK 9\n");
  assert_string_equal(say("canine", 0), "K EY1 N AY1 N");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_phones_and_respellings, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_it_wins_over_the_dictionary_and_rules, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_longest_match_of_several_words, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_keys_are_read_as_texts_are, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_the_last_line_and_the_last_file_win, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_changes_are_read_without_restart, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_a_broken_change_keeps_the_good_version, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_bad_files_tell_the_line, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_a_false_phone_is_named, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
