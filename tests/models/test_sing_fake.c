// SPDX-License-Identifier: GPL-3.0-or-later
// Singing with the fake voice: what a plan promises, for songs of every shape.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/sing/sing.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/random_song.h"

enum { HOP = NM_VOICE_HOP, RATE = NM_VOICE_RATE_HZ, N_RANDOM = 150 };

static NmText *text;
static NmVoice *voice;
static NmSinger *singer;
static char last_note[300];

static void take_note(void *user, const char *message)
{
  snprintf(last_note, sizeof last_note, "%s", message);
}

static NmSingPlan *plan_of(const NmSong *song, const NmSingStyle *style)
{
  NmError err = {0};
  const NmSingStyle defaults = nm_sing_style_defaults();
  last_note[0] = '\0';
  NmSingPlan *plan = nm_sing_plan_new(singer, song, style ? style : &defaults, take_note, NULL, &err);
  if (!plan) fail_msg("%s", err.message);
  return plan;
}

// --- songs by hand ---

// Notes of "C4 4" (name of the key by number, length in beats) under words; "-" joins syllables, "_" holds.
static NmSong *make_song(const char *words, const int *keys, const double *beats, int n_notes)
{
  NmSong *song = nm_song_new();
  assert_non_null(song);
  int64_t tick = 0;
  for (int i = 0; i < n_notes; ++i) {
    const int64_t len = llround(fabs(beats[i]) * NM_SONG_TICKS_DEFAULT);
    if (beats[i] > 0) nm_song_add_note(song, tick, len, keys[i], 0);
    tick += len;
  }
  int32_t note = 0;
  bool new_line = true, new_word = true;
  for (const char *at = words; *at;) {
    const size_t len = strcspn(at, " -|");
    if (new_line) nm_song_add_line(song, 1, 0);
    if (len == 1 && *at == '_') {
      nm_song_add_link(song, song->n_syllables - 1, note++);
    } else {
      if (new_word) nm_song_add_word(song);
      const int32_t syllable = nm_song_add_syllable(song, at, len, -1);
      if (note < song->n_notes) nm_song_add_link(song, syllable, note++);
    }
    at += len;
    new_line = *at == '|';
    new_word = *at != '-';
    if (*at == '-' && at[1] == '_') new_word = false;
    at += *at != '\0';
  }
  NmError err = {0};
  if (nm_song_finish(song, &err)) fail_msg("%s", err.message);
  return song;
}

// --- what is told ---

typedef struct {
  NmTiming *items; // [n]
  int n, room;
} Told;

static NmStatus take_timing(void *user, const NmTiming *timing, NmError *err)
{
  Told *told = user;
  if (told->n == told->room) {
    told->room = 2 * told->room + 64;
    told->items = realloc(told->items, (size_t)told->room * sizeof *told->items);
    assert_non_null(told->items);
  }
  told->items[told->n] = *timing;
  told->items[told->n].text = strdup(timing->text);
  told->items[told->n++].source = strdup(timing->source);
  return NM_OK;
}

static Told tell(const NmSingPlan *plan)
{
  Told told = {0};
  assert_int_equal(nm_sing_plan_tell(plan, take_timing, &told, NULL), NM_OK);
  return told;
}

static void told_free(Told *told)
{
  for (int i = 0; i < told->n; ++i) {
    free((char *)told->items[i].text);
    free((char *)told->items[i].source);
  }
  free(told->items);
}

static const NmTiming *find(const Told *told, NmTimingKind kind, int nth)
{
  for (int i = 0; i < told->n; ++i)
    if (told->items[i].kind == kind && nth-- == 0) return &told->items[i];
  fail_msg("there is no timing of kind %d", kind);
  return NULL;
}

static int count(const Told *told, NmTimingKind kind)
{
  int n = 0;
  for (int i = 0; i < told->n; ++i) n += told->items[i].kind == kind;
  return n;
}

static bool is_pause(const NmTiming *timing)
{
  return strcmp(timing->text, "pau") == 0;
}

