// SPDX-License-Identifier: GPL-3.0-or-later
// Syllables on notes: the best monotonic alignments of M notes and L syllables, exact, the k best of them.
//
// A path goes from (0, 0) to (M, L) in steps of three kinds: one syllable on n notes (a melisma when n > 1),
// two or more syllables on one note (an elision), and, where the lattice allows it, notes left unsung. A step
// of one syllable on one note exists once, so every path is another alignment. Its score is the sum of its
// steps' scores; higher is better.
#ifndef NM_ALIGN_LATTICE_H
#define NM_ALIGN_LATTICE_H

#include "dsp/base/status.h"

// Fills scores [n_max]: scores[n - 1] for syllable j - 1 on the notes [i - n, i).
typedef void (*NmLatticeNotes)(const void *user, int32_t i, int32_t j, int32_t n_max, double *scores);
// Fills scores [n_max]: scores[n - 1] for the syllables [j - n, j) on note i - 1; n is 2 or more, scores[0]
// is ignored.
typedef void (*NmLatticeSyllables)(const void *user, int32_t i, int32_t j, int32_t n_max, double *scores);
// The score of leaving the *n notes before note i unsung between syllables j - 1 and j; *n from 1 to i,
// or -infinity.
typedef double (*NmLatticeRest)(const void *user, int32_t i, int32_t j, int32_t *n);

typedef struct {
  int32_t n_notes, n_syllables;     // M, L; both at least 1
  int32_t max_notes, max_syllables; // widest steps; 0: no bound
  int32_t n_best;                   // how many paths, at least 1
  NmLatticeNotes score_notes;
  NmLatticeSyllables score_syllables; // NULL: no elisions
  NmLatticeRest score_rest;           // NULL: every note is sung
  const void *user;
} NmLattice;

// Bytes of work memory for nm_lattice_run: about (16 n_best + 20) M L. 0 for a lattice with sizes below 1 or
// too large to count.
size_t nm_lattice_size_work(const NmLattice *lattice);

// The best paths in descending order, *n_found <= n_best of them; of equal scores the narrower last step
// comes first, so the answer is the same everywhere. Scores of -infinity and NaN forbid a step. `work`:
// aligned for doubles, contents ignored. note_first, n_notes [n_best, L] (n_notes >= 1; elided syllables
// share their note), scores [n_best]. In O(M L (max_notes + max_syllables)) for the best. NM_ERR_BAD_ARG for
// sizes below 1, NM_ERR_BAD_DATA when there is no path. Any thread; never allocates.
NmStatus nm_lattice_run(const NmLattice *lattice, void *work, int32_t *note_first, int32_t *n_notes,
                        double *scores, int32_t *n_found) NM_NODISCARD;

// The scores of SongMASS (Sheng et al. 2021, "SongMASS: Automatic Song Writing with Pre-training and
// Alignment Constraint", section 3.3): f[0, 0] = 0 and
//   f[i, j] = max( max_{k<i} f[k, j-1] + mean A[k+1..i, j] - (i-k)/M,
//                  max_{k<j} f[i-1, k] + mean A[i, k+1..j] - (j-k)/L ),
// A being the attention between notes and syllables. (A program of that paper in circulation fills only the
// first row, because of a stray `break`.) A step of one note and one syllable has the lesser of both
// penalties.
typedef struct {
  int32_t M, L;
  double *by_note;     // [L, M + 1] sums of a syllable's column up to a note
  double *by_syllable; // [M, L + 1] sums of a note's row up to a syllable
  double *inverse;     // [max(M, L) + 1] 1 / n
} NmLatticeAttention;

// Bytes of `memory` for the sums.
size_t nm_lattice_size_attention(int32_t M, int32_t L);

// Makes `lattice` score by `attention` [M, L]; its sums lie in `memory`, aligned for doubles. Bounds are none
// and n_best 1 until they are set.
void nm_lattice_set_attention(NmLattice *lattice, NmLatticeAttention *sums, const float *attention, int32_t M,
                              int32_t L, void *memory);

#endif
