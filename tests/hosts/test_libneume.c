// SPDX-License-Identifier: GPL-3.0-or-later
// libneume's contract: contexts, options, errors, speech, cancelling. The models know nothing: what they say
// is held against the same models asked directly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/hosts/neume.h"
#include "models/speech/speak.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"
#include "tests/support/tiny_context.h"

#define TEXT "The first sentence is here. The second one, with a comma, follows! Is this the third?"

static void expect_error(NeumeStatus got, const NeumeError *err, NeumeStatus wanted, const char *part)
{
  if (got != wanted || err->status != wanted || !strstr(err->message, part))
    fail_msg("status %d, '%s'; wanted %d, '%s'", got, err->message, wanted, part);
}

// --- what a call is asked for ---

static void test_version(void **state)
{
  assert_string_equal(neume_get_version(), NM_VERSION);
}

// Programs that were compiled against it know these (64 bits).
static void test_layout(void **state)
{
  assert_int_equal(sizeof(NeumeError), 536);
  assert_int_equal(offsetof(NeumeError, message), 24);
  assert_int_equal(sizeof(NeumeOption), 16);
  assert_int_equal(offsetof(NeumeTiming, start), 16);
  assert_int_equal(offsetof(NeumeTiming, source), 40);
  assert_int_equal(offsetof(NeumeSink, audio), 16);
  assert_int_equal(offsetof(NeumeSink, progress), 40);
  assert_int_equal(offsetof(NeumeEmotionRow, whole_arousal), 28);
  assert_int_equal(offsetof(NeumeEmotionSegment, arousal), 20);
}

static void test_unknown_options(void **state)
{
  NeumeError err = {0};
  const NeumeOption rat[] = {{"rat", "0.8"}, {NULL, NULL}}, threads[] = {{"threads", "many"}, {NULL, NULL}};
  expect_error(neume_speak(context, "Hi", 2, rat, NULL, &err), &err, NEUME_BAD_ARGUMENT, "'rate'");
  assert_null(neume_context_new(threads, &err));
  expect_error(err.status, &err, NEUME_BAD_ARGUMENT, "from 1 to 256");
}

