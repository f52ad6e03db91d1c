// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/g2p_train.h"

#include "dsp/base/arena.h"
#include "dsp/base/rng.h"

#include <stdlib.h>
#include <string.h>

enum { LEN_MIN = 2, LEN_MAX = 24, BATCH_MAX = 1024, STATES_MAX = 2 * NM_LEXICON_PHONES_MAX + 1 };

typedef struct {
  const char *word; // view into the arena
  int32_t len, n_prons;
  const NmPron *prons; // [n_prons], views of the lexicon
} Item;

typedef struct {
  Item *items;
  int32_t n, capacity;
} Items;

struct NmG2pTrainer {
  NmG2pTraining training;
  NmParams *params;
  NmGraph *graph;
  NmArena arena;
  Items splits[3];
  int32_t *order;   // [n of training] the present pass: words of one length stand together
  int32_t *batches; // [n_batches + 1] where they begin in `order`, in the order they are taken
  int64_t n_batches, pass;
  bool failed;
};

typedef struct {
  NmVar letters, states, skip, len_t, len_k, loss, log_prob;
} Model;

// What a batch's graph is given.
typedef struct {
  int32_t B, T, K;
  int32_t *letters; // [B, T]
  int32_t *states;  // [B, K] phone of each state, -1 behind the last
  int32_t *skip;    // [B, K]
  int32_t *len_t, *len_k;
} Batch;

NmG2pSplit nm_g2p_split(const char *word, size_t len)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < len; i++) hash = (hash ^ (uint8_t)word[i]) * 0x100000001b3u;
  hash = nm_rng_mix(hash) % 100;
  return hash < 10 ? NM_G2P_TEST : hash < 12 ? NM_G2P_VALID : NM_G2P_TRAIN;
}

static bool push(Items *items, const Item *item)
{
  if (items->n == items->capacity) {
    const int32_t capacity = items->capacity ? 2 * items->capacity : 1024;
    Item *grown = realloc(items->items, sizeof *grown * (size_t)capacity);
    if (!grown) return false;
    items->items = grown;
    items->capacity = capacity;
  }
  items->items[items->n++] = *item;
  return true;
}

// Frames that a pronunciation needs: one for each phone, one more between two of a kind.
static int32_t count_frames(const NmPron *pron)
{
  int32_t n = pron->n_phones;
  for (int i = 1; i < pron->n_phones; i++)
    n += (pron->phones[i] & ~NM_LEXICON_SYLLABLE) == (pron->phones[i - 1] & ~NM_LEXICON_SYLLABLE);
  return n;
}

static bool collect(void *user, const char *word, size_t len, const NmPron *prons, int n_prons)
{
  NmG2pTrainer *t = user;
  int32_t ids[NM_G2P_WORD_MAX + 2];
  if (len < LEN_MIN || len > LEN_MAX || !nm_g2p_encode(word, len, ids)) return true;
  if (count_frames(&prons[0]) > ((int32_t)len + 2) * t->training.config.n_up) return true;
  char *copy = nm_arena_alloc(&t->arena, len + 1);
  NmPron *kept = nm_arena_calloc(&t->arena, (size_t)n_prons, sizeof *kept);
  if (copy && kept) {
    memcpy(copy, word, len);
    copy[len] = '\0';
    memcpy(kept, prons, sizeof *kept * (size_t)n_prons);
  }
  const Item item = {copy, (int32_t)len, n_prons, kept};
  t->failed |= !copy || !kept || !push(&t->splits[nm_g2p_split(word, len)], &item);
  return !t->failed;
}

static void declare(NmG2pTrainer *t)
{
  const NmNet net = {t->graph, t->params, 0};
  const NmVar letters = nm_graph_input(t->graph, NM_TYPE_INT, NM_SHAPE2(1, 3));
  (void)nm_g2p_network(&net, &t->training.config, letters, NULL, NULL);
}

static bool allocate(NmG2pTrainer *t, const NmBackend *backend, NmPool *pool)
{
  nm_arena_init(&t->arena, 1 << 20);
  t->pass = -1;
  t->params = nm_params_new(backend, pool);
  t->graph = nm_graph_new(backend, pool);
  nm_lexicon_visit(t->training.lexicon, collect, t);
  const size_t n = (size_t)t->splits[NM_G2P_TRAIN].n + 1;
  t->order = calloc(n, sizeof *t->order);
  t->batches = calloc(n + LEN_MAX, sizeof *t->batches);
  return !t->failed && t->params && t->graph && t->order && t->batches;
}