// The names of all phones, without pauses.
static void print_phones(const Told *told, char *line, size_t size)
{
  size_t len = 0;
  line[0] = '\0';
  for (int i = 0; i < told->n; ++i)
    if (told->items[i].kind == NM_TIMING_PHONE && !is_pause(&told->items[i]))
      len += (size_t)snprintf(line + len, size - len, "%s%s", len ? " " : "", told->items[i].text);
}

static void expect_phones(const NmSong *song, const char *expected)
{
  char line[1000];
  NmSingPlan *plan = plan_of(song, NULL);
  Told told = tell(plan);
  print_phones(&told, line, sizeof line);
  assert_string_equal(line, expected);
  told_free(&told);
  nm_sing_plan_free(plan);
}

// --- what every plan promises ---

static void check_tiling(const NmSingPlan *plan, const Told *told)
{
  int64_t at = 0;
  int n_phones = 0;
  for (int i = 0; i < told->n; ++i) {
    const NmTiming *item = &told->items[i];
    if (item->kind != NM_TIMING_PHONE) continue;
    assert_int_equal(item->start, at);
    assert_true(item->end > item->start);
    assert_int_equal(item->end - item->start, (int64_t)item->n_frames * HOP);
    at = item->end;
    n_phones += !is_pause(item);
  }
  assert_int_equal(at, nm_sing_plan_get_n_samples(plan));
  assert_int_equal(n_phones, nm_sing_plan_get_report(plan)->n_phones);
}

// Syllables together are the phones, in their order, and stand where these do.
static void check_syllables(const Told *told)
{
  int phone = 0;
  for (int i = 0; i < told->n; ++i) {
    const NmTiming *syllable = &told->items[i];
    if (syllable->kind != NM_TIMING_SYLLABLE) continue;
    char names[256];
    snprintf(names, sizeof names, "%s", syllable->text);
    for (char *rest = names, *name; (name = strtok_r(rest, " ", &rest));) {
      const NmTiming *told_phone;
      do told_phone = find(told, NM_TIMING_PHONE, phone++);
      while (is_pause(told_phone));
      assert_string_equal(name, told_phone->text);
      assert_true(told_phone->start >= syllable->start && told_phone->end <= syllable->end);
    }
  }
}

static void check_phrases(const NmSingPlan *plan)
{
  int64_t end = 0;
  for (int32_t i = 0; i < nm_sing_plan_get_n_phrases(plan); ++i) {
    const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, i);
    int64_t n_frames = 0;
    for (int32_t k = 0; k < phrase->n_phones; ++k) {
      assert_true(phrase->phones[k].n_frames >= 1);
      n_frames += phrase->phones[k].n_frames;
    }
    assert_int_equal(n_frames, phrase->n_frames);
    assert_true(n_frames <= NM_VOICE_FRAMES_MAX && phrase->n_phones <= NM_VOICE_PHONES_MAX);
    assert_int_equal(phrase->start % HOP, 0);
    assert_true(phrase->start >= 0 && phrase->n_samples > 0);
    assert_true(phrase->start + phrase->n_samples <= nm_sing_plan_get_n_samples(plan));
    assert_true(phrase->n_skip + phrase->n_samples / HOP <= n_frames);
    assert_true(phrase->start >= end - (int64_t)phrase->n_fade_in * HOP);
    end = phrase->start + phrase->n_samples;
    for (int32_t f = 0; f < phrase->n_frames; ++f) {
      assert_true(phrase->f0_hz[f] >= 40 && phrase->f0_hz[f] <= 2000);
      assert_true(isfinite(phrase->energy_db[f]));
    }
  }
}

static float *sing_whole(const NmSingPlan *plan, int64_t block)
{
  const int64_t n = nm_sing_plan_get_n_samples(plan);
  float *samples = malloc((size_t)n * sizeof *samples);
  NmSingStream *stream = nm_sing_stream_new(singer, plan, NULL, NULL);
  NmError err = {0};
  assert_true(samples && stream);
  for (int64_t at = 0; at < n; at += block) {
    const int64_t part = n - at < block ? n - at : block;
    if (nm_sing_stream_process(stream, samples + at, part, &err)) fail_msg("%s", err.message);
  }
  nm_sing_stream_free(stream);
  return samples;
}

