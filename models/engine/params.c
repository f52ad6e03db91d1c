// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/params.h"

#include <jansson.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/hash.h"
#include "dsp/base/rng.h"
#include "models/engine/graph_internal.h"
#include "models/engine/safetensors.h"

typedef struct {
  char *name;
  NmShape shape;
  NmInit init;
  int64_t offset, count;  // in scalars; every parameter starts on a 64-byte boundary
  bool used;              // some graph asked for it
  const NmStored *stored; // where a loaded one lies in the file, until it is overwritten
  bool read;              // the slab holds its values
  void *packed;           // on the arena
  bool filled;            // packed
} Entry;

typedef enum { SLAB_VALUE, SLAB_GRAD, SLAB_M, SLAB_V, SLAB_AVERAGE, N_SLABS } SlabKind;

struct NmParams {
  const NmBackend *backend;
  void *context;
  NmPool *pool;
  Entry *entries; // [n]
  int32_t n, capacity;
  int32_t *buckets; // [n_buckets] entry + 1 of each hash, open addressing
  int32_t n_buckets;
  int64_t count;   // scalars of a slab
  int64_t n_plain; // of these, the first ones do not decay: those of one dimension
  void *slab[N_SLABS];
  int64_t step;
  bool moments_16; // all moments are bfloat16
  bool sealed, frozen;
  NmSafetensors *file; // of a loaded set
  NmArena packed;
  _Atomic uint64_t identity; // of the file, 0 until it is asked for
};

enum { ALIGN_SCALARS = 16, SIZE_PACKED = (4 << 20) - 64 };

NmInit nm_init_fan_in(int64_t fan_in)
{
  return (NmInit){NM_INIT_UNIFORM, sqrtf(3.0f / (float)fan_in)};
}

NmParams *nm_params_new(const NmBackend *backend, NmPool *pool)
{
  NmParams *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->backend = backend;
  p->pool = pool;
  nm_arena_init(&p->packed, SIZE_PACKED);
  if (!backend->context_new || (p->context = backend->context_new())) return p;
  free(p);
  return NULL;
}

void nm_params_free(NmParams *p)
{
  if (!p) return;
  for (int32_t i = 0; i < p->n; ++i) free(p->entries[i].name);
  for (int k = 0; k < N_SLABS; ++k) p->backend->memory_free(p->context, p->slab[k]);
  if (p->backend->context_free) p->backend->context_free(p->context);
  nm_safetensors_close(p->file);
  nm_arena_fini(&p->packed);
  free(p->entries);
  free(p->buckets);
  free(p);
}

static uint64_t hash_name(const char *name)
{
  uint64_t h = 14695981039346656037u;
  for (; *name; ++name) h = (h ^ (uint8_t)*name) * 1099511628211u;
  return h;
}

// The bucket that holds `name`, or the empty one where it belongs.
static int32_t find_bucket(const NmParams *p, const char *name)
{
  int32_t i = (int32_t)(hash_name(name) & (uint64_t)(p->n_buckets - 1));
  while (p->buckets[i] && strcmp(p->entries[p->buckets[i] - 1].name, name) != 0)
    i = (i + 1) & (p->n_buckets - 1);
  return i;
}

static bool grow_table(NmParams *p)
{
  if (p->n < p->capacity) return true;
  const int32_t capacity = p->capacity ? 2 * p->capacity : 128;
  Entry *entries = realloc(p->entries, (size_t)capacity * sizeof *entries);
  if (entries) p->entries = entries;
  int32_t *buckets = calloc((size_t)capacity * 4, sizeof *buckets);
  if (!entries || !buckets) {
    free(buckets);
    return false;
  }
  free(p->buckets);
  p->buckets = buckets;
  p->n_buckets = capacity * 4;
  p->capacity = capacity;
  for (int32_t i = 0; i < p->n; ++i) p->buckets[find_bucket(p, p->entries[i].name)] = i + 1;
  return true;
}

static int32_t append(NmParams *p, const char *name, NmShape shape, NmInit init)
{
  char *copy = strdup(name);
  if (!copy || !grow_table(p)) {
    free(copy);
    return -1;
  }
  p->entries[p->n] = (Entry){.name = copy, .shape = shape, .init = init, .count = nm_shape_count(shape)};
  p->buckets[find_bucket(p, copy)] = p->n + 1;
  return p->n++;
}

