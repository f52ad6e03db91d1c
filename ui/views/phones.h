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
} NmPhoneBox;

typedef struct {
  const NmPhoneBox *boxes; // [n] one after the other
  int n;
  double heard_s; // now, less than 0: nothing
  const char *title, *empty;
} NmPhonesModel;

enum { NM_PHONES_HEIGHT = 26 };

// The box that was clicked, -1: none.
int nm_phones_show(NmKit *kit, const NmPhonesModel *model, NmAxis *axis, NmRect rect);

#endif