static float *sing_phrases(const NmSingPlan *plan)
{
  float *sum = calloc((size_t)nm_sing_plan_get_n_samples(plan), sizeof *sum);
  for (int32_t i = 0; i < nm_sing_plan_get_n_phrases(plan); ++i) {
    const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, i);
    float *samples = malloc((size_t)phrase->n_samples * sizeof *samples);
    assert_true(sum && samples);
    assert_int_equal(nm_singer_sing_phrase(singer, plan, i, samples, NULL), NM_OK);
    for (int64_t k = 0; k < phrase->n_samples; ++k) sum[phrase->start + k] += samples[k];
    free(samples);
  }
  return sum;
}

static void check_plan(const NmSingPlan *plan)
{
  Told told = tell(plan);
  check_tiling(plan, &told);
  check_syllables(&told);
  check_phrases(plan);
  assert_int_equal(count(&told, NM_TIMING_NOTE), nm_sing_plan_get_report(plan)->n_notes);
  told_free(&told);
}

static void check_sound(const NmSingPlan *plan)
{
  const size_t size = (size_t)nm_sing_plan_get_n_samples(plan) * sizeof(float);
  float *whole = sing_whole(plan, 1 << 20), *blocks = sing_whole(plan, 777), *phrases = sing_phrases(plan);
  assert_memory_equal(whole, blocks, size);
  assert_memory_equal(whole, phrases, size);
  free(whole);
  free(blocks);
  free(phrases);
}

static void test_random_songs(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int i = 0; i < N_RANDOM; ++i) {
    const NmRandomSong shape = {.n_notes_max = i % 10 == 0 ? 400 : 60,
                                .n_verses = 1 + i % 3,
                                .melismas = i & 1,
                                .elisions = i & 2,
                                .unsung = i & 4,
                                .tuplets = i & 8,
                                .pickups = i & 16,
                                .maps = i & 32,
                                .texts = i % 7 == 0};
    NmSong *song = nm_random_song(&rng, &shape);
    assert_non_null(song);
    NmSingStyle style = nm_sing_style_defaults();
    style.as = i % 5 == 0 ? (double)(i % 11) / 11 : 1;
    style.plain = i % 4 == 0;
    NmSingPlan *plan = plan_of(song, &style);
    check_plan(plan);
    if (i % 5 == 0) check_sound(plan);
    nm_sing_plan_free(plan);
    nm_song_free(song);
  }
}

// Every vowel that begins a syllable stands within 30 ms of its note unless the report says otherwise.
static void test_onsets(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 6);
  for (int i = 0; i < N_RANDOM; ++i) {
    NmSong *song = nm_random_song(&rng, &(NmRandomSong){.melismas = true, .tuplets = i & 1, .maps = i & 2});
    NmSingPlan *plan = plan_of(song, NULL);
    Told told = tell(plan);
    int n_beyond = 0, syllable = -1, note = 0;
    for (int k = 0; k < told.n; ++k) {
      const NmTiming *item = &told.items[k];
      if (item->kind == NM_TIMING_SYLLABLE) syllable = k;
      note = item->kind == NM_TIMING_NOTE ? note + 1 : 0;
      if (note != 1 || syllable < 0) continue;
      const NmTiming *phone = NULL;
      for (int p = 0; p < told.n && !phone; ++p)
        if (told.items[p].kind == NM_TIMING_PHONE && told.items[p].start >= told.items[syllable].start &&
            strpbrk(told.items[p].text, "012"))
          phone = &told.items[p];
      assert_non_null(phone);
      n_beyond += fabs((double)(phone->start - item->start)) > .03 * RATE;
    }
    assert_true(n_beyond <= nm_sing_plan_get_report(plan)->n_too_late);
    told_free(&told);
    nm_sing_plan_free(plan);
    nm_song_free(song);
  }
}

// --- words ---

