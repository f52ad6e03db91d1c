// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/window.h"

#include <SDL.h>
#include <SDL_opengl.h>
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ui/kit/widget.h"

typedef struct {
  void(APIENTRY *Viewport)(GLint x, GLint y, GLsizei width, GLsizei height);
  void(APIENTRY *ClearColor)(GLfloat r, GLfloat g, GLfloat b, GLfloat a);
  void(APIENTRY *Clear)(GLbitfield mask);
  void(APIENTRY *ReadPixels)(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type,
                             void *pixels);
  void(APIENTRY *GenTextures)(GLsizei n, GLuint *textures);
  void(APIENTRY *DeleteTextures)(GLsizei n, const GLuint *textures);
  void(APIENTRY *BindTexture)(GLenum target, GLuint texture);
  void(APIENTRY *TexParameteri)(GLenum target, GLenum name, GLint value);
  void(APIENTRY *TexImage2D)(GLenum target, GLint level, GLint inner, GLsizei width, GLsizei height,
                             GLint border, GLenum format, GLenum type, const void *pixels);
} Gl;

struct NmWindow {
  SDL_Window *sdl;
  SDL_GLContext context; // NULL: no OpenGL
  Gl gl;
  NmInputQueue *queue;
  SDL_Cursor *cursors[NM_CURSORS];
  int cursor;
  Uint32 wake_event;
  float scale_asked, scale; // pixels per unit
  float scale_events;       // units per point of SDL's events
  bool typing;
};

static bool load_gl(Gl *gl)
{
  static const char *const names[] = {"glViewport",    "glClearColor",    "glClear",
                                      "glReadPixels",  "glGenTextures",   "glDeleteTextures",
                                      "glBindTexture", "glTexParameteri", "glTexImage2D"};
  void *functions[sizeof names / sizeof *names];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!(functions[i] = SDL_GL_GetProcAddress(names[i]))) return false;
  static_assert(sizeof *gl == sizeof functions, "as many functions as names");
  memcpy(gl, functions, sizeof functions);
  return true;
}

// Points are what SDL counts windows in: pixels on X11, units of the desktop on Wayland.
static float pixels_per_point(SDL_Window *sdl)
{
  int points, pixels, unused;
  SDL_GetWindowSize(sdl, &points, &unused);
  SDL_GL_GetDrawableSize(sdl, &pixels, &unused);
  return points > 0 && pixels > 0 ? (float)pixels / (float)points : 1;
}

// Displays that are told apart by their resolution alone, in steps of a quarter: small deviations of the
// stated size are no reason to blur.
static float scale_of_display(SDL_Window *sdl)
{
  float dpi = 96, ratio = sdl ? pixels_per_point(sdl) : 1;
  if (ratio > 1) return ratio;
  if (SDL_GetDisplayDPI(sdl ? SDL_GetWindowDisplayIndex(sdl) : 0, NULL, &dpi, NULL) != 0) return 1;
  return fminf(fmaxf(floorf(dpi / 96 * 4) / 4, 1), 4);
}

static void update_scale(NmWindow *window)
{
  window->scale = window->scale_asked > 0 ? window->scale_asked : scale_of_display(window->sdl);
  window->scale_events = pixels_per_point(window->sdl) / window->scale;
}

static SDL_Window *create(const char *title, float width, float height, Uint32 flags)
{
  SDL_Rect usable;
  if (SDL_GetDisplayUsableBounds(0, &usable) == 0) {
    width = fminf(width, (float)usable.w);
    height = fminf(height, (float)usable.h);
  }
  return SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, (int)width, (int)height,
                          flags | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
}

static void open_with_gl(NmWindow *window, const char *title, float width, float height)
{
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
  SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 0);
  window->sdl = create(title, width, height, SDL_WINDOW_OPENGL);
  if (window->sdl) window->context = SDL_GL_CreateContext(window->sdl);
  if (window->context && load_gl(&window->gl)) {
    SDL_GL_SetSwapInterval(1);
    return;
  }
  if (window->context) SDL_GL_DeleteContext(window->context);
  window->context = NULL;
  if (window->sdl) SDL_DestroyWindow(window->sdl);
  window->sdl = NULL;
}

