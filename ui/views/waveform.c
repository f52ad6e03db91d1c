// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/waveform.h"

#include <math.h>
#include <stdlib.h>

#include "ui/views/wheel.h"

enum { N_IMAGES = sizeof((NmWaveform *)0)->images / sizeof((NmWaveform *)0)->images[0], N_STOPS = 5 };

static const NmInk stops[NM_THEMES][N_STOPS] = {
    [NM_THEME_DARK] = {0x14161bff, 0x1d3557ff, 0x3a6ea5ff, 0xe8a33dff, 0xfff3d6ff},
    [NM_THEME_LIGHT] = {0xf1f1edff, 0xc9d9eaff, 0x7fa6d0ff, 0x2d5f96ff, 0x0d2440ff}};

static void put_ink(uint8_t *rgba, NmInk ink)
{
  for (int c = 0; c < 4; c++) rgba[c] = (uint8_t)(ink >> (24 - 8 * c));
}

static void make_palette(NmTheme theme, uint8_t palette[256][4])
{
  for (int i = 0; i < 256; i++) {
    float at = (float)i / 255 * (N_STOPS - 1);
    int stop = at >= N_STOPS - 1 ? N_STOPS - 2 : (int)at;
    put_ink(palette[i], nm_ink_mix(stops[theme][stop], stops[theme][stop + 1], at - (float)stop));
  }
}

// Low bands at the bottom.
static NmImage *make_image(NmKit *kit, const NmWaveformPiece *piece)
{
  uint8_t palette[256][4];
  NmImage *image = nm_image_new(kit, piece->n_frames, piece->n_bands);
  uint8_t *rgba = malloc((size_t)piece->n_frames * (size_t)piece->n_bands * 4);
  if (image && rgba) {
    make_palette(nm_kit_get_theme(kit), palette);
    for (int band = 0; band < piece->n_bands; band++)
      for (int t = 0; t < piece->n_frames; t++) {
        const uint8_t *colour = palette[piece->spectrum[t * piece->n_bands + band]];
        uint8_t *at = rgba + 4 * ((piece->n_bands - 1 - band) * piece->n_frames + t);
        for (int c = 0; c < 4; c++) at[c] = colour[c];
      }
    nm_image_set(image, rgba);
  }
  free(rgba);
  return image;
}

// The picture of a piece, from those that were made, else in place of the one not seen for longest; NULL when
// all are in this frame.
static NmImage *find_image(NmKit *kit, NmWaveform *view, const NmWaveformPiece *piece)
{
  int oldest = 0;
  for (int i = 0; i < N_IMAGES; i++) {
    if (view->images[i].image && view->images[i].id == piece->id &&
        view->images[i].theme == nm_kit_get_theme(kit)) {
      view->images[i].used = view->frame;
      return view->images[i].image;
    }
    if (view->images[i].used < view->images[oldest].used) oldest = i;
  }
  if (view->images[oldest].image && view->images[oldest].used >= view->frame - 1) return NULL;
  nm_image_free(view->images[oldest].image);
  view->images[oldest].image = make_image(kit, piece);
  view->images[oldest].id = piece->id;
  view->images[oldest].theme = nm_kit_get_theme(kit);
  view->images[oldest].used = view->frame;
  return view->images[oldest].image;
}

static float x_of_sample(const NmWaveformModel *model, const NmAxis *axis, double sample)
{
  return nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, sample / model->rate_hz));
}

static double sample_of_x(const NmWaveformModel *model, const NmAxis *axis, float x)
{
  return nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, x)) * model->rate_hz;
}

