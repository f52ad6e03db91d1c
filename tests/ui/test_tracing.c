// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody shows how they hear: a curve is drawn over a clip, a listener learned from it, with the weights of
// the repository.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "app/studio/tracing.h"
#include "dsp/audio_file.h"
#include "tests/support/program.h"
#include "tests/ui/picture.h"
#include "tests/ui/puppet.h"

enum { PATIENCE_S = 120, RATE_HZ = NM_PLAYBACK_RATE_HZ };

static int open_studio(void **state)
{
  static Puppet puppet;
  setenv("NEUME_ASSETS", NM_ASSETS, 1);
  puppet_open(&puppet, 4);
  char path[128];
  snprintf(path, sizeof path, "%s/asound", puppet.folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("pcm.!default { type null }\nctl.!default { type hw card 0 }\n", file);
  fclose(file);
  setenv("ALSA_CONFIG_PATH", path, 1);
  *state = &puppet;
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(*state);
  return 0;
}

static NmTracing *tracing_of(Puppet *p)
{
  return &p->studio->tracing;
}

static void wait_for_learner(Puppet *p)
{
  for (int i = 0; nm_learner_is_busy(tracing_of(p)->learner, NULL); i++) {
    if (i == PATIENCE_S * 100) fail_msg("the learner does not end");
    nm_studio_frame(p->studio);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  puppet_rest(p);
}

// The song is what is listened to.
static void begin(Puppet *p)
{
  puppet_key(p, 'd', NM_MOD_CTRL);
  assert_true(tracing_of(p)->on);
  wait_for_learner(p);
  assert_non_null(tracing_of(p)->clip);
  assert_int_equal(tracing_of(p)->before.n, nm_emotion_get_n_rows(tracing_of(p)->clip->n));
}

static float x_of(Puppet *p, double seconds)
{
  return nm_axis_get_x(&tracing_of(p)->axis, seconds * tracing_of(p)->time.ticks_per_beat);
}

static float y_of(Puppet *p, int lane, float value)
{
  NmRect rect = tracing_of(p)->lanes[lane];
  return rect.y + 3 + (1 - value) / 2 * (rect.h - 6);
}

static void draw(Puppet *p, int lane, double from, double to, float first, float last)
{
  puppet_drag(p, x_of(p, from), y_of(p, lane, first), x_of(p, to), y_of(p, lane, last));
}

// The clip and the curve as files, as the command line wants them.
static void write_clip(Puppet *p)
{
  NmError err = {0};
  NmTracing *tracing = tracing_of(p);
  NmAudioFormat format = {RATE_HZ, 1, NM_AUDIO_FLOAT};
  NmAudioWriter *writer = nm_audio_writer_open("clip.wav", &format, &err);
  assert_non_null(writer);
  assert_int_equal(nm_audio_writer_write(writer, tracing->clip->samples, tracing->clip->n, &err), NM_OK);
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
  NmListenerPoint *points = calloc((size_t)tracing->before.n, sizeof *points);
  double from[2], to[2];
  int32_t n = nm_drawn_sample(&tracing->drawn, tracing->rows, tracing->before.n, points, from, to);
  FILE *file = fopen("curve.csv", "w");
  assert_non_null(file);
  fputs("time_s,valence,arousal\n", file);
  for (int32_t i = 0; i < n; i++)
    fprintf(file, "%.9g,%.9g,%.9g\n", points[i].time_s, (double)points[i].valence, (double)points[i].arousal);
  fclose(file);
  free(points);
}

static void keep_picture(Puppet *p)
{
  NmError err = {0};
  mkdir("ui-pictures", 0777);
  if (nm_kit_screenshot(p->kit, "ui-pictures/tracing.png", &err)) fail_msg("%s", err.message);
  picture_compare_file("ui-pictures", "tracing");
}

static void a_listener_is_learned_as_by_the_command_line(void **state)
{
  Puppet *p = *state;
  NmTracing *tracing = tracing_of(p);
  size_t n_saved, n_made;
  begin(p);
  draw(p, 0, 1, 10, -.8f, .9f);
  draw(p, 1, 1, 10, .5f, .4f);
  int32_t n;
  nm_drawn_get(&tracing->drawn, 0, &n);
  assert_true(n > 4);
  assert_true(fabsf(nm_drawn_get_value(&tracing->drawn, 0, 9.9) - .9f) < .1f);
  puppet_key(p, 'a', 0);
  wait_for_learner(p);
  assert_non_null(tracing->listener);
  for (int d = 0; d < 2; d++) {
    print_message("%s, second half: RMSE %.3f before, %.3f after, %d half seconds\n",
                  d ? "arousal" : "valence", tracing->score.before[d], tracing->score.after[d],
                  tracing->score.n[d]);
    assert_true(tracing->score.n[d] >= 8);
  }
  assert_true(tracing->score.after[1] < tracing->score.before[1]); // it stays as it was drawn
  assert_true(fabsf(tracing->after.points[0][10].value - nm_drawn_get_value(&tracing->drawn, 0, 5.25)) <
              1e-6f);
  keep_picture(p);
  enter_scratch();
  nm_studio_save_listener(p->studio, "mine.listener");
  assert_true(tracing->is_saved);
  write_clip(p);
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "adapt", "--audio", "clip.wav", "--labels", "curve.csv", "-o",
                  "made.listener"),
              0, NULL);
  char *saved = read_file("mine.listener", &n_saved), *made = read_file("made.listener", &n_made);
  assert_int_equal(n_saved, n_made);
  assert_memory_equal(saved, made, n_saved);
  nm_studio_load_listener(p->studio, "made.listener");
  wait_for_learner(p);
  assert_string_equal(p->studio->status,
                      "The listener is here; it speaks where a sound begins with its clip");
  free(saved);
  free(made);
  leave_scratch();
}