static void load_cursors(NmWindow *window)
{
  static const SDL_SystemCursor names[NM_CURSORS] = {
      SDL_SYSTEM_CURSOR_ARROW,  SDL_SYSTEM_CURSOR_IBEAM, SDL_SYSTEM_CURSOR_SIZEALL, SDL_SYSTEM_CURSOR_SIZEWE,
      SDL_SYSTEM_CURSOR_SIZENS, SDL_SYSTEM_CURSOR_HAND,  SDL_SYSTEM_CURSOR_NO};
  for (int i = 0; i < NM_CURSORS; i++) window->cursors[i] = SDL_CreateSystemCursor(names[i]);
}

NmWindow *nm_window_new(const char *title, int width, int height, float scale, NmInputQueue *queue,
                        NmError *err)
{
  NmWindow *window = calloc(1, sizeof *window);
  if (!window) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while opening the window");
    return NULL;
  }
  SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
  SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
  SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
  SDL_SetHint("SDL_IME_SHOW_UI", "1");
  SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
  SDL_SetMainReady();
  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    nm_error_set(err, NM_ERR_IO, "no window can be opened: %s", SDL_GetError());
    free(window);
    return NULL;
  }
  window->queue = queue;
  window->scale_asked = scale;
  window->wake_event = SDL_RegisterEvents(1);
  float units = scale > 0 ? scale : scale_of_display(NULL);
  open_with_gl(window, title, (float)width * units, (float)height * units);
  if (!window->sdl) window->sdl = create(title, (float)width * units, (float)height * units, 0);
  if (!window->sdl) {
    nm_error_set(err, NM_ERR_IO, "the window cannot be opened: %s", SDL_GetError());
    nm_window_free(window);
    return NULL;
  }
  load_cursors(window);
  SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
  SDL_StopTextInput();
  update_scale(window);
  return window;
}

void nm_window_free(NmWindow *window)
{
  if (!window) return;
  for (int i = 0; i < NM_CURSORS; i++)
    if (window->cursors[i]) SDL_FreeCursor(window->cursors[i]);
  if (window->context) SDL_GL_DeleteContext(window->context);
  if (window->sdl) SDL_DestroyWindow(window->sdl);
  SDL_QuitSubSystem(SDL_INIT_VIDEO);
  free(window);
}

static int key_of(SDL_Keycode code)
{
  static const struct {
    SDL_Keycode code;
    int key;
  } table[] = {{SDLK_LEFT, NM_KEY_LEFT},
               {SDLK_RIGHT, NM_KEY_RIGHT},
               {SDLK_UP, NM_KEY_UP},
               {SDLK_DOWN, NM_KEY_DOWN},
               {SDLK_PAGEUP, NM_KEY_PAGE_UP},
               {SDLK_PAGEDOWN, NM_KEY_PAGE_DOWN},
               {SDLK_HOME, NM_KEY_HOME},
               {SDLK_END, NM_KEY_END},
               {SDLK_INSERT, NM_KEY_INSERT},
               {SDLK_BACKSPACE, NM_KEY_BACKSPACE},
               {SDLK_APPLICATION, NM_KEY_MENU},
               {SDLK_LSHIFT, NM_KEY_SHIFT},
               {SDLK_RSHIFT, NM_KEY_SHIFT},
               {SDLK_LCTRL, NM_KEY_CTRL},
               {SDLK_RCTRL, NM_KEY_CTRL},
               {SDLK_LALT, NM_KEY_ALT},
               {SDLK_LGUI, NM_KEY_SUPER},
               {SDLK_RGUI, NM_KEY_SUPER},
               {SDLK_KP_ENTER, NM_KEY_ENTER},
               {SDLK_KP_PLUS, '+'},
               {SDLK_KP_MINUS, '-'},
               {SDLK_KP_MULTIPLY, '*'},
               {SDLK_KP_DIVIDE, '/'}};
  if (code > 0 && code <= NM_KEY_DELETE && code != SDLK_BACKSPACE) return code;
  if (code >= SDLK_F1 && code <= SDLK_F12) return NM_KEY_F1 + (code - SDLK_F1);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (table[i].code == code) return table[i].key;
  return 0;
}

static void push(NmWindow *window, const NmEvent *event)
{
  nm_input_queue_push(window->queue, event);
}

