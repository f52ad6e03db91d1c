// SPDX-License-Identifier: GPL-3.0-or-later
// What sd_neume is made of: the protocol's lines, settings, messages as SSML, sound as it is written.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/hosts/speechd/message.h"
#include "app/hosts/speechd/output.h"
#include "app/hosts/speechd/protocol.h"
#include "app/hosts/speechd/settings.h"
#include "tests/support/fail_alloc.h"

// --- lines ---

static void print_event(void *user, const NmSdEvent *event)
{
  char *log = user;
  const size_t n = strlen(log);
  snprintf(log + n, 4000 - n, "%d%s%s[%s]", event->verb, event->awaits_block ? "?" : "",
           event->is_too_long ? "!" : "", event->text);
}

static void expect_events(const char *bytes, size_t n, const char *expected)
{
  for (size_t len = 1; len <= n; len = 2 * len + 1) {
    char log[4000] = "";
    NmSdParser *parser = nm_sd_parser_new(print_event, log);
    for (size_t i = 0; i < n; i += len)
      assert_true(nm_sd_parser_feed(parser, bytes + i, n - i < len ? n - i : len));
    assert_string_equal(log, expected);
    nm_sd_parser_free(parser);
  }
}

static void test_commands(void **state)
{
  static const char bytes[] = "INIT\nLIST VOICES\nSTOP \nstop\nPAUSE\r\nDEBUG ON /a b\nDEBUG\n\nQUIT\n";
  expect_events(bytes, sizeof bytes - 1, "0[]1[]2[]6[]3[]4[ON /a b]6[]6[]5[]");
  expect_events("IN\0IT\n", 6, "6[]");
  expect_events("STOP", 4, "");
}

static void test_blocks(void **state)
{
  static const char speak[] = "SPEAK\n<speak>\n..\n...\n\n. \nSTOP\n</speak>\n.\nCHAR\n\n.\nKEY\n.\n";
  expect_events(speak, sizeof speak - 1, "10?[]10[<speak>\n.\n...\n\n. \nSTOP\n</speak>]11?[]11[]12?[]12[]");
}

static void test_lengths(void **state)
{
  const size_t n = NM_SD_BLOCK_MAX + 100;
  char log[4000] = "", *bytes = malloc(n);
  memset(bytes, 'x', n);
  NmSdParser *parser = nm_sd_parser_new(print_event, log);
  assert_true(nm_sd_parser_feed(parser, bytes, 2 * NM_SD_LINE_MAX));
  assert_true(nm_sd_parser_feed(parser, "\nSPEAK\n", 7));
  for (int i = 0; i < 2; ++i) assert_true(nm_sd_parser_feed(parser, bytes, n / 2 + 1));
  assert_true(nm_sd_parser_feed(parser, "\n.\nSTOP\n", 8));
  assert_string_equal(log, "6[]10?[]10![]2[]");
  nm_sd_parser_free(parser);
  free(bytes);
}

static bool parse(void *ctx)
{
  static const char bytes[] = "SET\nrate=10\n.\nSPEAK\nHello\nthere\n.\n";
  char log[4000] = "";
  NmSdParser *parser = nm_sd_parser_new(print_event, log);
  const bool done = parser && nm_sd_parser_feed(parser, bytes, sizeof bytes - 1);
  nm_sd_parser_free(parser);
  return done;
}

static void test_memory_is_out(void **state)
{
  assert_true(nm_fail_alloc_each(parse, NULL, false) > 0);
}

// --- settings ---

static NmSdReading read_settings(NmSdSettings *settings, const char *text)
{
  return nm_sd_settings_read(settings, text, strlen(text));
}

static void test_settings(void **state)
{
  NmSdSettings s = nm_sd_settings_defaults();
  assert_int_equal(read_settings(&s, "rate=-100\npitch=50\npitch_range=7\nvolume=0\npunctuation_mode=most\n"
                                     "spelling_mode=on\ncap_let_recogn=icon\nvoice=female2\nlanguage=en-GB\n"
                                     "synthesis_voice=NULL\nunheard_of=1"),
                   NM_SD_READ);
  assert_true(s.rate == -100 && s.pitch == 50 && s.pitch_range == 7 && s.volume == 0 && s.spells);
  assert_true(s.punctuation == NM_SD_PUNCT_MOST && s.capitals == NM_SD_CAPS_ICON);
  assert_string_equal(s.voice_type, "female2");
  assert_string_equal(s.voice, "");
}

