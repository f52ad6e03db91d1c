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

// y [B, T, C], memory [B, S, C]; `sight` says which places of the memory each step may see -> [B, T, C].
NmVar nm_song_lstm_decode(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y, NmVar memory,
                          const NmAttention *sight);

// One step of the decoder, in two pieces with the attention between them, for decoding step by step with an
// NmKvCache (FULL) per batch. States are [B, 1, C].
typedef struct {
  NmVar hidden[NM_SONG_LSTM_LAYERS_MAX], cell[NM_SONG_LSTM_LAYERS_MAX]; // in, then out
} NmSongLstmState;

// Keys and values [B, S, C] of the memory, for the cache.
void nm_song_lstm_memory(const NmNet *net, const char *name, const NmSongLstm *config, NmVar memory, NmVar *k,
                         NmVar *v);
// Advances layer 0; answers the query [B, 1, C].
NmVar nm_song_lstm_ask(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y,
                       NmSongLstmState *state);
// `hidden` of layer 0 after nm_song_lstm_ask, `heard` from the cache, both [B, 1, C]. Advances the layers
// from 1 on; answers `out` [B, 1, C].
NmVar nm_song_lstm_answer(const NmNet *net, const char *name, const NmSongLstm *config, NmVar hidden,
                          NmVar heard, NmSongLstmState *state);

#endif
