// SPDX-License-Identifier: GPL-3.0-or-later
// The speaker over the fake voice: exact pauses, tiling, independence of neighbours and of how text is cut.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/speech/speak.h"
#include "models/speech/speak_plan.h"
#include "tests/support/fail_alloc.h"

enum { N_TIMINGS_MAX = 200000, RATE = NM_VOICE_RATE_HZ };

typedef struct {
  NmTimingKind kind;
  int64_t start, end;
  char text[48], source[48];
} Kept;

// All that a session hands out.
typedef struct {
  float *samples; // [n_samples]
  int64_t n_samples, capacity;
  Kept *timings; // [n_timings]
  int n_timings, n_notes;
  int n_until_cancel; // phrases; 0: never
} Heard;

static NmText *text;
static NmVoice *voice;
static NmSpeaker *speaker;

static NmStatus take_audio(void *user, const float *samples, int64_t n, NmError *err)
{
  Heard *heard = user;
  if (heard->n_samples + n > heard->capacity) {
    heard->capacity = 2 * (heard->n_samples + n);
    heard->samples = realloc(heard->samples, sizeof *samples * (size_t)heard->capacity);
    assert_non_null(heard->samples);
  }
  memcpy(heard->samples + heard->n_samples, samples, sizeof *samples * (size_t)n);
  heard->n_samples += n;
  return NM_OK;
}

static NmStatus count_audio(void *user, const float *samples, int64_t n, NmError *err)
{
  ((Heard *)user)->n_samples += n;
  return NM_OK;
}

static NmStatus take_timing(void *user, const NmTiming *timing, NmError *err)
{
  Heard *heard = user;
  assert_true(heard->n_timings < N_TIMINGS_MAX);
  Kept *kept = &heard->timings[heard->n_timings++];
  *kept = (Kept){.kind = timing->kind, .start = timing->start, .end = timing->end};
  snprintf(kept->text, sizeof kept->text, "%s", timing->text);
  snprintf(kept->source, sizeof kept->source, "%s", timing->source);
  return NM_OK;
}

static void take_note(void *user, const char *message)
{
  ((Heard *)user)->n_notes++;
}

static int is_cancelled(void *user)
{
  Heard *heard = user;
  return heard->n_until_cancel && !--heard->n_until_cancel;
}

static void begin_seed(Heard *heard, uint64_t seed)
{
  *heard = (Heard){.timings = calloc(N_TIMINGS_MAX, sizeof(Kept))};
  assert_non_null(heard->timings);
  nm_speaker_begin(speaker, &(NmSpeakerConfig){.seed = seed,
                                               .sink = {.user = heard,
                                                        .audio = take_audio,
                                                        .timing = take_timing,
                                                        .note = take_note,
                                                        .cancelled = is_cancelled}});
}

static void begin(Heard *heard)
{
  begin_seed(heard, 1);
}

static void forget(Heard *heard)
{
  free(heard->samples);
  free(heard->timings);
}

static void feed(NmSpan span)
{
  NmError err = {0};
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_OK);
}

static void say_with(const char *words, NmProsody prosody)
{
  feed((NmSpan){.kind = NM_SPAN_TEXT, .text = words, .len = strlen(words), .prosody = prosody});
}

static void say(const char *words)
{
  say_with(words, nm_prosody_plain());
}

static void rest(double seconds)
{
  feed((NmSpan){.kind = NM_SPAN_BREAK, .seconds = seconds});
}

static void mark(const char *name)
{
  feed((NmSpan){.kind = NM_SPAN_MARK, .text = name, .len = strlen(name)});
}

static void finish(void)
{
  NmError err = {0};
  assert_int_equal(nm_speaker_finish(speaker, &err), NM_OK);
}

static int64_t samples(double seconds)
{
  return llround(seconds * RATE);
}

static bool is_pause(const Kept *kept)
{
  return !strcmp(kept->text, "pau");
}

