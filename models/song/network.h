// SPDX-License-Identifier: GPL-3.0-or-later
// SongMASS (Sheng et al. 2021): an encoder and a decoder for lyrics and one of each for melodies, any encoder
// with any decoder. Self-attention over the whole song, causal in the decoders; a decoder's cross-attention
// sees its own line alone (segments). Pre-norm blocks of the one attention.
//
// A decoder makes a position in four choices, each knowing the ones before: a note whether its syllable goes
// on, the rest before it, its pitch, its length; a syllable how it ends, its stress, which it is, the mark
// behind it.
#ifndef NM_SONG_NETWORK_H
#define NM_SONG_NETWORK_H

#include "models/attention/block.h"
#include "models/engine/config.h"
#include "models/song/lstm.h"
#include "models/song/tokens.h"

typedef enum { NM_SONG_LYRIC, NM_SONG_MELODY, NM_SONG_N_SIDES } NmSongSide;

typedef enum { NM_CHOICE_TIE, NM_CHOICE_GAP, NM_CHOICE_PITCH, NM_CHOICE_LEN } NmNoteChoice;
typedef enum { NM_CHOICE_END, NM_CHOICE_STRESS, NM_CHOICE_SYLLABLE, NM_CHOICE_MARK } NmLyricChoice;
enum { NM_SONG_N_CHOICES = 4, NM_SONG_LAYERS_MAX = 12 };

typedef struct {
  int32_t n_syllables; // ids of the vocabulary
  int32_t d_model, n_heads, d_inner;
  int32_t n_encoder, n_decoder; // blocks of each, at most NM_SONG_LAYERS_MAX
  int32_t reach;                // of the relative positions in self-attention
  int32_t recurrent; // 1: the baseline (lstm.h) in place of the blocks, with the same embeddings and choices
} NmSongConfig;

NmSongConfig nm_song_config_defaults(void);
extern const NmConfigField nm_song_fields[];
extern const int nm_song_n_fields;
// Whether heads divide the channels and so on; the fault, or NULL.
const char *nm_song_config_fault(const NmSongConfig *config);

// --- features: small whole numbers of a position, already as rows of one table; -1: absent ---
enum { NM_SONG_FEATURES_MAX = 16 };
// How many features a position has, and rows their table.
int nm_song_n_features(NmSongSide side, bool decoder);
int32_t nm_song_n_rows(NmSongSide side, bool decoder);

// Of an encoder's position. `hidden`: only where it stands is told. features [nm_song_n_features].
void nm_lyric_features(const NmLyricToken *token, const NmSongPlace *place, bool hidden, int32_t *features);
void nm_note_features(const NmNoteToken *token, const NmSongFrame *frame, const NmSongPlace *place,
                      int bar_place, bool hidden, int32_t *features);
// Of a decoder's position: what was before it (NULL: hidden or nothing), where it is. `bar_place`: at the end
// of the note before.
void nm_lyric_features_out(const NmLyricToken *before, const NmSongFrame *frame, const NmSongPlace *place,
                           int32_t *features);
void nm_note_features_out(const NmNoteToken *before, const NmSongFrame *frame, const NmSongPlace *place,
                          int bar_place, int32_t *features);

// --- graphs ---
typedef struct {
  NmVar syllables; // (int) [B, T], lyrics only; NM_VAR_NONE for melodies
  NmVar features;  // (int) [B, T, n_features]
} NmSongInput;

// Fresh inputs of a graph.
NmSongInput nm_song_input(NmGraph *g, NmSongSide side, bool decoder, int64_t B, int64_t T);

// -> [B, T, d_model]. `len` (int) [B] or NM_VAR_NONE.
NmVar nm_song_encode(const NmNet *net, const NmSongConfig *config, NmSongSide side, const NmSongInput *in,
                     NmVar len);

// What a decoder's parts exchange: [B, T, d_model] each.
typedef struct {
  NmVar q, k, v;
} NmSongHeard;

NmVar nm_song_decoder_start(const NmNet *net, const NmSongConfig *config, NmSongSide side,
                            const NmSongInput *in);
// Queries, keys and values of block i's self-attention, and what follows when they were heard (`heard` is the
// attention's result).
NmSongHeard nm_song_self_in(const NmNet *net, const NmSongConfig *config, NmSongSide side, int i, NmVar x);
NmVar nm_song_self_out(const NmNet *net, const NmSongConfig *config, NmSongSide side, int i, NmVar x,
                       NmVar heard);
// Keys and values of block i's cross-attention from an encoder's result.
NmSongHeard nm_song_cross_memory(const NmNet *net, const NmSongConfig *config, NmSongSide side, int i,
                                 NmVar memory);
// Cross-attention and the feed-forward layers. `weights` (may be NULL) gets those of the first head, [B, 1,
// T, S].
NmVar nm_song_cross(const NmNet *net, const NmSongConfig *config, NmSongSide side, int i, NmVar x,
                    const NmSongHeard *memory, const NmAttention *attention, NmVar *weights);
NmVar nm_song_decoder_end(const NmNet *net, NmSongSide side, NmVar x);

// All of a decoder, teacher-forced. `weights`: of the last block, which is drawn to the known alignment; may
// be NULL. The lengths may be NM_VAR_NONE.
typedef struct {
  NmVar len, segment;               // (int) [B], [B, T]
  NmVar len_memory, segment_memory; // (int) [B], [B, S]
} NmSongSight;
NmVar nm_song_decode(const NmNet *net, const NmSongConfig *config, NmSongSide side, const NmSongInput *in,
                     NmVar memory, const NmSongSight *sight, NmVar *weights);

// --- the recurrent baseline ---
NmSongLstm nm_song_recurrent_config(const NmSongConfig *config);
// Keys and values of an encoder's result.
NmSongHeard nm_song_recurrent_memory(const NmNet *net, const NmSongConfig *config, NmSongSide side,
                                     NmVar memory);
// One position of every row, as nm_song_lstm_step.
NmVar nm_song_recurrent_advance(const NmNet *net, const NmSongConfig *config, NmSongSide side,
                                const NmSongInput *in, NmVar k, NmVar v, NmSongLstmState *state,
                                NmVar *weights);

// Values of a choice, the classes that are predicted.
int32_t nm_song_n_values(const NmSongConfig *config, NmSongSide side, int choice);

// state [B, T, d_model] -> logits [B, T, n_values].
NmVar nm_song_logits(const NmNet *net, const NmSongConfig *config, NmSongSide side, int choice, NmVar state);
// The state after a choice: `values` (int) [B, T]; `bar_place` (int) [B, T] where the note begins, for the
// gap of a note only (else NM_VAR_NONE). Values outside count as unknown.
NmVar nm_song_choose(const NmNet *net, const NmSongConfig *config, NmSongSide side, int choice, NmVar state,
                     NmVar values, NmVar bar_place);

// Declares every parameter, in a graph that is thrown away.
void nm_song_declare(const NmNet *net, const NmSongConfig *config);

#endif
