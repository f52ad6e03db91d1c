// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/network.h"

#include <stddef.h>
#include <stdio.h>

enum { N_LINES_TOLD = 4 }; // lines are told apart modulo this

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmSongConfig, name), low, high                                                           \
  }

const NmConfigField nm_song_fields[] = {FIELD(n_syllables, NM_SYLLABLE_FIRST, NM_SYLLABLES_MAX),
                                        FIELD(d_model, 8, 2048),
                                        FIELD(n_heads, 1, 64),
                                        FIELD(d_inner, 8, 8192),
                                        FIELD(n_encoder, 1, NM_SONG_LAYERS_MAX),
                                        FIELD(n_decoder, 1, NM_SONG_LAYERS_MAX),
                                        FIELD(reach, 1, 1024),
                                        FIELD(recurrent, 0, 1)};
const int nm_song_n_fields = sizeof nm_song_fields / sizeof *nm_song_fields;

NmSongConfig nm_song_config_defaults(void)
{
  return (NmSongConfig){.n_syllables = 6000,
                        .d_model = 192,
                        .n_heads = 4,
                        .d_inner = 640,
                        .n_encoder = 3,
                        .n_decoder = 3,
                        .reach = 64};
}

const char *nm_song_config_fault(const NmSongConfig *c)
{
  if (c->d_model % c->n_heads) return "\"n_heads\" must divide \"d_model\"";
  if (!c->recurrent) return NULL;
  if (c->d_model % 2) return "\"d_model\" of a recurrent model must be even";
  const bool few = c->n_encoder <= NM_SONG_LSTM_LAYERS_MAX && c->n_decoder <= NM_SONG_LSTM_LAYERS_MAX;
  return few ? NULL : "a recurrent model has at most 4 layers on each side";
}

static const char *side_name(NmSongSide side)
{
  return side == NM_SONG_LYRIC ? "lyric" : "melody";
}

// --- features ---

static const int16_t lyric_sizes[] = {NM_N_ENDS,        NM_N_STRESSES,    NM_SONG_N_VOWELS,     NM_N_MARKS,
                                      NM_SONG_N_PLACES, NM_SONG_N_PLACES, NM_SONG_N_LINES_LEFT, N_LINES_TOLD};
static const int16_t lyric_out_sizes[] = {
    NM_N_ENDS,        NM_N_STRESSES,    NM_N_MARKS,           NM_SONG_N_STYLES,
    NM_SONG_N_PLACES, NM_SONG_N_PLACES, NM_SONG_N_LINES_LEFT, N_LINES_TOLD};
static const int16_t note_sizes[] = {NM_SONG_N_PITCHES,
                                     12,
                                     NM_SONG_N_GAPS,
                                     NM_SONG_N_LENS,
                                     NM_N_TIES,
                                     NM_SONG_N_BAR_PLACES,
                                     NM_SONG_N_METERS,
                                     NM_N_MODES,
                                     NM_SONG_N_SHIFTS,
                                     NM_SONG_N_PLACES,
                                     NM_SONG_N_PLACES,
                                     NM_SONG_N_RUNS,
                                     NM_SONG_N_LINES_LEFT,
                                     N_LINES_TOLD};
static const int16_t note_out_sizes[] = {NM_SONG_N_PITCHES,    12,
                                         NM_SONG_N_GAPS,       NM_SONG_N_LENS,
                                         NM_SONG_N_STYLES,     NM_SONG_N_BAR_PLACES,
                                         NM_SONG_N_METERS,     NM_N_MODES,
                                         NM_SONG_N_SHIFTS,     NM_SONG_N_PLACES,
                                         NM_SONG_N_PLACES,     NM_SONG_N_RUNS,
                                         NM_SONG_N_LINES_LEFT, N_LINES_TOLD};

enum { N_LYRIC = sizeof lyric_sizes / sizeof *lyric_sizes, N_NOTE = sizeof note_sizes / sizeof *note_sizes };

static const int16_t *sizes_of(NmSongSide side, bool decoder)
{
  if (side == NM_SONG_LYRIC) return decoder ? lyric_out_sizes : lyric_sizes;
  return decoder ? note_out_sizes : note_sizes;
}

int nm_song_n_features(NmSongSide side, bool decoder)
{
  (void)decoder; // both happen to have as many
  return side == NM_SONG_LYRIC ? N_LYRIC : N_NOTE;
}

