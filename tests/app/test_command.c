// SPDX-License-Identifier: GPL-3.0-or-later
// The command line itself: help, versions, mistakes and their exit codes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/commands/commands.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE
#define TUNE NM_TEST_DATA "/data/tunes/twinkle.abc"

static void test_version_and_help(void **state)
{
  Ran ran = RUN(NULL, NEUME, "--version");
  assert_int_equal(ran.exit_code, 0);
  assert_int_equal(strncmp(ran.out, "neume ", 6), 0);
  ran_free(&ran);
  ran = RUN(NULL, NEUME, "help");
  assert_int_equal(ran.exit_code, 0);
  for (int i = 0; nm_commands[i]; i++) assert_non_null(strstr(ran.out, nm_commands[i]->name));
  ran_free(&ran);
}

// Every option of the table stands in the help of its command.
static void test_help_lists_options(void **state)
{
  for (int i = 0; nm_commands[i]; i++) {
    char option[64];
    const char *name = nm_commands[i]->name;
    Ran by_help = RUN(NULL, NEUME, "help", name), by_option = RUN(NULL, NEUME, name, "--help");
    assert_int_equal(by_help.exit_code, 0);
    assert_int_equal(by_option.exit_code, 0);
    assert_string_equal(by_help.out, by_option.out);
    for (const NmOption *row = nm_commands[i]->options; row && row->name; row++) {
      snprintf(option, sizeof option, "--%s", row->name);
      assert_non_null(strstr(by_help.out, option));
      assert_non_null(strstr(by_help.out, row->argument ? row->argument : option));
    }
    ran_free(&by_help);
    ran_free(&by_option);
  }
}

// Letters and names are unique within a command, or getopt would pick one silently.
static void test_tables_have_no_doubles(void **state)
{
  for (int i = 0; nm_commands[i]; i++) {
    const NmOption *options = nm_commands[i]->options;
    for (int j = 0; options[j].name; j++) {
      assert_true(options[j].letter != 'h' && options[j].letter != 'q');
      for (int k = 0; k < j; k++) {
        assert_string_not_equal(options[j].name, options[k].name);
        assert_true(!options[j].letter || options[j].letter != options[k].letter);
      }
    }
  }
}

static bool has_option(const NmCommand *command, const char *name)
{
  for (int i = 0; nm_command_get_option(command, i); i++)
    if (!strcmp(nm_command_get_option(command, i)->name, name)) return true;
  return false;
}

// What is completed belongs to an option that takes a value; what is shown is of the command itself.
static void test_tables_fit_together(void **state)
{
  for (int i = 0; nm_commands[i]; i++) {
    char start[64];
    const NmCommand *command = nm_commands[i];
    bool is_shown = false;
    snprintf(start, sizeof start, "neume %s", command->name);
    for (const NmChoice *choice = command->choices; choice && choice->option; choice++) {
      if (*choice->option && !has_option(command, choice->option))
        fail_msg("%s: choices of --%s, which is no option", command->name, choice->option);
      assert_true(*choice->values && *choice->values != ' ');
    }
    for (const NmExample *example = command->examples; example && example->line; example++) {
      is_shown |= strstr(example->line, start) != NULL;
      if (strlen(example->line) > 120) fail_msg("%s: a long example: %s", command->name, example->line);
    }
    if (!is_shown) fail_msg("%s has no examples", command->name);
    if (!i) assert_non_null(command->group);
  }
}

static void run_line(const char *line, int exit_code)
{
  char words[256];
  const char *argv[24] = {NM_PROGRAM_FAKE};
  int n = 1;
  snprintf(words, sizeof words, "%s", line);
  for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
    argv[n++] = strcmp(word, "TUNE") ? word : TUNE;
  Ran ran = run_program(argv, NULL);
  if (ran.exit_code != exit_code) fail_msg("%s: exit %d: %s", line, ran.exit_code, ran.err);
  if (exit_code) assert_int_equal(strncmp(ran.err, "neume: ", 7), 0);
  ran_free(&ran);
}

// A value that is none of those there are is wrong usage; a file that cannot be read is wrong input.
static void test_wrong_values(void **state)
{
  static const char *const closed[] = {"speak --voice no x",
                                       "speak --timings no x",
                                       "speak --output x.no x",
                                       "compose --method no x",
                                       "compose --style no x",
                                       "compose --key no x",
                                       "compose --meter no x",
                                       "compose --range no x",
                                       "compose --format no x",
                                       "lyrics --method no x",
                                       "lyrics --style no x",
                                       "lyrics --output x.no x",
                                       "align --format no x y",
                                       "sing --as no TUNE",
                                       "sing --vowel no TUNE",
                                       "sing --voice no TUNE -o x.wav",
                                       "sing --mood no TUNE",
                                       "sing --transpose no TUNE",
                                       "sing --timings no TUNE",
                                       "backing --mood no TUNE",
                                       "backing --output x.no TUNE",
                                       "render --mood no TUNE",
                                       "render --format no TUNE",
                                       "render --set backing/mood=no TUNE",
                                       "render --set voice/speaker=no TUNE",
                                       "render --set voice/filler=no TUNE",
                                       "render --set no=no TUNE",
                                       "emotion --format no x",
                                       "emotion --raw no x",
                                       "emotion --output x.no x",
                                       "batch --split no compose x -o y",
                                       "batch --shard no compose x -o y",
                                       "batch no x -o y",
                                       "batch ladspa:no x -o y",
                                       "prepare no x",
                                       "prepare distill x -o y --take no --teacher z",
                                       "train no",
                                       "bench no",
                                       "bench ops --backend no",
                                       "bench train --model no",
                                       "bench song --split no -c x",
                                       "listener no",
                                       NULL};
  static const char *const unreadable[] = {"sing --soundfont no TUNE",
                                           "backing --soundfont no TUNE",
                                           "backing --soundfont / TUNE",
                                           "speak --lexicon no x -o x.wav",
                                           "compose --weights no words",
                                           "lyrics --weights no TUNE",
                                           "info no",
                                           NULL};
  enter_scratch();
  for (const char *const *line = closed; *line; line++) run_line(*line, 2);
  for (const char *const *line = unreadable; *line; line++) run_line(*line, 3);
  leave_scratch();
}

