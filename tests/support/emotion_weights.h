// SPDX-License-Identifier: GPL-3.0-or-later
// A small emotion model that was trained on noise for a moment: for tests of what stands around it.
#ifndef NM_TEST_SUPPORT_EMOTION_WEIGHTS_H
#define NM_TEST_SUPPORT_EMOTION_WEIGHTS_H

// Writes emotion.safetensors and listener.safetensors into the folder. Fails the test when it cannot.
void write_emotion_weights(const char *folder);

#endif