int32_t nm_params_find(const NmParams *p, const char *name)
{
  return p->n_buckets ? p->buckets[find_bucket(p, name)] - 1 : -1;
}

int32_t nm_params_bind(NmParams *p, const char *name, NmShape shape, NmInit init, NmError *err)
{
  char want[96], have[96];
  int32_t i = nm_params_find(p, name);
  if (i < 0 && p->sealed) {
    nm_error_set(err, NM_ERR_BAD_DATA, "the weights lack the tensor \"%s\" %s", name,
                 nm_shape_print(shape, want, sizeof want));
    return -1;
  }
  if (i < 0 && nm_shape_count(shape) > 0 && (i = append(p, name, shape, init)) < 0) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return -1;
  }
  if (i < 0 || !nm_shape_equal(p->entries[i].shape, shape)) {
    nm_error_set(err, NM_ERR_BAD_DATA, "the tensor \"%s\" has the shape %s, the model needs %s", name,
                 i < 0 ? "[]" : nm_shape_print(p->entries[i].shape, have, sizeof have),
                 nm_shape_print(shape, want, sizeof want));
    return -1;
  }
  p->entries[i].used = true;
  return i;
}

bool nm_params_is_sealed(const NmParams *p)
{
  return p->sealed;
}
bool nm_params_is_frozen(const NmParams *p)
{
  return p->frozen;
}
const NmBackend *nm_params_get_backend(const NmParams *p)
{
  return p->backend;
}

static void *place(const NmParams *p, SlabKind kind, int64_t offset)
{
  return (char *)p->slab[kind] + (size_t)offset * p->backend->size_real;
}

static void *at(const NmParams *p, SlabKind kind, int32_t i)
{
  return place(p, kind, p->entries[i].offset);
}

static bool ensure(NmParams *p, SlabKind kind)
{
  if (p->slab[kind]) return true;
  const size_t size = (size_t)(p->count ? p->count : 1) * p->backend->size_real;
  p->slab[kind] = p->backend->memory_alloc(p->context, size);
  if (p->slab[kind]) p->backend->memory_zero(p->context, p->slab[kind], size);
  return p->slab[kind] != NULL;
}

void *nm_params_value(NmParams *p, int32_t i)
{
  Entry *e = &p->entries[i];
  if (e->stored && !e->read) e->read = nm_stored_get(e->stored, at(p, SLAB_VALUE, i));
  return at(p, SLAB_VALUE, i);
}

const void *nm_params_half(const NmParams *p, int32_t i)
{
  const NmStored *stored = p->entries[i].stored;
  return stored && stored->dtype == NM_DTYPE_F16 ? stored->data : NULL;
}

void *nm_params_packed(NmParams *p, int32_t i, size_t size)
{
  Entry *e = &p->entries[i];
  if (!e->packed) e->packed = nm_arena_alloc(&p->packed, size);
  return e->packed;
}

bool nm_params_pack_now(NmParams *p, int32_t i)
{
  if (p->entries[i].filled) return false; // and not written to: other threads may be asking
  return p->entries[i].filled = true;
}

void *nm_params_grad(NmParams *p, int32_t i)
{
  return ensure(p, SLAB_GRAD) ? at(p, SLAB_GRAD, i) : NULL;
}

static void initialise(const Entry *e, uint64_t seed, float *values)
{
  NmRng rng;
  nm_rng_init(&rng, seed ^ hash_name(e->name));
  for (int64_t k = 0; k < e->count; ++k) switch (e->init.kind) {
    case NM_INIT_ZERO: values[k] = 0; break;
    case NM_INIT_CONST: values[k] = e->init.a; break;
    case NM_INIT_NORMAL: values[k] = e->init.a * (float)nm_rng_normal(&rng); break;
    case NM_INIT_UNIFORM: values[k] = e->init.a * (float)(2 * nm_rng_uniform(&rng) - 1); break;
    }
}

static int64_t largest(const NmParams *p)
{
  int64_t n = 1;
  for (int32_t i = 0; i < p->n; ++i)
    if (p->entries[i].count > n) n = p->entries[i].count;
  return n;
}

static bool decays(const Entry *e)
{
  return e->shape.n_dims > 1;
}

