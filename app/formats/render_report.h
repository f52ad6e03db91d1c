// SPDX-License-Identifier: GPL-3.0-or-later
// What `neume render` tells of its work.
#ifndef NM_FORMATS_RENDER_REPORT_H
#define NM_FORMATS_RENDER_REPORT_H

#include <stdio.h>

#include "app/jobs/render.h"

// --stats: a few lines for people.
void nm_render_report_print(const NmRenderStats *stats, const NmCacheStats *cache, FILE *file);

// --json: one object. `folder` is where the files are.
NmStatus nm_render_report_write(const NmRenderStats *stats, const NmCacheStats *cache, const char *folder,
                                FILE *file, NmError *err) NM_NODISCARD;

#endif
