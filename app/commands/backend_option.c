// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/backend_option.h"

#include <string.h>

#include "models/engine/cuda/backend.h"

const NmBackend *nm_backend_option_get(const NmArgs *args)
{
  NmError err = {0};
  const NmBackend *backend = NULL;
  const char *name = nm_args_get(args, "backend");
  if (!name || strcmp(name, "cpu") == 0)
    backend = nm_backend_cpu();
  else if (strcmp(name, "cuda") == 0)
    backend = nm_backend_cuda(&err);
  else
    nm_error_set(&err, NM_ERR_BAD_ARG, "--backend is cpu or cuda, not %s", name);
  if (!backend) nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  return backend;
}
