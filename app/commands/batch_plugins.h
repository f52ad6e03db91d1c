// SPDX-License-Identifier: GPL-3.0-or-later
// LADSPA plug-ins as stages of a batch.
#ifndef NM_COMMANDS_BATCH_PLUGINS_H
#define NM_COMMANDS_BATCH_PLUGINS_H

#include "app/jobs/batch/chain.h"

// NmBatchSettings.check: finds the plug-ins of a chain and checks their settings. What was found is
// remembered until the program ends.
NmStatus nm_batch_plugins_check(const NmBatchChain *chain, NmError *err);

// NmBatchRunner.run_plugin, for a stage that was checked.
int nm_batch_plugins_run(const NmBatchStage *stage, const char *path_in, const char *path_out);

// neume batch --list-ladspa [WORD]; an exit code.
int nm_batch_plugins_list(const NmArgs *args);

#endif