int32_t nm_song_n_rows(NmSongSide side, bool decoder)
{
  const int16_t *sizes = sizes_of(side, decoder);
  int32_t n = 0;
  for (int i = 0; i < nm_song_n_features(side, decoder); ++i) n += sizes[i];
  return n;
}

// Values to rows of the table; those out of range are absent.
static void to_rows(const int16_t *sizes, int n, const int32_t *values, int32_t *features)
{
  for (int32_t i = 0, first = 0; i < n; first += sizes[i++])
    features[i] = values[i] >= 0 && values[i] < sizes[i] ? first + values[i] : -1;
}

void nm_lyric_features(const NmLyricToken *t, const NmSongPlace *place, bool hidden, int32_t *features)
{
  const int32_t values[N_LYRIC] = {hidden ? -1 : t->end,  hidden ? -1 : t->stress,   hidden ? -1 : t->vowel,
                                   hidden ? -1 : t->mark, place->from_start,         place->from_end,
                                   place->lines_left,     place->line % N_LINES_TOLD};
  to_rows(lyric_sizes, N_LYRIC, values, features);
}

void nm_lyric_features_out(const NmLyricToken *before, const NmSongFrame *frame, const NmSongPlace *place,
                           int32_t *features)
{
  const int32_t values[N_LYRIC] = {before ? before->end : -1,  before ? before->stress : -1,
                                   before ? before->mark : -1, frame->style,
                                   place->from_start,          place->from_end,
                                   place->lines_left,          place->line % N_LINES_TOLD};
  to_rows(lyric_out_sizes, N_LYRIC, values, features);
}

static void note_rows(const int16_t *sizes, const NmNoteToken *t, int32_t fifth, int bar_place,
                      const NmSongFrame *frame, const NmSongPlace *place, int32_t *features)
{
  const int32_t values[N_NOTE] = {t ? t->pitch : -1,
                                  t ? t->pitch % 12 : -1,
                                  t ? nm_song_gap_class(t->gap) : -1,
                                  t ? nm_song_len_class(t->len) : -1,
                                  fifth,
                                  bar_place,
                                  frame->meter,
                                  frame->mode,
                                  frame->shift,
                                  place->from_start,
                                  place->from_end,
                                  place->run,
                                  place->lines_left,
                                  place->line % N_LINES_TOLD};
  to_rows(sizes, N_NOTE, values, features);
}

void nm_note_features(const NmNoteToken *t, const NmSongFrame *frame, const NmSongPlace *place, int bar_place,
                      bool hidden, int32_t *features)
{
  note_rows(note_sizes, hidden ? NULL : t, hidden ? -1 : t->tie, hidden ? -1 : bar_place, frame, place,
            features);
}

void nm_note_features_out(const NmNoteToken *before, const NmSongFrame *frame, const NmSongPlace *place,
                          int bar_place, int32_t *features)
{
  note_rows(note_out_sizes, before, frame->style, bar_place, frame, place, features);
}

// --- graphs ---

NmSongInput nm_song_input(NmGraph *g, NmSongSide side, bool decoder, int64_t B, int64_t T)
{
  const bool lyric = side == NM_SONG_LYRIC;
  return (NmSongInput){
      .syllables = lyric ? nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, T)) : NM_VAR_NONE,
      .features = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE3(B, T, nm_song_n_features(side, decoder)))};
}

static NmName block_name(const NmNet *net, const char *stack, NmSongSide side, int i, const char *part)
{
  char name[64];
  snprintf(name, sizeof name, "%s_%s.%d", side_name(side), stack, i);
  return nm_net_name(net, name, part);
}

static NmName side_part(const NmNet *net, NmSongSide side, const char *part)
{
  return nm_net_name(net, side_name(side), part);
}

static NmVar syllable_table(const NmNet *net, const NmSongConfig *c)
{
  return nm_net_param(net, "syllables", "table", NM_SHAPE2(c->n_syllables, c->d_model),
                      (NmInit){NM_INIT_NORMAL, .05f});
}

static NmVar embed(const NmNet *net, const NmSongConfig *c, NmSongSide side, bool decoder,
                   const NmSongInput *in)
{
  NmGraph *g = net->graph;
  if (nm_graph_invalid(g, in->features)) return NM_VAR_NONE;
  const NmShape shape = nm_graph_shape(g, in->features);
  NmVar x = nm_net_embedding(net, side_part(net, side, decoder ? "features_out" : "features").text,
                             in->features, nm_song_n_rows(side, decoder), c->d_model, .05);
  x = nm_reshape(g, nm_sum(g, x, 2), NM_SHAPE3(shape.dim[0], shape.dim[1], c->d_model));
  if (side == NM_SONG_LYRIC) x = nm_add(g, x, nm_embedding(g, syllable_table(net, c), in->syllables));
  return nm_net_dropout(net, x);
}