// Phones tile the audio; words and syllables lie in it in order.
static void check_tiling(const Heard *heard)
{
  int64_t at[NM_TIMING_MARK + 1] = {0};
  int64_t n_phones = 0;
  for (int i = 0; i < heard->n_timings; i++) {
    const Kept *kept = &heard->timings[i];
    if (kept->kind == NM_TIMING_PHONE) {
      assert_int_equal(kept->start, at[NM_TIMING_PHONE]);
      assert_true(kept->end > kept->start);
      n_phones += !is_pause(kept);
    }
    assert_true(kept->start >= at[kept->kind]);
    assert_true(kept->end <= heard->n_samples);
    at[kept->kind] = kept->end;
  }
  const NmSpeakerStats *stats = nm_speaker_get_stats(speaker);
  assert_int_equal(at[NM_TIMING_PHONE], heard->n_samples);
  assert_int_equal(stats->n_samples, heard->n_samples);
  assert_int_equal(stats->n_phones, n_phones);
  assert_int_equal(stats->n_phones_asked, n_phones);
  if (n_phones) assert_true(stats->n_frames_min >= 1);
}

static const Kept *find(const Heard *heard, NmTimingKind kind, const char *name)
{
  for (int i = 0; i < heard->n_timings; i++) {
    const Kept *kept = &heard->timings[i];
    if (kept->kind == kind && !strcmp(kept->text, name)) return kept;
  }
  fail_msg("no timing named %s", name);
  return NULL;
}

static const Kept *word(const Heard *heard, const char *name)
{
  return find(heard, NM_TIMING_WORD, name);
}

static float loudest(const Heard *heard, int64_t start, int64_t end)
{
  float peak = 0;
  for (int64_t i = start; i < end; i++) peak = fmaxf(peak, fabsf(heard->samples[i]));
  return peak;
}

static void test_sentences_tile(void **state)
{
  Heard heard;
  begin(&heard);
  say("Hello, world. It is 10:30 pm; the quick brown fox - so they say - jumps! Does it?\n\nIndeed.");
  finish();
  check_tiling(&heard);
  assert_int_equal(nm_speaker_get_stats(speaker)->n_phrases, 4);
  assert_int_equal(word(&heard, "hello")->end, find(&heard, NM_TIMING_SYLLABLE, "L OW1")->end);
  assert_string_equal(word(&heard, "world")->source, "world.");
  forget(&heard);
}

static const double breaks[] = {0, .001, .02, .0213, .1, .5, 2};

// The silence is exact, whatever the tempo, and so quiet that it is one.
static void test_break_is_exact(void **state)
{
  static const float rates[] = {.5f, 1, 1.5f, 3};
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    for (size_t j = 0; j < sizeof rates / sizeof *rates; j++) {
      NmProsody prosody = nm_prosody_plain();
      Heard heard;
      prosody.rate = rates[j];
      begin(&heard);
      say_with("One sentence", prosody);
      rest(breaks[i]);
      say_with("and another one.", prosody);
      finish();
      check_tiling(&heard);
      const int64_t end = word(&heard, "sentence")->end, start = word(&heard, "and")->start;
      assert_int_equal(start - end, samples(breaks[i]));
      assert_true(loudest(&heard, end, start) < .01f);
      forget(&heard);
    }
  }
}

static void test_break_first_and_last(void **state)
{
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    Heard heard;
    begin(&heard);
    rest(breaks[i]);
    say("Only this.");
    rest(breaks[i]);
    finish();
    check_tiling(&heard);
    assert_int_equal(word(&heard, "only")->start, samples(breaks[i]));
    assert_int_equal(heard.n_samples - word(&heard, "this")->end, samples(breaks[i]));
    forget(&heard);
  }
}

static void test_breaks_add_up(void **state)
{
  Heard heard;
  begin(&heard);
  rest(.3);
  rest(.4);
  say("Word. ");
  rest(.25);
  rest(.0001);
  rest(.5);
  say(" Word again.");
  finish();
  check_tiling(&heard);
  assert_int_equal(word(&heard, "word")->start, samples(.3) + samples(.4));
  assert_int_equal(word(&heard, "again")->end - word(&heard, "again")->start > 0, 1);
  const Kept *first = word(&heard, "word");
  const Kept *next = NULL;
  for (int i = 0; i < heard.n_timings; i++) {
    if (heard.timings[i].kind == NM_TIMING_WORD && heard.timings[i].start > first->start && !next) {
      next = &heard.timings[i];
    }
  }
  assert_int_equal(next->start - first->end, samples(.25) + samples(.0001) + samples(.5));
  forget(&heard);
}

