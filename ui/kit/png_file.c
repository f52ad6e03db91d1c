// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/png_file.h"

#include <errno.h>
#include <png.h>
#include <string.h>

NmStatus nm_png_file_write(const char *path, const NmPixels *pixels, NmError *err)
{
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)pixels->width,
                     .height = (png_uint_32)pixels->height,
                     .format = PNG_FORMAT_RGBA};
  if (png_image_write_to_file(&image, path, 0, pixels->rgba, 0, NULL)) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "%s cannot be written: %s", path,
                      errno ? strerror(errno) : image.message);
}
