// SPDX-License-Identifier: GPL-3.0-or-later
// libneume's songs and singing against the models asked directly, and everything in several threads at once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/hosts/library/song.h"
#include "app/hosts/neume.h"
#include "models/sing/sing.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/melody_sound.h"
#include "tests/support/tiny_context.h"

#define WORDS "the sun is in the sky\nand you are in my eye\n"

enum { RATE_HZ = 8000, N_THREADS = 4 };

// --- songs ---

static void test_composed_songs_go_through_files(void **state)
{
  char why[200] = "";
  NeumeError err = {0};
  const NeumeOption options[] = {{"key", "D"}, {"meter", "3/4"}, {"seed", "3"}, {NULL, NULL}},
                    force[] = {{"force", "yes"}, {NULL, NULL}};
  NeumeSong *song = neume_compose(context, WORDS, strlen(WORDS), options, NULL, &err);
  if (!song) fail_msg("%s", err.message);
  assert_true(song->song->keys[0].fifths == 2 && song->song->meters[0].n_beats == 3);
  assert_int_equal(neume_song_save(song, "song.musicxml", NULL, &err), NEUME_OK);
  assert_int_equal(neume_song_save(song, "song.musicxml", NULL, &err), NEUME_IO);
  assert_int_equal(neume_song_save(song, "song.musicxml", force, &err), NEUME_OK);
  NeumeSong *loaded = neume_song_load("song.musicxml", NULL, &err);
  assert_non_null(loaded);
  if (!nm_song_equal(song->song, loaded->song, why, sizeof why)) fail_msg("%s", why);
  neume_song_free(loaded);
  neume_song_free(song);
}

static void test_songs_in_memory(void **state)
{
  void *bytes;
  size_t n;
  char why[200] = "";
  NeumeError err = {0};
  NeumeSong *song = neume_compose(context, WORDS, strlen(WORDS), NULL, NULL, &err);
  assert_int_equal(neume_song_write(song, ".mid", &bytes, &n, &err), NEUME_OK);
  NeumeSong *read = neume_song_read(bytes, n, NULL, NULL, &err);
  assert_non_null(read);
  if (!nm_song_equal(song->song, read->song, why, sizeof why)) fail_msg("%s", why);
  neume_release(bytes);
  assert_int_equal(neume_song_write(song, ".doc", &bytes, &n, &err), NEUME_BAD_ARGUMENT);
  assert_null(neume_song_read("nonsense", 8, "it", NULL, &err));
  assert_int_equal(err.status, NEUME_BAD_DATA);
  assert_int_equal(neume_song_save(song, "-", NULL, &err), NEUME_BAD_ARGUMENT);
  assert_null(neume_song_load("-", NULL, &err));
  neume_song_free(read);
  neume_song_free(song);
}

static void test_words_are_aligned(void **state)
{
  NeumeError err = {0};
  NeumeSong *melody = neume_compose(context, WORDS, strlen(WORDS), NULL, NULL, &err);
  NeumeSong *song = neume_align(context, WORDS, strlen(WORDS), melody, NULL, NULL, &err);
  if (!song) fail_msg("%s", err.message);
  assert_int_equal(song->song->n_notes, melody->song->n_notes);
  assert_int_equal(song->song->n_syllables, melody->song->n_syllables);
  neume_song_free(song);
  assert_null(neume_align(context, " ", 1, melody, NULL, NULL, &err));
  assert_int_equal(err.status, NEUME_BAD_DATA);
  assert_null(neume_align(context, WORDS, strlen(WORDS), NULL, NULL, NULL, &err));
  neume_song_free(melody);
}

// --- singing ---

typedef struct {
  float *samples; // [n]
  size_t n, n_notes;
  int64_t end_phone;
} Sung;

static int hear_song(void *user, const float *samples, size_t n)
{
  Sung *sung = user;
  sung->samples = realloc(sung->samples, (sung->n + n) * sizeof *samples);
  memcpy(sung->samples + sung->n, samples, n * sizeof *samples);
  sung->n += n;
  return 0;
}

static int hear_timing(void *user, const NeumeTiming *timing)
{
  Sung *sung = user;
  assert_int_equal(sung->n, 0);
  sung->n_notes += timing->kind == NEUME_TIMING_NOTE;
  if (timing->kind == NEUME_TIMING_NOTE) assert_true(timing->pitch > 0);
  if (timing->kind != NEUME_TIMING_PHONE) return 0;
  assert_true(timing->start == sung->end_phone);
  sung->end_phone = timing->end;
  return 0;
}

