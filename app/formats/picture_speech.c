// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/picture_speech.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/picture_canvas.h"
#include "dsp/frontend.h"

// The layout, in pixels from the top: margin, waveform, spectrogram, phones, words, pitch, seconds.
enum {
  PIXELS_PER_SECOND = 200,
  LEFT = 44,
  RIGHT = 12,
  GAP = 8,
  WAVE_Y = 12,
  WAVE_HEIGHT = 90,
  MEL_Y = WAVE_Y + WAVE_HEIGHT + GAP,
  PIXELS_PER_BAND = 4,
  MEL_HEIGHT = PIXELS_PER_BAND * NM_N_MELS,
  PHONES_Y = MEL_Y + MEL_HEIGHT + 4,
  PHONES_HEIGHT = 22,
  WORDS_Y = PHONES_Y + PHONES_HEIGHT,
  WORDS_HEIGHT = 14,
  PITCH_Y = WORDS_Y + WORDS_HEIGHT + GAP,
  PITCH_HEIGHT = 100,
  SECONDS_Y = PITCH_Y + PITCH_HEIGHT + 4,
  HEIGHT = SECONDS_Y + 16,
  N_SAMPLES_MAX = NM_PICTURE_SECONDS_MAX * NM_VOICE_RATE_HZ,
  N_FRAMES_MAX = N_SAMPLES_MAX / NM_VOICE_HOP + 1
};

static const double mel_range = 8;                          // natural log units from black to white
static const double pitch_low_hz = 60, pitch_high_hz = 500; // the pitch panel's scale

static const NmColour paper = {250, 250, 248}, ink = {40, 40, 40}, faint = {205, 205, 205},
                      panel = {255, 255, 255}, wave = {60, 110, 170}, pitch = {200, 60, 40},
                      boundary = {120, 200, 220};

struct NmPicture {
  float *samples;            // [n_samples]
  float f0_hz[N_FRAMES_MAX]; // by frame of the audio, 0 where unvoiced or not said
  int64_t n_samples, n_capacity;
};

NmPicture *nm_picture_new(NmError *err)
{
  NmPicture *picture = calloc(1, sizeof *picture);
  if (!picture) nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the picture");
  return picture;
}

void nm_picture_free(NmPicture *picture)
{
  if (!picture) return;
  free(picture->samples);
  free(picture);
}

NmStatus nm_picture_add_audio(NmPicture *picture, const float *samples, int64_t n, NmError *err)
{
  const int64_t n_room = N_SAMPLES_MAX - picture->n_samples;
  if (n > n_room) n = n_room;
  if (picture->n_samples + n > picture->n_capacity) {
    const int64_t n_wanted = 2 * (picture->n_samples + n);
    float *grown = realloc(picture->samples, sizeof *grown * (size_t)n_wanted);
    if (!grown) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the picture");
    picture->samples = grown;
    picture->n_capacity = n_wanted;
  }
  if (n) memcpy(picture->samples + picture->n_samples, samples, sizeof *samples * (size_t)n);
  picture->n_samples += n;
  return NM_OK;
}

NmStatus nm_picture_add_pitch(NmPicture *picture, int64_t start, const float *f0_hz, int64_t n_frames,
                              NmError *err)
{
  for (int64_t i = 0; i < n_frames; i++) {
    const int64_t frame = (start + i * NM_VOICE_HOP + NM_VOICE_HOP / 2) / NM_VOICE_HOP;
    if (frame >= 0 && frame < N_FRAMES_MAX && f0_hz[i] > 0) picture->f0_hz[frame] = f0_hz[i];
  }
  return NM_OK;
}

static int to_x(int64_t sample)
{
  return LEFT + (int)(sample * PIXELS_PER_SECOND / NM_VOICE_RATE_HZ);
}