static int by_place(const void *a, const void *b)
{
  const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;
  if (decays(x) != decays(y)) return decays(x) ? 1 : -1;
  return x->count != y->count ? (x->count < y->count ? -1 : 1) : (x < y ? -1 : x > y);
}

// Those that decay behind those that do not, so that the optimiser walks through each kind at once. Small
// tensors side by side: large ones of a file are rarely read as values, and their room stays untouched.
static bool lay_out(NmParams *p)
{
  Entry **sorted = calloc((size_t)p->n + 1, sizeof *sorted);
  if (!sorted) return false;
  for (int32_t i = 0; i < p->n; ++i) sorted[i] = &p->entries[i];
  qsort(sorted, (size_t)p->n, sizeof *sorted, by_place);
  p->count = p->n_plain = 0;
  for (int32_t i = 0; i < p->n; ++i) {
    sorted[i]->offset = p->count;
    p->count += (sorted[i]->count + ALIGN_SCALARS - 1) / ALIGN_SCALARS * ALIGN_SCALARS;
    if (!decays(sorted[i])) p->n_plain = p->count;
  }
  free(sorted);
  return true;
}

NmStatus nm_params_seal(NmParams *p, uint64_t seed, NmError *err)
{
  float *values = malloc((size_t)largest(p) * sizeof *values);
  const bool good = values && lay_out(p) && ensure(p, SLAB_VALUE);
  p->sealed = good;
  for (int32_t i = 0; good && i < p->n; ++i) {
    initialise(&p->entries[i], seed, values);
    nm_params_set(p, i, values);
  }
  free(values);
  return good ? NM_OK
              : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for %lld parameters", (long long)p->count);
}

static bool reserve(NmParams *p)
{
  if (!lay_out(p)) return false;
  const size_t size = (size_t)(p->count ? p->count : 1) * p->backend->size_real;
  p->slab[SLAB_VALUE] = p->backend->memory_alloc(p->context, size);
  return p->slab[SLAB_VALUE] != NULL;
}

// Names and checks every tensor; the CPU reads the values when a graph first asks for them.
static NmStatus load_entries(NmParams *p, const NmSafetensors *file, const char *path, NmError *err)
{
  for (int32_t i = 0; i < nm_safetensors_get_n(file); ++i) {
    const NmStored *t = nm_safetensors_get(file, i);
    if (append(p, t->name, t->shape, NM_INIT_ZEROS) < 0)
      return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    if (!nm_stored_is_finite(t))
      return nm_error_set(err, NM_ERR_BAD_DATA,
                          "%s: tensor \"%s\" holds a value that is not finite; train or copy it again", path,
                          t->name);
    if (p->backend == nm_backend_cpu()) p->entries[i].stored = t;
  }
  return reserve(p) ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
}

// Other backends get all values at once.
static NmStatus upload_entries(NmParams *p, const NmSafetensors *file, const char *path, NmError *err)
{
  if (p->backend == nm_backend_cpu()) return NM_OK;
  float *values = malloc((size_t)largest(p) * sizeof *values);
  if (!values) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  for (int32_t i = 0; i < p->n; ++i) {
    nm_stored_get(nm_safetensors_get(file, i), values);
    nm_params_set(p, i, values);
  }
  free(values);
  return NM_OK;
}

NmParams *nm_params_load(const NmBackend *backend, NmPool *pool, const char *path, char **metadata,
                         NmError *err)
{
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return NULL;
  NmParams *p = nm_params_new(backend, pool);
  NmStatus status =
      p ? load_entries(p, file, path, err) : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  if (status == NM_OK) status = upload_entries(p, file, path, err);
  if (status == NM_OK && metadata && !(*metadata = nm_safetensors_get_metadata(file)))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  if (p)
    p->file = file;
  else
    nm_safetensors_close(file);
  if (status == NM_OK) {
    p->sealed = true;
    return p;
  }
  nm_params_free(p);
  return NULL;
}

