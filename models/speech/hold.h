// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds held longer than speech has them. The acoustic model makes each phone at a length it has met, and
// the envelope is stretched in time: the beginning and the end go by at their own pace, the steady part
// between them is held; a diphthong is held on its first half and glides at the end, as singers do.
#ifndef NM_SPEECH_HOLD_H
#define NM_SPEECH_HOLD_H

#include <stdbool.h>
#include <stdint.h>

// Frames that the model makes of a phone that lasts n_frames >= 1: at most n_frames.
int32_t nm_hold_get_n_made(int32_t phone, int32_t n_frames);

// Where in the made frames of a phone [0, n_made - 1] each of its n_frames lies: places [n_frames], never
// falling; the identity when n_made is n_frames.
void nm_hold_find_places(int32_t phone, int32_t n_made, int32_t n_frames, float *places);

// Leaves out the soft beginning that speech gives a vowel after silence: its first frames become the one that
// follows them.
void nm_hold_begin_firmly(int32_t n_made, int32_t n_frames, float *places);

// Voicing [n] of a phone's frames, > 0 where there is some, as the model has it, but unbroken in what carries
// a melody; where that comes out of silence, where speech begins softly, from its first frame on.
void nm_hold_carry_voicing(float *voicing, int32_t phone, int32_t n, bool after_pause);

// Rows [n, width] at place x in [0, n - 1], straight lines between them, into row [width].
void nm_hold_read(const float *rows, int32_t n, int32_t width, float x, float *row);

#endif
