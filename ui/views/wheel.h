// SPDX-License-Identifier: GPL-3.0-or-later
// The same in all views: wheels and keys that move the axis.
#ifndef NM_UI_VIEWS_WHEEL_H
#define NM_UI_VIEWS_WHEEL_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

// Scrolls by the wheel sideways, or with Shift; zooms around the pointer with Ctrl; drags with the middle
// button. Answers the steps of the wheel that are left for going up and down.
float nm_wheel_move_axis(NmKit *kit, const NmArea *area, NmAxis *axis);

// Alone: a wheel that has no use for up and down scrolls by it too.
void nm_wheel_scroll_axis(NmKit *kit, const NmArea *area, NmAxis *axis);

#endif