NmG2pTrainer *nm_g2p_trainer_new(const NmBackend *backend, NmPool *pool, const NmG2pTraining *training,
                                 NmError *err)
{
  NmG2pTrainer *t = calloc(1, sizeof *t);
  NmStatus status = NM_ERR_NO_MEMORY;
  if (t) {
    t->training = *training;
    if (t->training.n_batch > BATCH_MAX) t->training.n_batch = BATCH_MAX;
    if (allocate(t, backend, pool)) status = NM_OK;
  }
  if (status != NM_OK) {
    (void)nm_error_set(err, status, "out of memory");
  } else if (!t->splits[NM_G2P_TRAIN].n) {
    status = nm_error_set(err, NM_ERR_BAD_DATA, "the lexicon has no words to train on");
  } else {
    declare(t);
    status = nm_params_seal(t->params, training->seed, err);
  }
  if (status == NM_OK) return t;
  nm_g2p_trainer_free(t);
  return NULL;
}

void nm_g2p_trainer_free(NmG2pTrainer *t)
{
  if (!t) return;
  for (int i = 0; i < 3; i++) free(t->splits[i].items);
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  nm_arena_fini(&t->arena);
  free(t->order);
  free(t->batches);
  free(t);
}

NmParams *nm_g2p_trainer_get_params(NmG2pTrainer *t)
{
  return t->params;
}

double nm_g2p_trainer_count_operations(const NmG2pTrainer *t)
{
  return nm_graph_count_operations(t->graph);
}

int32_t nm_g2p_trainer_get_n_words(const NmG2pTrainer *t)
{
  return t->splits[NM_G2P_TRAIN].n;
}

int64_t nm_g2p_trainer_get_n_batches(const NmG2pTrainer *t)
{
  int32_t n_of_len[LEN_MAX + 1] = {0};
  int64_t n = 0;
  for (int32_t i = 0; i < t->splits[NM_G2P_TRAIN].n; i++) n_of_len[t->splits[NM_G2P_TRAIN].items[i].len]++;
  for (int len = LEN_MIN; len <= LEN_MAX; len++)
    n += (n_of_len[len] + t->training.n_batch - 1) / t->training.n_batch;
  return n;
}

// A pass over all words: shuffled, sorted by length, cut into batches, and these shuffled.
static void shuffle(NmG2pTrainer *t, int64_t pass)
{
  NmRng rng;
  const Items *items = &t->splits[NM_G2P_TRAIN];
  int32_t starts[LEN_MAX + 2] = {0};
  int32_t *mixed = t->batches; // borrowed until the batches are known; it is long enough
  nm_rng_init(&rng, t->training.seed * 7919 + (uint64_t)pass);
  for (int32_t i = 0; i < items->n; i++) mixed[i] = i;
  nm_rng_shuffle_i32(&rng, mixed, items->n);
  for (int32_t i = 0; i < items->n; i++) starts[items->items[i].len + 1]++;
  for (int len = 1; len <= LEN_MAX + 1; len++) starts[len] += starts[len - 1];
  for (int32_t i = 0; i < items->n; i++) t->order[starts[items->items[mixed[i]].len]++] = mixed[i];
  t->n_batches = 0;
  for (int32_t first = 0; first < items->n;) {
    int32_t n = 1;
    const int32_t len = items->items[t->order[first]].len;
    while (n < t->training.n_batch && first + n < items->n && items->items[t->order[first + n]].len == len)
      n++;
    t->batches[t->n_batches++] = first;
    first += n;
  }
  nm_rng_shuffle_i32(&rng, t->batches, t->n_batches);
  t->pass = pass;
}

static const Item *item_at(const NmG2pTrainer *t, int32_t i)
{
  return &t->splits[NM_G2P_TRAIN].items[t->order[i]];
}

// Words from `first` on that have its length, at most a batch of them.
static int32_t batch_len(const NmG2pTrainer *t, int32_t first)
{
  int32_t n = 1;
  while (n < t->training.n_batch && first + n < t->splits[NM_G2P_TRAIN].n &&
         item_at(t, first + n)->len == item_at(t, first)->len)
    n++;
  return n;
}

