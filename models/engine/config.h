// SPDX-License-Identifier: GPL-3.0-or-later
// A network's configuration in the metadata of its weights file: one table of whole numbers, written by
// training, read and bounded at load.
#ifndef NM_ENGINE_CONFIG_H
#define NM_ENGINE_CONFIG_H

#include "dsp/base/status.h"

// A number of a configuration struct: where it is, and the range a file may ask for.
typedef struct {
  const char *name;
  size_t offset; // of an int32_t in the struct
  int32_t low, high;
} NmConfigField;

// Reads every field from `metadata` (a JSON object of strings, as nm_params_load gives it) into `config`.
// NM_ERR_BAD_DATA naming `path`, the field and its range when one is missing or out of range, or when "model"
// is not `model`.
NmStatus nm_config_read(const char *metadata, const char *path, const char *model,
                        const NmConfigField *fields, int n_fields, void *config, NmError *err) NM_NODISCARD;

// The value of a string of the metadata, freed by the caller; NULL when absent or memory is out.
char *nm_config_get_text(const char *metadata, const char *name);

// Metadata with "model", the fields of `config`, and n_texts further pairs name, value; freed by the caller.
// NULL when memory is out.
char *nm_config_write(const char *model, const NmConfigField *fields, int n_fields, const void *config,
                      const char *const (*texts)[2], int n_texts);

#endif
