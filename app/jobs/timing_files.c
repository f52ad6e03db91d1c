// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/timing_files.h"

#include <string.h>

NmStatus nm_timing_files_begin(NmTimingFiles *files, const char *const *paths, int n, bool force,
                               NmError *err)
{
  NmStatus status = NM_OK;
  for (; files->n < n && !status; ++files->n) {
    if (!nm_timings_find_format(paths[files->n], err)) return NM_ERR_BAD_ARG;
    status = nm_output_begin(&files->files[files->n], paths[files->n], force, err);
  }
  return status;
}

static NmStatus write_one(NmOutput *output, NmTimings *timings, int64_t n_samples, NmError *err)
{
  FILE *file = nm_output_open(output, err);
  if (!file) return err->status;
  NmStatus status = nm_timings_find_format(output->path, err)(timings, n_samples, file, err);
  const NmStatus closed = nm_output_close(file, output->path, status ? NULL : err);
  if (!status) status = closed;
  return status ? status : nm_output_commit(output, err);
}

NmStatus nm_timing_files_write(NmTimingFiles *files, NmTimings *timings, int64_t n_samples, NmError *err)
{
  NmStatus status = NM_OK;
  for (int i = 0; i < files->n && !status; ++i) status = write_one(&files->files[i], timings, n_samples, err);
  return status;
}

void nm_timing_files_discard(NmTimingFiles *files)
{
  for (int i = 0; i < files->n; ++i) nm_output_discard(&files->files[i]);
}

NmStatus nm_check_paths_differ(const char *const *paths, int n, NmError *err)
{
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++)
      if (paths[i] && paths[k] && !strcmp(paths[i], paths[k]))
        return nm_error_set(err, NM_ERR_BAD_ARG, "%s is named twice; give each result a file of its own",
                            paths[i]);
  return NM_OK;
}
