// SPDX-License-Identifier: GPL-3.0-or-later
// The mix: everything at its sample, stems that sum to it, sensible loudness, no peak too high, the same
// bytes however the voice comes.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "app/jobs/mix.h"
#include "dsp/audio_file.h"
#include "dsp/base/rng.h"
#include "dsp/loudness.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"

enum { N_VOICE = 8 * 24000 };

typedef struct {
  float *frames; // [n, 2]
  int64_t n, room;
} Mix;

static NmStatus take(void *user, const float *frames, int64_t n, NmError *err)
{
  Mix *mix = user;
  if (mix->n + n > mix->room) {
    mix->room = 2 * (mix->n + n);
    mix->frames = realloc(mix->frames, (size_t)(2 * mix->room) * sizeof *mix->frames);
    assert_non_null(mix->frames);
  }
  memcpy(mix->frames + 2 * mix->n, frames, (size_t)(2 * n) * sizeof *frames);
  mix->n += n;
  return NM_OK;
}

static NmBacking *make_backing(const char *mood)
{
  NmSong *song = nm_song_read_file(NM_TEST_DATA "/data/tunes/twinkle.abc");
  NmBackingStyle style = nm_backing_style_defaults();
  NmError err = {0};
  song->n_notes = 14; // a line of it
  song->n_links = 0;
  style.has_mood = nm_mood_parse(mood, &style.mood);
  nm_backing_add_lead_in(song);
  NmBacking *backing = nm_backing_new(song, &style, &err);
  if (!backing) fail_msg("%s", err.message);
  nm_song_free(song);
  return backing;
}

// Something like a voice, at a voice's loudness.
static float *make_voice(void)
{
  NmRng rng;
  nm_rng_init(&rng, 4);
  float *x = malloc(N_VOICE * sizeof *x);
  assert_non_null(x);
  for (int i = 0; i < N_VOICE; ++i) {
    double sum = 0;
    for (int k = 1; k < 12; ++k) sum += sin(2 * M_PI * 220 * k * i / 24000. + k) / k;
    x[i] = (float)(.095 * sum * (.6 + .4 * sin(2 * M_PI * 3 * i / 24000.)) + .002 * nm_rng_normal(&rng));
  }
  return x;
}

static Mix mix(NmBacking *backing, const NmMixStyle *style, const float *voice, int64_t n, int64_t n_block,
               const char *stems)
{
  Mix made = {0};
  NmError err = {0};
  const NmMixConfig config = {
      .backing = backing, .style = style, .sink = take, .user = &made, .stems = stems, .force = true};
  NmMixer *mixer = nm_mixer_new(&config, &err);
  if (!mixer) fail_msg("%s", err.message);
  for (int64_t at = 0; at < n; at += n_block)
    assert_int_equal(nm_mixer_push(mixer, voice + at, n - at < n_block ? n - at : n_block, &err), NM_OK);
  assert_int_equal(nm_mixer_finish(mixer, &err), NM_OK);
  assert_int_equal(made.n, nm_mixer_get_len(mixer, n));
  nm_mixer_free(mixer);
  return made;
}

// A click in the voice is where it was, in both channels, and as loud as it should be.
static void test_timing(void **state)
{
  float *x = calloc(N_VOICE, sizeof *x);
  for (int i = -30; i <= 30; ++i) x[12345 + i] = (float)(.5 * exp(-i * i / 40.));
  NmMixStyle style = nm_mix_style_defaults();
  style.room_db = -200;
  style.voice_lufs = NM_MIX_VOICE_LUFS;
  style.peak_db = 0;
  Mix made = mix(NULL, &style, x, N_VOICE, 1000, NULL);
  assert_int_equal(made.n, 2 * N_VOICE);
  for (int64_t i = 0; i < made.n; ++i) {
    const double t = i / 2. - 12345, expected = .5 * exp(-t * t / 40.) * M_SQRT1_2;
    for (int c = 0; c < 2; ++c)
      if (!(fabs(made.frames[2 * i + c] - expected) < 2e-4))
        fail_msg("frame %ld: %g, not %g", (long)i, made.frames[2 * i + c], expected);
  }
  free(made.frames);
  free(x);
}