static void test_only_breaks_are_silence(void **state)
{
  Heard heard;
  begin(&heard);
  rest(.5);
  rest(.25);
  finish();
  assert_int_equal(heard.n_samples, samples(.75));
  assert_true(loudest(&heard, 0, heard.n_samples) == 0);
  check_tiling(&heard);
  forget(&heard);
}

static void test_nothing_to_say(void **state)
{
  Heard heard;
  begin(&heard);
  say("  \n ");
  mark("here");
  finish();
  assert_int_equal(heard.n_samples, 0);
  assert_int_equal(find(&heard, NM_TIMING_MARK, "here")->start, 0);
  forget(&heard);
}

// The same sentence sounds the same wherever it stands.
static void test_neighbours_do_not_matter(void **state)
{
  static const char sentence[] = "The boy was there when the sun rose.";
  static const char *const before[] = {"", "A short one. ", "What? No! Never, he said; not in Spain. "};
  float *alone = NULL;
  int64_t n = 0;
  for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
    Heard heard;
    begin(&heard);
    say(before[i]);
    say(sentence);
    say(i ? " And one after it." : "");
    finish();
    const int64_t start = word(&heard, "boy")->start, end = word(&heard, "rose")->end;
    if (!alone) {
      n = end - start;
      alone = malloc(sizeof *alone * (size_t)n);
      assert_non_null(alone);
      memcpy(alone, heard.samples + start, sizeof *alone * (size_t)n);
    }
    assert_int_equal(end - start, n);
    assert_memory_equal(heard.samples + start, alone, sizeof *alone * (size_t)n);
    forget(&heard);
  }
  free(alone);
}

static const char story[] =
    "Dr. Smith paid $3.50 at 10:30 p.m.; then - no! - he left. \"Why?\" she asked, caf\xc3\xa9 in "
    "hand. See www.example.com for more...\n\nThe 2nd of May 1984 came. End";

// Text may arrive in any pieces, also within a character.
static void test_pieces_do_not_matter(void **state)
{
  static const size_t sizes[] = {1, 2, 7, 64};
  Heard whole, parts;
  begin(&whole);
  say(story);
  finish();
  check_tiling(&whole);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    begin(&parts);
    for (size_t at = 0; at < sizeof story - 1; at += sizes[i]) {
      const size_t left = sizeof story - 1 - at, n = left < sizes[i] ? left : sizes[i];
      feed((NmSpan){.kind = NM_SPAN_TEXT, .text = story + at, .len = n, .prosody = nm_prosody_plain()});
    }
    finish();
    assert_int_equal(parts.n_samples, whole.n_samples);
    assert_int_equal(parts.n_timings, whole.n_timings);
    assert_memory_equal(parts.samples, whole.samples, sizeof(float) * (size_t)whole.n_samples);
    assert_memory_equal(parts.timings, whole.timings, sizeof(Kept) * (size_t)whole.n_timings);
    forget(&parts);
  }
  forget(&whole);
}

static int64_t length_of(const Heard *heard, const char *name)
{
  return word(heard, name)->end - word(heard, name)->start;
}

// Prosody holds for the words of its span and no other.
static void test_prosody_of_a_span(void **state)
{
  Heard plain, changed;
  NmProsody slow_and_loud = nm_prosody_plain();
  slow_and_loud.rate = .5f;
  slow_and_loud.energy_db = 6;
  begin(&plain);
  say("We saw seven ships today.");
  finish();
  begin(&changed);
  say("We saw ");
  say_with("seven", slow_and_loud);
  say(" ships today.");
  finish();
  check_tiling(&changed);
  assert_int_equal(length_of(&changed, "seven"), 2 * length_of(&plain, "seven"));
  assert_int_equal(length_of(&changed, "saw"), length_of(&plain, "saw"));
  assert_int_equal(length_of(&changed, "ships"), length_of(&plain, "ships"));
  const Kept *quiet = word(&changed, "ships"), *loud = word(&changed, "seven");
  assert_true(loudest(&changed, loud->start, loud->end) > 1.5f * loudest(&changed, quiet->start, quiet->end));
  forget(&plain);
  forget(&changed);
}