static void test_words_without_phones(void **state)
{
  static const int keys[] = {60, 62, 64, 65, 67};
  static const double beats[] = {1, 1, 1, 1, 2};
  NmSong *song = make_song("beau-ti-ful dream-er", keys, beats, 5);
  expect_phones(song, "B Y UW1 T AH0 F AH0 L D R IY1 M ER0");
  nm_song_free(song);
  song = make_song("glo-o-ri-a a-", keys, beats, 5);
  expect_phones(song, "G L AO1 AO0 R IY0 AH0 AH0");
  nm_song_free(song);
}

static void test_melisma_and_elision(void **state)
{
  static const int keys[] = {60, 62, 64, 65};
  static const double beats[] = {1, 1, 1, 1};
  NmSong *song = make_song("love _ _ me", keys, beats, 4);
  NmSingPlan *plan = plan_of(song, NULL);
  Told told = tell(plan);
  assert_int_equal(count(&told, NM_TIMING_SYLLABLE), 2);
  assert_int_equal(count(&told, NM_TIMING_NOTE), 4);
  assert_string_equal(find(&told, NM_TIMING_NOTE, 0)->source, "love");
  assert_string_equal(find(&told, NM_TIMING_NOTE, 0)->text, "C4");
  assert_string_equal(find(&told, NM_TIMING_NOTE, 1)->source, "");
  assert_string_equal(find(&told, NM_TIMING_LINE, 0)->text, "love me");
  told_free(&told);
  nm_sing_plan_free(plan);
  nm_song_free(song);

  song = make_song("glo-ry in", keys, beats, 2);
  nm_song_add_link(song, 2, 1);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  plan = plan_of(song, NULL);
  told = tell(plan);
  assert_int_equal(count(&told, NM_TIMING_SYLLABLE), 3);
  assert_int_equal(count(&told, NM_TIMING_NOTE), 2);
  assert_string_equal(find(&told, NM_TIMING_NOTE, 1)->source, "ry in");
  told_free(&told);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_fillers(void **state)
{
  static const int keys[] = {60, 62};
  static const double beats[] = {1, 1};
  NmSong *song = make_song("", keys, beats, 2);
  expect_phones(song, "L AA1 L AA1");
  NmSingStyle style = nm_sing_style_defaults();
  style.filler = NM_SING_HUM;
  NmSingPlan *plan = plan_of(song, &style);
  assert_int_equal(nm_sing_plan_get_report(plan)->n_phones, 2);
  assert_int_equal(nm_sing_plan_get_report(plan)->n_filled, 2);
  nm_sing_plan_free(plan);
  NmError err = {0};
  style.filler = NM_SING_REST;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  assert_int_equal(err.status, NM_ERR_BAD_DATA);
  nm_song_free(song);
}

static void test_unreadable_words(void **state)
{
  static const int keys[] = {60, 62, 64};
  static const double beats[] = {1, 1, 1};
  NmSong *song = make_song("\xe2\x99\xaa love \xd0\xbc\xd0\xb8\xd1\x80", keys, beats, 3);
  NmSingPlan *plan = plan_of(song, NULL);
  check_plan(plan);
  assert_true(strlen(last_note) > 0);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

// --- pitch ---

static double cents_off(double hz, double key)
{
  return 1200 * log2(hz / 440) - 100 * (key - 69);
}

static void test_plain_pitch_is_exact(void **state)
{
  static const int keys[] = {52, 55, 59, 52, 47};
  static const double beats[] = {1, .5, .5, 2, 4};
  NmSong *song = make_song("la la la la la", keys, beats, 5);
  NmSingStyle style = nm_sing_style_defaults();
  style.plain = true;
  NmSingPlan *plan = plan_of(song, &style);
  assert_int_equal(nm_sing_plan_get_report(plan)->transpose, 0);
  const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, 0);
  const int64_t first = phrase->start / HOP - phrase->n_skip;
  double at = 0;
  for (int i = 0; i < 5; at += .5 * beats[i++]) {
    const int64_t from = (int64_t)ceil(at * RATE / HOP),
                  to = (int64_t)floor((at + .5 * beats[i]) * RATE / HOP);
    for (int64_t f = from; f < to && f - first < phrase->n_frames; ++f)
      assert_true(fabs(cents_off(phrase->f0_hz[f - first], keys[i])) < .01);
  }
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

// Vibrato and drift leave the mean of a note where it is, portamento its steady part.
static void test_mean_pitch_is_exact(void **state)
{
  static const int keys[] = {52, 57, 50};
  static const double beats[] = {4, 4, 4};
  NmSong *song = make_song("la la la", keys, beats, 3);
  NmSingPlan *plan = plan_of(song, NULL);
  const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, 0);
  const int64_t first = phrase->start / HOP - phrase->n_skip;
  for (int i = 0; i < 3; ++i) {
    double sum = 0, most = 0;
    const int64_t from = (int64_t)((2 * i + .1) * RATE / HOP), to = (int64_t)((2 * i + 1.9) * RATE / HOP);
    for (int64_t f = from; f < to; ++f) {
      const double off = cents_off(phrase->f0_hz[f - first], keys[i]);
      sum += off;
      if (fabs(off) > most) most = fabs(off);
    }
    assert_true(fabs(sum / (double)(to - from)) < 2);
    assert_true(most > 25 && most < 50);
  }
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_transposition(void **state)
{
  static const int keys[] = {76, 79, 81, 120};
  static const double beats[] = {1, 1, 1, 1};
  NmSong *song = make_song("la la la la", keys, beats, 4);
  NmSingPlan *plan = plan_of(song, NULL);
  const NmSingReport *report = nm_sing_plan_get_report(plan);
  assert_int_equal(report->transpose % 12, 0);
  assert_true(report->transpose < 0 && report->transposed_to_fit);
  assert_int_equal(report->n_folded, 1);
  assert_non_null(strstr(last_note, "reach"));
  nm_sing_plan_free(plan);
  NmSingStyle style = nm_sing_style_defaults();
  style.transpose = -19;
  plan = plan_of(song, &style);
  assert_int_equal(nm_sing_plan_get_report(plan)->transpose, -19);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_drawn_curves(void **state)
{
  static const int keys[] = {52};
  static const double beats[] = {4};
  NmSong *song = make_song("la", keys, beats, 1);
  const NmSingPoint bend[] = {{0, 100}, {NM_SONG_TICKS_DEFAULT * 4, 100}}, loud[] = {{0, 6}};
  NmSingStyle style = nm_sing_style_defaults();
  style.plain = true;
  NmSingPlan *straight = plan_of(song, &style);
  style.pitch_cents = (NmSingCurve){bend, 2};
  style.energy_db = (NmSingCurve){loud, 1};
  NmSingPlan *bent = plan_of(song, &style);
  const NmSingPhrase *a = nm_sing_plan_get_phrase(straight, 0), *b = nm_sing_plan_get_phrase(bent, 0);
  assert_true(fabs(cents_off(b->f0_hz[60], 53)) < .1);
  assert_true(fabs(b->energy_db[60] - a->energy_db[60] - 6) < 1e-3);
  assert_true(memcmp(a->key, b->key, sizeof a->key) != 0);
  nm_sing_plan_free(straight);
  nm_sing_plan_free(bent);
  nm_song_free(song);
}

// Two notes of one sound and pitch can be told apart.
static int32_t frames_of(const NmSingPhrase *phrase, const char *name)
{
  for (int32_t i = 0; i < phrase->n_phones; ++i)
    if (!strcmp(nm_phone_name(phrase->phones[i].phone), name)) return phrase->phones[i].n_frames;
  fail_msg("there is no %s", name);
  return 0;
}

// B and D before a vowel are shorter than speech makes them, others are not.
static void test_stops_that_open_early_are_short(void **state)
{
  static const int keys[] = {52, 54, 52, 54};
  static const double beats[] = {2, 2, 2, 2};
  NmSong *song = make_song("oh bee doe pay", keys, beats, 4);
  NmSingPlan *plan = plan_of(song, NULL);
  const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, 0);
  assert_int_equal(frames_of(phrase, "B"), 5);
  assert_int_equal(frames_of(phrase, "D"), 5);
  assert_int_equal(frames_of(phrase, "P"), 6);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_repeated_sounds_are_parted(void **state)
{
  static const int keys[] = {52, 52};
  static const double beats[] = {2, 2};
  NmSong *song = make_song("ah ah", keys, beats, 2);
  NmSingStyle style = nm_sing_style_defaults();
  style.plain = true;
  NmSingPlan *plan = plan_of(song, &style);
  const NmSingPhrase *phrase = nm_sing_plan_get_phrase(plan, 0);
  const int64_t boundary = llround(1. * RATE / HOP) - (phrase->start / HOP - phrase->n_skip);
  assert_true(phrase->energy_db[boundary] < phrase->energy_db[boundary - 10] - 9);
  assert_true(phrase->energy_db[boundary + 10] == phrase->energy_db[boundary - 10]);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

// --- keys ---

static void test_a_change_touches_its_phrase_alone(void **state)
{
  static const double beats[] = {1, 1, 1, 1, -2, 1, 1, 1, 1, -2, 1, 1, 1, 1};
  int keys[14];
  for (int i = 0; i < 14; ++i) keys[i] = 52 + i % 5;
  static const char words[] = "one two three four|five six seven eight|nine ten eleven twelve";
  NmSong *song = make_song(words, keys, beats, 14);
  NmSingPlan *before = plan_of(song, NULL);
  nm_song_free(song);
  keys[6] += 2;
  song = make_song(words, keys, beats, 14);
  NmSingPlan *after = plan_of(song, NULL);
  assert_int_equal(nm_sing_plan_get_n_phrases(before), 3);
  assert_int_equal(nm_sing_plan_get_n_phrases(after), 3);
  for (int i = 0; i < 3; ++i) {
    const bool same = !memcmp(nm_sing_plan_get_phrase(before, i)->key, nm_sing_plan_get_phrase(after, i)->key,
                              sizeof(uint64_t[2]));
    assert_int_equal(same, i != 1);
  }
  nm_sing_plan_free(before);
  nm_sing_plan_free(after);
  nm_song_free(song);
}

// --- odd songs ---

static void check_odd(const NmSong *song)
{
  NmSingPlan *plan = plan_of(song, NULL);
  check_plan(plan);
  check_sound(plan);
  nm_sing_plan_free(plan);
}

static void test_one_note(void **state)
{
  static const int keys[] = {60};
  static const double beats[] = {1};
  NmSong *song = make_song("strengths", keys, beats, 1);
  check_odd(song);
  nm_song_free(song);
}

static void test_notes_of_a_millisecond(void **state)
{
  int keys[50];
  double beats[50];
  char words[50 * 10 + 1] = "";
  for (int i = 0; i < 50; ++i) {
    keys[i] = 60 + i % 12;
    beats[i] = 1. / NM_SONG_TICKS_DEFAULT;
    strcat(words, i ? " strengths" : "strengths");
  }
  NmSong *song = make_song(words, keys, beats, 50);
  check_odd(song);
  NmSingPlan *plan = plan_of(song, NULL);
  assert_true(nm_sing_plan_get_report(plan)->n_too_late > 40);
  assert_non_null(strstr(last_note, "no room"));
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_a_note_of_ten_minutes(void **state)
{
  static const int keys[] = {60, 55};
  static const double beats[] = {1200, 1};
  NmSong *song = make_song("high way", keys, beats, 2);
  check_odd(song);
  nm_song_free(song);
}

static void test_many_notes(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 8);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 4000, .melismas = true});
  while (song->n_notes < 2000) {
    nm_song_free(song);
    song = nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 4000, .melismas = true});
  }
  NmSingPlan *plan = plan_of(song, NULL);
  check_plan(plan);
  nm_sing_plan_free(plan);
  nm_song_free(song);
}

