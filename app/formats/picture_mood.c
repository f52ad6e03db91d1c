// SPDX-License-Identifier: GPL-3.0-or-later
// Waveform, both curves with their uncertainty, and the path through the plane of valence and arousal.
// Colours of the waveform and the path tell the time.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/mood.h"
#include "app/formats/picture_pen.h"

// The layout, in pixels.
enum {
  WIDTH = 1600,
  HEIGHT = 900,
  LEFT = 92,
  TIME_WIDTH = 948,
  WAVE_Y = 104,
  WAVE_HEIGHT = 120,
  NAMES_Y = WAVE_Y + WAVE_HEIGHT + 12,
  CURVE_HEIGHT = 256,
  VALENCE_Y = NAMES_Y + 28,
  AROUSAL_Y = VALENCE_Y + CURVE_HEIGHT + 28,
  TIME_Y = AROUSAL_Y + CURVE_HEIGHT,
  PLANE_X = LEFT + TIME_WIDTH + 76,
  PLANE_SIZE = 432,
  PLANE_Y = WAVE_Y,
  FACTS_Y = PLANE_Y + PLANE_SIZE + 64,
  PATH_POINTS_MAX = 600,
  SEGMENTS_MANY = 30, // whose bounds are drawn faintly
  N_NAME = 60         // letters of the file's name that fit
};

static const NmColour paper = {250, 250, 248}, panel = {255, 255, 255}, ink = {45, 45, 50},
                      soft = {120, 120, 125}, faint = {226, 226, 222}, frame = {205, 205, 200},
                      doubt = {150, 150, 150};
static const NmColour curve_colours[2] = {{206, 86, 44}, {36, 105, 172}};
static const char *const curve_names[2] = {"VALENCE", "AROUSAL"};
static const double text_size = 1.7, title_size = 2.9;

typedef struct {
  const NmMood *mood;
  NmCanvas *canvas;
  double limit, plane_limit; // greatest value shown in the curves and in the plane
} Picture;

// From the beginning to the end of the sound.
static NmColour get_time_colour(double part)
{
  static const NmColour stops[] = {
      {38, 22, 130}, {122, 28, 160}, {196, 60, 120}, {236, 122, 66}, {238, 184, 48}};
  const int n = (int)(sizeof stops / sizeof *stops) - 1;
  const double place = fmin(fmax(part, 0), 1) * n;
  const int i = place < n ? (int)place : n - 1;
  const double t = place - i;
  return (NmColour){(uint8_t)(stops[i].r + t * (stops[i + 1].r - stops[i].r)),
                    (uint8_t)(stops[i].g + t * (stops[i + 1].g - stops[i].g)),
                    (uint8_t)(stops[i].b + t * (stops[i + 1].b - stops[i].b))};
}

static double get_value(const NmEmotionRow *row, int d)
{
  return d ? row->arousal : row->valence;
}

// The error to expect of a row.
static double get_error(const NmMood *mood, const NmEmotionRow *row, int d)
{
  return (1 - row->confidence) * mood->spread[d];
}

// The least tenth that is even, from .2 to 1, and holds both curves with `n_errors` of their uncertainty.
static double choose_limit(const NmMood *mood, double n_errors)
{
  double most = .2;
  for (int64_t i = 0; i < mood->n_rows; ++i)
    for (int d = 0; d < 2; ++d)
      most = fmax(most, fabs(get_value(&mood->rows[i], d)) + n_errors * get_error(mood, &mood->rows[i], d));
  return fmin(ceil(most * 5 - 1e-6) / 5, 1);
}

static double time_to_x(const NmMood *mood, double seconds)
{
  return LEFT + seconds / mood->seconds * (TIME_WIDTH - 1);
}

static void draw_frame(NmCanvas *canvas, int x, int y, int width, int height)
{
  nm_canvas_fill(canvas, x - 1, y - 1, width + 2, height + 2, frame);
  nm_canvas_fill(canvas, x, y, width, height, panel);
}

static void draw_centred(NmCanvas *canvas, double x, double y, double size, const char *text, NmColour colour)
{
  nm_pen_text(canvas, x - nm_pen_text_width(size, text) / 2, y, size, text, colour);
}

static void draw_right(NmCanvas *canvas, double x, double y, double size, const char *text, NmColour colour)
{
  nm_pen_text(canvas, x - nm_pen_text_width(size, text), y, size, text, colour);
}

// --- waveform ---