static NmStatus make_batch(const NmG2pTrainer *t, NmArena *arena, const Item *const *items, int32_t B,
                           Batch *b)
{
  *b = (Batch){.B = B, .T = items[0]->len + 2, .K = 1};
  for (int32_t i = 0; i < B; i++)
    if (2 * items[i]->prons[0].n_phones + 1 > b->K) b->K = 2 * items[i]->prons[0].n_phones + 1;
  const size_t n = (size_t)B, K = (size_t)b->K;
  b->letters = nm_arena_calloc(arena, n * (size_t)b->T, sizeof(int32_t));
  b->states = nm_arena_calloc(arena, n * K, sizeof(int32_t));
  b->skip = nm_arena_calloc(arena, n * K, sizeof(int32_t));
  b->len_t = nm_arena_calloc(arena, n, sizeof(int32_t));
  b->len_k = nm_arena_calloc(arena, n, sizeof(int32_t));
  if (!b->letters || !b->states || !b->skip || !b->len_t || !b->len_k) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < B; i++) {
    const NmPron *pron = &items[i]->prons[0];
    (void)nm_g2p_encode(items[i]->word, (size_t)items[i]->len, b->letters + (size_t)i * (size_t)b->T);
    int32_t *states = b->states + (size_t)i * K, *skip = b->skip + (size_t)i * K;
    for (int32_t k = 0; k < b->K; k++) states[k] = -1;
    for (int32_t k = 0; k <= 2 * pron->n_phones; k++) {
      states[k] = k % 2 ? pron->phones[k / 2] & ~NM_LEXICON_SYLLABLE : NM_PHONE_PAUSE;
      skip[k] = k % 2 == 0;
    }
    for (int32_t p = 1; p < pron->n_phones; p++)
      skip[2 * p] = states[2 * p - 1] != (pron->phones[p] & ~NM_LEXICON_SYLLABLE);
    b->len_t[i] = b->T * t->training.config.n_up;
    b->len_k[i] = 2 * pron->n_phones + 1;
  }
  return NM_OK;
}

// Minus the mean log probability of the words' phones.
static NmVar ctc(NmGraph *g, const Model *m, NmVar log_prob, int32_t B)
{
  const NmVar states = nm_gather_last(g, log_prob, m->states, -1e4);
  return nm_affine(g, nm_sum(g, nm_forward_sum(g, states, m->skip, m->len_t, m->len_k), -1), 1.0 / B, 0);
}

static void build(NmG2pTrainer *t, const Batch *b, Model *m)
{
  NmGraph *g = t->graph;
  NmVar between[NM_G2P_BETWEEN_MAX];
  int n_between = 0;
  const double share = t->training.weight_between;
  nm_graph_reset(g);
  const NmNet net = {g, t->params, t->training.dropout};
  m->letters = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(b->B, b->T));
  m->states = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(b->B, b->K));
  m->skip = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(b->B, b->K));
  m->len_t = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(b->B));
  m->len_k = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(b->B));
  m->log_prob = nm_g2p_network(&net, &t->training.config, m->letters, between, &n_between);
  m->loss = ctc(g, m, m->log_prob, b->B);
  if (n_between == 0 || share <= 0) return;
  m->loss = nm_affine(g, m->loss, 1 - share, 0);
  for (int i = 0; i < n_between; i++)
    m->loss = nm_add(g, m->loss, nm_affine(g, ctc(g, m, between[i], b->B), share / n_between, 0));
}

static void set_inputs(NmG2pTrainer *t, const Model *m, const Batch *b)
{
  nm_graph_set_int(t->graph, m->letters, b->letters);
  nm_graph_set_int(t->graph, m->states, b->states);
  nm_graph_set_int(t->graph, m->skip, b->skip);
  nm_graph_set_int(t->graph, m->len_t, b->len_t);
  nm_graph_set_int(t->graph, m->len_k, b->len_k);
}

NmStatus nm_g2p_trainer_step(NmG2pTrainer *t, int64_t step, double lr, double *loss, NmError *err)
{
  const Item *items[BATCH_MAX];
  Batch b;
  Model m;
  NmArena arena;
  if (t->pass < 0) shuffle(t, 0);
  const int64_t pass = step / t->n_batches;
  if (pass != t->pass) shuffle(t, pass);
  const int32_t first = t->batches[step % t->n_batches], B = batch_len(t, first);
  for (int32_t i = 0; i < B; i++) items[i] = item_at(t, first + i);
  nm_arena_init(&arena, 1 << 18);
  NmStatus status = make_batch(t, &arena, items, B, &b);
  if (status == NM_OK) {
    build(t, &b, &m);
    status = nm_graph_plan(t->graph, true, err);
  } else {
    (void)nm_error_set(err, status, "out of memory");
  }
  if (status == NM_OK) {
    set_inputs(t, &m, &b);
    nm_graph_set_training(t->graph, true, t->training.seed * 1000003 + (uint64_t)step);
    nm_params_zero_grad(t->params);
    nm_graph_forward(t->graph);
    nm_graph_backward(t->graph, m.loss);
    *loss = nm_graph_get_scalar(t->graph, m.loss);
    NmAdamConfig adam = nm_adam_defaults();
    adam.lr = lr;
    adam.weight_decay = t->training.weight_decay;
    adam.average = t->training.average;
    status = nm_params_step(t->params, &adam, NULL, err);
    if (status == NM_ERR_BAD_DATA) status = NM_OK; // a step of no finite gradient is left out
  }
  nm_arena_fini(&arena);
  return status;
}