static void add_stem(const char *path, double *sum, int64_t n)
{
  NmError err = {0};
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  assert_int_equal(info.rate_hz, 48000);
  assert_int_equal(info.n_channels, 2);
  float *x = malloc((size_t)(2 * n) * sizeof *x);
  int64_t n_read;
  assert_int_equal(nm_audio_reader_read(reader, x, n, &n_read, &err), NM_OK);
  assert_int_equal(n_read, n);
  for (int64_t i = 0; i < 2 * n; ++i) sum[i] += x[i];
  free(x);
  nm_audio_reader_close(reader);
}

// Quiet enough that the limiter rests.
static void test_stems(void **state)
{
  float *voice = make_voice();
  NmBacking *backing = make_backing("bright");
  NmMixStyle style = nm_mix_style_defaults();
  style.voice_db = style.backing_db = -12;
  enter_scratch();
  Mix made = mix(backing, &style, voice, N_VOICE, 4096, "stems");
  double *sum = calloc((size_t)(2 * made.n), sizeof *sum);
  add_stem("stems/voice.wav", sum, made.n);
  add_stem("stems/guitar.wav", sum, made.n);
  add_stem("stems/bass.wav", sum, made.n);
  add_stem("stems/pad.wav", sum, made.n);
  add_stem("stems/drums.wav", sum, made.n);
  assert_true(nm_snr_db(made.frames, sum, 2 * made.n) > 120);
  NmError err = {0};
  NmBacking *other = make_backing("bright");
  assert_null(nm_mixer_new(&(NmMixConfig){.backing = other, .stems = "stems"}, &err));
  assert_int_equal(err.status, NM_ERR_IO);
  assert_non_null(strstr(err.message, "--force"));
  leave_scratch();
  nm_backing_free(other);
  nm_backing_free(backing);
  free(made.frames);
  free(sum);
  free(voice);
}

static void test_levels(void **state)
{
  static const char *const moods[] = {"calm", "bright", "dark", "driving", "sad", "solemn"};
  for (int m = 0; m < 6; ++m) {
    NmBacking *backing = make_backing(moods[m]);
    const int64_t n = nm_backing_get_len(backing) / 2;
    float *voice = make_voice(), *song = malloc((size_t)n * sizeof *song);
    for (int64_t i = 0; i < n; ++i) song[i] = voice[i % N_VOICE];
    NmLoudness loudness;
    nm_loudness_init(&loudness, 24000, 1);
    nm_loudness_process(&loudness, song, n);
    NmMixStyle style = nm_mix_style_defaults();
    style.voice_lufs = nm_loudness_get_lufs(&loudness);
    Mix made = mix(backing, &style, song, n, 4096, NULL);
    double peak = 0;
    for (int64_t i = 0; i < 2 * made.n; ++i) peak = fmax(peak, fabs(made.frames[i]));
    nm_loudness_init(&loudness, 48000, 2);
    nm_loudness_process(&loudness, made.frames, made.n);
    const double lufs = nm_loudness_get_lufs(&loudness);
    if (!(lufs > -18 && lufs < -14)) fail_msg("%s: %g LUFS", moods[m], lufs);
    if (!(peak <= pow(10, -1. / 20))) fail_msg("%s: peak %g", moods[m], peak);
    free(made.frames);
    free(voice);
    free(song);
    nm_backing_free(backing);
  }
}

static void test_same_bytes(void **state)
{
  static const int64_t blocks[] = {4096, 1, 997, 24000};
  float *voice = make_voice();
  Mix first = {0};
  for (int i = 0; i < 4; ++i) {
    NmBacking *backing = make_backing("dark");
    Mix made = mix(backing, NULL, voice, N_VOICE, blocks[i], NULL);
    nm_backing_free(backing);
    if (i == 0) {
      first = made;
      continue;
    }
    assert_int_equal(made.n, first.n);
    assert_memory_equal(made.frames, first.frames, (size_t)(2 * made.n) * sizeof *made.frames);
    free(made.frames);
  }
  free(first.frames);
  free(voice);
}