static void drawing_is_undone_and_redone(void **state)
{
  Puppet *p = *state;
  NmDrawn *drawn = &tracing_of(p)->drawn;
  int32_t n, n_all;
  begin(p);
  draw(p, 0, 1, 4, 0, .5f);
  nm_drawn_get(drawn, 0, &n);
  draw(p, 0, 6, 8, 0, .5f);
  nm_drawn_get(drawn, 0, &n_all);
  assert_true(n_all > n);
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal((nm_drawn_get(drawn, 0, &n_all), n_all), n);
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal((nm_drawn_get(drawn, 0, &n_all), n_all), 0);
  assert_false(nm_drawn_can_undo(drawn));
  puppet_key(p, 'y', NM_MOD_CTRL);
  assert_int_equal((nm_drawn_get(drawn, 0, &n_all), n_all), n);
  assert_null(nm_document_get_undo(p->studio->doc)); // the song is as it was
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, 'd', NM_MOD_CTRL);
  assert_false(tracing_of(p)->on);
  nm_studio_choose_note(p->studio, 1, false); // keys are the song's again
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_not_equal(p->studio->typing_id, 0);
}

static void the_keyboard_draws(void **state)
{
  Puppet *p = *state;
  NmTracing *tracing = tracing_of(p);
  int32_t n = 0;
  begin(p);
  float before = tracing->before.points[0][0].value;
  for (int i = 0; i < 60 && n == 0; i++) {
    puppet_key(p, NM_KEY_TAB, 0);
    puppet_key(p, NM_KEY_UP, 0);
    nm_drawn_get(&tracing->drawn, 0, &n);
  }
  assert_int_equal(n, 1);
  assert_true(fabsf(nm_drawn_get_value(&tracing->drawn, 0, 0) - before - .1f) < 1e-5f);
  puppet_key(p, NM_KEY_RIGHT, 0);
  puppet_key(p, NM_KEY_RIGHT, 0);
  puppet_key(p, NM_KEY_DOWN, 0);
  nm_drawn_get(&tracing->drawn, 0, &n);
  assert_int_equal(n, 2);
  puppet_key(p, NM_KEY_DELETE, 0);
  nm_drawn_get(&tracing->drawn, 0, &n);
  assert_int_equal(n, 1);
}