// Dark to bright through violet and orange, for `value` in 0 to 1.
static NmColour get_heat(double value)
{
  static const NmColour stops[] = {{0, 0, 8}, {75, 20, 115}, {180, 55, 120}, {250, 135, 95}, {252, 250, 195}};
  const int n = (int)(sizeof stops / sizeof *stops) - 1;
  const double place = fmin(fmax(value, 0), 1) * n;
  const int i = place < n ? (int)place : n - 1;
  const double t = place - i;
  return (NmColour){(uint8_t)(stops[i].r + t * (stops[i + 1].r - stops[i].r)),
                    (uint8_t)(stops[i].g + t * (stops[i + 1].g - stops[i].g)),
                    (uint8_t)(stops[i].b + t * (stops[i + 1].b - stops[i].b))};
}

static void draw_wave(const NmPicture *picture, NmCanvas *canvas, int width)
{
  const int middle = WAVE_Y + WAVE_HEIGHT / 2;
  nm_canvas_fill(canvas, LEFT, WAVE_Y, width, WAVE_HEIGHT, panel);
  float peak = .01f;
  for (int64_t i = 0; i < picture->n_samples; i++) peak = fmaxf(peak, fabsf(picture->samples[i]));
  for (int x = 0; x < width; x++) {
    float low = 0, high = 0;
    int64_t i = (int64_t)x * NM_VOICE_RATE_HZ / PIXELS_PER_SECOND;
    const int64_t end = (int64_t)(x + 1) * NM_VOICE_RATE_HZ / PIXELS_PER_SECOND;
    for (; i < end && i < picture->n_samples; i++) {
      low = fminf(low, picture->samples[i]);
      high = fmaxf(high, picture->samples[i]);
    }
    const int up = (int)(high / peak * (WAVE_HEIGHT / 2 - 2)),
              down = (int)(-low / peak * (WAVE_HEIGHT / 2 - 2));
    nm_canvas_fill(canvas, LEFT + x, middle - up, 1, up + down + 1, wave);
  }
}

static NmStatus draw_mel(const NmPicture *picture, NmCanvas *canvas, int width, NmError *err)
{
  const int64_t n_frames = nm_frontend_get_n_frames(picture->n_samples);
  NmFrontend *frontend = nm_frontend_new();
  float *mel = calloc((size_t)n_frames * NM_N_MELS + 1, sizeof *mel); // [n_frames, NM_N_MELS]
  NmStatus status =
      frontend && mel ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the picture");
  if (status) goto done;
  nm_frontend_run(frontend, picture->samples, picture->n_samples, mel);
  float peak = -INFINITY;
  for (int64_t i = 0; i < n_frames * NM_N_MELS; i++) peak = fmaxf(peak, mel[i]);
  for (int x = 0; x < width; x++) {
    const int64_t sample = (int64_t)x * NM_VOICE_RATE_HZ / PIXELS_PER_SECOND;
    const int64_t frame = (sample + NM_LEN_HOP / 2) / NM_LEN_HOP;
    if (frame >= n_frames) break;
    for (int band = 0; band < NM_N_MELS; band++) {
      const NmColour colour = get_heat(1 + (mel[frame * NM_N_MELS + band] - peak) / mel_range);
      nm_canvas_fill(canvas, LEFT + x, MEL_Y + MEL_HEIGHT - (band + 1) * PIXELS_PER_BAND, 1, PIXELS_PER_BAND,
                     colour);
    }
  }
done:
  free(mel);
  nm_frontend_free(frontend);
  return status;
}

static int pitch_to_y(double f0_hz)
{
  const double part = log(f0_hz / pitch_low_hz) / log(pitch_high_hz / pitch_low_hz);
  return PITCH_Y + PITCH_HEIGHT - 1 - (int)(fmin(fmax(part, 0), 1) * (PITCH_HEIGHT - 3));
}

