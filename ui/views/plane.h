// SPDX-License-Identifier: GPL-3.0-or-later
// The plane of feelings: valence to the right, arousal up, and where the music goes on it.
#ifndef NM_UI_VIEWS_PLANE_H
#define NM_UI_VIEWS_PLANE_H

#include "ui/kit/widget.h"

typedef struct {
  float valence, arousal; // -1 to 1
} NmFeeling;

typedef struct {
  const NmFeeling *path; // [n] evenly in time
  int n;
  float at; // of the path, where a dot is; less than 0: nowhere
  bool has_wanted;
  NmFeeling wanted; // what is drawn for that moment
  const char *title, *empty;
} NmPlaneModel;

// True while the left button is held: the feeling under the pointer.
bool nm_plane_show(NmKit *kit, const NmPlaneModel *model, NmRect rect, NmFeeling *feeling);

#endif