// While it plays, the hand only goes up and down.
static void it_is_traced_while_it_plays(void **state)
{
  Puppet *p = *state;
  NmTracing *tracing = tracing_of(p);
  begin(p);
  puppet_key(p, 't', 0);
  puppet_key(p, NM_KEY_SPACE, 0);
  float x = x_of(p, 12);
  puppet_move(p, x, y_of(p, 1, .6f));
  puppet_button(p, NM_BUTTON_LEFT, true, x, y_of(p, 1, .6f));
  for (int i = 0; tracing->ruler_model.playhead < 1500; i++) {
    if (i == PATIENCE_S * 100) fail_msg("it does not play: %s", p->studio->heard.trouble);
    nm_studio_frame(p->studio);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  puppet_button(p, NM_BUTTON_LEFT, false, x, y_of(p, 1, .6f));
  puppet_rest(p);
  puppet_key(p, NM_KEY_SPACE, 0);
  int32_t n;
  const NmCurvePoint *points = nm_drawn_get(&tracing->drawn, 1, &n);
  assert_true(n > 1);
  assert_true(points[0].at < points[n - 1].at && points[n - 1].at >= 1.4);
  assert_true(fabsf(points[n / 2].value - .6f) < .02f);
}

static void adapting_can_be_cancelled(void **state)
{
  Puppet *p = *state;
  NmTracing *tracing = tracing_of(p);
  begin(p);
  draw(p, 0, 1, 14, 0, .5f);
  nm_studio_adapt(p->studio);
  nm_studio_stop_adapting(p->studio);
  wait_for_learner(p);
  assert_null(tracing->listener);
  nm_studio_adapt(p->studio);
  while (nm_studio_frame(p->studio) && !tracing->listener) {
    float done;
    if (!nm_learner_is_busy(tracing->learner, &done) || done > .1f) break;
  }
  nm_studio_stop_adapting(p->studio);
  wait_for_learner(p);
  assert_null(tracing->listener);
  assert_string_equal(p->studio->status, "Cancelled");
}

static bool is_asked(Puppet *p)
{
  puppet_key(p, 'q', NM_MOD_CTRL);
  bool asked = nm_kit_is_popup_open(p->kit);
  assert_int_equal(asked, !p->studio->done);
  return asked;
}

// What is drawn is learned from, and saved, before the studio goes; or it stays, however one leaves the
// question.
static void nothing_drawn_is_lost_at_the_end(void **state)
{
  Puppet *p = *state;
  NmTracing *tracing = tracing_of(p);
  enter_scratch();
  nm_document_set_saved(p->studio->doc);
  begin(p);
  draw(p, 0, 1, 14, 0, .5f);
  assert_int_equal(nm_studio_get_unkept(p->studio), NM_TRACING_DRAWN);
  assert_true(is_asked(p));
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_int_equal(p->studio->wish, NM_WISH_NOTHING);
  assert_true(is_asked(p));
  puppet_key(p, NM_KEY_ENTER, 0); // Adapt
  wait_for_learner(p);
  assert_non_null(tracing->listener);
  assert_int_equal(nm_studio_get_unkept(p->studio), NM_TRACING_LEARNED);
  assert_true(is_asked(p));
  puppet_key(p, NM_KEY_ENTER, 0); // Save..., and thinks better of it
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  assert_int_equal(p->studio->wish, NM_WISH_NOTHING);
  assert_true(is_asked(p));
  puppet_key(p, NM_KEY_ENTER, 0);
  puppet_key(p, NM_KEY_ENTER, 0); // under the name that is there
  assert_true(file_exists("me.listener"));
  assert_true(p->studio->done);
  assert_int_equal(nm_studio_get_unkept(p->studio), NM_TRACING_KEPT);
  draw(p, 1, 2, 4, 0, .5f);
  assert_int_equal(nm_studio_get_unkept(p->studio), NM_TRACING_DRAWN);
  leave_scratch();
}

static void files_that_are_dropped_are_listened_to(void **state)
{
  Puppet *p = *state;
  float tone[RATE_HZ];
  NmError err = {0};
  NmAudioFormat format = {44100, 1, NM_AUDIO_16_BITS};
  enter_scratch();
  NmAudioWriter *writer = nm_audio_writer_open("tone.wav", &format, &err);
  for (int i = 0; i < RATE_HZ; i++) tone[i] = .2f * sinf(.05f * (float)i);
  for (int i = 0; i < 6; i++) assert_int_equal(nm_audio_writer_write(writer, tone, RATE_HZ, &err), NM_OK);
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_DROP, .path = strdup("tone.wav")});
  puppet_rest(p);
  wait_for_learner(p);
  assert_true(tracing_of(p)->on);
  assert_string_equal(tracing_of(p)->clip->name, "tone.wav");
  assert_true(llabs(tracing_of(p)->clip->n - 6LL * RATE_HZ * RATE_HZ / 44100) < 3);
  write_file("bad.wav", "no sound", 8);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_DROP, .path = strdup("bad.wav")});
  puppet_rest(p);
  wait_for_learner(p);
  assert_true(p->studio->status_is_warning);
  assert_non_null(strstr(p->studio->status, "bad.wav"));
  leave_scratch();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_listener_is_learned_as_by_the_command_line),
                                     TEST(drawing_is_undone_and_redone),
                                     TEST(the_keyboard_draws),
                                     TEST(it_is_traced_while_it_plays),
                                     TEST(adapting_can_be_cancelled),
                                     TEST(nothing_drawn_is_lost_at_the_end),
                                     TEST(files_that_are_dropped_are_listened_to)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