static void test_bad_arguments(void **state)
{
  static const int keys[] = {60};
  static const double beats[] = {1};
  NmError err = {0};
  NmSong *song = make_song("la", keys, beats, 1), *empty = nm_song_new();
  NmSingStyle style = nm_sing_style_defaults();
  style.as = 1.5;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  style = nm_sing_style_defaults();
  style.vibrato_cents = NAN;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  style = nm_sing_style_defaults();
  style.verse = 2;
  assert_null(nm_sing_plan_new(singer, song, &style, NULL, NULL, &err));
  assert_non_null(strstr(err.message, "no verse 2"));
  style.verse = 1;
  assert_null(nm_sing_plan_new(singer, empty, &style, NULL, NULL, &err));
  assert_int_equal(err.status, NM_ERR_BAD_DATA);
  NmSinger *mute = nm_singer_new(NULL, voice);
  assert_null(nm_sing_plan_new(mute, song, &style, NULL, NULL, &err));
  assert_int_equal(err.status, NM_ERR_BAD_ARG);
  nm_singer_free(mute);
  NmSingPlan *plan = plan_of(song, NULL);
  assert_int_equal(nm_singer_sing_phrase(singer, plan, 7, NULL, &err), NM_ERR_BAD_ARG);
  nm_sing_plan_free(plan);
  nm_song_free(song);
  nm_song_free(empty);
}