static void push_button(NmWindow *window, const SDL_MouseButtonEvent *button)
{
  static const int buttons[] = {-1, NM_BUTTON_LEFT, NM_BUTTON_MIDDLE, NM_BUTTON_RIGHT};
  if (button->button < 1 || button->button > 3) return;
  push(window, &(NmEvent){.kind = NM_EVENT_BUTTON,
                          .button = buttons[button->button],
                          .down = button->state == SDL_PRESSED,
                          .x = (float)button->x * window->scale_events,
                          .y = (float)button->y * window->scale_events});
}

static void push_key(NmWindow *window, const SDL_KeyboardEvent *key)
{
  NmEvent event = {.kind = NM_EVENT_KEY,
                   .key = key_of(key->keysym.sym),
                   .down = key->state == SDL_PRESSED,
                   .repeat = key->repeat != 0};
  push(window, event.key ? &event : &(NmEvent){.kind = NM_EVENT_WAKE});
}

static void push_text(NmWindow *window, NmEventKind kind, const char *text)
{
  NmEvent event = {.kind = kind};
  static_assert(sizeof event.text >= SDL_TEXTINPUTEVENT_TEXT_SIZE, "SDL's text fits");
  memcpy(event.text, text, strnlen(text, sizeof event.text - 1));
  push(window, &event);
}

static void push_drop(NmWindow *window, char *file)
{
  NmEvent event = {.kind = NM_EVENT_DROP, .path = file ? strdup(file) : NULL};
  SDL_free(file);
  if (event.path) push(window, &event);
}

static void push_window_event(NmWindow *window, Uint8 kind)
{
  NmEvent event = {.kind = NM_EVENT_WAKE};
  if (kind == SDL_WINDOWEVENT_LEAVE) event.kind = NM_EVENT_LEAVE;
  if (kind == SDL_WINDOWEVENT_FOCUS_GAINED || kind == SDL_WINDOWEVENT_FOCUS_LOST) event.kind = NM_EVENT_FOCUS;
  event.down = kind == SDL_WINDOWEVENT_FOCUS_GAINED;
  if (kind == SDL_WINDOWEVENT_SIZE_CHANGED || kind == SDL_WINDOWEVENT_DISPLAY_CHANGED) update_scale(window);
  push(window, &event);
}

static void translate(NmWindow *window, const SDL_Event *event)
{
  float scale = window->scale_events;
  switch (event->type) {
  case SDL_MOUSEMOTION:
    push(window, &(NmEvent){.kind = NM_EVENT_MOVE,
                            .x = (float)event->motion.x * scale,
                            .y = (float)event->motion.y * scale});
    break;
  case SDL_MOUSEBUTTONDOWN:
  case SDL_MOUSEBUTTONUP: push_button(window, &event->button); break;
  case SDL_MOUSEWHEEL:
    push(window, &(NmEvent){.kind = NM_EVENT_WHEEL, .x = event->wheel.preciseX, .y = event->wheel.preciseY});
    break;
  case SDL_KEYDOWN:
  case SDL_KEYUP: push_key(window, &event->key); break;
  case SDL_TEXTINPUT: push_text(window, NM_EVENT_TEXT, event->text.text); break;
  case SDL_TEXTEDITING: push_text(window, NM_EVENT_COMPOSE, event->edit.text); break;
  case SDL_DROPFILE: push_drop(window, event->drop.file); break;
  case SDL_WINDOWEVENT: push_window_event(window, event->window.event); break;
  case SDL_QUIT: push(window, &(NmEvent){.kind = NM_EVENT_CLOSE}); break;
  default:
    if (event->type == window->wake_event) push(window, &(NmEvent){.kind = NM_EVENT_WAKE});
  }
}

void nm_window_wait(NmWindow *window, double timeout_s)
{
  SDL_Event event;
  int timeout_ms = timeout_s < 0 ? -1 : (int)ceil(fmin(timeout_s, 3600) * 1000);
  if (timeout_ms != 0 && !SDL_WaitEventTimeout(NULL, timeout_ms)) return;
  while (SDL_PollEvent(&event)) translate(window, &event);
}

void nm_window_wake(NmWindow *window)
{
  SDL_PushEvent(&(SDL_Event){.type = window->wake_event});
}

