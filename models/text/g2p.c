// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/g2p.h"

#include "models/attention/block.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NmG2pConfig nm_g2p_defaults(void)
{
  return (NmG2pConfig){.n_channels = 128,
                       .n_blocks = 4,
                       .n_heads = 4,
                       .n_inner = 256,
                       .len_kernel = 3,
                       .n_up = 2,
                       .reach = 8,
                       .n_steps = 1};
}

#define FIELD(name, low, high)                                                                               \
  {                                                                                                          \
#name, offsetof(NmG2pConfig, name), low, high                                                            \
  }
const NmConfigField nm_g2p_fields[] = {FIELD(n_channels, 8, 1024), FIELD(n_blocks, 1, NM_G2P_BETWEEN_MAX),
                                       FIELD(n_heads, 1, 64),      FIELD(n_inner, 8, 4096),
                                       FIELD(len_kernel, 1, 15),   FIELD(n_up, 1, 4),
                                       FIELD(reach, 1, 64),        FIELD(n_steps, 1, NM_G2P_BETWEEN_MAX)};
const int nm_g2p_n_fields = sizeof nm_g2p_fields / sizeof *nm_g2p_fields;

// Scores of phones, [B, n_up T, V]; the layer is shared by all places where it is asked.
static NmVar head(const NmNet *net, const NmG2pConfig *config, NmVar x)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(net->graph, x);
  x = nm_net_norm(net, "out_norm", x);
  x = nm_net_linear(net, "out", x, (int64_t)config->n_up * NM_N_PHONES, 1);
  return nm_reshape(net->graph, x, NM_SHAPE3(s.dim[0], s.dim[1] * config->n_up, NM_N_PHONES));
}