// The models without the library.
static float *sing_directly(const NmSong *song, int64_t *n)
{
  NmText *text = nm_text_new(NM_LEXICON, NULL, NULL);
  NmVoice *voice = nm_voice_new("assets/voice.safetensors", "assets/vocoder.safetensors", NULL, NULL);
  NmSinger *singer = nm_singer_new(text, voice);
  NmSingStyle style = nm_sing_style_defaults();
  style.as = .5;
  style.vibrato_cents = 50;
  NmSingPlan *plan = nm_sing_plan_new(singer, song, &style, NULL, NULL, NULL);
  assert_non_null(plan);
  NmSingStream *stream = nm_sing_stream_new(singer, plan, NULL, NULL);
  *n = nm_sing_plan_get_n_samples(plan);
  float *samples = malloc((size_t)*n * sizeof *samples);
  assert_int_equal(nm_sing_stream_process(stream, samples, *n, NULL), NM_OK);
  nm_sing_stream_free(stream);
  nm_sing_plan_free(plan);
  nm_singer_free(singer);
  nm_voice_free(voice);
  nm_text_free(text);
  return samples;
}

static void test_songs_are_sung(void **state)
{
  int64_t n;
  Sung sung = {0};
  NeumeError err = {0};
  const NeumeOption options[] = {{"as", "recitative"}, {"vibrato", "50"}, {NULL, NULL}};
  const NeumeSink sink = {.size = sizeof sink, .user = &sung, .audio = hear_song, .timing = hear_timing};
  NeumeSong *song = neume_compose(context, WORDS, strlen(WORDS), NULL, NULL, &err);
  if (neume_sing(context, song, options, &sink, &err)) fail_msg("%s", err.message);
  float *direct = sing_directly(song->song, &n);
  assert_int_equal(sung.n, n);
  assert_int_equal(sung.end_phone, n);
  assert_int_equal(sung.n_notes, song->song->n_notes);
  assert_memory_equal(sung.samples, direct, sung.n * sizeof *direct);
  neume_song_free(song);
  free(sung.samples);
  free(direct);
}

static int cancel_song(void *user, const float *samples, size_t n)
{
  ++*(int *)user;
  neume_cancel(context);
  return 0;
}

static void test_singing_is_refused_and_cancelled(void **state)
{
  static const NeumeOption cases[][2] = {{{"as", "opera"}},   {{"vowel", "meow"}}, {{"transpose", "high"}},
                                         {{"vibrato", "-3"}}, {{"verse", "none"}}, {{"voice", "me"}},
                                         {{"plain", "1"}},    {{"tremolo", "1"}}};
  int n_calls = 0;
  NeumeError err = {0};
  const NeumeSink sink = {.size = sizeof sink, .user = &n_calls, .audio = cancel_song};
  const NeumeOption all[] = {{"verse", "all"}, {NULL, NULL}};
  NeumeSong *song = neume_compose(context, WORDS, strlen(WORDS), NULL, NULL, &err);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    assert_int_equal(neume_sing(context, song, cases[i], NULL, &err), NEUME_BAD_ARGUMENT);
  assert_int_equal(neume_sing(context, NULL, NULL, NULL, &err), NEUME_BAD_ARGUMENT);
  assert_int_equal(neume_sing(context, song, NULL, &sink, &err), NEUME_CANCELLED);
  assert_int_equal(n_calls, 1);
  assert_int_equal(neume_sing(context, song, all, NULL, &err), NEUME_OK);
  neume_song_free(song);
}

static int stop_at_once(void *user, double done)
{
  return 1;
}

static void test_bad_wishes(void **state)
{
  static const NeumeOption cases[][2] = {{{"key", "H"}},   {{"meter", "5/7"}},  {{"range", "C4-D4"}},
                                         {{"style", "x"}}, {{"vary", "maybe"}}, {{"method", "guess"}},
                                         {{"tempo", "0"}}, {{"kye", "D"}}};
  NeumeError err = {0};
  const NeumeSink sink = {.size = sizeof sink, .progress = stop_at_once};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    assert_null(neume_compose(context, WORDS, strlen(WORDS), cases[i], NULL, &err));
    assert_int_equal(err.status, NEUME_BAD_ARGUMENT);
  }
  assert_null(neume_compose(context, WORDS, strlen(WORDS), NULL, &sink, &err));
  assert_int_equal(err.status, NEUME_CANCELLED);
}

