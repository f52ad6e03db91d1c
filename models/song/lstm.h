// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline of the song network: sequence to sequence by recurrence with attention (Sutskever et al. 2014;
// Bahdanau et al. 2015; Luong et al. 2015). The encoder reads both ways; the decoder's first layer asks the
// memory, the layers above read the answer beside its state.
//
//   memory = encode(x)                         x [B, S, C], embedded source
//   h      = lstm(y)                           y [B, T, C], embedded target, one step late
//   a      = attention(h, memory)
//   h      = lstm([h, a]) ...                  further layers
//   out    = tanh(linear([h, a]))              [B, T, C]
#ifndef NM_SONG_LSTM_H
#define NM_SONG_LSTM_H

#include "models/attention/attention.h"
#include "models/engine/layers.h"

enum { NM_SONG_LSTM_LAYERS_MAX = 4 };

typedef struct {
  int32_t n_channels;           // C, even
  int32_t n_encoder, n_decoder; // layers, 1 to NM_SONG_LSTM_LAYERS_MAX
  int32_t n_heads;              // of the one attention
} NmSongLstm;

// 320 channels, 2 + 2 layers, 4 heads.
NmSongLstm nm_song_lstm_defaults(void);

// x [B, S, C] -> memory [B, S, C]; len (int) [B] or NM_VAR_NONE: reading backward begins at an item's own
// last place, whatever its padding. Parameters "<name>.<layer>...".
NmVar nm_song_lstm_encode(const NmNet *net, const char *name, const NmSongLstm *config, NmVar x, NmVar len);

// Keys and values [B, S, C] of the memory.
void nm_song_lstm_memory(const NmNet *net, const char *name, const NmSongLstm *config, NmVar memory, NmVar *k,
                         NmVar *v);

// y [B, T, C], k and v of nm_song_lstm_memory; `sight` says which places of the memory each step may see ->
// [B, T, C]. `weights` (may be NULL) gets those of the first head, [B, 1, T, S].
NmVar nm_song_lstm_decode(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y, NmVar k,
                          NmVar v, const NmAttention *sight, NmVar *weights);

// What the layers remember, [1, R, C] each.
typedef struct {
  NmVar hidden[NM_SONG_LSTM_LAYERS_MAX], cell[NM_SONG_LSTM_LAYERS_MAX];
} NmSongLstmState;

// One step of nm_song_lstm_decode for R sequences side by side that hear the same memory: y [1, R, C], k and
// v [1, S, C] -> [1, R, C]. `state` becomes that after the step.
NmVar nm_song_lstm_step(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y, NmVar k,
                        NmVar v, const NmAttention *sight, NmSongLstmState *state, NmVar *weights);

#endif