// What the network would say, given back to it.
static NmVar condition(const NmNet *net, const NmG2pConfig *config, NmVar x, NmVar logits)
{
  if (nm_graph_invalid(net->graph, x) || nm_graph_invalid(net->graph, logits)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(net->graph, x);
  NmVar said = nm_softmax(net->graph, logits);
  said = nm_reshape(net->graph, said, NM_SHAPE3(s.dim[0], s.dim[1], (int64_t)config->n_up * NM_N_PHONES));
  return nm_add(net->graph, x, nm_net_linear(net, "said", said, config->n_channels, 1));
}

static NmVar block(const NmNet *net, const NmG2pConfig *config, int i, NmVar x)
{
  char name[16];
  snprintf(name, sizeof name, "block%d", i);
  NmAttention attention = nm_attention_defaults(config->n_heads);
  attention.relative = nm_net_relative(net, name, config->n_heads, config->reach);
  return nm_net_fft_block(net, name, x, &attention, config->n_inner, config->len_kernel);
}

NmVar nm_g2p_network(const NmNet *net, const NmG2pConfig *config, NmVar letters, NmVar *between,
                     int *n_between)
{
  NmGraph *g = net->graph;
  NmVar x = nm_net_embedding(net, "letters", letters, NM_G2P_N_LETTERS, config->n_channels, 1);
  x = nm_net_dropout(net, x);
  if (n_between) *n_between = 0;
  for (int i = 0; i < config->n_blocks; i++) {
    x = block(net, config, i, x);
    if (i + 1 == config->n_blocks || (i + 1) % config->n_steps) continue;
    const NmVar logits = head(net, config, x);
    if (between) between[(*n_between)++] = nm_log_softmax(g, logits);
    x = condition(net, config, x, logits);
  }
  return nm_log_softmax(g, head(net, config, x));
}

int32_t nm_g2p_encode(const char *word, size_t len, int32_t *ids)
{
  if (len < 1 || len > NM_G2P_WORD_MAX) return 0;
  int32_t n = 0;
  ids[n++] = NM_G2P_EDGE;
  for (size_t i = 0; i < len; i++) {
    if (word[i] < 'a' || word[i] > 'z') return 0;
    ids[n++] = word[i] - 'a' + 1;
  }
  ids[n++] = NM_G2P_EDGE;
  return n;
}

enum { BEAM = 8, PREFIX_MAX = NM_READING_PHONES_MAX };

// A prefix of phones, and the probabilities that it was said with the last frame blank or not.
typedef struct {
  int32_t phones[PREFIX_MAX], n;
  float blank, said; // log
} Prefix;

typedef struct {
  Prefix prefixes[BEAM * (NM_N_PHONES + 1)];
  int32_t n;
} Beam;

static const float nothing = -1e30f;

static float add_log(float a, float b)
{
  const float high = a > b ? a : b, low = a > b ? b : a;
  return low <= nothing ? high : high + log1pf(expf(low - high));
}

static float total(const Prefix *prefix)
{
  return add_log(prefix->blank, prefix->said);
}

// The prefix `base` with `phone` behind it (-1: as it is), found or made.
static Prefix *reach(Beam *beam, const Prefix *base, int32_t phone)
{
  const int32_t n = base->n + (phone >= 0);
  for (int32_t i = 0; i < beam->n; i++) {
    Prefix *p = &beam->prefixes[i];
    if (p->n != n || memcmp(p->phones, base->phones, sizeof *p->phones * (size_t)base->n) != 0) continue;
    if (phone < 0 || p->phones[n - 1] == phone) return p;
  }
  Prefix *p = &beam->prefixes[beam->n++];
  memcpy(p->phones, base->phones, sizeof *p->phones * (size_t)base->n);
  if (phone >= 0) p->phones[base->n] = phone;
  p->n = n;
  p->blank = p->said = nothing;
  return p;
}

static void extend(Beam *next, const Prefix *prefix, const float *log_prob)
{
  const float threshold = -7;
  Prefix *same = reach(next, prefix, -1);
  same->blank = add_log(same->blank, total(prefix) + log_prob[NM_PHONE_PAUSE]);
  const int32_t last = prefix->n ? prefix->phones[prefix->n - 1] : -1;
  if (last >= 0) same->said = add_log(same->said, prefix->said + log_prob[last]);
  if (prefix->n == PREFIX_MAX) return;
  for (int32_t phone = 1; phone < NM_N_PHONES; phone++) {
    if (log_prob[phone] < threshold) continue;
    Prefix *longer = reach(next, prefix, phone);
    const float from = phone == last ? prefix->blank : total(prefix);
    longer->said = add_log(longer->said, from + log_prob[phone]);
  }
}

// Keeps the best prefixes, the best first.
static void prune(const Beam *from, Beam *to)
{
  bool taken[sizeof from->prefixes / sizeof *from->prefixes] = {false};
  to->n = 0;
  while (to->n < BEAM && to->n < from->n) {
    int32_t best = -1;
    for (int32_t i = 0; i < from->n; i++)
      if (!taken[i] && (best < 0 || total(&from->prefixes[i]) > total(&from->prefixes[best]))) best = i;
    taken[best] = true;
    to->prefixes[to->n++] = from->prefixes[best];
  }
}

static int32_t copy_phones(const Prefix *prefix, int32_t *phones, int32_t n_max)
{
  const int32_t n = prefix->n < n_max ? prefix->n : n_max;
  memcpy(phones, prefix->phones, sizeof *phones * (size_t)n);
  return n;
}

int32_t nm_g2p_decode(const float *log_prob, int64_t n_frames, int32_t *phones, int32_t n_max)
{
  Beam *kept = calloc(2, sizeof *kept);
  int32_t n = 0;
  if (!kept) return 0;
  Beam *next = kept + 1;
  kept->n = 1;
  kept->prefixes[0] = (Prefix){.blank = 0, .said = nothing};
  for (int64_t t = 0; t < n_frames; t++) {
    next->n = 0;
    for (int32_t i = 0; i < kept->n; i++) extend(next, &kept->prefixes[i], log_prob + t * NM_N_PHONES);
    prune(next, kept);
  }
  for (int32_t i = 0; i < kept->n && n == 0; i++) n = copy_phones(&kept->prefixes[i], phones, n_max);
  free(kept);
  return n;
}

enum { CACHE_SLOTS = 1024, CACHE_PHONES_MAX = 46 };

// A word read before: names come again and again in a text.
typedef struct {
  char word[NM_G2P_WORD_MAX + 1];
  uint8_t n, phones[CACHE_PHONES_MAX];
} Slot;

struct NmG2p {
  NmG2pConfig config;
  NmParams *params;
  NmGraph *graph;
  Slot slots[CACHE_SLOTS];
};

static NmVar build(NmG2p *g2p, int64_t T, NmVar *letters)
{
  nm_graph_reset(g2p->graph);
  const NmNet net = {g2p->graph, g2p->params, 0};
  *letters = nm_graph_input(g2p->graph, NM_TYPE_INT, NM_SHAPE2(1, T));
  const NmVar out = nm_g2p_network(&net, &g2p->config, *letters, NULL, NULL);
  nm_graph_output(g2p->graph, out);
  return out;
}

NmG2p *nm_g2p_new(const char *path, NmError *err)
{
  char *metadata = NULL;
  NmVar letters;
  NmG2p *g2p = calloc(1, sizeof *g2p);
  NmStatus status = g2p ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  if (g2p) {
    g2p->params = nm_params_load(nm_backend_cpu(), NULL, path, &metadata, err);
    g2p->graph = nm_graph_new(nm_backend_cpu(), NULL);
    if (!g2p->params)
      status = NM_ERR_BAD_DATA;
    else if (!g2p->graph)
      status = nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  }
  if (status == NM_OK)
    status = nm_config_read(metadata, path, "g2p", nm_g2p_fields, nm_g2p_n_fields, &g2p->config, err);
  if (status == NM_OK) {
    NmError inner = {0};
    (void)build(g2p, 3, &letters);
    status = nm_graph_plan(g2p->graph, false, &inner);
    if (status != NM_OK) nm_error_set(err, status, "%s: %s", path, inner.message);
  }
  if (status == NM_OK) status = nm_params_check_all_used(g2p->params, path, err);
  free(metadata);
  if (status == NM_OK) return g2p;
  nm_g2p_free(g2p);
  return NULL;
}

void nm_g2p_free(NmG2p *g2p)
{
  if (!g2p) return;
  nm_graph_free(g2p->graph);
  nm_params_free(g2p->params);
  free(g2p);
}

// Exactly one primary stress, where there is a vowel: the first of several, else the first secondary one,
// else the first vowel.
static void settle_stress(int32_t *phones, int32_t n)
{
  int32_t primary = -1, secondary = -1, vowel = -1;
  for (int32_t i = n - 1; i >= 0; i--) {
    const int stress = nm_phone_get_stress(phones[i]);
    if (stress >= 0) vowel = i;
    if (stress == 2) secondary = i;
    if (stress == 1) primary = i;
  }
  if (primary < 0) primary = secondary >= 0 ? secondary : vowel;
  for (int32_t i = 0; i < n; i++)
    if (i == primary)
      phones[i] = nm_phone_with_stress(phones[i], 1);
    else if (nm_phone_get_stress(phones[i]) == 1)
      phones[i] = nm_phone_with_stress(phones[i], 2);
}

static Slot *find_slot(NmG2p *g2p, const char *word, size_t len)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < len; i++) hash = (hash ^ (uint8_t)word[i]) * 0x100000001b3u;
  return &g2p->slots[(hash ^ hash >> 32) % CACHE_SLOTS];
}