static void draw_wave(const Picture *p)
{
  const NmWave *wave = p->mood->wave;
  const double middle = WAVE_Y + (WAVE_HEIGHT - 1) / 2.0,
               scale = (WAVE_HEIGHT / 2 - 4) / fmax(wave->peak, .01);
  const double n_bins = (double)wave->n_samples / (double)wave->len_bin;
  draw_frame(p->canvas, LEFT, WAVE_Y, TIME_WIDTH, WAVE_HEIGHT);
  for (int x = 0; x < TIME_WIDTH; ++x) {
    const int64_t first = (int64_t)(x * n_bins / TIME_WIDTH), end = (int64_t)((x + 1) * n_bins / TIME_WIDTH);
    float low = INFINITY, high = -INFINITY;
    for (int64_t i = first; i <= end && i < NM_WAVE_BINS && i < n_bins; ++i) {
      low = fminf(low, wave->low[i]);
      high = fmaxf(high, wave->high[i]);
    }
    nm_pen_column(p->canvas, LEFT + x, middle - scale * high - .5, middle - scale * low + .5,
                  get_time_colour((double)x / TIME_WIDTH), 1);
  }
}

// --- curves ---

static double value_to_y(const Picture *p, int top, double value)
{
  return top + (CURVE_HEIGHT - 1) * (1 - value / p->limit) / 2;
}

static void draw_scale(const Picture *p, int top)
{
  char label[16];
  for (int i = -2; i <= 2; ++i) {
    const double value = i * p->limit / 2, y = value_to_y(p, top, value);
    if (abs(i) < 2) nm_canvas_fill(p->canvas, LEFT, (int)lround(y), TIME_WIDTH, 1, i ? faint : frame);
    snprintf(label, sizeof label, i ? "%+.3g" : "0", value);
    draw_right(p->canvas, LEFT - 12, y - 3 * text_size, text_size, label, soft);
  }
}

// Shades where the sound is unlike the music that the model knows.
static void draw_doubt(const Picture *p, int top)
{
  for (int64_t i = 0; i < p->mood->n_rows; ++i) {
    const NmEmotionRow *row = &p->mood->rows[i];
    if (row->distance <= 1) continue;
    const int from = (int)time_to_x(p->mood, row->time_s - NM_EMOTION_STEP_S / 2);
    const int to = (int)time_to_x(p->mood, fmin(row->time_s + NM_EMOTION_STEP_S / 2, p->mood->seconds));
    for (int x = from; x < to; ++x)
      for (int y = top; y < top + CURVE_HEIGHT; ++y)
        if ((x + y) % 10 < 2) nm_pen_blend(p->canvas, x, y, doubt, .35);
  }
}

// The last row whose time is not after `seconds`, -1 before the first.
static int64_t find_row(const NmMood *mood, double seconds)
{
  const int64_t i = (int64_t)floor(seconds / NM_EMOTION_STEP_S - .5);
  return i < mood->n_rows ? i : mood->n_rows - 1;
}

static void draw_band(const Picture *p, int d, int top)
{
  const NmMood *mood = p->mood;
  for (int x = 0; x < TIME_WIDTH; ++x) {
    const double seconds = (double)x / (TIME_WIDTH - 1) * mood->seconds;
    const int64_t i = find_row(mood, seconds), last = mood->n_rows - 1;
    const NmEmotionRow *a = &mood->rows[i < 0 ? 0 : i], *b = &mood->rows[i < last ? i + 1 : last];
    const double t = b->time_s > a->time_s ? (seconds - a->time_s) / (b->time_s - a->time_s) : 0;
    const double value = get_value(a, d) + t * (get_value(b, d) - get_value(a, d));
    const double error = get_error(mood, a, d) + t * (get_error(mood, b, d) - get_error(mood, a, d));
    nm_pen_column(p->canvas, LEFT + x, value_to_y(p, top, fmin(value + error, p->limit)),
                  value_to_y(p, top, fmax(value - error, -p->limit)), curve_colours[d], .17);
  }
}

static void draw_curve(const Picture *p, int d, int top)
{
  const NmMood *mood = p->mood;
  const double width = mood->n_rows > TIME_WIDTH ? 1.2 : 2.4;
  double x = time_to_x(mood, 0), y = value_to_y(p, top, get_value(&mood->rows[0], d));
  for (int64_t i = 0; i <= mood->n_rows; ++i) {
    const NmEmotionRow *row = &mood->rows[i < mood->n_rows ? i : mood->n_rows - 1];
    const double x_next =
        time_to_x(mood, i < mood->n_rows ? fmin(row->time_s, mood->seconds) : mood->seconds);
    const double y_next = value_to_y(p, top, get_value(row, d));
    nm_pen_line(p->canvas, x, y, x_next, y_next, width, curve_colours[d]);
    x = x_next;
    y = y_next;
  }
}