static void test_rate_scales_pauses(void **state)
{
  Heard fast, slow;
  NmProsody prosody = nm_prosody_plain();
  prosody.rate = 2;
  begin(&fast);
  say_with("One. Two.", prosody);
  finish();
  prosody.rate = .5f;
  begin(&slow);
  say_with("One. Two.", prosody);
  finish();
  const int64_t of_fast = word(&fast, "two")->start - word(&fast, "one")->end;
  const int64_t of_slow = word(&slow, "two")->start - word(&slow, "one")->end;
  assert_int_equal(of_slow, 4 * of_fast);
  forget(&fast);
  forget(&slow);
}

static void test_marks(void **state)
{
  Heard heard;
  begin(&heard);
  mark("first");
  say("Alpha ");
  mark("inner");
  say("beta. ");
  rest(1);
  mark("after break");
  rest(.5);
  say("Gamma");
  mark("before dot");
  say(". Delta.");
  rest(.25);
  mark("end");
  finish();
  check_tiling(&heard);
  assert_int_equal(find(&heard, NM_TIMING_MARK, "first")->start, word(&heard, "alpha")->start);
  assert_int_equal(find(&heard, NM_TIMING_MARK, "inner")->start, word(&heard, "beta")->start);
  assert_int_equal(find(&heard, NM_TIMING_MARK, "after break")->start,
                   word(&heard, "beta")->end + samples(1));
  assert_int_equal(find(&heard, NM_TIMING_MARK, "before dot")->start, word(&heard, "gamma")->end);
  assert_int_equal(find(&heard, NM_TIMING_MARK, "end")->start, heard.n_samples);
  forget(&heard);
}

static void test_phones_and_sources(void **state)
{
  Heard heard;
  begin(&heard);
  say("I said");
  feed((NmSpan){.kind = NM_SPAN_PHONES,
                .text = "HH AH0 L OW1",
                .len = 12,
                .written = "Zyx",
                .prosody = nm_prosody_plain()});
  say(", then ");
  feed((NmSpan){.kind = NM_SPAN_TEXT,
                .text = "World Wide Web",
                .len = 14,
                .written = "WWW",
                .prosody = nm_prosody_plain()});
  say("!");
  finish();
  check_tiling(&heard);
  assert_string_equal(word(&heard, "Zyx")->source, "Zyx,");
  assert_int_equal(find(&heard, NM_TIMING_SYLLABLE, "L OW1")->end, word(&heard, "Zyx")->end);
  assert_string_equal(word(&heard, "wide")->source, "");
  assert_string_equal(word(&heard, "web")->source, "WWW!");
  forget(&heard);
}

// A sentence does not end within a span that is read as one thing.
static void test_say_as_is_one_thing(void **state)
{
  Heard heard;
  begin(&heard);
  say("Spell ");
  feed((NmSpan){.kind = NM_SPAN_TEXT,
                .text = "A. B. C",
                .len = 7,
                .say_as = NM_SAY_CHARACTERS,
                .prosody = nm_prosody_plain()});
  say(" now. ");
  finish();
  check_tiling(&heard);
  assert_int_equal(nm_speaker_get_stats(speaker)->n_phrases, 1);
  forget(&heard);
}

// What follows it may be a mark alone, which then closes it.
static void test_a_mark_behind_say_as_closes_it(void **state)
{
  Heard heard;
  begin(&heard);
  say("At ");
  feed((NmSpan){
      .kind = NM_SPAN_TEXT, .text = "10:30", .len = 5, .say_as = NM_SAY_TIME, .prosody = nm_prosody_plain()});
  say("!) Then.");
  finish();
  check_tiling(&heard);
  assert_int_equal(heard.n_notes, 0);
  assert_int_equal(nm_speaker_get_stats(speaker)->n_words, 4);
  assert_string_equal(word(&heard, "thirty")->source, "10:30!)");
  forget(&heard);
}

