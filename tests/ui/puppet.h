// SPDX-License-Identifier: GPL-3.0-or-later
// The studio without a window, moved by the events that a window would tell.
#ifndef NM_TESTS_UI_PUPPET_H
#define NM_TESTS_UI_PUPPET_H

#include "app/studio/state.h"

typedef struct {
  NmKit *kit;
  NmStudio *studio;
  char folder[64]; // of its own, empty at first, gone at the end
} Puppet;

// With a song of `n_lines` lines of eight syllables, one of them on two notes; stops the test when it cannot
// be.
void puppet_open(Puppet *puppet, int n_lines);
void puppet_close(Puppet *puppet);

// Frames until nothing happens any more.
void puppet_rest(Puppet *puppet);

void puppet_move(Puppet *puppet, float x, float y);
void puppet_button(Puppet *puppet, int button, bool down, float x, float y);
void puppet_click(Puppet *puppet, float x, float y);
void puppet_double_click(Puppet *puppet, float x, float y);
void puppet_drag(Puppet *puppet, float x0, float y0, float x1, float y1);
void puppet_wheel(Puppet *puppet, float x, float y);
void puppet_key(Puppet *puppet, int key, unsigned mods);
void puppet_type(Puppet *puppet, const char *text);

// The middle of a note; its present state.
void puppet_find(const Puppet *puppet, int note, float *x, float *y);
const NmSongNote *puppet_note(const Puppet *puppet, int note);
int puppet_n_notes(const Puppet *puppet);

// What is sung on a note, as the roll shows it.
const char *puppet_text(const Puppet *puppet, int note);

#endif