static void test_bad_settings_change_nothing(void **state)
{
  const NmSdSettings before = nm_sd_settings_defaults();
  NmSdSettings s = before;
  assert_int_equal(read_settings(&s, "rate=5\nrate"), NM_SD_BAD_SYNTAX);
  assert_int_equal(read_settings(&s, "=5"), NM_SD_BAD_SYNTAX);
  assert_int_equal(read_settings(&s, "rate=5\npitch=101"), NM_SD_BAD_VALUE);
  assert_int_equal(read_settings(&s, "rate="), NM_SD_BAD_VALUE);
  assert_int_equal(read_settings(&s, "spelling_mode=maybe"), NM_SD_BAD_VALUE);
  assert_memory_equal(&s, &before, sizeof s);
}

static void test_values(void **state)
{
  static const struct {
    int in;
    const char *rate, *pitch, *range, *energy;
  } cases[] = {{-100, "0.4000", "-12.00", "0.00", "-60.00"},
               {0, "1.0000", "0.00", "1.00", "-6.02"},
               {100, "3.0000", "12.00", "2.00", "0.00"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const int in = cases[i].in;
    const NmSdSettings s = {.rate = in, .pitch = in, .pitch_range = in, .volume = in};
    const NmSdValues v = nm_sd_print_values(&s);
    assert_string_equal(v.rate, cases[i].rate);
    assert_string_equal(v.pitch, cases[i].pitch);
    assert_string_equal(v.range, cases[i].range);
    assert_string_equal(v.energy, cases[i].energy);
  }
}

static void test_configuration(void **state)
{
  static const char text[] = "# a comment\n\n  NeumeAssets \"/a b\"\nNeumeThreads 3 # of four\n"
                             "NeumeVoice MALE1 \"philipp\"\nneumelexicon words\nNeumeVoice alone\nOther 1\n";
  NmSdConfig config = {0};
  NmSdSettings s = nm_sd_settings_defaults();
  assert_int_equal(nm_sd_config_read(&config, text, sizeof text - 1), 7);
  assert_string_equal(config.assets, "/a b");
  assert_string_equal(config.lexicon, "words");
  assert_int_equal(config.n_threads, 3);
  assert_string_equal(nm_sd_find_voice(&config, &s), "");
  strcpy(s.voice_type, "male1");
  assert_string_equal(nm_sd_find_voice(&config, &s), "philipp");
  strcpy(s.voice, "callie");
  assert_string_equal(nm_sd_find_voice(&config, &s), "callie");
}

// --- messages ---

#define SPELT(X) "<say-as interpret-as=\"characters\">" X "</say-as>"

static void expect_message(NmSdVerb verb, const char *text, const NmSdSettings *settings,
                           const char *expected)
{
  char *ssml = nm_sd_message_compose(verb, text, strlen(text), settings);
  assert_non_null(ssml);
  assert_string_equal(ssml, expected);
  free(ssml);
}

static void test_characters(void **state)
{
  NmSdSettings s = nm_sd_settings_defaults();
  expect_message(NM_SD_CHAR, "a", &s, "<speak>" SPELT("a") "</speak>");
  expect_message(NM_SD_CHAR, "<", &s, "<speak>" SPELT("&lt;") "</speak>");
  expect_message(NM_SD_CHAR, "\xc3\xa9", &s, "<speak>" SPELT("\xc3\xa9") "</speak>");
  expect_message(NM_SD_CHAR, " ", &s, "<speak>space</speak>");
  expect_message(NM_SD_CHAR, "", &s, "<speak>new line</speak>");
  expect_message(NM_SD_CHAR, "A", &s, "<speak>" SPELT("A") "</speak>");
  s.capitals = NM_SD_CAPS_SPELL;
  expect_message(NM_SD_CHAR, "A", &s, "<speak>capital " SPELT("A") "</speak>");
  s.capitals = NM_SD_CAPS_ICON;
  expect_message(NM_SD_CHAR, "A", &s, "<speak><prosody pitch=\"+3st\">" SPELT("A") "</prosody></speak>");
}

static void test_keys_and_icons(void **state)
{
  const NmSdSettings s = nm_sd_settings_defaults();
  expect_message(NM_SD_KEY, "control_alt_a", &s, "<speak>control alt " SPELT("a") "</speak>");
  expect_message(NM_SD_KEY, "_", &s, "<speak>" SPELT("_") "</speak>");
  expect_message(NM_SD_KEY, "shift_double-quote", &s, "<speak>shift double quote</speak>");
  expect_message(NM_SD_KEY, "control__", &s, "<speak>control " SPELT("_") "</speak>");
  expect_message(NM_SD_KEY, "a&b", &s, "<speak>a&amp;b</speak>");
  expect_message(NM_SD_SOUND_ICON, "new-mail_here", &s, "<speak>new mail here</speak>");
}

static void test_text(void **state)
{
  static const char text[] = "<speak>It's 1 &lt; 2,<mark name=\"a>b\"/> <!-- , --> yes.</speak>";
  NmSdSettings s = nm_sd_settings_defaults();
  expect_message(NM_SD_SPEAK, text, &s, text);
  s.punctuation = NM_SD_PUNCT_SOME;
  expect_message(NM_SD_SPEAK, text, &s,
                 "<speak>It's 1  " SPELT("&lt;") "  2,<mark name=\"a>b\"/> <!-- , --> yes.</speak>");
  s.punctuation = NM_SD_PUNCT_ALL;
  expect_message(NM_SD_SPEAK, text, &s,
                 "<speak>It's 1  " SPELT("&lt;") "  2 " SPELT(
                     ",") ", <mark name=\"a>b\"/> <!-- , --> yes " SPELT(".") ". </speak>");
  s.spells = true;
  expect_message(NM_SD_SPEAK, "<speak>Hi  &amp;<b>yo</b></speak>", &s,
                 "<speak>" SPELT("Hi") "  " SPELT("&amp;") "<b>" SPELT("yo") "</b></speak>");
}

static void test_stripping(void **state)
{
  static const char *const cases[][2] = {{"<speak>a &lt; b<br>c", " a < b c"},
                                         {"a < b", "a  "},
                                         {"<![CDATA[x]]>y&nbsp;", " y&nbsp;"},
                                         {"", ""},
                                         {"&", "&"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char *text = nm_sd_message_strip(cases[i][0], strlen(cases[i][0]));
    assert_string_equal(text, cases[i][1]);
    free(text);
  }
}

// --- sound ---

static void test_sound_is_escaped(void **state)
{
  static const unsigned char expected[] = {'A',  'U',  'D',  'I',  'O', 0,   0x7d, 0x2a, 0x7d, 0x5d, 0xff,
                                           0x7f, 0x00, 0x80, '\n', '7', '0', '5',  ' ',  'A',  'U',  'D'};
  const float samples[] = {0x7d0a / 32768.f, 2, -1};
  char *bytes = NULL;
  size_t n = 0;
  FILE *file = open_memstream(&bytes, &n);
  assert_true(nm_sd_write_audio(file, samples, 3, 24000));
  assert_true(nm_sd_write_mark(file, "a\nb"));
  fclose(file);
  const char *audio = strstr(bytes, "705-AUDIO") + 4;
  assert_memory_equal(audio, expected, sizeof expected);
  assert_non_null(strstr(bytes, "705-num_samples=3\n"));
  assert_string_equal(audio + sizeof expected, "IO\n700-a_b\n700 INDEX MARK\n");
  free(bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commands),
      cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_memory_is_out),
      cmocka_unit_test(test_settings),
      cmocka_unit_test(test_bad_settings_change_nothing),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_configuration),
      cmocka_unit_test(test_characters),
      cmocka_unit_test(test_keys_and_icons),
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_stripping),
      cmocka_unit_test(test_sound_is_escaped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