static void draw_pitch(const NmPicture *picture, NmCanvas *canvas, int width)
{
  static const int lines_hz[] = {100, 200, 400};
  char label[16];
  nm_canvas_fill(canvas, LEFT, PITCH_Y, width, PITCH_HEIGHT, panel);
  for (size_t i = 0; i < sizeof lines_hz / sizeof *lines_hz; i++) {
    const int y = pitch_to_y(lines_hz[i]);
    nm_canvas_fill(canvas, LEFT, y, width, 1, faint);
    snprintf(label, sizeof label, "%d HZ", lines_hz[i]);
    nm_canvas_text(canvas, 2, y - NM_GLYPH_HEIGHT / 2, label, ink);
  }
  for (int64_t frame = 0; frame * NM_VOICE_HOP < picture->n_samples; frame++) {
    if (picture->f0_hz[frame] <= 0) continue;
    nm_canvas_fill(canvas, to_x(frame * NM_VOICE_HOP), pitch_to_y(picture->f0_hz[frame]), 2, 2, pitch);
  }
}

static void draw_seconds(NmCanvas *canvas, int width)
{
  char label[16];
  for (int second = 0; second * PIXELS_PER_SECOND <= width; second++) {
    const int x = LEFT + second * PIXELS_PER_SECOND;
    nm_canvas_fill(canvas, x, SECONDS_Y - 4, 1, 4, ink);
    snprintf(label, sizeof label, "%d S", second);
    nm_canvas_text(canvas, x, SECONDS_Y + 2, label, ink);
  }
  nm_canvas_text(canvas, 2, MEL_Y, "12 KHZ", ink);
  nm_canvas_text(canvas, 2, MEL_Y + MEL_HEIGHT - NM_GLYPH_HEIGHT, "0 HZ", ink);
}

static void draw_label(NmCanvas *canvas, const NmTiming *timing, int y, NmColour colour)
{
  const int middle = (to_x(timing->start) + to_x(timing->end)) / 2;
  nm_canvas_text(canvas, middle - nm_canvas_text_width(timing->text) / 2, y, timing->text, colour);
}

// Names of neighbouring phones stand on two rows, so that short ones stay readable.
static void draw_phone(NmCanvas *canvas, const NmTiming *timing, int64_t index)
{
  const int x = to_x(timing->start);
  for (int y = MEL_Y; y < MEL_Y + MEL_HEIGHT; y += 3) nm_canvas_fill(canvas, x, y, 1, 2, boundary);
  nm_canvas_fill(canvas, x, PHONES_Y - 4, 1, PHONES_HEIGHT + 4, faint);
  if (strcmp(timing->text, nm_phone_name(NM_PHONE_PAUSE))) {
    draw_label(canvas, timing, PHONES_Y + (index % 2 ? NM_GLYPH_HEIGHT + 3 : 1), ink);
  }
}

static void draw_word(NmCanvas *canvas, const NmTiming *timing)
{
  nm_canvas_fill(canvas, to_x(timing->start), WORDS_Y - 2, to_x(timing->end) - to_x(timing->start) - 1, 1,
                 wave);
  draw_label(canvas, timing, WORDS_Y + 2, wave);
}

static NmStatus draw_timings(const NmPicture *picture, NmTimings *timings, NmCanvas *canvas, NmError *err)
{
  NmTiming timing;
  bool found;
  int64_t n_phones = 0;
  NmStatus status = nm_timings_rewind(timings, err);
  while (!status && !(status = nm_timings_next(timings, &timing, &found, err)) && found) {
    if (timing.start >= picture->n_samples) break;
    if (timing.kind == NM_TIMING_PHONE) draw_phone(canvas, &timing, n_phones++);
    if (timing.kind == NM_TIMING_WORD) draw_word(canvas, &timing);
  }
  return status;
}

NmStatus nm_picture_write(NmPicture *picture, NmTimings *timings, FILE *file, NmError *err)
{
  const int width = (int)(picture->n_samples * PIXELS_PER_SECOND / NM_VOICE_RATE_HZ) + 1;
  NmCanvas *canvas = nm_canvas_new(LEFT + width + RIGHT, HEIGHT, paper);
  if (!canvas) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the picture");
  draw_wave(picture, canvas, width);
  draw_pitch(picture, canvas, width);
  draw_seconds(canvas, width);
  NmStatus status = draw_mel(picture, canvas, width, err);
  if (!status) status = draw_timings(picture, timings, canvas, err);
  if (!status) status = nm_canvas_write_png(canvas, file, err);
  nm_canvas_free(canvas);
  return status;
}