static NmVar project(const NmNet *net, NmName name, const char *part, NmVar x, int64_t n)
{
  return nm_net_linear(net, nm_net_name(net, name.text, part).text, x, n, 1);
}

// x + down(gelu(up(norm(x))))
static NmVar feed_forward(const NmNet *net, const NmSongConfig *c, NmName name, NmVar x)
{
  NmVar y = nm_net_norm(net, nm_net_name(net, name.text, "norm").text, x);
  y = nm_gelu(net->graph, project(net, name, "up", y, c->d_inner));
  y = project(net, name, "down", nm_net_dropout(net, y), c->d_model);
  return nm_add(net->graph, x, nm_net_dropout(net, y));
}

static NmSongHeard project_heard(const NmNet *net, const NmSongConfig *c, NmName name, NmVar x)
{
  const NmVar y = nm_net_norm(net, nm_net_name(net, name.text, "norm").text, x);
  return (NmSongHeard){.q = project(net, name, "q", y, c->d_model),
                       .k = project(net, name, "k", y, c->d_model),
                       .v = project(net, name, "v", y, c->d_model)};
}

static NmVar add_heard(const NmNet *net, const NmSongConfig *c, NmName name, NmVar x, NmVar heard)
{
  return nm_add(net->graph, x, nm_net_dropout(net, project(net, name, "out", heard, c->d_model)));
}

NmSongLstm nm_song_recurrent_config(const NmSongConfig *c)
{
  return (NmSongLstm){
      .n_channels = c->d_model, .n_encoder = c->n_encoder, .n_decoder = c->n_decoder, .n_heads = c->n_heads};
}

NmSongHeard nm_song_recurrent_memory(const NmNet *net, const NmSongConfig *c, NmSongSide side, NmVar memory)
{
  const NmSongLstm lstm = nm_song_recurrent_config(c);
  NmSongHeard heard = {.q = NM_VAR_NONE};
  nm_song_lstm_memory(net, side_name(side), &lstm, memory, &heard.k, &heard.v);
  return heard;
}

NmVar nm_song_recurrent_advance(const NmNet *net, const NmSongConfig *c, NmSongSide side,
                                const NmSongInput *in, NmVar k, NmVar v, NmSongLstmState *state,
                                NmVar *weights)
{
  const NmSongLstm lstm = nm_song_recurrent_config(c);
  const NmAttention all = nm_attention_defaults(c->n_heads);
  return nm_song_lstm_step(net, side_name(side), &lstm, embed(net, c, side, true, in), k, v, &all, state,
                           weights);
}

static NmVar encode_recurrent(const NmNet *net, const NmSongConfig *c, NmSongSide side, NmVar x, NmVar len)
{
  const NmSongLstm lstm = nm_song_recurrent_config(c);
  return nm_song_lstm_encode(net, side_name(side), &lstm, x, len);
}

// The whole memory is in sight: the baseline knows no lines.
static NmVar decode_recurrent(const NmNet *net, const NmSongConfig *c, NmSongSide side, const NmSongInput *in,
                              NmVar memory, const NmSongSight *sight, NmVar *weights)
{
  const NmSongLstm lstm = nm_song_recurrent_config(c);
  const NmSongHeard heard = nm_song_recurrent_memory(net, c, side, memory);
  NmAttention all = nm_attention_defaults(c->n_heads);
  all.len_q = sight->len;
  all.len_k = sight->len_memory;
  return nm_song_lstm_decode(net, side_name(side), &lstm, embed(net, c, side, true, in), heard.k, heard.v,
                             &all, weights);
}

NmVar nm_song_encode(const NmNet *net, const NmSongConfig *c, NmSongSide side, const NmSongInput *in,
                     NmVar len)
{
  NmVar x = embed(net, c, side, false, in);
  if (c->recurrent) return encode_recurrent(net, c, side, x, len);
  for (int i = 0; i < c->n_encoder; ++i) {
    const NmName name = block_name(net, "encoder", side, i, "self");
    NmAttention attention = nm_attention_defaults(c->n_heads);
    attention.len_k = attention.len_q = len;
    attention.relative = nm_net_relative(net, name.text, c->n_heads, c->reach);
    const NmSongHeard heard = project_heard(net, c, name, x);
    x = add_heard(net, c, name, x, nm_attention(net->graph, heard.q, heard.k, heard.v, &attention));
    x = feed_forward(net, c, block_name(net, "encoder", side, i, "ff"), x);
  }
  return nm_net_norm(net, side_part(net, side, "norm_encoder").text, x);
}