static bool compose_once(void *ctx)
{
  NeumeError err = {0};
  NeumeSong *song = neume_compose(context, WORDS, strlen(WORDS), NULL, NULL, &err);
  if (!song) assert_int_equal(err.status, NEUME_NO_MEMORY);
  neume_song_free(song);
  return song != NULL;
}

static void test_memory_is_out(void **state)
{
  assert_int_equal(neume_context_load(context, "songs", NULL), NEUME_OK);
  assert_true(nm_fail_alloc_each(compose_once, NULL, true) > 0);
}

// --- threads ---

typedef struct {
  NeumeContext *context; // NULL: one of its own
  double mean_sound, mean_valence;
  int32_t n_notes, sum_pitch;
  NeumeError err;
} Work;

static NeumeStatus speak(NeumeContext *neume, Work *work)
{
  float *x;
  size_t n;
  const NeumeStatus status = neume_speak_all(neume, "Many speak at once.", 19, NULL, &x, &n, &work->err);
  for (size_t i = 0; status == NEUME_OK && i < n; ++i) work->mean_sound += fabs((double)x[i]) / (double)n;
  neume_release(status == NEUME_OK ? x : NULL);
  return status;
}

static NeumeStatus compose(NeumeContext *neume, Work *work)
{
  NeumeSong *song = neume_compose(neume, WORDS, strlen(WORDS), NULL, NULL, &work->err);
  if (!song) return work->err.status;
  work->n_notes = song->song->n_notes;
  for (int32_t i = 0; i < song->song->n_notes; ++i) work->sum_pitch += song->song->notes[i].pitch;
  neume_song_free(song);
  return NEUME_OK;
}

static NeumeStatus listen(NeumeContext *neume, Work *work)
{
  int64_t n;
  float *x = make_melody_sound(RATE_HZ, 1, &n);
  NeumeEmotion *e = neume_emotion_new(neume, RATE_HZ, 1, NULL, &work->err);
  NeumeStatus status = e ? neume_emotion_push(e, x, (size_t)n / 4, &work->err) : work->err.status;
  if (status == NEUME_OK) status = neume_emotion_finish(e, &work->err);
  for (NeumeEmotionRow row; e && neume_emotion_read(e, &row, sizeof row);) work->mean_valence += row.valence;
  neume_emotion_free(e);
  free(x);
  return status;
}

static void *do_work(void *user)
{
  Work *work = user;
  NeumeContext *neume = work->context ? work->context : neume_context_new(in_tiny, &work->err);
  if (!neume || speak(neume, work) || compose(neume, work) || listen(neume, work)) work->n_notes = -1;
  if (!work->context) neume_context_free(neume);
  return NULL;
}

static void work_in_threads(NeumeContext *shared)
{
  Work alone = {0}, works[N_THREADS] = {0};
  pthread_t threads[N_THREADS];
  do_work(&alone);
  assert_true(alone.n_notes > 0);
  for (int i = 0; i < N_THREADS; ++i) {
    works[i].context = shared;
    assert_int_equal(pthread_create(&threads[i], NULL, do_work, &works[i]), 0);
  }
  for (int i = 0; i < N_THREADS; ++i) {
    pthread_join(threads[i], NULL);
    if (works[i].n_notes < 0) fail_msg("%s", works[i].err.message);
    assert_true(works[i].mean_sound == alone.mean_sound && works[i].mean_valence == alone.mean_valence);
    assert_true(works[i].n_notes == alone.n_notes && works[i].sum_pitch == alone.sum_pitch);
  }
}

static void test_contexts_in_threads(void **state)
{
  work_in_threads(NULL);
}

static void test_one_context_in_threads(void **state)
{
  work_in_threads(context);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contexts_in_threads), // first: nothing is planned or loaded yet
      cmocka_unit_test(test_one_context_in_threads),
      cmocka_unit_test(test_composed_songs_go_through_files),
      cmocka_unit_test(test_songs_in_memory),
      cmocka_unit_test(test_words_are_aligned),
      cmocka_unit_test(test_bad_wishes),
      cmocka_unit_test(test_songs_are_sung),
      cmocka_unit_test(test_singing_is_refused_and_cancelled),
      cmocka_unit_test(test_memory_is_out),
  };
  return cmocka_run_group_tests(tests, open_tiny_context, close_tiny_context);
}
