// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <png.h>

#include "ui/kit/png_file.h"

enum { SHRINK = 4 };

static bool read_png(const char *path, NmPixels *pixels)
{
  png_image image = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_file(&image, path)) return false;
  image.format = PNG_FORMAT_RGBA;
  *pixels = (NmPixels){(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
  return pixels->rgba && png_image_finish_read(&image, NULL, pixels->rgba, 0, NULL);
}

static NmPixels shrink(const NmPixels *from)
{
  NmPixels to = {from->width / SHRINK, from->height / SHRINK, NULL};
  to.rgba = malloc((size_t)to.width * (size_t)to.height * 4);
  assert_non_null(to.rgba);
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++)
      for (int c = 0; c < 4; c++) {
        int sum = SHRINK * SHRINK / 2;
        for (int i = 0; i < SHRINK * SHRINK; i++)
          sum += from->rgba[4 * ((y * SHRINK + i / SHRINK) * from->width + x * SHRINK + i % SHRINK) + c];
        to.rgba[4 * (y * to.width + x) + c] = (uint8_t)(sum / (SHRINK * SHRINK));
      }
  return to;
}

// Letters may be drawn a little otherwise by another version of FreeType; nothing else may differ.
static void compare(const NmPixels *a, const NmPixels *b, const char *folder, const char *name)
{
  int64_t n = (int64_t)a->width * a->height, n_far = 0, sum = 0;
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  for (int64_t i = 0; i < 4 * n; i++) {
    int far = abs(a->rgba[i] - b->rgba[i]);
    sum += far;
    n_far += far > 40;
  }
  double mean = (double)sum / (double)(4 * n), part = (double)n_far / (double)(4 * n);
  print_message("%s: mean difference %.3f, %.4f %% far off\n", name, mean, 100 * part);
  if (!(mean <= .8) || !(part <= .004))
    fail_msg("%s does not look as it should: see %s/%s.png", name, folder, name);
}

void picture_compare(const NmPixels *picture, const char *folder, const char *name)
{
  char golden[512];
  NmError err = {0};
  NmPixels wanted = {0}, small = shrink(picture);
  snprintf(golden, sizeof golden, "%s/golden/ui/%s.png", NM_TEST_DATA, name);
  if (getenv("NM_NEW_PICTURES")) assert_int_equal(nm_png_file_write(golden, &small, &err), NM_OK);
  if (!read_png(golden, &wanted)) fail_msg("%s cannot be read", golden);
  compare(&small, &wanted, folder, name);
  free(small.rgba);
  free(wanted.rgba);
}

void picture_compare_file(const char *folder, const char *name)
{
  char path[512];
  NmPixels picture = {0};
  snprintf(path, sizeof path, "%s/%s.png", folder, name);
  if (!read_png(path, &picture)) fail_msg("%s cannot be read", path);
  picture_compare(&picture, folder, name);
  free(picture.rgba);
}
