// SPDX-License-Identifier: GPL-3.0-or-later
// Stands for the CUDA backend in builds without it.
#include "models/engine/cuda/backend.h"

const NmBackend *nm_backend_cuda(NmError *err)
{
  nm_error_set(err, NM_ERR_UNSUPPORTED, "this build has no CUDA backend; configure it with -DNEUME_CUDA=ON");
  return NULL;
}
