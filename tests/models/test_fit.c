// SPDX-License-Identifier: GPL-3.0-or-later
// Words on notes: costs that add up, the places a singer would choose, verses, and what cannot be done.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/fit_song.h"
#include "tests/support/fail_alloc.h"

// Words such as "a-maz-ing grace how sweet / the sound": '-' parts syllables, '/' lines, '|' stanzas; a
// capital letter begins a stressed syllable.
static NmSong *lyrics_of(const char *text)
{
  NmSong *song = nm_song_new();
  int stanza = 0;
  bool line = true, word = true;
  for (const char *c = text; *c;) {
    if (*c == '/' || *c == '|') {
      stanza += *c++ == '|';
      line = true;
    } else if (*c == ' ') {
      word = true;
      ++c;
    } else if (*c == '-') {
      ++c;
    } else {
      const size_t len = strcspn(c, " -/|");
      if (line) assert_true(nm_song_add_line(song, 1, stanza) >= 0);
      if (line || word) assert_true(nm_song_add_word(song) >= 0);
      assert_true(nm_song_add_syllable(song, c, len, *c >= 'A' && *c <= 'Z') >= 0);
      line = word = false;
      c += len;
    }
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

// Notes of `lens` halves of a beat, a negative one a rest; four four.
static NmSong *melody_of(const int *pitches, const int *lens, int n)
{
  NmSong *song = nm_song_new();
  int64_t at = 0;
  song->ticks_per_beat = 2;
  for (int i = 0; i < n; ++i) {
    if (lens[i] > 0) assert_true(nm_song_add_note(song, at, lens[i], pitches[i], 0) >= 0);
    at += abs(lens[i]);
  }
  assert_true(nm_song_add_meter(song, 0, 4, 4) >= 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

static void fit(const NmSong *lyrics, const NmSong *melody, NmFitWays *ways)
{
  const NmFitConfig config = nm_fit_defaults();
  const NmFitPair pair = nm_fit_pair_all(lyrics, melody);
  NmError err = {0};
  if (nm_fit_run(&pair, &config, ways, &err) != NM_OK) fail_msg("%s", err.message);
}

static void as_many_notes_as_syllables(void **state)
{
  static const int pitches[] = {60, 62, 64, 65}, lens[] = {2, 2, 2, 2};
  NmSong *lyrics = lyrics_of("Ma-ry Had a"), *melody = melody_of(pitches, lens, 4);
  NmFitWays ways;
  fit(lyrics, melody, &ways);
  for (int32_t j = 0; j < 4; ++j) {
    assert_int_equal(ways.note_first[j], j);
    assert_int_equal(ways.n_notes[j], 1);
  }
  nm_fit_ways_fini(&ways);
  nm_song_free(lyrics);
  nm_song_free(melody);
}

// Two quick notes off the beat belong together, not two of the same pitch or across the rest.
static void a_melisma_goes_where_notes_are_quick(void **state)
{
  static const int pitches[] = {60, 60, 64, 62, 60, 65}, lens[] = {2, 2, 1, 1, 2, 4};
  NmSong *lyrics = lyrics_of("One of Three and Home"), *melody = melody_of(pitches, lens, 6);
  NmFitWays ways;
  fit(lyrics, melody, &ways);
  assert_int_equal(ways.note_first[2], 2);
  assert_int_equal(ways.n_notes[2], 2);
  assert_int_equal(ways.note_first[4], 5);
  nm_fit_ways_fini(&ways);
  nm_song_free(lyrics);
  nm_song_free(melody);
}

static void lines_end_at_rests(void **state)
{
  static const int pitches[] = {60, 62, 64, 0, 60, 62, 64, 65}, lens[] = {2, 2, 4, -2, 2, 2, 2, 4};
  NmSong *lyrics = lyrics_of("Go a-Way/To the Sea"), *melody = melody_of(pitches, lens, 8);
  NmFitWays ways;
  fit(lyrics, melody, &ways);
  assert_int_equal(ways.note_first[2], 2);
  assert_int_equal(ways.n_notes[2], 1);
  assert_int_equal(ways.note_first[3], 3);
  nm_fit_ways_fini(&ways);
  nm_song_free(lyrics);
  nm_song_free(melody);
}

static void more_syllables_than_notes_share(void **state)
{
  static const int pitches[] = {60, 62, 64}, lens[] = {2, 2, 4};
  NmSong *lyrics = lyrics_of("Ma-ny a Day"), *melody = melody_of(pitches, lens, 3);
  NmFitWays ways;
  fit(lyrics, melody, &ways);
  assert_int_equal(ways.note_first[0], 0);
  assert_int_equal(ways.note_first[3], 2);
  assert_true(ways.note_first[1] == ways.note_first[2] || ways.note_first[0] == ways.note_first[1]);
  nm_fit_ways_fini(&ways);
  nm_song_free(lyrics);
  nm_song_free(melody);
}

// A phrase between rests may stay without words.
static void an_interlude_is_left_unsung(void **state)
{
  static const int pitches[] = {60, 62, 64, 0, 72, 72, 72, 72, 72, 72, 0, 60, 62, 64};
  static const int lens[] = {2, 2, 4, -4, 1, 1, 1, 1, 1, 1, -2, 2, 2, 4};
  NmSong *lyrics = lyrics_of("Go a-Way/To the Sea"), *melody = melody_of(pitches, lens, 14);
  NmFitWays ways;
  fit(lyrics, melody, &ways);
  assert_int_equal(ways.note_first[2], 2);
  assert_int_equal(ways.n_notes[2], 1);
  assert_int_equal(ways.note_first[3], 9);
  nm_fit_ways_fini(&ways);
  nm_song_free(lyrics);
  nm_song_free(melody);
}

static NmSong *random_lyrics(NmRng *rng, int32_t n)
{
  static const char *const pieces[] = {"La", "la", "-la", " Da", " da", "/Go", "-Ne"};
  char text[400] = "Oh";
  for (int32_t i = 1; i < n; ++i) strcat(text, pieces[nm_rng_below(rng, 7)]);
  return lyrics_of(text);
}

static NmSong *random_melody(NmRng *rng, int n)
{
  int pitches[60], lens[60];
  for (int i = 0; i < n; ++i) {
    pitches[i] = 60 + (int)nm_rng_below(rng, 12);
    lens[i] = i > 0 && nm_rng_below(rng, 8) == 0 ? -2 : 1 + (int)nm_rng_below(rng, 4);
  }
  lens[n - 1] = abs(lens[n - 1]);
  return melody_of(pitches, lens, n);
}

// The lattice's costs are those of the measures, in ascending order, and the lines' shares add up.
static void costs_add_up(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int round = 0; round < 300; ++round) {
    NmSong *lyrics = random_lyrics(&rng, 1 + (int32_t)nm_rng_below(&rng, 12));
    NmSong *melody = random_melody(&rng, 1 + (int)nm_rng_below(&rng, 16));
    NmFitConfig config = nm_fit_defaults();
    const NmFitPair pair = nm_fit_pair_all(lyrics, melody);
    NmFitWays ways;
    config.n_best = 5;
    if (nm_fit_run(&pair, &config, &ways, NULL) == NM_OK) {
      for (int32_t k = 0; k < ways.n; ++k) {
        double parts[NM_N_FIT_PARTS], lines[16], sum = 0, sum_lines = 0;
        const int32_t at = k * ways.n_syllables;
        assert_int_equal(
            nm_fit_measure(&pair, &config, ways.note_first + at, ways.n_notes + at, parts, lines, NULL),
            NM_OK);
        for (int part = 0; part < NM_N_FIT_PARTS; ++part) sum += parts[part];
        for (int32_t i = 0; i < lyrics->n_lines; ++i) sum_lines += lines[i];
        if (!(fabs(sum - ways.costs[k]) <= 1e-9 * (1 + sum))) fail_msg("%g, not %g", ways.costs[k], sum);
        if (!(sum_lines <= sum + 1e-9)) fail_msg("lines cost %g of %g", sum_lines, sum);
        if (k) assert_true(ways.costs[k] >= ways.costs[k - 1]);
      }
      nm_fit_ways_fini(&ways);
    }
    nm_song_free(lyrics);
    nm_song_free(melody);
  }
}

static void stanzas_become_verses(void **state)
{
  static const int pitches[] = {60, 62, 64, 65}, lens[] = {2, 2, 2, 2};
  NmSong *lyrics = lyrics_of("Go a-Way Now|Come to Me So|Oh the Sea Wide");
  NmSong *melody = melody_of(pitches, lens, 4);
  NmFitConfig config = nm_fit_defaults();
  NmFitSong fitted;
  config.n_best = 3;
  assert_int_equal(nm_fit_song(lyrics, melody, &config, 0, &fitted, NULL), NM_OK);
  assert_int_equal(fitted.n_verses, 3);
  assert_int_equal(fitted.n, 3);
  const NmSong *song = fitted.candidates[0].song;
  assert_int_equal(song->n_links, 12);
  for (int32_t i = 0; i < 3; ++i) assert_int_equal(song->lines[i].verse, i + 1);
  for (int32_t i = 0; i < 12; ++i) assert_int_equal(song->links[i].note, i / 3);
  for (int32_t i = 1; i < fitted.n; ++i) {
    assert_true(fitted.candidates[i].cost >= fitted.candidates[i - 1].cost);
    assert_false(nm_song_equal(song, fitted.candidates[i].song, NULL, 0));
  }
  nm_fit_song_fini(&fitted);
  NmError err = {0};
  assert_int_equal(nm_fit_song(lyrics, melody, &config, 2, &fitted, &err), NM_ERR_BAD_DATA);
  assert_string_equal(err.message, "3 stanzas cannot be cut into 2 verses");
  nm_song_free(lyrics);
  nm_song_free(melody);
}

static void what_cannot_be_sung_is_told(void **state)
{
  static const int pitches[] = {60}, lens[] = {2};
  NmSong *lyrics = lyrics_of("La la la la la la"), *melody = melody_of(pitches, lens, 1),
         *empty = nm_song_new();
  NmFitConfig config = nm_fit_defaults();
  NmFitSong fitted;
  NmError err = {0};
  assert_int_equal(nm_fit_song(lyrics, melody, &config, 0, &fitted, &err), NM_ERR_BAD_DATA);
  assert_string_equal(err.message, "6 syllables cannot be sung on 1 notes");
  assert_int_equal(nm_fit_song(lyrics, empty, &config, 0, &fitted, &err), NM_ERR_BAD_DATA);
  assert_string_equal(err.message, "there are no notes");
  assert_int_equal(nm_fit_song(empty, melody, &config, 0, &fitted, &err), NM_ERR_BAD_DATA);
  assert_string_equal(err.message, "there are no words");
  nm_song_free(lyrics);
  nm_song_free(melody);
  nm_song_free(empty);
}

typedef struct {
  const NmSong *lyrics, *melody;
} Pair;

static bool fit_once(void *user)
{
  const Pair *pair = user;
  NmFitConfig config = nm_fit_defaults();
  NmFitSong fitted;
  config.n_best = 2;
  const NmStatus status = nm_fit_song(pair->lyrics, pair->melody, &config, 0, &fitted, NULL);
  nm_fit_song_fini(&fitted);
  return status == NM_OK;
}

static void memory_may_run_out(void **state)
{
  static const int pitches[] = {60, 62, 64, 65}, lens[] = {2, 2, 2, 2};
  Pair pair = {lyrics_of("Go a-Way|Come to Me"), melody_of(pitches, lens, 4)};
  assert_true(nm_fail_alloc_each(fit_once, &pair, true) > 0);
  nm_song_free((NmSong *)pair.lyrics);
  nm_song_free((NmSong *)pair.melody);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_many_notes_as_syllables),  cmocka_unit_test(a_melisma_goes_where_notes_are_quick),
      cmocka_unit_test(lines_end_at_rests),          cmocka_unit_test(more_syllables_than_notes_share),
      cmocka_unit_test(an_interlude_is_left_unsung), cmocka_unit_test(costs_add_up),
      cmocka_unit_test(stanzas_become_verses),       cmocka_unit_test(what_cannot_be_sung_is_told),
      cmocka_unit_test(memory_may_run_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
