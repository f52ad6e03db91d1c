// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/tokens.h"

#include <math.h>

static float squash(int32_t n, int32_t limit)
{
  return (float)(n < limit ? n : limit) / (float)limit;
}

static bool first_in_word(const NmToken *t, int32_t i)
{
  return i == 0 || t[i - 1].word != t[i].word;
}

static bool last_in_word(const NmToken *t, int32_t i, int32_t n)
{
  return i + 1 == n || t[i + 1].word != t[i].word;
}

// Distances from the left go into columns 4, 6 and 10.
static void describe_forward(const NmToken *t, int32_t n, float *features)
{
  int32_t since_pause = 0, since_word = 0, n_words = 0;
  for (int32_t i = 0; i < n; ++i) {
    float *f = features + i * NM_TOKEN_N_FEATURES;
    const bool pause = t[i].word < 0, first = first_in_word(t, i);
    since_pause = pause ? 0 : since_pause + 1;
    since_word = pause || first ? 0 : since_word + 1;
    n_words = pause ? 0 : n_words + first;
    f[0] = (float)i / (float)n;
    f[2] = log1pf((float)i) / 4;
    f[4] = squash(since_pause, 40) * 2;
    f[6] = squash(since_word, 10) * 2;
    f[10] = squash(n_words, 10);
  }
}

// Distances from the right go into columns 5, 7 and 11; the kind of the boundary ahead becomes the place.
static void describe_backward(const NmToken *t, int32_t n, float *features, int32_t *places)
{
  int32_t till_pause = 0, till_word = 0, n_words = 0;
  NmBoundary ahead = n > 0 ? t[n - 1].boundary : NM_BOUNDARY_NONE;
  for (int32_t i = n - 1; i >= 0; --i) {
    float *f = features + i * NM_TOKEN_N_FEATURES;
    const bool pause = t[i].word < 0, last = last_in_word(t, i, n);
    if (t[i].boundary != NM_BOUNDARY_NONE) ahead = t[i].boundary;
    till_pause = pause ? 0 : till_pause + 1;
    till_word = pause || last ? 0 : till_word + 1;
    n_words = pause ? 0 : n_words + last;
    f[1] = 1 - (float)i / (float)n;
    f[3] = log1pf((float)(n - 1 - i)) / 4;
    f[5] = squash(till_pause, 40) * 2;
    f[7] = squash(till_word, 10) * 2;
    f[8] = pause;
    f[9] = (float)n / 60;
    f[11] = squash(n_words, 10);
    places[i] = (int32_t)ahead * 4 + (pause ? 0 : 2 * first_in_word(t, i) + last);
  }
}

void nm_tokens_describe(const NmToken *tokens, int32_t n, float *features, int32_t *places)
{
  describe_forward(tokens, n, features);
  describe_backward(tokens, n, features, places);
}

int64_t nm_frames_describe(const int32_t *n_frames, int32_t n, int32_t *index, float *features)
{
  int64_t t = 0;
  for (int32_t k = 0; k < n; ++k)
    for (int32_t i = 0; i < n_frames[k]; ++i, ++t) {
      float *f = features + t * NM_FRAME_N_FEATURES;
      const float place = ((float)i + 0.5f) / (float)n_frames[k];
      index[t] = k;
      f[0] = place;
      f[1] = 1 - place;
      f[2] = sinf(3.14159265f * place);
      f[3] = squash(i, 10);
      f[4] = squash(n_frames[k] - 1 - i, 10);
      f[5] = logf((float)n_frames[k]) / 3;
    }
  return t;
}
