// SPDX-License-Identifier: GPL-3.0-or-later
// The option --backend, "cpu" or "cuda".
#ifndef NM_COMMANDS_BACKEND_OPTION_H
#define NM_COMMANDS_BACKEND_OPTION_H

#include "app/command.h"
#include "models/engine/backend.h"

// The backend it names, the CPU when it was not given. NULL, with a message, when there is no such backend
// here.
const NmBackend *nm_backend_option_get(const NmArgs *args);

#endif
