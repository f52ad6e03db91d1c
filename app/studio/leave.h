// SPDX-License-Identifier: GPL-3.0-or-later
// Leaving a song, or the studio: what is not saved is asked about before.
#ifndef NM_STUDIO_LEAVE_H
#define NM_STUDIO_LEAVE_H

#include "app/studio/studio.h"

// What is to be done once it is settled what becomes of changes.
typedef enum { NM_WISH_NOTHING, NM_WISH_NEW, NM_WISH_ASK_OPEN, NM_WISH_OPEN, NM_WISH_QUIT } NmStudioWish;

// Does it at once, or after the question what becomes of changes.
void nm_studio_wish_for(NmStudio *studio, NmStudioWish wish);
// Goes on with the wish, now that something was saved or is given up; nothing without a wish.
void nm_studio_go_on(NmStudio *studio);
// It is not wished any more.
void nm_studio_stay(NmStudio *studio);

// Every frame: the questions.
void nm_studio_show_leaving(NmStudio *studio);

#endif