static int32_t without_stress(int32_t phone)
{
  return nm_phone_with_stress(phone, 0);
}

static int32_t edit_distance(const int32_t *a, int32_t n_a, const NmPron *pron, bool stressed)
{
  int32_t row[NM_LEXICON_PHONES_MAX + 1];
  for (int32_t k = 0; k <= pron->n_phones; k++) row[k] = k;
  for (int32_t i = 1; i <= n_a; i++) {
    int32_t diagonal = row[0];
    row[0] = i;
    for (int32_t k = 1; k <= pron->n_phones; k++) {
      const int32_t phone = pron->phones[k - 1] & ~NM_LEXICON_SYLLABLE;
      const bool same = stressed ? a[i - 1] == phone : without_stress(a[i - 1]) == without_stress(phone);
      int32_t best = diagonal + !same;
      diagonal = row[k];
      if (row[k] + 1 < best) best = row[k] + 1;
      if (row[k - 1] + 1 < best) best = row[k - 1] + 1;
      row[k] = best;
    }
  }
  return row[pron->n_phones];
}

typedef struct {
  double n_phones, wrong, wrong_stressed;
  int32_t n_words, words, words_stressed;
} Count;

static void compare(const Item *item, const int32_t *phones, int32_t n, Count *count)
{
  int32_t best = INT32_MAX, best_stressed = INT32_MAX;
  for (int i = 0; i < item->n_prons; i++) {
    const int32_t d = edit_distance(phones, n, &item->prons[i], false);
    const int32_t d_stressed = edit_distance(phones, n, &item->prons[i], true);
    if (d < best) best = d;
    if (d_stressed < best_stressed) best_stressed = d_stressed;
  }
  count->n_phones += item->prons[0].n_phones;
  count->wrong += best;
  count->wrong_stressed += best_stressed;
  count->words += best > 0;
  count->words_stressed += best_stressed > 0;
  count->n_words++;
}

static NmStatus read_word(NmG2pTrainer *t, const Item *item, Count *count, NmError *err)
{
  int32_t ids[NM_G2P_WORD_MAX + 2], phones[NM_READING_PHONES_MAX];
  const int32_t T = nm_g2p_encode(item->word, (size_t)item->len, ids);
  nm_graph_reset(t->graph);
  const NmNet net = {t->graph, t->params, 0};
  const NmVar letters = nm_graph_input(t->graph, NM_TYPE_INT, NM_SHAPE2(1, T));
  const NmVar out = nm_g2p_network(&net, &t->training.config, letters, NULL, NULL);
  nm_graph_output(t->graph, out);
  const NmStatus status = nm_graph_plan(t->graph, false, err);
  if (status != NM_OK) return status;
  nm_graph_set_int(t->graph, letters, ids);
  nm_graph_forward(t->graph);
  const int64_t n_frames = (int64_t)T * t->training.config.n_up;
  float *log_prob = malloc(sizeof *log_prob * (size_t)n_frames * NM_N_PHONES);
  if (!log_prob) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  nm_graph_get(t->graph, out, log_prob);
  const int32_t n = nm_g2p_decode(log_prob, n_frames, phones, NM_READING_PHONES_MAX);
  free(log_prob);
  compare(item, phones, n, count);
  return NM_OK;
}

NmStatus nm_g2p_trainer_validate(NmG2pTrainer *t, NmG2pSplit split, int32_t n_max, NmG2pScore *score,
                                 NmError *err)
{
  Count count = {0};
  const Items *items = &t->splits[split];
  NmStatus status = NM_OK;
  const int32_t n = items->n < n_max ? items->n : n_max;
  nm_params_swap_average(t->params);
  for (int32_t i = 0; i < n && status == NM_OK; i++)
    status = read_word(t, &items->items[(int64_t)i * items->n / n], &count, err);
  nm_params_swap_average(t->params);
  const double n_phones = count.n_phones > 0 ? count.n_phones : 1,
               n_words = count.n_words ? count.n_words : 1;
  *score = (NmG2pScore){.phones = count.wrong / n_phones,
                        .phones_stressed = count.wrong_stressed / n_phones,
                        .words = count.words / n_words,
                        .words_stressed = count.words_stressed / n_words,
                        .n_words = count.n_words};
  return status;
}

char *nm_g2p_trainer_describe(const NmG2pTrainer *t)
{
  return nm_config_write("g2p", nm_g2p_fields, nm_g2p_n_fields, &t->training.config, NULL, 0);
}