static bool is_in_slot(const Slot *slot, const char *word, size_t len)
{
  return slot->n && memcmp(slot->word, word, len) == 0 && slot->word[len] == '\0';
}

static void fill_slot(Slot *slot, const char *word, size_t len, const int32_t *phones, int32_t n)
{
  if (n > CACHE_PHONES_MAX) return;
  memcpy(slot->word, word, len);
  slot->word[len] = '\0';
  slot->n = (uint8_t)n;
  for (int32_t i = 0; i < n; i++) slot->phones[i] = (uint8_t)phones[i];
}

bool nm_g2p_guess(void *user, const char *word, size_t len, NmReading *reading)
{
  NmG2p *g2p = user;
  int32_t ids[NM_G2P_WORD_MAX + 2], phones[NM_READING_PHONES_MAX];
  NmVar letters;
  const int32_t T = nm_g2p_encode(word, len, ids);
  if (!T) return false;
  Slot *slot = find_slot(g2p, word, len);
  if (is_in_slot(slot, word, len)) {
    for (int32_t i = 0; i < slot->n; i++) phones[i] = slot->phones[i];
    nm_reading_set_phones(reading, phones, slot->n);
    return true;
  }
  const NmVar out = build(g2p, T, &letters);
  if (nm_graph_plan(g2p->graph, false, NULL) != NM_OK) return false;
  nm_graph_set_int(g2p->graph, letters, ids);
  nm_graph_forward(g2p->graph);
  const int32_t n = nm_g2p_decode(nm_graph_data(g2p->graph, out), (int64_t)T * g2p->config.n_up, phones,
                                  NM_READING_PHONES_MAX);
  settle_stress(phones, n);
  fill_slot(slot, word, len, phones, n);
  nm_reading_set_phones(reading, phones, n);
  return n > 0;
}