static void check_phrases_fit(const Heard *heard)
{
  int n_phones = 0;
  for (int i = 0; i < heard->n_timings; i++) {
    if (heard->timings[i].kind == NM_TIMING_PHRASE) n_phones = 0;
    if (heard->timings[i].kind == NM_TIMING_PHONE && !is_pause(&heard->timings[i])) n_phones++;
    assert_true(n_phones <= NM_PHRASE_PHONES_MAX);
  }
}

static void test_endless_sentences_are_cut(void **state)
{
  static char words[20000], letters[6000];
  Heard heard;
  for (size_t at = 0; at + 12 < sizeof words; at = strlen(words)) strcat(words + at, "seven ships ");
  memset(letters, 'a', sizeof letters - 1);
  begin(&heard);
  say(words);
  say(letters);
  finish();
  check_tiling(&heard);
  check_phrases_fit(&heard);
  assert_true(nm_speaker_get_stats(speaker)->n_phrases > 10);
  forget(&heard);
}

static void test_cuts_at_clause_marks(void **state)
{
  static char sentence[4000];
  Heard heard;
  for (int i = 0; i < 8; i++) strcat(sentence, "seven ships went over the sea to see the king, ");
  begin(&heard);
  say(sentence);
  say("and that was all.");
  finish();
  check_tiling(&heard);
  assert_true(nm_speaker_get_stats(speaker)->n_phrases > 1);
  const Kept *last = NULL;
  for (int i = 0; i < heard.n_timings; i++) {
    const Kept *kept = &heard.timings[i];
    if (kept->kind == NM_TIMING_PHRASE && last) {
      const size_t n = strlen(last->source);
      assert_true(n && strchr(",.", last->source[n - 1]));
    }
    if (kept->kind == NM_TIMING_WORD) last = kept;
  }
  forget(&heard);
}

static void test_seed_decides(void **state)
{
  Heard a, b, c;
  begin_seed(&a, 7);
  say("Same seed, same bytes.");
  finish();
  begin_seed(&b, 7);
  say("Same seed, same bytes.");
  finish();
  begin_seed(&c, 8);
  say("Same seed, same bytes.");
  finish();
  assert_int_equal(a.n_samples, b.n_samples);
  assert_memory_equal(a.samples, b.samples, sizeof(float) * (size_t)a.n_samples);
  assert_true(memcmp(a.samples, c.samples, sizeof(float) * (size_t)a.n_samples) != 0);
  forget(&a);
  forget(&b);
  forget(&c);
}

static void test_cancel(void **state)
{
  Heard heard;
  NmError err = {0};
  begin(&heard);
  heard.n_until_cancel = 2;
  const char words[] = "One. Two. Three. Four. ";
  const NmSpan span = {.text = words, .len = sizeof words - 1, .prosody = nm_prosody_plain()};
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_CANCELLED);
  assert_int_equal(nm_speaker_get_stats(speaker)->n_phrases, 1);
  forget(&heard);
}

static void test_bad_spans(void **state)
{
  Heard heard;
  NmError err = {0};
  NmSpan span = {.kind = NM_SPAN_BREAK, .seconds = -1};
  begin(&heard);
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  span.seconds = NAN;
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  span.seconds = NM_BREAK_SECONDS_MAX + 1;
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  span = (NmSpan){.kind = NM_SPAN_TEXT, .text = "a", .len = 1};
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  span.prosody = nm_prosody_plain();
  span.prosody.pitch_semitones = INFINITY;
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  span = (NmSpan){.kind = (NmSpanKind)99};
  assert_int_equal(nm_speaker_feed(speaker, &span, &err), NM_ERR_BAD_ARG);
  forget(&heard);
}

static void test_marks_do_not_pile_up(void **state)
{
  Heard heard;
  NmError err = {0};
  const NmSpan span = {.kind = NM_SPAN_MARK, .text = "m", .len = 1};
  NmStatus status = NM_OK;
  int n = 0;
  begin(&heard);
  while (!status && n < 1000000) status = nm_speaker_feed(speaker, &span, &err), n++;
  assert_int_equal(status, NM_ERR_BAD_DATA);
  forget(&heard);
}