void nm_window_set_title(NmWindow *window, const char *title)
{
  SDL_SetWindowTitle(window->sdl, title);
}

void nm_window_get_size(const NmWindow *window, int *width, int *height)
{
  if (window->context)
    SDL_GL_GetDrawableSize(window->sdl, width, height);
  else
    SDL_GetWindowSizeInPixels(window->sdl, width, height);
}

float nm_window_get_scale(const NmWindow *window)
{
  return window->scale;
}

void nm_window_set_scale(NmWindow *window, float scale)
{
  window->scale_asked = scale;
  update_scale(window);
}

void nm_window_set_cursor(NmWindow *window, int cursor)
{
  if (cursor == window->cursor || !window->cursors[cursor]) return;
  SDL_SetCursor(window->cursors[cursor]);
  window->cursor = cursor;
}

void nm_window_set_typing(NmWindow *window, bool typing)
{
  if (typing == window->typing) return;
  window->typing = typing;
  typing ? SDL_StartTextInput() : SDL_StopTextInput();
}

void nm_window_set_typing_place(NmWindow *window, float x, float y, float height)
{
  float scale = window->scale_events;
  SDL_SetTextInputRect(&(SDL_Rect){(int)(x / scale), (int)(y / scale), 1, (int)(height / scale)});
}

char *nm_window_get_clipboard(void)
{
  return SDL_GetClipboardText();
}

void nm_window_free_text(char *text)
{
  SDL_free(text);
}

void nm_window_set_clipboard(const char *text)
{
  SDL_SetClipboardText(text);
}

bool nm_window_has_gl(const NmWindow *window)
{
  return window->context;
}

void nm_window_clear(NmWindow *window, uint32_t ink)
{
  int width, height;
  nm_window_get_size(window, &width, &height);
  window->gl.Viewport(0, 0, width, height);
  window->gl.ClearColor((float)(ink >> 24) / 255, (float)(ink >> 16 & 0xff) / 255,
                        (float)(ink >> 8 & 0xff) / 255, 1);
  window->gl.Clear(GL_COLOR_BUFFER_BIT);
}

void nm_window_show(NmWindow *window)
{
  SDL_GL_SwapWindow(window->sdl);
}

// OpenGL's first row is the lowest.
static void turn_over(NmPixels *pixels)
{
  size_t stride = 4 * (size_t)pixels->width;
  for (int y = 0; y < pixels->height / 2; y++) {
    uint8_t *a = pixels->rgba + (size_t)y * stride,
            *b = pixels->rgba + (size_t)(pixels->height - 1 - y) * stride;
    for (size_t i = 0; i < stride; i++) {
      uint8_t swap = a[i];
      a[i] = b[i];
      b[i] = swap;
    }
  }
}

void nm_window_read(NmWindow *window, NmPixels *pixels)
{
  window->gl.ReadPixels(0, 0, pixels->width, pixels->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels->rgba);
  turn_over(pixels);
}

unsigned nm_window_texture_new(NmWindow *window, int width, int height)
{
  GLuint texture = 0;
  window->gl.GenTextures(1, &texture);
  window->gl.BindTexture(GL_TEXTURE_2D, texture);
  window->gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  window->gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  window->gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  window->gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  window->gl.TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
  return texture;
}

void nm_window_texture_set(NmWindow *window, unsigned texture, const NmPixels *pixels)
{
  window->gl.BindTexture(GL_TEXTURE_2D, texture);
  window->gl.TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, pixels->width, pixels->height, 0, GL_RGBA,
                        GL_UNSIGNED_BYTE, pixels->rgba);
}

void nm_window_texture_free(NmWindow *window, unsigned texture)
{
  window->gl.DeleteTextures(1, &texture);
}

void nm_window_show_pixels(NmWindow *window, const NmPixels *pixels)
{
  SDL_Surface *surface = SDL_GetWindowSurface(window->sdl);
  SDL_Surface *source = SDL_CreateRGBSurfaceWithFormatFrom(pixels->rgba, pixels->width, pixels->height, 32,
                                                           4 * pixels->width, SDL_PIXELFORMAT_RGBA32);
  if (surface && source) SDL_BlitSurface(source, NULL, surface, NULL);
  if (source) SDL_FreeSurface(source);
  if (surface) SDL_UpdateWindowSurface(window->sdl);
}