NmStatus nm_params_copy_from_file(NmParams *p, const char *path, int32_t *n_copied, NmError *err)
{
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return err ? err->status : NM_ERR_IO;
  float *values = malloc((size_t)largest(p) * sizeof *values);
  NmStatus status = values ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  *n_copied = 0;
  for (int32_t i = 0; i < p->n && status == NM_OK; ++i) {
    const NmStored *t = nm_safetensors_find(file, p->entries[i].name);
    if (!t || !nm_shape_equal(t->shape, p->entries[i].shape)) continue;
    if (!nm_stored_get(t, values))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: tensor \"%s\" holds a value that is not finite", path,
                            t->name);
    else
      nm_params_set(p, i, values), ++*n_copied;
  }
  free(values);
  nm_safetensors_close(file);
  return status;
}

NmStatus nm_params_check_all_used(const NmParams *p, const char *path, NmError *err)
{
  for (int32_t i = 0; i < p->n; ++i)
    if (!p->entries[i].used)
      return nm_error_set(
          err, NM_ERR_BAD_DATA,
          "%s: tensor \"%s\" is not part of this model; the file is of another model or version", path,
          p->entries[i].name);
  return NM_OK;
}

int32_t nm_params_get_n(const NmParams *p)
{
  return p->n;
}
const char *nm_params_get_name(const NmParams *p, int32_t i)
{
  return p->entries[i].name;
}
NmShape nm_params_get_shape(const NmParams *p, int32_t i)
{
  return p->entries[i].shape;
}

int64_t nm_params_get_count(const NmParams *p)
{
  int64_t n = 0;
  for (int32_t i = 0; i < p->n; ++i) n += p->entries[i].count;
  return n;
}

static uint64_t hash_file(const NmParams *p)
{
  NmHash hash;
  nm_hash_init(&hash);
  for (int32_t i = 0; i < nm_safetensors_get_n(p->file); ++i) {
    const NmStored *stored = nm_safetensors_get(p->file, i);
    const size_t size = nm_dtype_size(stored->dtype);
    nm_hash_add(&hash, stored->name, strlen(stored->name));
    for (int k = 0; k < stored->shape.n_dims; ++k) nm_hash_add_u64(&hash, (uint64_t)stored->shape.dim[k]);
    nm_hash_add(&hash, stored->data, (size_t)stored->count * size);
  }
  return hash.word[0];
}

uint64_t nm_params_get_identity(NmParams *p)
{
  uint64_t identity = atomic_load(&p->identity);
  if (identity || !p->file) return identity;
  identity = hash_file(p);
  atomic_store(&p->identity, identity);
  return identity;
}

void nm_params_get(NmParams *p, int32_t i, float *values)
{
  p->backend->download_real(p->context, values, nm_params_value(p, i), p->entries[i].count);
}

void nm_params_set(NmParams *p, int32_t i, const float *values)
{
  p->entries[i].stored = NULL;
  p->backend->upload_real(p->context, at(p, SLAB_VALUE, i), values, p->entries[i].count);
}

void nm_params_get_grad(NmParams *p, int32_t i, float *grads)
{
  if (p->slab[SLAB_GRAD])
    p->backend->download_real(p->context, grads, at(p, SLAB_GRAD, i), p->entries[i].count);
}

void nm_params_set_frozen(NmParams *p, bool frozen)
{
  p->frozen = frozen;
}

NmAdamConfig nm_adam_defaults(void)
{
  return (NmAdamConfig){.lr = 1e-3,
                        .beta1 = .9,
                        .beta2 = .98,
                        .eps = 1e-9,
                        .weight_decay = .01,
                        .clip_norm = 1,
                        .moments_16 = true};
}

void nm_params_zero_grad(NmParams *p)
{
  if (p->slab[SLAB_GRAD])
    p->backend->memory_zero(p->context, p->slab[SLAB_GRAD], (size_t)p->count * p->backend->size_real);
}

int64_t nm_params_get_step(const NmParams *p)
{
  return p->step;
}

static void copy_slab(NmParams *p, SlabKind to, SlabKind from)
{
  p->backend->average(p->context, p->pool, p->slab[to], p->slab[from], 0, p->count);
}

static void update_average(NmParams *p, double decay)
{
  const double warm = (1.0 + (double)p->step) / (10.0 + (double)p->step);
  p->backend->average(p->context, p->pool, p->slab[SLAB_AVERAGE], p->slab[SLAB_VALUE],
                      decay < warm ? decay : warm, p->count);
}

// Values that change are no longer those of the file.
static void forget_file(NmParams *p)
{
  for (int32_t i = 0; i < p->n; ++i) {
    nm_params_value(p, i);
    p->entries[i].stored = NULL;
  }
}

