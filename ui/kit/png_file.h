// SPDX-License-Identifier: GPL-3.0-or-later
// Pixels as PNG files.
#ifndef NM_UI_KIT_PNG_FILE_H
#define NM_UI_KIT_PNG_FILE_H

#include "dsp/base/status.h"
#include "ui/kit/raster.h"

// Writes the file at `path`, over one that is there; opaque. NM_ERR_IO, NM_ERR_NO_MEMORY.
NmStatus nm_png_file_write(const char *path, const NmPixels *pixels, NmError *err) NM_NODISCARD;

#endif
