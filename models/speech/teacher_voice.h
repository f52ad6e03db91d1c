// SPDX-License-Identifier: GPL-3.0-or-later
// The teacher speaking by itself: one step after the other, each given the frame it made before, with the
// keys and values of all earlier steps in caches.
#ifndef NM_SPEECH_TEACHER_VOICE_H
#define NM_SPEECH_TEACHER_VOICE_H

#include "models/speech/teacher_file.h"

typedef struct NmTeacher NmTeacher;

// A phrase as the encoder takes it (tokens.h); arrays are borrowed.
typedef struct {
  const int32_t *phones, *places; // [n]
  const float *features;          // [n, 12]
  int32_t n, speaker;
} NmTeacherText;

// Zero-initialise, then set.
typedef struct {
  int64_t n_frames_max; // 0: 40 for each token
  bool noise;           // dropout in the prenet, as in training, drawn from `seed`
  uint64_t seed;
} NmTeacherOptions;

// What was said. Arrays belong to the teacher and live until it speaks again.
typedef struct {
  const float *frames;  // [T, 82] normalised envelope and ln f0, voicing logit, as the acoustic model's
  const float *weights; // [S, n] attention of config.align_head
  int64_t T, S;         // T = S n_stack
  bool ended;           // the teacher ended the phrase itself
} NmTeacherSaid;

// Loads a teacher's weights. `pool` is borrowed, may be NULL. NULL and `err` when the file is missing,
// damaged or no teacher. One thread at a time.
NmTeacher *nm_teacher_new(const char *path, NmPool *pool, NmError *err);
void nm_teacher_free(NmTeacher *teacher);

const NmTeacherFile *nm_teacher_get_file(const NmTeacher *teacher);

// Says a phrase. Same text, options and weights: same frames. Graphs of a step are laid out once, in new;
// memory is taken once a phrase. NM_ERR_BAD_ARG for a phrase of no tokens or more than NM_TEACHER_STEPS_MAX,
// or a speaker that is not there; NM_ERR_BAD_DATA when the weights give frames that are not finite.
NmStatus nm_teacher_say(NmTeacher *teacher, const NmTeacherText *text, const NmTeacherOptions *options,
                        NmTeacherSaid *said, NmError *err) NM_NODISCARD;

// Frames n, as said, to the envelope [n, 80] in ln amplitude and f0 [n] in Hz, 0 where unvoiced.
void nm_teacher_read_frames(const float *frames, int64_t n, const NmSpeechStats *stats, int32_t speaker,
                            float *envelope, float *f0_hz);

#endif
