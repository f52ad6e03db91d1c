// SPDX-License-Identifier: GPL-3.0-or-later
// A corpus that was never recorded, of even lengths, for measuring how fast trainings are.
#ifndef NM_COMMANDS_BENCH_CORPUS_H
#define NM_COMMANDS_BENCH_CORPUS_H

#include "models/speech/corpus.h"

enum { NM_BENCH_CORPUS_N_ITEMS = 64, NM_BENCH_CORPUS_N_TOKENS = 100, NM_BENCH_CORPUS_N_FRAMES = 400 };

// Aligned recordings of one speaker, 64 of 100 tokens in 400 frames: words of four phones and a pause after
// each, noise for sound. Close it with nm_bench_corpus_fini, also after a failure.
NmStatus nm_bench_corpus_init(NmCorpus *corpus, NmError *err) NM_NODISCARD;
void nm_bench_corpus_fini(NmCorpus *corpus);

#endif