// What a device that failed has computed is worthless.
static NmStatus check_device(const NmParams *p, NmError *err)
{
  return p->backend->check ? p->backend->check(p->context, err) : NM_OK;
}

// Scalars [first, last) of the slabs.
static void update_values(NmParams *p, const NmAdamStep *step, int64_t first, int64_t last)
{
  if (first < last)
    p->backend->adam(p->context, p->pool, step, place(p, SLAB_VALUE, first), place(p, SLAB_GRAD, first),
                     place(p, SLAB_M, first), place(p, SLAB_V, first), last - first);
}

NmStatus nm_params_step(NmParams *p, const NmAdamConfig *config, double *norm, NmError *err)
{
  const bool first_average = config->average > 0 && !p->slab[SLAB_AVERAGE];
  if (!p->slab[SLAB_GRAD]) return NM_ERR_BAD_ARG;
  forget_file(p);
  if (!ensure(p, SLAB_M) || !ensure(p, SLAB_V) || (config->average > 0 && !ensure(p, SLAB_AVERAGE)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the moments of the parameters");
  if (first_average) copy_slab(p, SLAB_AVERAGE, SLAB_VALUE);
  const double total = sqrt(p->backend->sum_squares(p->context, p->pool, p->slab[SLAB_GRAD], p->count));
  if (norm) *norm = total;
  const NmStatus status = check_device(p, err);
  if (status != NM_OK) return status;
  if (!isfinite(total)) return NM_ERR_BAD_DATA;
  ++p->step;
  NmAdamStep step = {
      .lr = config->lr, .beta1 = config->beta1, .beta2 = config->beta2, .eps = config->eps, .step = p->step};
  step.moments_16 = p->moments_16 = config->moments_16;
  step.scale_gradient = config->clip_norm > 0 && total > config->clip_norm ? config->clip_norm / total : 1;
  update_values(p, &step, 0, p->n_plain);
  step.weight_decay = config->weight_decay;
  update_values(p, &step, p->n_plain, p->count);
  if (config->average > 0) update_average(p, config->average);
  return NM_OK;
}

void nm_params_swap_average(NmParams *p)
{
  if (!p->slab[SLAB_AVERAGE]) return;
  void *value = p->slab[SLAB_VALUE];
  p->slab[SLAB_VALUE] = p->slab[SLAB_AVERAGE];
  p->slab[SLAB_AVERAGE] = value;
}

// Host copies of the chosen slabs, as tensors to store; "" names the values, "m/" the first moments...
static const char *const prefixes[N_SLABS] = {"", NULL, "m/", "v/", "average/"};

static NmStatus collect(NmParams *p, SlabKind kind, const char *prefix, NmToStore *out, float *values,
                        NmArena *arena)
{
  for (int32_t i = 0; i < p->n; ++i) {
    const Entry *e = &p->entries[i];
    const size_t size = strlen(prefix) + strlen(e->name) + 1;
    char *name = nm_arena_alloc(arena, size);
    if (!name) return NM_ERR_NO_MEMORY;
    snprintf(name, size, "%s%s", prefix, e->name);
    const void *held = kind == SLAB_VALUE ? nm_params_value(p, i) : at(p, kind, i);
    p->backend->download_real(p->context, values + e->offset, held, e->count);
    out[i] = (NmToStore){.name = name, .shape = e->shape, .values = values + e->offset};
    out[i].bf16 = p->moments_16 && (kind == SLAB_M || kind == SLAB_V);
  }
  return NM_OK;
}

static NmStatus save(NmParams *p, const char *path, const SlabKind *kinds, const char *const *as, int n_kinds,
                     NmDtype dtype, const char *metadata, NmError *err)
{
  NmArena arena;
  nm_arena_init(&arena, 1 << 16);
  NmToStore *out = nm_arena_calloc(&arena, (size_t)(p->n * n_kinds) + 1, sizeof *out);
  NmStatus status = out ? NM_OK : NM_ERR_NO_MEMORY;
  for (int k = 0; k < n_kinds && status == NM_OK; ++k) {
    float *values = nm_arena_alloc(&arena, (size_t)p->count * sizeof *values);
    status = values ? collect(p, kinds[k], as[k], out + k * p->n, values, &arena) : NM_ERR_NO_MEMORY;
  }
  if (status != NM_OK) nm_error_set(err, status, "%s: out of memory", path);
  if (status == NM_OK) status = check_device(p, err);
  if (status == NM_OK) status = nm_safetensors_save(path, out, p->n * n_kinds, dtype, metadata, err);
  nm_arena_fini(&arena);
  return status;
}

NmStatus nm_params_save(NmParams *p, const char *path, NmStore store, bool average, const char *metadata,
                        NmError *err)
{
  const SlabKind kind = average && p->slab[SLAB_AVERAGE] ? SLAB_AVERAGE : SLAB_VALUE;
  return save(p, path, &kind, &prefixes[SLAB_VALUE], 1, store == NM_STORE_F16 ? NM_DTYPE_F16 : NM_DTYPE_F32,
              metadata, err);
}

// The step travels in the metadata.
static char *with_step(const NmParams *p, const char *metadata)
{
  char text[24];
  json_t *root = metadata ? json_loads(metadata, 0, NULL) : NULL;
  if (!root) root = json_object();
  snprintf(text, sizeof text, "%lld", (long long)p->step);
  json_object_set_new(root, "optimiser_step", json_string(text));
  char *dump = json_dumps(root, JSON_COMPACT);
  json_decref(root);
  return dump;
}

NmStatus nm_params_save_checkpoint(NmParams *p, const char *path, const char *metadata, NmError *err)
{
  SlabKind kinds[N_SLABS];
  const char *as[N_SLABS];
  int n = 0;
  for (int k = 0; k < N_SLABS; ++k)
    if (prefixes[k] && p->slab[k]) kinds[n] = (SlabKind)k, as[n++] = prefixes[k];
  char *all = with_step(p, metadata);
  if (!all) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  const NmStatus status = save(p, path, kinds, as, n, NM_DTYPE_F32, all, err);
  free(all);
  return status;
}

static NmStatus restore(NmParams *p, SlabKind kind, const NmSafetensors *file, const char *path,
                        float *values, NmError *err)
{
  char name[256];
  for (int32_t i = 0; i < p->n; ++i) {
    const Entry *e = &p->entries[i];
    snprintf(name, sizeof name, "%s%s", prefixes[kind], e->name);
    const NmStored *t = nm_safetensors_find(file, name);
    if (!t && kind != SLAB_VALUE) return NM_OK; // saved before there were any
    if (!t || !nm_shape_equal(t->shape, e->shape))
      return nm_error_set(
          err, NM_ERR_BAD_DATA,
          "%s: tensor \"%s\" is missing or of another shape; this checkpoint is of another recipe", path,
          name);
    if (kind == SLAB_M) p->moments_16 = t->dtype == NM_DTYPE_BF16;
    if (!ensure(p, kind)) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
    if (!nm_stored_get(t, values))
      return nm_error_set(
          err, NM_ERR_BAD_DATA,
          "%s: tensor \"%s\" holds a value that is not finite; resume from an older checkpoint", path, name);
    if (kind == SLAB_VALUE)
      nm_params_set(p, i, values);
    else
      p->backend->upload_real(p->context, at(p, kind, i), values, e->count);
  }
  return NM_OK;
}

static int64_t read_step(const char *metadata)
{
  json_t *root = json_loads(metadata, 0, NULL);
  const char *text = json_string_value(json_object_get(root, "optimiser_step"));
  const int64_t step = text ? atoll(text) : 0;
  json_decref(root);
  return step;
}

NmStatus nm_params_load_checkpoint(NmParams *p, const char *path, char **metadata, NmError *err)
{
  NmError local = {0};
  if (!err) err = &local;
  NmSafetensors *file = nm_safetensors_open(path, err);
  if (!file) return err->status;
  float *values = malloc((size_t)largest(p) * sizeof *values);
  char *text = nm_safetensors_get_metadata(file);
  NmStatus status = values && text ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", path);
  for (int k = 0; k < N_SLABS && status == NM_OK; ++k)
    if (prefixes[k]) status = restore(p, (SlabKind)k, file, path, values, err);
  if (status == NM_OK) p->step = read_step(text);
  free(values);
  nm_safetensors_close(file);
  if (status == NM_OK && metadata)
    *metadata = text;
  else
    free(text);
  return status;
}
