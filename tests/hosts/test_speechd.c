// SPDX-License-Identifier: GPL-3.0-or-later
// sd_neume as speech-dispatcher drives it: a dialogue over pipes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/hosts/neume.h"
#include "tests/support/program.h"
#include "tests/support/tiny_assets.h"

enum { PATIENCE_MS = 60000 };

static pid_t pid;
static int to, from;
static char bytes[1 << 16]; // [at, n) read and not looked at
static size_t at, n_bytes;
static int16_t *heard; // [n_heard] since the last message began
static size_t n_heard;
static char events[4096]; // since then: "B" begin, "E" end, "S" stop, "P" pause, "(name@sample)"

// --- the dialogue ---

static int next_byte(void)
{
  struct pollfd waited = {.fd = from, .events = POLLIN};
  if (at == n_bytes) {
    if (poll(&waited, 1, PATIENCE_MS) <= 0) fail_msg("the module says nothing");
    const ssize_t n = read(from, bytes, sizeof bytes);
    if (n <= 0) return EOF;
    at = 0;
    n_bytes = (size_t)n;
  }
  return (unsigned char)bytes[at++];
}

static void hear_sample(int low, int high)
{
  heard = realloc(heard, (n_heard + 1) * sizeof *heard);
  heard[n_heard++] = (int16_t)(low | high << 8);
}

static int next_sound_byte(void)
{
  const int byte = next_byte();
  return byte == 0x7d ? next_byte() ^ 0x20 : byte;
}

static void hear_sound(size_t n)
{
  while (n--) {
    const int low = next_sound_byte();
    hear_sample(low, next_sound_byte());
  }
}

// The next line without its end; sound is heard on the way.
static const char *read_line(void)
{
  static char line[1000];
  static size_t n_samples;
  size_t n = 0;
  for (int c; (c = next_byte()) != '\n';) {
    if (c == EOF) fail_msg("the module has gone");
    if (c == 0 && n == 9 && !memcmp(line, "705-AUDIO", 9))
      hear_sound(n_samples);
    else
      line[n++] = (char)c;
    assert_true(n < sizeof line);
  }
  line[n] = '\0';
  if (!strncmp(line, "705-num_samples=", 16)) n_samples = (size_t)atoi(line + 16);
  return line;
}

static void note_event(const char *line)
{
  const size_t n = strlen(events), room = sizeof events - n;
  if (!strncmp(line, "700-", 4)) snprintf(events + n, room, "(%s@%zu)", line + 4, n_heard);
  if (line[0] == '7' && line[3] == ' ' && strchr("1234", line[2]))
    snprintf(events + n, room, "%c", "BESP"[line[2] - '1']);
}

// The next line that is no event.
static const char *read_reply(void)
{
  const char *line = read_line();
  for (; line[0] == '7'; line = read_line()) note_event(line);
  return line;
}

static void expect(const char *reply)
{
  const char *line = read_reply();
  if (strcmp(line, reply)) fail_msg("'%s' in place of '%s'", line, reply);
}

static void say(const char *text)
{
  assert_int_equal(write(to, text, strlen(text)), strlen(text));
}

static void begin_message(const char *verb, const char *text)
{
  events[0] = '\0';
  n_heard = 0;
  say(verb);
  expect("202 OK RECEIVING MESSAGE");
  say(text);
  say("\n.\n");
  expect("200 OK SPEAKING");
}

// Reads events until one of them ends the message.
static void await_end(void)
{
  while (!strpbrk(events, "ESP")) note_event(read_line());
}

static void set(const char *settings)
{
  say("SET\n");
  expect("203 OK RECEIVING SETTINGS");
  say(settings);
  say("\n.\n");
  expect("203 OK SETTINGS RECEIVED");
}

// --- beginning and end ---

