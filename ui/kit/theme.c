// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/theme.h"

static const NmInk inks[NM_PAINTS][NM_THEMES] = {
    [NM_PAINT_GROUND] = {0x14161bff, 0xe9e9e5ff},    [NM_PAINT_PANEL] = {0x1b1e25ff, 0xf6f6f3ff},
    [NM_PAINT_RAISED] = {0x282c36ff, 0xe6e6e1ff},    [NM_PAINT_HOVER] = {0x343a47ff, 0xd9dad5ff},
    [NM_PAINT_LINE] = {0x2a2e38ff, 0xdcdcd6ff},      [NM_PAINT_LINE_STRONG] = {0x414754ff, 0xb9bab3ff},
    [NM_PAINT_TEXT] = {0xdfe2e8ff, 0x202329ff},      [NM_PAINT_TEXT_DIM] = {0x8e95a3ff, 0x6a6f78ff},
    [NM_PAINT_ACCENT] = {0xe8a33dff, 0xc26a00ff},    [NM_PAINT_ACCENT_TEXT] = {0x17120aff, 0xffffffff},
    [NM_PAINT_NOTE] = {0x5f8fc9ff, 0x6f9fd8ff},      [NM_PAINT_NOTE_TEXT] = {0x0b121bff, 0x0c1622ff},
    [NM_PAINT_KEY_WHITE] = {0xc9ccd2ff, 0xfdfdfcff}, [NM_PAINT_KEY_BLACK] = {0x23262eff, 0x4a4d54ff},
    [NM_PAINT_ROW_BLACK] = {0x181a20ff, 0xeeeeeaff}, [NM_PAINT_LOOP] = {0x7fb069ff, 0x4b8b3bff},
    [NM_PAINT_WAVE] = {0x7d9fc4ff, 0x4d7fb5ff},      [NM_PAINT_PITCH] = {0xd97fb0ff, 0xb83d80ff},
    [NM_PAINT_VOWEL] = {0x3f5f7fff, 0xbcd3ebff},     [NM_PAINT_CONSONANT] = {0x3a3f4bff, 0xdcdcd7ff},
    [NM_PAINT_VALENCE] = {0x6fbf8bff, 0x2f8f56ff},   [NM_PAINT_AROUSAL] = {0xe0745cff, 0xc9472bff},
    [NM_PAINT_WARNING] = {0xe36f5eff, 0xb3261eff},   [NM_PAINT_SHADOW] = {0x00000066, 0x00000033},
};

NmInk nm_theme_get_ink(NmTheme theme, NmPaint paint)
{
  return inks[paint][theme];
}

NmInk nm_ink_fade(NmInk ink, float alpha)
{
  return (ink & ~0xffU) | (NmInk)((float)(ink & 0xff) * alpha + .5f);
}

NmInk nm_ink_mix(NmInk a, NmInk b, float t)
{
  NmInk mixed = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    float from = (float)(a >> shift & 0xff), to = (float)(b >> shift & 0xff);
    mixed |= (NmInk)(from + (to - from) * t + .5f) << shift;
  }
  return mixed;
}