static void test_bad_values(void **state)
{
  static const struct {
    NeumeOption options[2];
    const char *part;
  } cases[] = {{{{"rate", "soon"}}, "rate"},     {{{"pitch", "-"}}, "semitones"},
               {{{"voice", "nobody"}}, "voice"}, {{{"input", "html"}}, "ssml"},
               {{{"seed", "1.5"}}, "seed"},      {{{"energy", NULL}}, "no value"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NeumeError err = {0};
    const NeumeStatus status = neume_speak(context, "Hi", 2, cases[i].options, NULL, &err);
    expect_error(status, &err, NEUME_BAD_ARGUMENT, cases[i].part);
  }
}

static void test_nothing_is_given(void **state)
{
  NeumeError err = {0};
  const NeumeSink sink = {0};
  expect_error(neume_speak(NULL, "Hi", 2, NULL, NULL, &err), &err, NEUME_BAD_ARGUMENT, "context");
  expect_error(neume_speak(context, NULL, 2, NULL, NULL, &err), &err, NEUME_BAD_ARGUMENT, "text");
  expect_error(neume_speak(context, "Hi", 2, NULL, &sink, &err), &err, NEUME_BAD_ARGUMENT, "size");
  expect_error(neume_speak(context, NULL, 0, NULL, NULL, &err), &err, NEUME_BAD_DATA, "nothing to say");
  expect_error(neume_context_load(context, "all", &err), &err, NEUME_BAD_ARGUMENT, "all");
  assert_int_equal(neume_speak(context, "", 0, NULL, NULL, NULL), NEUME_BAD_DATA);
  neume_context_free(NULL);
  neume_cancel(NULL);
  neume_emotion_free(NULL);
  neume_song_free(NULL);
  neume_release(NULL);
}

static void test_missing_assets(void **state)
{
  NeumeError err = {0};
  const NeumeOption nowhere[] = {{"assets", "nowhere"}, {NULL, NULL}};
  NeumeContext *lost = neume_context_new(nowhere, &err);
  assert_non_null(lost);
  expect_error(neume_context_load(lost, "speech", &err), &err, NEUME_IO, "nowhere");
  assert_null(neume_emotion_new(lost, 24000, 1, NULL, &err));
  neume_context_free(lost);
}

static void test_voices(void **state)
{
  NeumeError err = {0};
  assert_string_equal(neume_get_voice(context, 0, &err), "tiny");
  assert_null(neume_get_voice(context, 1, &err));
  assert_null(neume_get_voice(context, -1, &err));
  assert_int_equal(err.status, NEUME_OK);
}

// --- the log ---

static void keep_message(void *user, NeumeLogLevel level, const char *message)
{
  if (level == NEUME_LOG_WARNING) snprintf(user, 600, "%s", message);
}

// A lexicon that breaks while it is used is told of, in the log of the context that uses it.
static void test_log(void **state)
{
  char log[600] = "", other[600] = "";
  NeumeError err = {0};
  const NeumeOption options[] = {{"assets", "assets"}, {"lexicon", "words"}, {NULL, NULL}};
  write_file("words", "neume\tN UW1 M\n", 14);
  NeumeContext *own = neume_context_new(options, &err);
  neume_context_set_log(own, keep_message, log);
  neume_context_set_log(context, keep_message, other);
  assert_int_equal(neume_speak(own, "A neume.", 8, NULL, NULL, &err), NEUME_OK);
  assert_string_equal(log, "");
  write_file("words", "neume\n", 6);
  assert_int_equal(neume_speak(own, "A neume.", 8, NULL, NULL, &err), NEUME_OK);
  assert_non_null(strstr(log, "words"));
  assert_string_equal(other, "");
  neume_context_set_log(context, NULL, NULL);
  neume_context_free(own);
}

// --- speaking ---

typedef struct {
  float *samples; // [n]
  int64_t n, start_last[NEUME_TIMING_NOTE + 1], end_phone;
  int n_timings, n_marks, n_notes, n_progress;
  int stop_after; // calls of audio
  double progress;
} Heard;

static int hear_audio(void *user, const float *samples, size_t n)
{
  Heard *heard = user;
  heard->samples = realloc(heard->samples, ((size_t)heard->n + n) * sizeof *samples);
  memcpy(heard->samples + heard->n, samples, n * sizeof *samples);
  heard->n += (int64_t)n;
  return heard->stop_after && --heard->stop_after == 0;
}

static int hear_timing(void *user, const NeumeTiming *timing)
{
  Heard *heard = user;
  const int is_pause = timing->kind == NEUME_TIMING_PHONE && !strcmp(timing->text, "pau");
  assert_int_equal(timing->size, sizeof *timing);
  assert_true(timing->start >= heard->start_last[timing->kind] && timing->end >= timing->start);
  if (!is_pause) assert_true(timing->start >= heard->n);
  if (timing->kind == NEUME_TIMING_PHONE) {
    assert_true(timing->start == heard->end_phone);
    heard->end_phone = timing->end;
  }
  heard->start_last[timing->kind] = timing->start;
  heard->n_marks += timing->kind == NEUME_TIMING_MARK;
  ++heard->n_timings;
  return 0;
}

static void hear_note(void *user, const char *sentence)
{
  ++((Heard *)user)->n_notes;
}

static int hear_progress(void *user, double done)
{
  Heard *heard = user;
  assert_true(done >= heard->progress && done <= 1);
  heard->progress = done;
  ++heard->n_progress;
  return 0;
}

static NeumeSink hear(Heard *heard)
{
  return (NeumeSink){.size = sizeof(NeumeSink),
                     .user = heard,
                     .audio = hear_audio,
                     .timing = hear_timing,
                     .note = hear_note,
                     .progress = hear_progress};
}

typedef struct {
  float *samples;
  int64_t n;
} Direct;

static NmStatus keep(void *user, const float *samples, int64_t n, NmError *err)
{
  Direct *d = user;
  d->samples = realloc(d->samples, (size_t)(d->n + n) * sizeof *samples);
  memcpy(d->samples + d->n, samples, (size_t)n * sizeof *samples);
  d->n += n;
  return NM_OK;
}

// The models without the library.
static Direct speak_directly(const char *text, float rate)
{
  Direct said = {0};
  NmText *front = nm_text_new(NM_LEXICON, NULL, NULL);
  NmVoice *voice = nm_voice_new("assets/voice.safetensors", "assets/vocoder.safetensors", NULL, NULL);
  NmSpeaker *speaker = nm_speaker_new(front, voice);
  const NmSpeakerConfig config = {.sink = {.user = &said, .audio = keep}};
  NmSpan span = {.text = text, .len = strlen(text), .prosody = nm_prosody_plain()};
  span.prosody.rate = rate;
  nm_speaker_begin(speaker, &config);
  assert_int_equal(nm_speaker_feed(speaker, &span, NULL), NM_OK);
  assert_int_equal(nm_speaker_finish(speaker, NULL), NM_OK);
  nm_speaker_free(speaker);
  nm_voice_free(voice);
  nm_text_free(front);
  return said;
}

static void test_speech_is_the_voices(void **state)
{
  Heard heard = {0};
  NeumeError err = {0};
  const NeumeSink sink = hear(&heard);
  const NeumeOption options[] = {{"rate", "2"}, {NULL, NULL}};
  Direct direct = speak_directly(TEXT, 2);
  assert_int_equal(neume_speak(context, TEXT, strlen(TEXT), options, &sink, &err), NEUME_OK);
  assert_int_equal(heard.n, direct.n);
  assert_memory_equal(heard.samples, direct.samples, (size_t)heard.n * sizeof(float));
  assert_int_equal(heard.end_phone, heard.n);
  assert_true(heard.progress == 1);
  float *all;
  size_t n;
  assert_int_equal(neume_speak_all(context, TEXT, strlen(TEXT), options, &all, &n, &err), NEUME_OK);
  assert_int_equal(n, direct.n);
  assert_memory_equal(all, direct.samples, n * sizeof(float));
  neume_release(all);
  free(heard.samples);
  free(direct.samples);
}

static void test_ssml_marks_and_notes(void **state)
{
  static const char text[] = "<speak>One <mark name=\"a\"/> two <odd>three</odd>. <mark name=\"b\"/></speak>";
  Heard heard = {0};
  NeumeError err = {0};
  const NeumeSink sink = hear(&heard);
  assert_int_equal(neume_speak(context, text, strlen(text), NULL, &sink, &err), NEUME_OK);
  assert_int_equal(heard.n_marks, 2);
  assert_int_equal(heard.n_notes, 1);
  const NeumeOption plain[] = {{"input", "text"}, {NULL, NULL}};
  assert_int_equal(neume_speak(context, text, strlen(text), plain, NULL, &err), NEUME_OK);
  expect_error(neume_speak(context, "<speak>a</b>", 12, NULL, NULL, &err), &err, NEUME_BAD_DATA, "line 1");
  assert_int_equal(err.line, 1);
  free(heard.samples);
}

static void test_an_older_sink(void **state)
{
  Heard heard = {0};
  NeumeSink sink = hear(&heard);
  sink.size = offsetof(NeumeSink, timing);
  assert_int_equal(neume_speak(context, "Hi there", 8, NULL, &sink, NULL), NEUME_OK);
  assert_true(heard.n > 0 && heard.n_timings == 0 && heard.n_progress == 0);
  free(heard.samples);
}

// --- ending a call ---

static void test_a_callback_ends(void **state)
{
  NeumeError err = {0};
  Heard heard = {.stop_after = 2};
  NeumeSink sink = hear(&heard);
  const NeumeStatus status = neume_speak(context, TEXT, strlen(TEXT), NULL, &sink, &err);
  expect_error(status, &err, NEUME_CANCELLED, "caller");
  assert_int_equal(neume_speak(context, TEXT, strlen(TEXT), NULL, NULL, &err), NEUME_OK);
  free(heard.samples);
}

static int cancel_from_within(void *user, const float *samples, size_t n)
{
  NeumeError err = {0};
  ++*(int *)user;
  expect_error(neume_context_load(context, "speech", &err), &err, NEUME_BAD_ARGUMENT, "callback");
  neume_cancel(context);
  return 0;
}

static void test_cancel(void **state)
{
  int n_calls = 0;
  NeumeError err = {0};
  const NeumeSink sink = {.size = sizeof sink, .user = &n_calls, .audio = cancel_from_within};
  const NeumeStatus status = neume_speak(context, TEXT, strlen(TEXT), NULL, &sink, &err);
  expect_error(status, &err, NEUME_CANCELLED, "interrupted");
  assert_true(n_calls > 0 && n_calls < 8); // one phrase, of many
  neume_cancel(context);
  assert_int_equal(neume_speak(context, "Hi", 2, NULL, NULL, &err), NEUME_OK);
}

typedef struct {
  atomic_int n_begun;
  NeumeStatus status[2];
} Waiting;

static int wait_for_the_other(void *user, const float *samples, size_t n)
{
  Waiting *w = user;
  while (atomic_load(&w->n_begun) < 2) usleep(1000);
  usleep(20000); // time for the other to be waiting for its turn
  neume_cancel(context);
  return 0;
}

static void *speak_second(void *user)
{
  Waiting *w = user;
  atomic_fetch_add(&w->n_begun, 1);
  w->status[1] = neume_speak(context, TEXT, strlen(TEXT), NULL, NULL, NULL);
  return NULL;
}

// Cancelling ends those that wait too.
static void test_cancel_those_that_wait(void **state)
{
  pthread_t thread;
  Waiting w = {.n_begun = 1};
  const NeumeSink sink = {.size = sizeof sink, .user = &w, .audio = wait_for_the_other};
  assert_int_equal(pthread_create(&thread, NULL, speak_second, &w), 0);
  w.status[0] = neume_speak(context, TEXT, strlen(TEXT), NULL, &sink, NULL);
  pthread_join(thread, NULL);
  assert_int_equal(w.status[0], NEUME_CANCELLED);
  // On a busy machine the second may have come after the cancellation.
  assert_true(w.status[1] == NEUME_CANCELLED || w.status[1] == NEUME_OK);
}

// --- what a library must not do ---

static void test_it_prints_nothing(void **state)
{
  fflush(stdout);
  fflush(stderr);
  const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
  FILE *file = fopen("said", "w+");
  assert_non_null(file);
  dup2(fileno(file), STDOUT_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  neume_speak(context, "\xf0\x9f\x98\x80 <odd> \xff", 10, NULL, NULL, NULL);
  neume_song_free(neume_song_load("nowhere.mid", NULL, NULL));
  neume_song_free(neume_compose(context, "[Chorus]\nof the sun", 19, NULL, NULL, NULL));
  fflush(NULL);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  close(out);
  close(err);
  fseek(file, 0, SEEK_END);
  assert_int_equal(ftell(file), 0);
  fclose(file);
}

static bool make_context(void *ctx)
{
  NeumeError err = {0};
  const NeumeOption options[] = {{"assets", "assets"}, {"threads", "2"}, {NULL, NULL}};
  NeumeContext *made = neume_context_new(options, &err);
  if (!made) assert_int_equal(err.status, NEUME_NO_MEMORY);
  neume_context_free(made);
  return made != NULL;
}

// The spelling of unknown words may be left out when memory is short, nothing else.
static bool speak_once(void *ctx)
{
  NeumeError err = {0};
  NeumeContext *made = neume_context_new(in_tiny, &err);
  float *samples = NULL;
  size_t n = 0;
  const bool done = made && neume_speak_all(made, "Hi.", 3, NULL, &samples, &n, &err) == NEUME_OK;
  // Whether a value of the metadata is missing or could not be copied, its reader does not tell.
  if (!done) assert_true(err.status == NEUME_NO_MEMORY || err.status == NEUME_BAD_DATA);
  neume_release(samples);
  neume_context_free(made);
  return done;
}

static void test_memory_is_out(void **state)
{
  assert_true(nm_fail_alloc_each(make_context, NULL, false) > 0);
  assert_true(nm_fail_alloc_each(speak_once, NULL, true) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_version),
      cmocka_unit_test(test_layout),
      cmocka_unit_test(test_unknown_options),
      cmocka_unit_test(test_bad_values),
      cmocka_unit_test(test_nothing_is_given),
      cmocka_unit_test(test_missing_assets),
      cmocka_unit_test(test_voices),
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_speech_is_the_voices),
      cmocka_unit_test(test_ssml_marks_and_notes),
      cmocka_unit_test(test_an_older_sink),
      cmocka_unit_test(test_a_callback_ends),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_cancel_those_that_wait),
      cmocka_unit_test(test_it_prints_nothing),
      cmocka_unit_test(test_memory_is_out),
  };
  return cmocka_run_group_tests(tests, open_tiny_context, close_tiny_context);
}