// Parts sound where the performance has their notes.
static void test_onsets(void **state)
{
  NmBacking *backing = make_backing("calm");
  const NmPerformance *performance = nm_backing_get_performance(backing);
  enum { N = 4096 };
  static float out[2 * NM_PERFORMANCE_PARTS_MAX][N];
  float *outs[2 * NM_PERFORMANCE_PARTS_MAX];
  int64_t onsets[NM_PERFORMANCE_PARTS_MAX];
  for (int i = 0; i < 2 * NM_PERFORMANCE_PARTS_MAX; ++i) outs[i] = out[i];
  for (int p = 0; p < NM_PERFORMANCE_PARTS_MAX; ++p) onsets[p] = -1;
  for (int64_t at = 0; at < 48000; at += N) {
    assert_int_equal(nm_backing_process(backing, outs, N), NM_OK);
    for (int32_t p = 0; p < performance->n_parts; ++p)
      for (int i = 0; i < N && onsets[p] < 0; ++i)
        if (out[2 * p][i] != 0 || out[2 * p + 1][i] != 0) onsets[p] = at + i;
  }
  for (int32_t p = 0; p < performance->n_parts; ++p)
    assert_true(labs(onsets[p] - performance->parts[p].notes[0].frame) <= 512); // a hop of 256 at 24 kHz
  nm_backing_free(backing);
}

static void test_nothing(void **state)
{
  Mix made = mix(NULL, NULL, NULL, 0, 1, NULL);
  for (int64_t i = 0; i < 2 * made.n; ++i) assert_true(fabs(made.frames[i]) < 1e-9);
  free(made.frames);
  NmSong *song = nm_song_new();
  NmBacking *backing = nm_backing_new(song, NULL, NULL);
  assert_non_null(backing);
  assert_int_equal(nm_backing_get_len(backing), 0);
  made = mix(backing, NULL, NULL, 0, 1, NULL);
  free(made.frames);
  nm_backing_free(backing);
  nm_song_free(song);
  NmMixStyle style = nm_mix_style_defaults();
  style.peak_db = 3;
  NmError err = {0};
  assert_null(nm_mixer_new(&(NmMixConfig){.style = &style}, &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  nm_mixer_free(NULL);
  nm_backing_free(NULL);
}

static NmStatus refuse(void *user, const float *frames, int64_t n, NmError *err)
{
  return nm_error_set(err, NM_ERR_IO, "the disk is full");
}

static void test_sink_fails(void **state)
{
  float *voice = make_voice();
  enter_scratch();
  // A folder that was made for the stems goes with them; one that was there stays.
  for (int was_there = 0; was_there < 2; ++was_there) {
    NmError err = {0};
    if (was_there) assert_int_equal(mkdir("stems", 0777), 0);
    NmMixer *mixer = nm_mixer_new(&(NmMixConfig){.sink = refuse, .stems = "stems"}, &err);
    assert_non_null(mixer);
    assert_int_equal(nm_mixer_push(mixer, voice, N_VOICE, &err), NM_ERR_IO);
    assert_string_equal(err.message, "the disk is full");
    nm_mixer_free(mixer);
    assert_false(file_exists("stems/voice.wav"));
    assert_int_equal(file_exists("stems"), was_there);
  }
  leave_scratch();
  free(voice);
}

static bool make(void *context)
{
  NmBacking *backing = nm_backing_new(context, NULL, NULL);
  NmMixer *mixer = backing ? nm_mixer_new(&(NmMixConfig){.backing = backing}, NULL) : NULL;
  nm_mixer_free(mixer);
  nm_backing_free(backing);
  return mixer;
}

static void test_no_memory(void **state)
{
  NmSong *song = nm_song_read_file(NM_TEST_DATA "/data/tunes/greensleeves.abc");
  assert_true(nm_fail_alloc_each(make, song, false) > 20);
  nm_song_free(song);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_timing),     cmocka_unit_test(test_stems),     cmocka_unit_test(test_levels),
      cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_onsets),    cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_sink_fails), cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