static void test_too_many_phones(void **state)
{
  static int32_t phones[500];
  NmError err = {0};
  const NmSingStyle style = nm_sing_style_defaults();
  for (int i = 0; i < 500; ++i) phones[i] = 1 + i % (NM_N_PHONES - 1);
  for (int n = 150; n <= 500; n += 350) {
    NmSong *song = nm_song_new();
    nm_song_add_note(song, 0, 960, 60, 0);
    nm_song_add_line(song, 1, 0);
    nm_song_add_word(song);
    nm_song_add_link(song, nm_song_add_syllable(song, "x", 1, 1), 0);
    nm_song_add_phones(song, phones, n);
    assert_int_equal(nm_song_finish(song, NULL), NM_OK);
    NmSingPlan *plan = nm_sing_plan_new(singer, song, &style, NULL, NULL, &err);
    assert_int_equal(plan != NULL, n == 150);
    if (plan) check_plan(plan);
    if (!plan) assert_int_equal(err.status, NM_ERR_BAD_DATA);
    nm_sing_plan_free(plan);
    nm_song_free(song);
  }
}

// --- verses ---

static NmSong *make_verses(void)
{
  static const int keys[] = {60, 62, 64, 65, 67, 69};
  static const double beats[] = {1, 1, 1, 1, 2, 2};
  NmSong *song = make_song("red sun|oh my|joy love", keys, beats, 6);
  nm_song_add_line(song, 2, 1);
  for (int i = 0; i < 2; ++i) {
    nm_song_add_word(song);
    nm_song_add_link(song, nm_song_add_syllable(song, i ? "moon" : "blue", 4, -1), i);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static void test_verses(void **state)
{
  NmSong *song = make_verses();
  char line[500];
  NmSingStyle style = nm_sing_style_defaults();
  style.verse = 2;
  NmSingPlan *plan = plan_of(song, &style);
  Told told = tell(plan);
  print_phones(&told, line, sizeof line);
  assert_string_equal(line, "B L UW1 M UW1 N OW1 M AY1 JH OY1 L AH1 V");
  assert_string_equal(find(&told, NM_TIMING_LINE, 0)->text, "blue moon");
  told_free(&told);
  nm_sing_plan_free(plan);
  NmError err = {0};
  NmSong *both = nm_sing_unfold(song, &err);
  assert_non_null(both);
  assert_int_equal(both->n_notes, 12);
  assert_int_equal(both->notes[6].onset, 8 * NM_SONG_TICKS_DEFAULT);
  expect_phones(both, "R EH1 D S AH1 N OW1 M AY1 JH OY1 L AH1 V B L UW1 M UW1 N OW1 M AY1 JH OY1 L AH1 V");
  nm_song_free(both);
  nm_song_free(song);
}

// --- reading ---

static void test_reading_begins_with_the_notes(void **state)
{
  static const int keys[] = {60, 62, 64, 65, 67, 69};
  static const double beats[] = {2, 2, 2, -2, 2, 2};
  NmSong *song = make_song("one two three|four five", keys, beats, 6);
  for (double as = 0; as < 1; as += .25) {
    NmSingStyle style = nm_sing_style_defaults();
    style.as = as;
    NmSingPlan *plan = plan_of(song, &style);
    check_plan(plan);
    Told told = tell(plan);
    const NmTiming *four = find(&told, NM_TIMING_SYLLABLE, 3), *line = find(&told, NM_TIMING_LINE, 1);
    const int64_t n_lead = 6 * HOP; // the fake voice's f
    assert_true(llabs(four->start + n_lead - line->start) <= 2 * HOP);
    if (as == 0) assert_true(find(&told, NM_TIMING_SYLLABLE, 2)->end < 2 * RATE);
    told_free(&told);
    nm_sing_plan_free(plan);
  }
  nm_song_free(song);
}

// --- memory ---

static bool try_plan(void *ctx)
{
  NmError err = {0};
  const NmSingStyle style = nm_sing_style_defaults();
  NmSinger *own = nm_singer_new(text, voice);
  NmSingPlan *plan = own ? nm_sing_plan_new(own, ctx, &style, NULL, NULL, &err) : NULL;
  NmSingStream *stream = plan ? nm_sing_stream_new(own, plan, NULL, NULL) : NULL;
  float block[5000];
  bool ok = stream != NULL;
  for (int i = 0; ok && i < 10; ++i) ok = nm_sing_stream_process(stream, block, 5000, &err) == NM_OK;
  if (own && !ok && err.status) assert_int_equal(err.status, NM_ERR_NO_MEMORY);
  nm_sing_stream_free(stream);
  nm_sing_plan_free(plan);
  nm_singer_free(own);
  return ok;
}

static bool try_unfold(void *ctx)
{
  NmError err = {0};
  NmSong *song = nm_sing_unfold(ctx, &err);
  nm_song_free(song);
  return song != NULL;
}

static void test_memory_runs_out(void **state)
{
  static const int keys[] = {60, 62, 64, 65};
  static const double beats[] = {1, 1, 1, 1};
  NmSong *song = make_song("beau-ti-ful day", keys, beats, 4);
  assert_true(try_plan(song));
  assert_true(nm_fail_alloc_each(try_plan, song, false) > 5);
  nm_song_free(song);
  song = make_verses();
  assert_true(nm_fail_alloc_each(try_unfold, song, false) > 5);
  nm_song_free(song);
}

static int set_up(void **state)
{
  NmError err = {0};
  text = nm_text_new(NM_LEXICON, NULL, &err);
  voice = nm_voice_new(NULL, NULL, NULL, &err);
  singer = text && voice ? nm_singer_new(text, voice) : NULL;
  if (!singer) print_error("%s\n", err.message);
  return singer ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_singer_free(singer);
  nm_voice_free(voice);
  nm_text_free(text);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_songs),
      cmocka_unit_test(test_onsets),
      cmocka_unit_test(test_words_without_phones),
      cmocka_unit_test(test_melisma_and_elision),
      cmocka_unit_test(test_fillers),
      cmocka_unit_test(test_unreadable_words),
      cmocka_unit_test(test_plain_pitch_is_exact),
      cmocka_unit_test(test_mean_pitch_is_exact),
      cmocka_unit_test(test_transposition),
      cmocka_unit_test(test_drawn_curves),
      cmocka_unit_test(test_stops_that_open_early_are_short),
      cmocka_unit_test(test_repeated_sounds_are_parted),
      cmocka_unit_test(test_a_change_touches_its_phrase_alone),
      cmocka_unit_test(test_one_note),
      cmocka_unit_test(test_notes_of_a_millisecond),
      cmocka_unit_test(test_a_note_of_ten_minutes),
      cmocka_unit_test(test_many_notes),
      cmocka_unit_test(test_bad_arguments),
      cmocka_unit_test(test_too_many_phones),
      cmocka_unit_test(test_verses),
      cmocka_unit_test(test_reading_begins_with_the_notes),
      cmocka_unit_test(test_memory_runs_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
