// SPDX-License-Identifier: GPL-3.0-or-later
// The CUDA backend: training on a graphics card. Never needed by a user of the program.
#ifndef NM_ENGINE_CUDA_BACKEND_H
#define NM_ENGINE_CUDA_BACKEND_H

#include "models/engine/backend.h"

// The backend of the first graphics card. NULL, and `err` says why, when this build has no CUDA backend
// (cmake -DNEUME_CUDA=ON) or the machine no card or driver. One thread at a time.
const NmBackend *nm_backend_cuda(NmError *err);

#endif