NmVar nm_song_decoder_start(const NmNet *net, const NmSongConfig *c, NmSongSide side, const NmSongInput *in)
{
  return embed(net, c, side, true, in);
}

NmSongHeard nm_song_self_in(const NmNet *net, const NmSongConfig *c, NmSongSide side, int i, NmVar x)
{
  return project_heard(net, c, block_name(net, "decoder", side, i, "self"), x);
}

NmVar nm_song_self_out(const NmNet *net, const NmSongConfig *c, NmSongSide side, int i, NmVar x, NmVar heard)
{
  return add_heard(net, c, block_name(net, "decoder", side, i, "self"), x, heard);
}

NmSongHeard nm_song_cross_memory(const NmNet *net, const NmSongConfig *c, NmSongSide side, int i,
                                 NmVar memory)
{
  const NmName name = block_name(net, "decoder", side, i, "cross");
  return (NmSongHeard){.q = NM_VAR_NONE,
                       .k = project(net, name, "k", memory, c->d_model),
                       .v = project(net, name, "v", memory, c->d_model)};
}

// The weights of the first head alone.
static NmVar first_weights(NmGraph *g, const NmSongConfig *c, NmVar q, NmVar k, const NmAttention *attention)
{
  const int64_t D = c->d_model / c->n_heads;
  NmAttention one = *attention;
  one.n_heads = 1;
  return nm_attention_weights(g, nm_slice(g, q, 2, 0, D), nm_slice(g, k, 2, 0, D), &one);
}

NmVar nm_song_cross(const NmNet *net, const NmSongConfig *c, NmSongSide side, int i, NmVar x,
                    const NmSongHeard *memory, const NmAttention *attention, NmVar *weights)
{
  const NmName name = block_name(net, "decoder", side, i, "cross");
  const NmVar y = nm_net_norm(net, nm_net_name(net, name.text, "norm").text, x);
  const NmVar q = project(net, name, "q", y, c->d_model);
  if (weights) *weights = first_weights(net->graph, c, q, memory->k, attention);
  x = add_heard(net, c, name, x, nm_attention(net->graph, q, memory->k, memory->v, attention));
  return feed_forward(net, c, block_name(net, "decoder", side, i, "ff"), x);
}

NmVar nm_song_decoder_end(const NmNet *net, NmSongSide side, NmVar x)
{
  return nm_net_norm(net, side_part(net, side, "norm_decoder").text, x);
}

static NmVar hear_causal(const NmNet *net, const NmSongConfig *c, NmSongSide side, int i, NmVar x, NmVar len)
{
  NmAttention attention = nm_attention_defaults(c->n_heads);
  attention.pattern = NM_PATTERN_CAUSAL;
  attention.len_k = attention.len_q = len;
  attention.relative =
      nm_net_relative(net, block_name(net, "decoder", side, i, "self").text, c->n_heads, c->reach);
  const NmSongHeard heard = nm_song_self_in(net, c, side, i, x);
  return nm_attention(net->graph, heard.q, heard.k, heard.v, &attention);
}

NmVar nm_song_decode(const NmNet *net, const NmSongConfig *c, NmSongSide side, const NmSongInput *in,
                     NmVar memory, const NmSongSight *sight, NmVar *weights)
{
  if (c->recurrent) return decode_recurrent(net, c, side, in, memory, sight, weights);
  NmAttention cross = nm_attention_defaults(c->n_heads);
  cross.pattern = NM_PATTERN_SEGMENTS;
  cross.len_q = sight->len;
  cross.len_k = sight->len_memory;
  cross.segment_q = sight->segment;
  cross.segment_k = sight->segment_memory;
  NmVar x = nm_song_decoder_start(net, c, side, in);
  for (int i = 0; i < c->n_decoder; ++i) {
    x = nm_song_self_out(net, c, side, i, x, hear_causal(net, c, side, i, x, sight->len));
    const NmSongHeard heard = nm_song_cross_memory(net, c, side, i, memory);
    x = nm_song_cross(net, c, side, i, x, &heard, &cross, i + 1 == c->n_decoder ? weights : NULL);
  }
  return nm_song_decoder_end(net, side, x);
}