static void test_usage_mistakes(void **state)
{
  expect_exit(RUN(NULL, NEUME), 2, "Usage");
  expect_exit(RUN(NULL, NEUME, "speek"), 2, "did you mean 'speak'");
  expect_exit(RUN(NULL, NEUME, "xyzzy"), 2, "neume help");
  expect_exit(RUN(NULL, NEUME, "help", "trian"), 2, "did you mean 'train'");
  expect_exit(RUN(NULL, NEUME, "speak", "--ouput", "x"), 2, "did you mean --output");
  expect_exit(RUN(NULL, NEUME, "speak", "--zzzzz"), 2, "has no option '--zzzzz'");
  expect_exit(RUN(NULL, NEUME, "speak", "-5 degrees"), 2, "put --");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--rate"), 2, "--rate wants RATE");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--json=yes"), 2, "takes no value");
  expect_exit(RUN(NULL, NEUME, "speak", "two", "texts"), 2, "quotes");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--seed", "-1"), 2, "--seed wants");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--seed", "1x"), 2, "--seed wants");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--threads", "0"), 2, "--threads wants");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--rate", "quick"), 2, "--rate 'quick'");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--rate", "0"), 2, "--rate '0'");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--pitch", "99"), 2, "--pitch '99'");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--range", "-1"), 2, "--range '-1'");
  expect_exit(RUN(NULL, NEUME, "speak", "hi", "--energy", "nan"), 2, "--energy 'nan'");
  expect_exit(RUN(NULL, NEUME, "info", "a", "b"), 2, "one file");
}

static void test_nearest(void **state)
{
  static const char *const names[] = {"speak", "train", "bench", "info"};
  assert_string_equal(nm_nearest("spaek", names, 4), "speak");
  assert_string_equal(nm_nearest("trai", names, 4), "train");
  assert_string_equal(nm_nearest("inf", names, 4), "info");
  assert_null(nm_nearest("compose", names, 4));
  char endless[500];
  memset(endless, 'a', sizeof endless - 1);
  endless[sizeof endless - 1] = '\0';
  assert_null(nm_nearest(endless, names, 4));
}

static void test_info(void **state)
{
  Ran ran = RUN(NULL, NEUME, "info");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.out, "english.lexicon"));
  ran_free(&ran);
  enter_scratch();
  expect_exit(RUN(NULL, NEUME, "info", "nothing.safetensors"), 3, "nothing.safetensors");
  write_file("short.safetensors", "abc", 3);
  expect_exit(RUN(NULL, NEUME, "info", "short.safetensors"), 3, "short.safetensors");
  write_file("huge.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10);
  expect_exit(RUN(NULL, NEUME, "info", "huge.safetensors"), 3, "does not fit");
  write_file("list.safetensors", "\x02\0\0\0\0\0\0\0[]", 10);
  expect_exit(RUN(NULL, NEUME, "info", "list.safetensors"), 3, "no JSON object");
  static const char good[] = "\x51\0\0\0\0\0\0\0{\"__metadata__\":{\"licence\":\"CC0\"},"
                             "\"w\":{\"dtype\":\"F16\",\"shape\":[2,3],\"more\":[0,1]}} ";
  write_file("good.safetensors", good, sizeof good - 1);
  ran = RUN(NULL, NEUME, "info", "good.safetensors");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.out, "CC0"));
  assert_non_null(strstr(ran.out, "0.00 MB, 6 parameters\n"));
  ran_free(&ran);
  ran = RUN(NULL, NEUME, "info", "good.safetensors", "--json");
  assert_non_null(strstr(ran.out, "\"bytes\": 90"));
  assert_non_null(strstr(ran.out, "\"parameters\": 6"));
  assert_non_null(strstr(ran.out, "\"licence\": \"CC0\""));
  ran_free(&ran);
  leave_scratch();
}

static void test_output_that_is_lost_is_a_failure(void **state)
{
  static const char *const commands[] = {" info", " help speak", " --version"};
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    char line[4096];
    snprintf(line, sizeof line, "%s%s >/dev/full", NEUME, commands[i]);
    expect_exit(RUN(NULL, "/bin/sh", "-c", line), 1, "standard output cannot be written");
    snprintf(line, sizeof line, "(%s%s; echo $? >&2) | true", NEUME, commands[i]);
    expect_exit(RUN(NULL, "/bin/sh", "-c", line), 0, "0");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_version_and_help),
      cmocka_unit_test(test_help_lists_options),
      cmocka_unit_test(test_tables_have_no_doubles),
      cmocka_unit_test(test_tables_fit_together),
      cmocka_unit_test(test_usage_mistakes),
      cmocka_unit_test(test_wrong_values),
      cmocka_unit_test(test_nearest),
      cmocka_unit_test(test_info),
      cmocka_unit_test(test_output_that_is_lost_is_a_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
