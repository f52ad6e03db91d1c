// SPDX-License-Identifier: GPL-3.0-or-later
// Grapheme to phoneme: the pronunciation of words that no dictionary has. Feed-forward Transformer blocks of
// FastSpeech (Ren et al. 2019) over the letters, each letter widened to a few frames, and connectionist
// temporal classification (Graves et al. 2006) over phones with stress, the blank being the pause. Between
// blocks the network is shown what it would say so far (self-conditioning: Nozaki, Komatsu 2021).
#ifndef NM_TEXT_G2P_H
#define NM_TEXT_G2P_H

#include "models/engine/config.h"
#include "models/engine/layers.h"
#include "models/text/pronounce.h"

enum {
  NM_G2P_EDGE = 0, // stands at both ends of a word; letters are 1-26
  NM_G2P_N_LETTERS = 27,
  NM_G2P_WORD_MAX = 48
};

typedef struct {
  int32_t n_channels, n_blocks, n_heads, n_inner, len_kernel;
  int32_t n_up;    // frames of a letter
  int32_t reach;   // of the relative positions
  int32_t n_steps; // blocks from one self-conditioning to the next
} NmG2pConfig;

NmG2pConfig nm_g2p_defaults(void);
extern const NmConfigField nm_g2p_fields[];
extern const int nm_g2p_n_fields;

enum { NM_G2P_BETWEEN_MAX = 8 };

// Log-probabilities [B, n_up T, NM_N_PHONES] of letters (int) [B, T], all words of one length with their
// edges. What the network would say at the conditionings goes to `between` [NM_G2P_BETWEEN_MAX], for the
// loss; `between` may be NULL.
NmVar nm_g2p_network(const NmNet *net, const NmG2pConfig *config, NmVar letters, NmVar *between,
                     int *n_between);

// The letters of a lower-case word with edges into `ids` [NM_G2P_WORD_MAX + 2]; how many, 0 when the word has
// a byte that is no letter or is too long.
int32_t nm_g2p_encode(const char *word, size_t len, int32_t *ids);

// The most probable phones of log_prob [n_frames, NM_N_PHONES] by prefix beam search (Hannun et al. 2014), at
// least one of them, into `phones` [n_max]; how many.
int32_t nm_g2p_decode(const float *log_prob, int64_t n_frames, int32_t *phones, int32_t n_max);

// A trained model. One thread at a time.
typedef struct NmG2p NmG2p;

// NULL and `err` when the weights file is missing, damaged or not of this kind.
NmG2p *nm_g2p_new(const char *path, NmError *err);
void nm_g2p_free(NmG2p *g2p);

// Reads a word of lower-case letters; false when it cannot (too long, no letters, memory out). `g2p` is an
// NmG2p: the function is an NmGuess.
bool nm_g2p_guess(void *g2p, const char *word, size_t len, NmReading *reading);

#endif
