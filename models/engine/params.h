// SPDX-License-Identifier: GPL-3.0-or-later
// Named parameters of a model: one slab each for values, gradients, Adam's two moments and the moving
// average.
#ifndef NM_ENGINE_PARAMS_H
#define NM_ENGINE_PARAMS_H

#include "models/engine/backend.h"

typedef struct NmParams NmParams;

typedef enum { NM_INIT_ZERO, NM_INIT_CONST, NM_INIT_NORMAL, NM_INIT_UNIFORM } NmInitKind;

// How a fresh parameter starts: CONST a, NORMAL with standard deviation a, UNIFORM in [-a, a].
typedef struct {
  NmInitKind kind;
  float a;
} NmInit;

#define NM_INIT_ZEROS ((NmInit){NM_INIT_ZERO, 0})
#define NM_INIT_ONES ((NmInit){NM_INIT_CONST, 1})
// Uniform in +-sqrt(3 / fan_in): unit variance is kept through a linear layer.
NmInit nm_init_fan_in(int64_t fan_in);

// A set is OPEN (nm_graph_param declares what it does not know) until nm_params_seal or a load seals it; a
// sealed set answers an unknown name or another shape with an error. One thread at a time. `pool` is
// borrowed, may be NULL.
NmParams *nm_params_new(const NmBackend *backend, NmPool *pool);
void nm_params_free(NmParams *params);

// Allocates the value slab and initialises every parameter from `seed` and its name (not from the order of
// declaration).
NmStatus nm_params_seal(NmParams *params, uint64_t seed, NmError *err) NM_NODISCARD;

// Opens a weights file (safetensors, F32 or F16, converted to the backend's reals) into a fresh set and seals
// it. `metadata` (may be NULL) receives the file's __metadata__ as a JSON object text, freed by the caller
// with free().
NmParams *nm_params_load(const NmBackend *backend, NmPool *pool, const char *path, char **metadata,
                         NmError *err);

// Copies values of the same name and shape from a weights file into a sealed set; returns through *n_copied
// how many. Names only on one side are left alone: for starting one model from another.
NmStatus nm_params_copy_from_file(NmParams *params, const char *path, int32_t *n_copied,
                                  NmError *err) NM_NODISCARD;

// After a model's graph was built once from a loaded set: NM_ERR_BAD_DATA naming the first parameter of the
// file that the model did not ask for; `path` is for the message.
NmStatus nm_params_check_all_used(const NmParams *params, const char *path, NmError *err) NM_NODISCARD;

typedef enum { NM_STORE_F32, NM_STORE_F16 } NmStore;

// Writes values (or the moving average, if `average` and there is one) as safetensors, atomically.
// `metadata_json` is an object of strings or NULL.
NmStatus nm_params_save(NmParams *params, const char *path, NmStore store, bool average,
                        const char *metadata_json, NmError *err) NM_NODISCARD;

// A training checkpoint: values, moments, average and step in one safetensors file, 12 bytes a scalar (16
// with whole moments); resuming gives the same bytes as not stopping. Several sets (generator, discriminator)
// go to several files.
NmStatus nm_params_save_checkpoint(NmParams *params, const char *path, const char *metadata_json,
                                   NmError *err) NM_NODISCARD;
NmStatus nm_params_load_checkpoint(NmParams *params, const char *path, char **metadata,
                                   NmError *err) NM_NODISCARD;

int32_t nm_params_get_n(const NmParams *params);
int64_t nm_params_get_count(const NmParams *params); // scalars in all
const char *nm_params_get_name(const NmParams *params, int32_t i);
NmShape nm_params_get_shape(const NmParams *params, int32_t i);
// Index of the name, -1 when absent.
int32_t nm_params_find(const NmParams *params, const char *name);
// Tells files of weights from each other: a hash of the names, shapes and bytes of all tensors of the file
// that the set was loaded from; 0 when it came from none.
uint64_t nm_params_get_identity(NmParams *params);
// Copies parameter i out or in, as float, [count of its shape].
void nm_params_get(NmParams *params, int32_t i, float *values);
void nm_params_set(NmParams *params, int32_t i, const float *values);
void nm_params_get_grad(NmParams *params, int32_t i, float *grads);

// A frozen set gets no gradients in graphs built while it is frozen (a discriminator inside the generator's
// loss).
void nm_params_set_frozen(NmParams *params, bool frozen);

typedef struct {
  double lr;           // this step's learning rate
  double beta1, beta2; // .9, .98
  double eps;          // 1e-9
  double weight_decay; // .01, on parameters of two or more dimensions only
  double clip_norm;    // 1; 0 for none
  double average;      // decay of the moving average, 0 for none; warmed up as min(average, (1+t)/(10+t))
  bool moments_16;     // true: they are rounded to bfloat16 in every step, and so need half the room in files
} NmAdamConfig;

NmAdamConfig nm_adam_defaults(void);

void nm_params_zero_grad(NmParams *params);

// Clips the global norm, one AdamW step, updates the moving average. Returns the norm before clipping through
// *norm (may be NULL). A norm that is not finite skips the step, leaves everything as it was and returns
// NM_ERR_BAD_DATA, `err` untouched. NM_ERR_IO: the device has failed. The first call allocates moments.
NmStatus nm_params_step(NmParams *params, const NmAdamConfig *config, double *norm,
                        NmError *err) NM_NODISCARD;
int64_t nm_params_get_step(const NmParams *params);

// Exchanges values and moving average (to validate with the average, then back). No-op without an average.
void nm_params_swap_average(NmParams *params);

#endif