static void start(void)
{
  int in[2], out[2];
  assert_true(!pipe(in) && !pipe(out));
  pid = fork();
  if (pid == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    for (int i = 0; i < 2; ++i) close(in[i]), close(out[i]);
    execl(NM_SD_NEUME, NM_SD_NEUME, "neume.conf", NULL);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to = in[1];
  from = out[0];
}

static int set_up(void **state)
{
  static const char config[] = "NeumeAssets \"assets\"\nNeumeThreads 1\n";
  signal(SIGPIPE, SIG_IGN);
  enter_scratch();
  make_tiny_assets("assets", NM_LEXICON, NM_HYPHENS);
  write_file("neume.conf", config, sizeof config - 1);
  start();
  say("INIT\n");
  expect("299-Neume " NM_VERSION " is ready.");
  expect("299 OK LOADED SUCCESSFULLY");
  return 0;
}

static int tear_down(void **state)
{
  int status = -1;
  say("QUIT\n");
  expect("210 OK QUIT");
  waitpid(pid, &status, 0);
  close(to);
  close(from);
  free(heard);
  leave_scratch();
  return status;
}

// --- tests ---

static void expect_sound(const char *text, const NeumeOption *options)
{
  float *samples;
  size_t n;
  NeumeError err = {0};
  const NeumeOption in_tiny[] = {{"assets", "assets"}, {NULL, NULL}};
  NeumeContext *context = neume_context_new(in_tiny, &err);
  if (neume_speak_all(context, text, strlen(text), options, &samples, &n, &err)) fail_msg("%s", err.message);
  assert_int_equal(n_heard, n);
  for (size_t i = 0; i < n; ++i)
    assert_int_equal(heard[i], lrintf(fminf(fmaxf(samples[i], -1) * 32768, 32767)));
  neume_release(samples);
  neume_context_free(context);
}

static void test_replies(void **state)
{
  say("AUDIO\n");
  expect("207 OK RECEIVING AUDIO SETTINGS");
  say("audio_output_method=alsa\n.\n");
  expect("300-Neume hands its sound to the server, speech-dispatcher 0.11 or later.");
  expect("300 MODULE ERROR");
  say("AUDIO\n");
  expect("207 OK RECEIVING AUDIO SETTINGS");
  say("audio_output_method=server\n.\n");
  expect("203 OK AUDIO INITIALIZED");
  say("LOGLEVEL\n");
  expect("207 OK RECEIVING LOGLEVEL SETTINGS");
  say("log_level=3\n.\n");
  expect("203 OK LOGLEVEL SET");
  say("LIST VOICES\nDEBUG ON /tmp\nSING\nSTOP\nPAUSE\nDEBUG OFF\n");
  expect("200-tiny\ten\tnone");
  expect("200 OK VOICE LIST SENT");
  expect("200 OK DEBUGGING ON");
  expect("300 ERR UNKNOWN COMMAND");
  expect("200 OK DEBUGGING OFF");
}

static void test_wrong_settings(void **state)
{
  say("SET\n");
  expect("203 OK RECEIVING SETTINGS");
  say("rate\n.\n");
  expect("302 ERROR BAD SYNTAX");
  say("SET\n");
  expect("203 OK RECEIVING SETTINGS");
  say("rate=1000\n.\n");
  expect("303 ERROR INVALID PARAMETER OR VALUE");
  say("KEY\n");
  expect("202 OK RECEIVING MESSAGE");
  say("a\nb\n.\n");
  expect("305 DATA MORE THAN ONE LINE");
}

static void test_a_message(void **state)
{
  const NeumeOption options[] = {{"rate", "1.7321"}, {"pitch", "-6"}, {NULL, NULL}};
  set("rate=50\npitch=-50\nvolume=100\nsynthesis_voice=NULL\nvoice=male1\nlanguage=en");
  begin_message("SPEAK\n", "<speak>Hello, GNU! It is a\nfine day.</speak>");
  await_end();
  assert_string_equal(events, "BE");
  expect_sound("<speak>Hello, GNU! It is a\nfine day.</speak>", options);
  set("rate=0\npitch=0");
}

static void test_marks_stand_where_they_sound(void **state)
{
  static const char text[] = "<speak><mark name=\"0\"/>One two. <mark name=\"1\"/> Three <mark name=\"2\"/> "
                             "four.<mark name=\"3\"/></speak>";
  size_t places[4];
  begin_message("SPEAK\n", text);
  await_end();
  assert_int_equal(
      sscanf(events, "B(0@%zu)(1@%zu)(2@%zu)(3@%zu)E", &places[0], &places[1], &places[2], &places[3]), 4);
  assert_true(places[0] < places[1] && places[1] < places[2] && places[2] < places[3] &&
              places[3] <= n_heard);
}

static void test_characters_keys_icons(void **state)
{
  begin_message("CHAR\n", "a");
  await_end();
  expect_sound("<speak><say-as interpret-as=\"characters\">a</say-as></speak>", NULL);
  begin_message("KEY\n", "control_space");
  await_end();
  expect_sound("control space", NULL);
  begin_message("SOUND_ICON\n", "new-mail");
  await_end();
  expect_sound("new mail", NULL);
}

static void test_malformed_messages(void **state)
{
  begin_message("SPEAK\n", "<speak>Tom & Jerry <b></speak>");
  await_end();
  assert_string_equal(events, "BE");
  assert_true(n_heard > 0);
  begin_message("SPEAK\n", "<speak></speak>");
  await_end();
  assert_string_equal(events, "BE");
  assert_int_equal(n_heard, 0);
}

static void test_an_unknown_voice(void **state)
{
  set("synthesis_voice=nobody");
  begin_message("SPEAK\n", "<speak>Hi.</speak>");
  await_end();
  assert_true(n_heard > 0);
  set("synthesis_voice=NULL");
}

static char *write_long_text(void)
{
  static const char sentence[] = "This is sentence number one of very many. <mark name=\"m\"/>";
  char *text = calloc(1, 1 << 17);
  strcpy(text, "<speak>");
  for (int i = 0; i < 1000; ++i) strcat(text, sentence);
  return strcat(text, "</speak>");
}

static void test_stop(void **state)
{
  char *text = write_long_text();
  begin_message("SPEAK\n", text);
  while (n_heard == 0) note_event(read_line());
  say("STOP\n");
  await_end();
  assert_true(events[0] == 'B' && events[strlen(events) - 1] == 'S');
  const size_t n = n_heard;
  begin_message("SPEAK\n", "<speak>Hi.</speak>");
  await_end();
  assert_string_equal(events, "BE");
  assert_true(n_heard < n + 24000);
  expect_sound("Hi.", NULL);
  free(text);
}

// At once, before there is anything: every STOP has its BEGIN.
static void test_stop_before_sound(void **state)
{
  for (int i = 0; i < 20; ++i) {
    begin_message("SPEAK\n", "<speak>This is said and taken back.</speak>");
    say("STOP\n");
    await_end();
    assert_int_equal(events[0], 'B');
    assert_non_null(strpbrk(events, "SE")); // it may have been over
  }
}

static void test_pause(void **state)
{
  char *text = write_long_text();
  begin_message("SPEAK\n", text);
  while (n_heard == 0) note_event(read_line());
  say("PAUSE\n");
  await_end();
  const size_t n = strlen(events);
  assert_int_equal(events[n - 1], 'P');
  assert_int_equal(events[n - 2], ')'); // behind a mark
  free(text);
}

static void test_speaking_twice(void **state)
{
  char *text = write_long_text();
  begin_message("SPEAK\n", text);
  say("CHAR\n");
  expect("202 OK RECEIVING MESSAGE");
  say("a\n.\n");
  expect("301 ERROR CANT SPEAK");
  say("STOP\n");
  await_end();
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_replies),
      cmocka_unit_test(test_wrong_settings),
      cmocka_unit_test(test_a_message),
      cmocka_unit_test(test_marks_stand_where_they_sound),
      cmocka_unit_test(test_characters_keys_icons),
      cmocka_unit_test(test_malformed_messages),
      cmocka_unit_test(test_an_unknown_voice),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_stop_before_sound),
      cmocka_unit_test(test_pause),
      cmocka_unit_test(test_speaking_twice),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