static void test_prosody_within(void **state)
{
  const NmProsody outer = {.rate = 2, .pitch_semitones = 3, .pitch_range = .5f, .energy_db = -6};
  NmProsody inner = {.rate = .5f, .pitch_semitones = 1, .pitch_range = 2, .energy_db = 2};
  NmProsody both = nm_prosody_within(&outer, &inner);
  assert_float_equal(both.rate, 1, 1e-6);
  assert_float_equal(both.pitch_semitones, 4, 1e-6);
  assert_float_equal(both.pitch_range, 1, 1e-6);
  assert_float_equal(both.energy_db, -4, 1e-6);
  inner.pitch_hz = 200;
  both = nm_prosody_within(&outer, &inner);
  assert_float_equal(both.pitch_hz, 200, 1e-6);
  assert_float_equal(both.pitch_semitones, 1, 1e-6);
  inner.rate = 1e9f;
  assert_true(nm_prosody_within(&outer, &inner).rate <= 10);
}

// A session from scratch; whether it succeeded.
static bool try_session(void *ctx)
{
  static const NmSpan spans[] = {
      {.kind = NM_SPAN_TEXT, .text = "Hello, ", .len = 7, .prosody = {.rate = 1, .pitch_range = 1}},
      {.kind = NM_SPAN_MARK, .text = "m", .len = 1},
      {.kind = NM_SPAN_PHONES,
       .text = "K AE1 T",
       .len = 7,
       .written = "x",
       .prosody = {.rate = 1, .pitch_range = 1}},
      {.kind = NM_SPAN_BREAK, .seconds = .1},
  };
  Heard heard = {.timings = ctx};
  NmSpeaker *fresh = nm_speaker_new(text, voice);
  if (!fresh) return false;
  nm_speaker_begin(fresh,
                   &(NmSpeakerConfig){.sink = {.user = &heard, .audio = count_audio, .timing = take_timing}});
  NmStatus status = NM_OK;
  NmError err = {0};
  for (size_t i = 0; i < sizeof spans / sizeof *spans && !status; i++)
    status = nm_speaker_feed(fresh, &spans[i], &err);
  if (!status) status = nm_speaker_finish(fresh, &err);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  nm_speaker_free(fresh);
  return !status;
}

static void test_memory_runs_out(void **state)
{
  Kept *kept = calloc(N_TIMINGS_MAX, sizeof *kept);
  assert_non_null(kept);
  assert_true(nm_fail_alloc_each(try_session, kept, false) > 5);
  free(kept);
}

static int set_up(void **state)
{
  NmError err = {0};
  text = nm_text_new(NM_LEXICON, NULL, &err);
  voice = nm_voice_new(NULL, NULL, NULL, &err);
  speaker = text && voice ? nm_speaker_new(text, voice) : NULL;
  if (!speaker) print_error("%s\n", err.message);
  return speaker ? 0 : -1;
}

static int tear_down(void **state)
{
  nm_speaker_free(speaker);
  nm_voice_free(voice);
  nm_text_free(text);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sentences_tile),
      cmocka_unit_test(test_break_is_exact),
      cmocka_unit_test(test_break_first_and_last),
      cmocka_unit_test(test_breaks_add_up),
      cmocka_unit_test(test_only_breaks_are_silence),
      cmocka_unit_test(test_nothing_to_say),
      cmocka_unit_test(test_neighbours_do_not_matter),
      cmocka_unit_test(test_pieces_do_not_matter),
      cmocka_unit_test(test_prosody_of_a_span),
      cmocka_unit_test(test_rate_scales_pauses),
      cmocka_unit_test(test_marks),
      cmocka_unit_test(test_phones_and_sources),
      cmocka_unit_test(test_say_as_is_one_thing),
      cmocka_unit_test(test_a_mark_behind_say_as_closes_it),
      cmocka_unit_test(test_endless_sentences_are_cut),
      cmocka_unit_test(test_cuts_at_clause_marks),
      cmocka_unit_test(test_seed_decides),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_bad_spans),
      cmocka_unit_test(test_marks_do_not_pile_up),
      cmocka_unit_test(test_prosody_within),
      cmocka_unit_test(test_memory_runs_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
