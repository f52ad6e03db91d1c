// SPDX-License-Identifier: GPL-3.0-or-later
// What the voice says when: a box for every sound, on the time axis.
#ifndef NM_UI_VIEWS_PHONES_H
#define NM_UI_VIEWS_PHONES_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

typedef struct {
  double start_s, end_s;
  const char *text; // "AE1"
  bool vowel, pause;
  bool movable; // its beginning can be moved
  bool by_hand; // its length or beginning was set by hand
} NmPhoneBox;

typedef struct {
  const NmPhoneBox *boxes; // [n] one after the other
  int n;
  double heard_s; // now, less than 0: nothing
  double step_s;  // what beginnings are moved by
  const char *title, *empty;
} NmPhonesModel;

typedef enum {
  NM_PHONES_NOTHING,
  NM_PHONES_SEEK, // a box was clicked
  NM_PHONES_MOVE, // a box is to begin at `start_s`, where the one before it ends
  NM_PHONES_RESET // a box is to be as the voice says
} NmPhonesEditKind;

typedef struct {
  NmPhonesEditKind kind;
  int box;
  double start_s;
} NmPhonesEdit;

// Zero-initialise.
typedef struct {
  bool drags;
  int box;        // that is dragged, or that the keyboard is at
  double start_s; // where the drag has it
  double grab_s;  // where it was taken, from its beginning
} NmPhones;

enum { NM_PHONES_HEIGHT = 26 };

// Edges between boxes are dragged; a double click or Delete gives a box back. With the keyboard in the lane
// arrows go from box to box, and with Alt move a beginning.
NmPhonesEdit nm_phones_show(NmKit *kit, NmPhones *phones, const NmPhonesModel *model, NmAxis *axis,
                            NmRect rect);

#endif