// Where the tempo changes the picture is stretched otherwise.
static void draw_spectrum(NmKit *kit, NmWaveform *view, const NmWaveformModel *model,
                          const NmWaveformPiece *piece, const NmAxis *axis, NmRect rect)
{
  const NmImage *image = find_image(kit, view, piece);
  double begin = (double)piece->start / model->rate_hz, len = (double)piece->n / model->rate_hz;
  if (!image || !(len > 0)) return;
  for (double at = begin, end; at < begin + len; at = end) {
    end = fmin(nm_axis_get_piece_end(axis->time, at), begin + len);
    float x0 = nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, at));
    float x1 = nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, end));
    NmRect part = {(float)((at - begin) / len), 0, (float)((end - at) / len), 1};
    nm_draw_image(kit, image, part, (NmRect){x0, rect.y, x1 - x0, rect.h});
  }
}

static void draw_wave(NmKit *kit, const NmWaveformModel *model, const NmWaveformPiece *piece,
                      const NmAxis *axis, NmRect rect)
{
  enum { N_MAX = 4096 };
  float band[3 * N_MAX], middle = rect.y + rect.h / 2, scale = rect.h / 2 - 2;
  float first = fmaxf(rect.x, floorf(x_of_sample(model, axis, (double)piece->start)));
  float end = fminf(rect.x + rect.w, x_of_sample(model, axis, (double)(piece->start + piece->n)));
  int n = 0;
  for (float x = first; x < end && n < N_MAX; x++, n++) {
    int64_t from = (int64_t)sample_of_x(model, axis, x) - piece->start;
    int64_t to = (int64_t)sample_of_x(model, axis, x + 1) - piece->start;
    NmPeak peak = nm_peaks_get(piece->peaks, from, to > from ? to : from + 1);
    band[3 * n] = x;
    band[3 * n + 1] = middle - fminf(peak.high, 1) * scale - .5f;
    band[3 * n + 2] = middle - fmaxf(peak.low, -1) * scale + .5f;
  }
  if (n > 1) nm_draw_band(kit, band, n, nm_kit_get_ink(kit, NM_PAINT_WAVE));
}

static int first_piece(const NmWaveformModel *model, double sample)
{
  int low = 0, high = model->n;
  while (low < high) {
    int middle = (low + high) / 2;
    if ((double)(model->pieces[middle].start + model->pieces[middle].n) <= sample)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void draw(NmKit *kit, NmWaveform *view, const NmWaveformModel *model, const NmAxis *axis, NmRect rect)
{
  bool both = !view->hides_spectrum && rect.h >= 60;
  NmRect wave = {rect.x, rect.y, rect.w, both ? rect.h * .4f : rect.h};
  NmRect spectrum = {rect.x, rect.y + wave.h, rect.w, rect.h - wave.h};
  double end = sample_of_x(model, axis, rect.x + rect.w);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_GROUND), 0);
  nm_axis_draw_grid(kit, axis, wave);
  for (int i = first_piece(model, sample_of_x(model, axis, rect.x)); i < model->n; i++) {
    const NmWaveformPiece *piece = &model->pieces[i];
    if ((double)piece->start > end) break;
    if (both && piece->spectrum) draw_spectrum(kit, view, model, piece, axis, spectrum);
    draw_wave(kit, model, piece, axis, wave);
  }
  if (model->n == 0)
    nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                  nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), model->empty);
}

NmWaveformEdit nm_waveform_show(NmKit *kit, NmWaveform *view, const NmWaveformModel *model, NmAxis *axis,
                                NmRect rect)
{
  NmArea area = nm_kit_area(kit, model->title, rect);
  view->frame++;
  nm_wheel_scroll_axis(kit, &area, axis);
  nm_draw_clip(kit, rect);
  draw(kit, view, model, axis, rect);
  nm_draw_unclip(kit);
  if (!area.active || !nm_kit_get_input(kit)->down[NM_BUTTON_LEFT]) return (NmWaveformEdit){0};
  double tick = fmax(nm_axis_get_tick(axis, nm_kit_get_input(kit)->x), 0);
  return (NmWaveformEdit){NM_WAVEFORM_SEEK, llround(tick)};
}

void nm_waveform_fini(NmWaveform *view)
{
  for (int i = 0; i < N_IMAGES; i++) nm_image_free(view->images[i].image);
}
