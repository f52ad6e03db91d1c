// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/puppet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// fontconfig keeps what it has read until the process ends.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
  return "leak:libfontconfig\n";
}

static void add_syllable(NmSong *song, const char *text, int64_t onset, int64_t len, int pitch)
{
  assert_true(nm_song_add_word(song) >= 0);
  int32_t syllable = nm_song_add_syllable(song, text, strlen(text), -1);
  int32_t note = nm_song_add_note(song, onset, len, pitch, 0);
  assert_true(syllable >= 0 && note >= 0 && nm_song_add_link(song, syllable, note) >= 0);
}

static NmSong *make_song(int n_lines)
{
  static const char *const words[] = {"la", "le", "li", "lo", "lu", "ma", "me", "mi"};
  static const int pitches[] = {60, 62, 64, 65, 67, 65, 64, 62};
  NmSong *song = nm_song_new();
  assert_non_null(song);
  for (int line = 0; line < n_lines; line++) {
    assert_true(nm_song_add_line(song, 1, line / 4) >= 0);
    for (int i = 0; i < 8; i++)
      add_syllable(song, words[i], (line * 8 + i) * 480, i == 7 ? 240 : 480, pitches[i] + line % 3);
    int32_t second = nm_song_add_note(song, (line * 8 + 7) * 480 + 240, 240, 60, 0);
    assert_true(second >= 0 && nm_song_add_link(song, line * 8 + 7, second) >= 0);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  return song;
}

void puppet_open(Puppet *puppet, int n_lines)
{
  NmError err = {0};
  strcpy(puppet->folder, "/tmp/neume-studio-XXXXXX");
  assert_non_null(mkdtemp(puppet->folder));
  setenv("XDG_STATE_HOME", puppet->folder, 1);
  NmKitConfig config = nm_kit_defaults();
  config.headless = true;
  config.family = "DejaVu Sans";
  puppet->kit = nm_kit_new(&config, &err);
  if (!puppet->kit) fail_msg("%s", err.message);
  puppet->studio = nm_studio_new(puppet->kit);
  assert_non_null(puppet->studio);
  NmSong *song = make_song(n_lines);
  assert_int_equal(nm_studio_show_song(puppet->studio, song, &err), NM_OK);
  nm_song_free(song);
  puppet_rest(puppet);
}

void puppet_close(Puppet *puppet)
{
  nm_studio_free(puppet->studio);
  nm_kit_free(puppet->kit);
  char command[96];
  snprintf(command, sizeof command, "rm -r '%s'", puppet->folder);
  assert_int_equal(system(command), 0);
}

void puppet_rest(Puppet *puppet)
{
  do nm_studio_frame(puppet->studio);
  while (nm_kit_has_events(puppet->kit));
  for (int i = 0; i < 3; i++) nm_studio_frame(puppet->studio);
}

static void post(Puppet *puppet, NmEvent event)
{
  nm_kit_post(puppet->kit, &event);
}

void puppet_move(Puppet *puppet, float x, float y)
{
  post(puppet, (NmEvent){.kind = NM_EVENT_MOVE, .x = x, .y = y});
}

void puppet_button(Puppet *puppet, int button, bool down, float x, float y)
{
  post(puppet, (NmEvent){.kind = NM_EVENT_BUTTON, .button = button, .down = down, .x = x, .y = y});
}

// Long enough after what was before not to be a double click.
static void pause(Puppet *puppet)
{
  for (int i = 0; i < 30; i++) nm_studio_frame(puppet->studio);
}

void puppet_click(Puppet *puppet, float x, float y)
{
  pause(puppet);
  puppet_move(puppet, x, y);
  puppet_button(puppet, NM_BUTTON_LEFT, true, x, y);
  puppet_button(puppet, NM_BUTTON_LEFT, false, x, y);
  puppet_rest(puppet);
}

void puppet_double_click(Puppet *puppet, float x, float y)
{
  puppet_click(puppet, x, y);
  puppet_button(puppet, NM_BUTTON_LEFT, true, x, y);
  puppet_button(puppet, NM_BUTTON_LEFT, false, x, y);
  puppet_rest(puppet);
}

void puppet_drag(Puppet *puppet, float x0, float y0, float x1, float y1)
{
  pause(puppet);
  puppet_move(puppet, x0, y0);
  puppet_button(puppet, NM_BUTTON_LEFT, true, x0, y0);
  for (int i = 1; i <= 8; i++)
    puppet_move(puppet, x0 + (x1 - x0) * (float)i / 8, y0 + (y1 - y0) * (float)i / 8);
  puppet_button(puppet, NM_BUTTON_LEFT, false, x1, y1);
  puppet_rest(puppet);
}

void puppet_wheel(Puppet *puppet, float x, float y)
{
  post(puppet, (NmEvent){.kind = NM_EVENT_WHEEL, .x = x, .y = y});
  puppet_rest(puppet);
}

static void post_mods(Puppet *puppet, unsigned mods, bool down)
{
  static const int keys[] = {NM_KEY_SHIFT, NM_KEY_CTRL, NM_KEY_ALT};
  for (int i = 0; i < 3; i++)
    if (mods >> i & 1) post(puppet, (NmEvent){.kind = NM_EVENT_KEY, .key = keys[i], .down = down});
}

void puppet_key(Puppet *puppet, int key, unsigned mods)
{
  post_mods(puppet, mods, true);
  post(puppet, (NmEvent){.kind = NM_EVENT_KEY, .key = key, .down = true});
  post(puppet, (NmEvent){.kind = NM_EVENT_KEY, .key = key});
  post_mods(puppet, mods, false);
  puppet_rest(puppet);
}

void puppet_type(Puppet *puppet, const char *text)
{
  for (; *text; text++) {
    NmEvent event = {.kind = NM_EVENT_TEXT, .text = {*text}};
    post(puppet, (NmEvent){.kind = NM_EVENT_KEY, .key = *text, .down = true});
    post(puppet, event);
    post(puppet, (NmEvent){.kind = NM_EVENT_KEY, .key = *text});
  }
  puppet_rest(puppet);
}

void puppet_find(const Puppet *puppet, int note, float *x, float *y)
{
  const NmStudio *studio = puppet->studio;
  NmRect at =
      nm_roll_get_rect(&studio->roll, &studio->axis, studio->roll_rect, &studio->model.roll.notes[note]);
  *x = at.x + at.w / 2;
  *y = at.y + at.h / 2;
}

const NmSongNote *puppet_note(const Puppet *puppet, int note)
{
  return &nm_document_get_song(puppet->studio->doc)->notes[note];
}

int puppet_n_notes(const Puppet *puppet)
{
  return nm_document_get_song(puppet->studio->doc)->n_notes;
}

const char *puppet_text(const Puppet *puppet, int note)
{
  const char *text = puppet->studio->model.roll.notes[note].text;
  return text ? text : "";
}