static void draw_panel(const Picture *p, int d, int top)
{
  draw_frame(p->canvas, LEFT, top, TIME_WIDTH, CURVE_HEIGHT);
  draw_scale(p, top);
  draw_doubt(p, top);
  draw_band(p, d, top);
  draw_curve(p, d, top);
}

static void draw_panel_name(const Picture *p, int d, int top)
{
  nm_canvas_fill(p->canvas, LEFT + 6, top + 6, (int)nm_pen_text_width(text_size, curve_names[d]) + 14, 24,
                 panel);
  nm_pen_text(p->canvas, LEFT + 12, top + 12, text_size, curve_names[d], curve_colours[d]);
}

// Names of the moods above the curves, dashes where they change.
static void draw_segments(const Picture *p)
{
  const NmColour colour = p->mood->n_segments > SEGMENTS_MANY ? frame : soft;
  for (int64_t i = 0; i < p->mood->n_segments; ++i) {
    const NmEmotionSegment *s = &p->mood->segments[i];
    const double from = time_to_x(p->mood, nm_mood_segment_start(s));
    const double to = time_to_x(p->mood, nm_mood_segment_end(p->mood, s));
    const char *name = nm_mood_name(s->valence, s->arousal);
    if (i) nm_pen_dashes(p->canvas, (int)lround(from), WAVE_Y, (int)lround(from), TIME_Y, colour);
    if (nm_pen_text_width(text_size, name) + 8 < to - from)
      draw_centred(p->canvas, (from + to) / 2, NAMES_Y, text_size, name, ink);
  }
}

static void format_time(double seconds, char *text, size_t size)
{
  const int64_t whole = (int64_t)floor(seconds + .5), minutes = whole / 60;
  if (minutes >= 60)
    snprintf(text, size, "%lld:%02d:%02d", (long long)(minutes / 60), (int)(minutes % 60), (int)(whole % 60));
  else
    snprintf(text, size, "%lld:%02d", (long long)minutes, (int)(whole % 60));
}

static void draw_times(const Picture *p)
{
  static const double steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600};
  const int n = (int)(sizeof steps / sizeof *steps);
  double step = 0;
  char label[32];
  for (int i = 0; i < n && (step == 0 || p->mood->seconds / step > 10); ++i) step = steps[i];
  while (p->mood->seconds / step > 10) step *= 2;
  for (double t = 0; t <= p->mood->seconds; t += step) {
    const int x = (int)lround(time_to_x(p->mood, t));
    nm_canvas_fill(p->canvas, x, TIME_Y, 1, 7, soft);
    format_time(t, label, sizeof label);
    draw_centred(p->canvas, x, TIME_Y + 14, text_size, label, soft);
  }
}

// --- the plane ---

static double plane_x(const Picture *p, double valence)
{
  return PLANE_X + (PLANE_SIZE - 1) * (1 + valence / p->plane_limit) / 2;
}

static double plane_y(const Picture *p, double arousal)
{
  return PLANE_Y + (PLANE_SIZE - 1) * (1 - arousal / p->plane_limit) / 2;
}

static void draw_plane(const Picture *p)
{
  const double middle_x = plane_x(p, 0), middle_y = plane_y(p, 0), radius = PLANE_SIZE / 2.0;
  char label[16];
  draw_frame(p->canvas, PLANE_X, PLANE_Y, PLANE_SIZE, PLANE_SIZE);
  nm_pen_ring(p->canvas, middle_x, middle_y, radius / 2, 1, faint);
  nm_pen_ring(p->canvas, middle_x, middle_y, radius - 2, 1, faint);
  nm_canvas_fill(p->canvas, PLANE_X, (int)lround(middle_y), PLANE_SIZE, 1, frame);
  nm_canvas_fill(p->canvas, (int)lround(middle_x), PLANE_Y, 1, PLANE_SIZE, frame);
  for (int i = 0; i < 8; ++i) {
    const double v = cos(i * M_PI / 4), a = sin(i * M_PI / 4), reach = i % 2 ? 1.1 : .86;
    const double x = middle_x + reach * radius * v * (i % 4 ? 1 : .86), y = middle_y - reach * radius * a;
    draw_centred(p->canvas, x, y - (i % 4 ? 3 : 8) * text_size, text_size, nm_mood_name(v, a), soft);
  }
  draw_centred(p->canvas, middle_x, PLANE_Y + PLANE_SIZE + 14, text_size, "VALENCE", curve_colours[0]);
  snprintf(label, sizeof label, "%+.1f", -p->plane_limit);
  nm_pen_text(p->canvas, PLANE_X, PLANE_Y + PLANE_SIZE + 14, text_size, label, soft);
  snprintf(label, sizeof label, "%+.1f", p->plane_limit);
  draw_right(p->canvas, PLANE_X + PLANE_SIZE, PLANE_Y + PLANE_SIZE + 14, text_size, label, soft);
  nm_pen_text(p->canvas, PLANE_X, PLANE_Y - 22, text_size, "AROUSAL", curve_colours[1]);
}

