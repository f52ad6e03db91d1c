// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/fonts.h"

#include <fontconfig/fontconfig.h>
#include <stdlib.h>
#include <string.h>

enum { N_CHARACTERS = 0x10000, N_RANGE_MAX = N_CHARACTERS / 2 + 2 };

typedef struct {
  FcPattern *pattern; // in the sorted set
  FcCharSet *covers;
  NmMap map;
  uint16_t *ranges;
  int n_ranges;
  bool is_open, is_broken;
} Face;

struct NmFonts {
  FcFontSet *set;
  Face *faces; // [set->nfont]
  uint8_t wanted[N_CHARACTERS / 8];
  unsigned missing;
};

// What people type all day: Latin, Greek, Cyrillic, punctuation, currency, arrows, signs of music.
static const uint16_t always[][2] = {{0x20, 0x7e},     {0xa0, 0x24f},    {0x300, 0x304},   {0x391, 0x3c9},
                                     {0x400, 0x45f},   {0x2010, 0x2027}, {0x2030, 0x203a}, {0x20a0, 0x20ac},
                                     {0x2190, 0x2193}, {0x21a9, 0x21aa}, {0x2212, 0x2212}, {0x2318, 0x2318},
                                     {0x25a0, 0x25cf}, {0x2669, 0x266f}, {0x2713, 0x2717}, {0xfffd, 0xfffd}};

static bool is_wanted(const NmFonts *fonts, unsigned c)
{
  return fonts->wanted[c / 8] >> c % 8 & 1;
}

static bool want(NmFonts *fonts, unsigned c)
{
  if (c < 0x20 || c >= N_CHARACTERS || is_wanted(fonts, c)) return false;
  fonts->wanted[c / 8] |= (uint8_t)(1 << c % 8);
  return true;
}

static FcFontSet *sort_fonts(const char *family, bool bold)
{
  FcPattern *pattern = FcPatternCreate();
  if (!pattern) return NULL;
  FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)(family ? family : "sans-serif"));
  FcPatternAddInteger(pattern, FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
  FcConfigSubstitute(NULL, pattern, FcMatchPattern);
  FcDefaultSubstitute(pattern);
  FcResult result;
  FcFontSet *set = FcFontSort(NULL, pattern, FcTrue, NULL, &result);
  FcPatternDestroy(pattern);
  return set;
}

static void bind_faces(NmFonts *fonts)
{
  for (int i = 0; i < fonts->set->nfont; i++) {
    Face *face = &fonts->faces[i];
    face->pattern = fonts->set->fonts[i];
    if (FcPatternGetCharSet(face->pattern, FC_CHARSET, 0, &face->covers) != FcResultMatch)
      face->is_broken = true;
  }
}

NmFonts *nm_fonts_new(const char *family, bool bold, NmError *err)
{
  NmFonts *fonts = FcInit() ? calloc(1, sizeof *fonts) : NULL;
  if (fonts) fonts->set = sort_fonts(family, bold);
  if (fonts && fonts->set && fonts->set->nfont > 0)
    fonts->faces = calloc((size_t)fonts->set->nfont, sizeof *fonts->faces);
  if (!fonts || !fonts->faces) {
    if (fonts && fonts->set && fonts->set->nfont == 0)
      nm_error_set(err, NM_ERR_IO,
                   "no font is installed: please install one, such as the package fonts-dejavu-core");
    else
      nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while looking for fonts");
    nm_fonts_free(fonts);
    return NULL;
  }
  bind_faces(fonts);
  for (size_t i = 0; i < sizeof always / sizeof *always; i++)
    for (unsigned c = always[i][0]; c <= always[i][1]; c++) want(fonts, c);
  return fonts;
}

void nm_fonts_free(NmFonts *fonts)
{
  if (!fonts) return;
  for (int i = 0; fonts->faces && i < fonts->set->nfont; i++) {
    nm_map_close(&fonts->faces[i].map);
    free(fonts->faces[i].ranges);
  }
  if (fonts->set) FcFontSetDestroy(fonts->set);
  free(fonts->faces);
  free(fonts);
}

bool nm_fonts_want(NmFonts *fonts, const char *text, size_t n)
{
  bool is_new = false;
  for (size_t i = 0; i < n;) {
    FcChar32 c = (unsigned char)text[i];
    int len = c < 0x80 ? 1 : FcUtf8ToUcs4((const FcChar8 *)text + i, &c, (int)(n - i));
    if (len <= 0) break;
    if (c >= 0x80 && want(fonts, c)) is_new = true;
    i += (size_t)len;
  }
  return is_new;
}

static bool open_face(Face *face)
{
  FcChar8 *path;
  if (face->is_open || face->is_broken) return face->is_open;
  face->is_open = FcPatternGetString(face->pattern, FC_FILE, 0, &path) == FcResultMatch &&
                  nm_map_open(&face->map, (const char *)path, NULL) == NM_OK && face->map.size > 0;
  if (face->is_open && !face->ranges) face->ranges = malloc(N_RANGE_MAX * sizeof *face->ranges);
  face->is_open = face->is_open && face->ranges;
  face->is_broken = !face->is_open;
  return face->is_open;
}

static void give(Face *face, unsigned c)
{
  int n = face->n_ranges;
  if (n > 0 && face->ranges[n - 1] == c - 1) {
    face->ranges[n - 1] = (uint16_t)c;
  } else if (n + 3 <= N_RANGE_MAX) {
    face->ranges[n] = face->ranges[n + 1] = (uint16_t)c;
    face->n_ranges += 2;
  }
}

// The first face that has the character. No more faces than the plan has room for are opened.
static Face *find_face(NmFonts *fonts, unsigned c, int *n_open)
{
  for (int i = 0; i < fonts->set->nfont; i++) {
    Face *face = &fonts->faces[i];
    if (face->is_broken || !FcCharSetHasChar(face->covers, c)) continue;
    if (face->n_ranges > 0) return face;
    if (*n_open < NM_FONTS_FACES_MAX && open_face(face)) {
      ++*n_open;
      return face;
    }
  }
  return NULL;
}

int nm_fonts_plan(NmFonts *fonts, NmFontFace faces[NM_FONTS_FACES_MAX])
{
  int n_open = 0, n = 0;
  for (int i = 0; i < fonts->set->nfont; i++) fonts->faces[i].n_ranges = 0;
  for (unsigned c = 0x20; c < N_CHARACTERS; c++) {
    if (!is_wanted(fonts, c)) continue;
    Face *face = find_face(fonts, c, &n_open);
    if (face)
      give(face, c);
    else if (c > 0x24f && !fonts->missing)
      fonts->missing = c;
  }
  for (int i = 0; i < fonts->set->nfont && n < NM_FONTS_FACES_MAX; i++) {
    Face *face = &fonts->faces[i];
    if (face->n_ranges == 0) continue;
    face->ranges[face->n_ranges] = 0;
    faces[n] = (NmFontFace){face->map.data, face->map.size, 0, face->ranges};
    FcPatternGetInteger(face->pattern, FC_INDEX, 0, &faces[n].index);
    faces[n++].index &= 0xffff;
  }
  return n;
}

unsigned nm_fonts_get_missing(const NmFonts *fonts)
{
  return fonts->missing;
}