static const char *choice_name(NmSongSide side, int choice)
{
  static const char *const names[2][NM_SONG_N_CHOICES] = {{"end", "stress", "syllable", "mark"},
                                                          {"tie", "gap", "pitch", "len"}};
  return names[side][choice];
}

int32_t nm_song_n_values(const NmSongConfig *c, NmSongSide side, int choice)
{
  static const int32_t n_note[NM_SONG_N_CHOICES] = {NM_TIE_UNKNOWN, NM_SONG_N_GAPS, NM_SONG_N_PITCHES,
                                                    NM_SONG_N_LENS};
  const int32_t n_lyric[NM_SONG_N_CHOICES] = {NM_N_ENDS, NM_STRESS_UNKNOWN, c->n_syllables, NM_N_MARKS};
  return side == NM_SONG_LYRIC ? n_lyric[choice] : n_note[choice];
}

static NmVar syllable_logits(const NmNet *net, const NmSongConfig *c, NmName name, NmVar x)
{
  NmGraph *g = net->graph;
  const NmVar table = nm_reshape(g, syllable_table(net, c), NM_SHAPE3(1, c->n_syllables, c->d_model));
  const NmVar bias = nm_net_param(net, name.text, "b", NM_SHAPE1(c->n_syllables), NM_INIT_ZEROS);
  return nm_add(g, nm_matmul(g, x, table, true), bias);
}

NmVar nm_song_logits(const NmNet *net, const NmSongConfig *c, NmSongSide side, int choice, NmVar state)
{
  NmGraph *g = net->graph;
  const NmName name = side_part(net, side, choice_name(side, choice));
  NmVar x = nm_net_norm(net, nm_net_name(net, name.text, "norm").text, state);
  x = nm_gelu(g, project(net, name, "inner", x, c->d_model));
  if (side == NM_SONG_LYRIC && choice == NM_CHOICE_SYLLABLE) return syllable_logits(net, c, name, x);
  return nm_net_linear(net, nm_net_name(net, name.text, "logits").text, nm_net_dropout(net, x),
                       nm_song_n_values(c, side, choice), .5);
}

NmVar nm_song_choose(const NmNet *net, const NmSongConfig *c, NmSongSide side, int choice, NmVar state,
                     NmVar values, NmVar bar_place)
{
  NmGraph *g = net->graph;
  const NmName name = side_part(net, side, choice_name(side, choice));
  const bool syllable = side == NM_SONG_LYRIC && choice == NM_CHOICE_SYLLABLE;
  const NmVar chosen = syllable
                           ? nm_net_linear(net, nm_net_name(net, name.text, "chosen").text,
                                           nm_embedding(g, syllable_table(net, c), values), c->d_model, 1)
                           : nm_net_embedding(net, nm_net_name(net, name.text, "chosen").text, values,
                                              nm_song_n_values(c, side, choice), c->d_model, .1);
  state = nm_add(g, state, chosen);
  if (bar_place == NM_VAR_NONE) return state;
  return nm_add(g, state,
                nm_net_embedding(net, nm_net_name(net, name.text, "bar_place").text, bar_place,
                                 NM_SONG_N_BAR_PLACES, c->d_model, .1));
}

static void declare_choices(const NmNet *net, const NmSongConfig *c, NmSongSide side, NmVar state)
{
  NmGraph *g = net->graph;
  const NmVar values = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, 1));
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) {
    nm_graph_output(g, nm_song_logits(net, c, side, i, state));
    const bool with_place = side == NM_SONG_MELODY && i == NM_CHOICE_GAP;
    if (i + 1 < NM_SONG_N_CHOICES)
      state = nm_song_choose(net, c, side, i, state, values, with_place ? values : NM_VAR_NONE);
  }
}

void nm_song_declare(const NmNet *net, const NmSongConfig *c)
{
  NmGraph *g = net->graph;
  for (int side = 0; side < NM_SONG_N_SIDES; ++side) {
    const NmSongSide s = (NmSongSide)side;
    const NmSongInput in = nm_song_input(g, s, false, 1, 1), out = nm_song_input(g, s, true, 1, 1);
    const NmVar segment = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, 1));
    const NmSongSight sight = {NM_VAR_NONE, segment, NM_VAR_NONE, segment};
    const NmVar memory = nm_song_encode(net, c, s, &in, NM_VAR_NONE);
    declare_choices(net, c, s, nm_song_decode(net, c, s, &out, memory, &sight, NULL));
  }
}
