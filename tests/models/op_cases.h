// SPDX-License-Identifier: GPL-3.0-or-later
// One declarative case per op: it drives the comparison with a naive version, the gradient check in double,
// the check that threads change nothing, and the benchmark. Arrays of cases live in op_cases_*.c.
#ifndef NM_TEST_OP_CASES_H
#define NM_TEST_OP_CASES_H

#include "models/attention/attention.h"
#include "models/engine/ops.h"

enum { NM_CASE_INPUTS_MAX = 8 };

// Reals are drawn uniformly from [low, high), integers from the whole numbers low to high - 1.
typedef struct {
  NmType type;
  NmShape shape;
  double low, high;
} NmCaseInput;

typedef struct NmOpCase NmOpCase;

struct NmOpCase {
  const char *name;
  NmOp op;
  NmCaseInput in[NM_CASE_INPUTS_MAX]; // ends with a shape of no dimensions
  NmVar (*build)(NmGraph *g, const NmVar *in);
  // The plain definition, in double. reals[i] or ints[i] is set for each input; out [count of y].
  void (*naive)(const NmOpCase *c, const double *const *reals, const int32_t *const *ints, NmShape y,
                double *out);
  double tolerance; // of float against the naive version, relative to the largest output; 0: 2e-6
};

typedef struct {
  const NmOpCase *cases;
  int n;
} NmOpCases;

NmOpCases nm_op_cases_elements(void), nm_op_cases_matrices(void), nm_op_cases_signal(void),
    nm_op_cases_attention(void);

#endif