// The mean place of rows [first, end).
static void get_place(const Picture *p, int64_t first, int64_t end, double *x, double *y)
{
  double sums[2] = {0};
  for (int64_t i = first; i < end; ++i)
    for (int d = 0; d < 2; ++d) sums[d] += get_value(&p->mood->rows[i], d);
  *x = plane_x(p, sums[0] / (double)(end - first));
  *y = plane_y(p, sums[1] / (double)(end - first));
}

static void draw_path(const Picture *p)
{
  const int64_t n = p->mood->n_rows, len = (n + PATH_POINTS_MAX - 1) / PATH_POINTS_MAX;
  double x, y, x_next, y_next;
  get_place(p, 0, len < n ? len : n, &x, &y);
  const double x_first = x, y_first = y;
  for (int64_t i = 0; i < n; i += len, x = x_next, y = y_next) {
    get_place(p, i, i + len < n ? i + len : n, &x_next, &y_next);
    nm_pen_line(p->canvas, x, y, x_next, y_next, n > 240 ? 1.8 : 2.8, get_time_colour((double)i / (double)n));
  }
  nm_pen_disc(p->canvas, x_first, y_first, 6, get_time_colour(0));
  nm_pen_disc(p->canvas, x_first, y_first, 3, panel);
  nm_pen_disc(p->canvas, x, y, 7, panel);
  nm_pen_disc(p->canvas, x, y, 5.5, get_time_colour(1));
}

// --- words ---

static void draw_title(const Picture *p)
{
  char name[4 * N_NAME];
  const char *slash = strrchr(p->mood->name, '/');
  snprintf(name, sizeof name, "%.*s", N_NAME, slash ? slash + 1 : p->mood->name);
  nm_pen_text(p->canvas, LEFT, 34, title_size, name, ink);
}

static void draw_fact(const Picture *p, int line, NmColour colour, const char *text)
{
  nm_pen_text(p->canvas, PLANE_X, FACTS_Y + line * 30, text_size, text, colour);
}

static void draw_facts(const Picture *p)
{
  const NmMoodStats *s = &p->mood->stats;
  const double n = (double)s->n;
  char text[96], time[32];
  format_time(p->mood->seconds, time, sizeof time);
  snprintf(text, sizeof text, "%s IN %s", nm_mood_name_all(s), time);
  nm_pen_text(p->canvas, PLANE_X, FACTS_Y, text_size * 1.4, text, ink);
  for (int d = 0; d < 2; ++d) {
    snprintf(text, sizeof text, "%s %+.2f (%+.2f TO %+.2f)", curve_names[d], nm_mood_stats_get_mean(s, d),
             s->low[d], s->high[d]);
    draw_fact(p, 2 + d, curve_colours[d], text);
  }
  snprintf(text, sizeof text, "CONFIDENCE %.2f", s->sum_confidence / n);
  draw_fact(p, 4, soft, text);
  draw_fact(p, 5, soft, "BANDS: THE ERROR TO EXPECT");
  snprintf(text, sizeof text, "HATCHED: UNLIKE MUSIC, %.0f %%", 100 * (double)s->n_far / n);
  if (s->n_far) draw_fact(p, 6, soft, text);
}

NmStatus nm_mood_write_picture(const NmMood *mood, FILE *file, NmError *err)
{
  const Picture p = {mood, nm_canvas_new(WIDTH, HEIGHT, paper), choose_limit(mood, 1),
                     choose_limit(mood, .25)};
  if (!p.canvas) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the picture");
  draw_title(&p);
  draw_wave(&p);
  draw_panel(&p, 0, VALENCE_Y);
  draw_panel(&p, 1, AROUSAL_Y);
  draw_segments(&p);
  draw_panel_name(&p, 0, VALENCE_Y);
  draw_panel_name(&p, 1, AROUSAL_Y);
  draw_times(&p);
  draw_plane(&p);
  draw_path(&p);
  draw_facts(&p);
  const NmStatus status = nm_canvas_write_png(p.canvas, file, err);
  nm_canvas_free(p.canvas);
  return status;
}
