// SPDX-License-Identifier: GPL-3.0-or-later
// The kit on Dear ImGui 1.86: the one file of C++, as thin as can be. Its own SDL back end is not used: it
// polls the mouse, so that a click which is followed at once by a movement would land elsewhere.
#define IMGUI_DEFINE_MATH_OPERATORS
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>
#include <imgui_freetype.h>
#include <imgui_internal.h>

#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

extern "C" {
#include "ui/kit/fonts.h"
#include "ui/kit/png_file.h"
#include "ui/kit/widget.h"
#include "ui/kit/window.h"
}

static_assert(sizeof(NmCorner) == sizeof(ImDrawVert), "a corner is what ImGui draws");

struct NmImage {
  NmKit *kit;
  NmPixels pixels; // rgba NULL with OpenGL
  unsigned texture;
};

struct Focus { // a widget that can have the keyboard
  ImGuiID id;
  ImGuiWindow *window;
  ImRect rect;
  ImGuiNavLayer layer;
  bool is_text;
};

struct NmKit {
  ImGuiContext *context;
  NmWindow *window; // NULL: headless
  NmInputQueue *queue;
  NmInput input;
  NmFonts *fonts[2]; // regular, bold
  ImFont *styles[NM_FONTS];
  NmPixels atlas;   // without OpenGL
  NmPixels picture; // without OpenGL: the last frame
  NmTheme theme;
  float width, height, scale; // units, pixels per unit
  bool fonts_changed, area_has_keys, area_had_keys;
  int frames_due;
  double time_s, deadline_s, shown_s;
  ImVector<Focus> ring;
  Focus menu; // the first of the menu bar
  ImGuiID dialog_wanted;
  bool focus_next;
  float list_rest; // units of rows below those declared
  int key;         // of this frame, not yet taken
  bool alt_tap;    // Alt went down and no other key since
  int cursor;
  float ime_x, ime_y;
  char *clipboard;
};

static const float font_sizes[NM_FONTS] = {14, 12, 14, 19};

static double now_s()
{
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static ImU32 colour(NmInk ink)
{
  return __builtin_bswap32(ink);
}

static ImVec4 colour4(const NmKit *kit, NmPaint paint, float alpha = 1)
{
  ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour(nm_theme_get_ink(kit->theme, paint)));
  c.w *= alpha;
  return c;
}

// Text on its way to the screen.
static const char *seen(NmKit *kit, const char *text, int len = -1)
{
  size_t n = len < 0 ? strlen(text) : (size_t)len;
  for (NmFonts *fonts : kit->fonts)
    if (nm_fonts_want(fonts, text, n)) kit->fonts_changed = true;
  return text;
}

// ---- Theme and fonts

static void apply_theme(NmKit *kit)
{
  static const struct {
    ImGuiCol colour;
    NmPaint paint;
    float alpha;
  } table[] = {{ImGuiCol_Text, NM_PAINT_TEXT, 1},
               {ImGuiCol_TextDisabled, NM_PAINT_TEXT_DIM, .7f},
               {ImGuiCol_WindowBg, NM_PAINT_PANEL, 1},
               {ImGuiCol_ChildBg, NM_PAINT_PANEL, 0},
               {ImGuiCol_PopupBg, NM_PAINT_PANEL, 1},
               {ImGuiCol_Border, NM_PAINT_LINE_STRONG, .6f},
               {ImGuiCol_FrameBg, NM_PAINT_RAISED, 1},
               {ImGuiCol_FrameBgHovered, NM_PAINT_HOVER, 1},
               {ImGuiCol_FrameBgActive, NM_PAINT_HOVER, 1},
               {ImGuiCol_TitleBg, NM_PAINT_PANEL, 1},
               {ImGuiCol_TitleBgActive, NM_PAINT_RAISED, 1},
               {ImGuiCol_MenuBarBg, NM_PAINT_PANEL, 1},
               {ImGuiCol_ScrollbarBg, NM_PAINT_PANEL, 0},
               {ImGuiCol_ScrollbarGrab, NM_PAINT_LINE_STRONG, .7f},
               {ImGuiCol_ScrollbarGrabHovered, NM_PAINT_LINE_STRONG, 1},
               {ImGuiCol_ScrollbarGrabActive, NM_PAINT_TEXT_DIM, 1},
               {ImGuiCol_CheckMark, NM_PAINT_ACCENT, 1},
               {ImGuiCol_SliderGrab, NM_PAINT_TEXT_DIM, 1},
               {ImGuiCol_SliderGrabActive, NM_PAINT_ACCENT, 1},
               {ImGuiCol_Button, NM_PAINT_RAISED, 1},
               {ImGuiCol_ButtonHovered, NM_PAINT_HOVER, 1},
               {ImGuiCol_ButtonActive, NM_PAINT_LINE_STRONG, 1},
               {ImGuiCol_Header, NM_PAINT_ACCENT, .25f},
               {ImGuiCol_HeaderHovered, NM_PAINT_HOVER, 1},
               {ImGuiCol_HeaderActive, NM_PAINT_LINE_STRONG, 1},
               {ImGuiCol_Separator, NM_PAINT_LINE, 1},
               {ImGuiCol_PlotHistogram, NM_PAINT_ACCENT, 1},
               {ImGuiCol_TextSelectedBg, NM_PAINT_ACCENT, .35f},
               {ImGuiCol_NavHighlight, NM_PAINT_ACCENT, 1},
               {ImGuiCol_ModalWindowDimBg, NM_PAINT_SHADOW, 1}};
  ImGuiStyle &style = ImGui::GetStyle();
  style = ImGuiStyle();
  kit->theme == NM_THEME_DARK ? ImGui::StyleColorsDark() : ImGui::StyleColorsLight();
  for (const auto &row : table) style.Colors[row.colour] = colour4(kit, row.paint, row.alpha);
  style.WindowRounding = style.ChildRounding = 0;
  style.FrameRounding = style.GrabRounding = style.PopupRounding = style.ScrollbarRounding = 4;
  style.WindowBorderSize = style.PopupBorderSize = 1;
  style.FramePadding = ImVec2(8, 4);
  style.ItemSpacing = ImVec2(8, 6);
  style.ItemInnerSpacing = ImVec2(6, 4);
  style.ScrollbarSize = 11;
  style.DisplaySafeAreaPadding = ImVec2(0, 0);
}

static void add_faces(NmKit *kit, NmFont style)
{
  NmFontFace faces[NM_FONTS_FACES_MAX];
  int n = nm_fonts_plan(kit->fonts[style == NM_FONT_BOLD || style == NM_FONT_LARGE], faces);
  for (int i = 0; i < n; i++) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.FontNo = faces[i].index;
    config.MergeMode = i > 0;
    config.OversampleH = config.OversampleV = 1;
    config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
    ImFont *font = ImGui::GetIO().Fonts->AddFontFromMemoryTTF((void *)faces[i].data, (int)faces[i].size,
                                                              roundf(font_sizes[style] * kit->scale), &config,
                                                              faces[i].ranges);
    if (i == 0) kit->styles[style] = font;
  }
}

static bool has_gl(const NmKit *kit)
{
  return kit->window && nm_window_has_gl(kit->window);
}

// The pixels stay with ImGui.
static void show_atlas(NmKit *kit)
{
  unsigned char *rgba;
  int width, height;
  if (has_gl(kit)) {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
  } else {
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&rgba, &width, &height);
    kit->atlas = NmPixels{width, height, rgba};
    ImGui::GetIO().Fonts->SetTexID(&kit->atlas);
  }
}

// ImGui reads the ranges when it builds, after several plans of the same fonts: those are equal.
static void build_atlas(NmKit *kit)
{
  ImFontAtlas *atlas = ImGui::GetIO().Fonts;
  atlas->Clear();
  atlas->FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas->Flags |= ImFontAtlasFlags_NoMouseCursors;
  for (int i = 0; i < NM_FONTS; i++) add_faces(kit, (NmFont)i);
  atlas->Build();
  ImGui::GetIO().FontGlobalScale = 1 / kit->scale;
  kit->fonts_changed = false;
  show_atlas(kit);
}

// ---- Making and freeing

static const char *get_clipboard(void *user)
{
  NmKit *kit = (NmKit *)user;
  return seen(kit, nm_kit_get_clipboard(kit));
}

static void set_clipboard(void *user, const char *text)
{
  nm_kit_set_clipboard((NmKit *)user, text);
}

static void set_typing_place(int x, int y)
{
  NmKit *kit = (NmKit *)ImGui::GetIO().UserData;
  kit->ime_x = (float)x;
  kit->ime_y = (float)y;
  if (kit->window) nm_window_set_typing_place(kit->window, kit->ime_x, kit->ime_y, font_sizes[NM_FONT_BODY]);
}

static void set_up_io(NmKit *kit)
{
  ImGuiIO &io = ImGui::GetIO();
  io.IniFilename = io.LogFilename = NULL;
  io.UserData = io.ClipboardUserData = kit;
  io.GetClipboardTextFn = get_clipboard;
  io.SetClipboardTextFn = set_clipboard;
  io.ImeSetInputScreenPosFn = set_typing_place;
  io.ConfigFlags = ImGuiConfigFlags_NavEnableKeyboard;
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  io.ConfigInputTextCursorBlink = false; // nothing moves by itself
  io.KeyRepeatDelay = 1e9f;              // the system repeats keys
  io.MouseDragThreshold = 4;
}

static bool set_up_fonts(NmKit *kit, const char *family, NmError *err)
{
  for (int i = 0; i < 2; i++)
    if (!(kit->fonts[i] = nm_fonts_new(family, i == 1, err))) return false;
  return true;
}

static void measure(NmKit *kit)
{
  if (kit->window) {
    int width, height;
    float scale = nm_window_get_scale(kit->window);
    nm_window_get_size(kit->window, &width, &height);
    kit->fonts_changed |= scale != kit->scale;
    kit->scale = scale;
    kit->width = (float)width / scale;
    kit->height = (float)height / scale;
  }
  ImGui::GetIO().DisplaySize = ImVec2(fmaxf(kit->width, 1), fmaxf(kit->height, 1));
  ImGui::GetIO().DisplayFramebufferScale = ImVec2(kit->scale, kit->scale);
}

NmKitConfig nm_kit_defaults(void)
{
  NmKitConfig config = {};
  config.title = "Neume";
  config.width = 1280;
  config.height = 800;
  return config;
}

static bool set_up(NmKit *kit, const NmKitConfig *config, NmError *err)
{
  kit->queue = nm_input_queue_new();
  if (!kit->queue) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while opening the window");
    return false;
  }
  if (!set_up_fonts(kit, config->family, err)) return false;
  if (!config->headless) {
    kit->window = nm_window_new(config->title, config->width, config->height, config->scale, kit->queue, err);
    if (!kit->window) return false;
  }
  kit->context = ImGui::CreateContext();
  set_up_io(kit);
  if (has_gl(kit)) {
    ImGui_ImplOpenGL3_Init("#version 130");
    ImGui_ImplOpenGL3_CreateDeviceObjects();
  }
  measure(kit);
  apply_theme(kit);
  build_atlas(kit);
  return true;
}

NmKit *nm_kit_new(const NmKitConfig *config, NmError *err)
{
  NmKit *kit = new (std::nothrow) NmKit();
  if (!kit) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while opening the window");
    return NULL;
  }
  kit->theme = config->theme;
  kit->width = (float)config->width;
  kit->height = (float)config->height;
  kit->scale = config->scale > 0 ? config->scale : 1;
  kit->frames_due = 3;
  kit->time_s = config->headless ? 0 : now_s();
  kit->deadline_s = HUGE_VAL;
  kit->input.x = kit->input.y = -1;
  if (set_up(kit, config, err)) return kit;
  nm_kit_free(kit);
  return NULL;
}

void nm_kit_free(NmKit *kit)
{
  if (!kit) return;
  if (kit->context) {
    ImGui::SetCurrentContext(kit->context);
    if (has_gl(kit)) ImGui_ImplOpenGL3_Shutdown();
    kit->ring.clear();
    ImGui::DestroyContext(kit->context);
  }
  nm_window_free(kit->window);
  nm_input_queue_free(kit->queue);
  nm_input_fini(&kit->input);
  for (NmFonts *fonts : kit->fonts) nm_fonts_free(fonts);
  free(kit->picture.rgba);
  free(kit->clipboard);
  delete kit;
}

// ---- Frames

void nm_kit_wait(NmKit *kit)
{
  if (!kit->window) return;
  double rest_s = kit->deadline_s - now_s();
  if (kit->frames_due > 0 || nm_kit_has_events(kit) || rest_s < 0) rest_s = 0;
  nm_window_wait(kit->window, std::isinf(rest_s) ? -1 : rest_s);
  // Dear ImGui settles within two frames more.
  if (nm_kit_has_events(kit)) kit->frames_due = 3;
}

static void map_keys(NmKit *kit)
{
  static const struct {
    ImGuiKey_ imgui;
    int key;
    bool may_be_areas; // not ImGui's while an area has the keyboard
  } table[] = {{ImGuiKey_LeftArrow, NM_KEY_LEFT, true},
               {ImGuiKey_RightArrow, NM_KEY_RIGHT, true},
               {ImGuiKey_UpArrow, NM_KEY_UP, true},
               {ImGuiKey_DownArrow, NM_KEY_DOWN, true},
               {ImGuiKey_PageUp, NM_KEY_PAGE_UP, true},
               {ImGuiKey_PageDown, NM_KEY_PAGE_DOWN, true},
               {ImGuiKey_Home, NM_KEY_HOME, true},
               {ImGuiKey_End, NM_KEY_END, true},
               {ImGuiKey_Insert, NM_KEY_INSERT, true},
               {ImGuiKey_Delete, NM_KEY_DELETE, true},
               {ImGuiKey_Backspace, NM_KEY_BACKSPACE, false},
               {ImGuiKey_Space, NM_KEY_SPACE, true},
               {ImGuiKey_Enter, NM_KEY_ENTER, true},
               {ImGuiKey_Escape, NM_KEY_ESCAPE, true},
               {ImGuiKey_KeyPadEnter, NM_KEY_ENTER, true},
               {ImGuiKey_A, 'a', false},
               {ImGuiKey_C, 'c', false},
               {ImGuiKey_V, 'v', false},
               {ImGuiKey_X, 'x', false},
               {ImGuiKey_Y, 'y', false},
               {ImGuiKey_Z, 'z', false}};
  const int nobody = IM_ARRAYSIZE(ImGuiIO::KeysDown) - 1; // a key that is never down
  ImGuiIO &io = ImGui::GetIO();
  for (int i = 0; i < ImGuiKey_COUNT; i++) io.KeyMap[i] = nobody; // Tab, above all: the kit has its own order
  for (const auto &row : table)
    if (!row.may_be_areas || !kit->area_has_keys) io.KeyMap[row.imgui] = row.key;
}

static void feed_keys(NmKit *kit)
{
  ImGuiIO &io = ImGui::GetIO();
  const NmInput *input = &kit->input;
  static_assert(NM_KEYS < IM_ARRAYSIZE(io.KeysDown), "ImGui has room for the keys");
  map_keys(kit);
  for (int i = 0; i < NM_KEYS; i++) io.KeysDown[i] = input->held[i];
  // A menu that was asked for and opens in this frame: Dear ImGui would look at a window that is not there
  // yet.
  const auto &popups = kit->context->OpenPopupStack;
  if (!popups.empty() && !popups.back().Window) io.KeysDown[NM_KEY_ESCAPE] = false;
  // Enter presses what Space presses.
  if (!io.WantTextInput && !kit->area_has_keys) io.KeysDown[NM_KEY_SPACE] |= input->held[NM_KEY_ENTER];
  if (input->repeat) {
    io.KeysDownDuration[input->key] = -1;
    for (float &duration : io.NavInputsDownDuration) duration = -1;
  }
  io.KeyShift = input->mods & NM_MOD_SHIFT;
  io.KeyCtrl = input->mods & NM_MOD_CTRL;
  io.KeyAlt = io.KeySuper = false; // Alt is the kit's
  if (!(input->mods & (NM_MOD_CTRL | NM_MOD_SUPER))) io.AddInputCharactersUTF8(seen(kit, input->text));
}

static void feed_pointer(NmKit *kit)
{
  ImGuiIO &io = ImGui::GetIO();
  const NmInput *input = &kit->input;
  bool held = false;
  for (int i = 0; i < NM_BUTTONS; i++) held |= io.MouseDown[i] = input->down[i];
  io.MousePos = input->inside || held ? ImVec2(input->x, input->y) : ImVec2(-FLT_MAX, -FLT_MAX);
  io.MouseWheel = input->wheel_y;
  io.MouseWheelH = input->wheel_x;
}

static void advance_time(NmKit *kit)
{
  double before_s = kit->time_s;
  kit->time_s = kit->window ? now_s() : before_s + 1. / 60;
  ImGui::GetIO().DeltaTime = fmaxf((float)(kit->time_s - before_s), 1e-5f);
}

// Alt alone, pressed and let go.
static bool is_alt_tapped(NmKit *kit)
{
  const NmInput *input = &kit->input;
  if (input->key) kit->alt_tap = input->key == NM_KEY_ALT && !input->repeat;
  bool tapped = kit->alt_tap && !input->held[NM_KEY_ALT];
  if (tapped) kit->alt_tap = false;
  return tapped;
}

void nm_kit_begin(NmKit *kit)
{
  ImGui::SetCurrentContext(kit->context);
  nm_input_queue_next(kit->queue, &kit->input);
  kit->key = is_alt_tapped(kit) ? NM_KEY_F1 + 9 : kit->input.key;
  kit->frames_due -= kit->frames_due > 0;
  kit->deadline_s = HUGE_VAL;
  kit->cursor = -1;
  measure(kit);
  feed_keys(kit);
  feed_pointer(kit);
  advance_time(kit);
  if (kit->fonts_changed) build_atlas(kit);
  kit->area_had_keys = kit->area_has_keys;
  kit->area_has_keys = false;
  kit->ring.resize(0);
  ImGui::NewFrame();
}

static void draw_composition(NmKit *kit)
{
  const char *text = kit->input.composed;
  if (!text[0] || !ImGui::GetIO().WantTextInput) return;
  ImDrawList *list = ImGui::GetForegroundDrawList();
  ImVec2 size = ImGui::CalcTextSize(seen(kit, text)), place(kit->ime_x, kit->ime_y);
  list->AddRectFilled(place, place + size, colour(nm_kit_get_ink(kit, NM_PAINT_RAISED)));
  list->AddText(place, colour(nm_kit_get_ink(kit, NM_PAINT_TEXT)), text);
  list->AddLine(place + ImVec2(0, size.y), place + size, colour(nm_kit_get_ink(kit, NM_PAINT_ACCENT)));
}

static void give_focus(const Focus &focus)
{
  ImGuiContext &g = *GImGui;
  if (g.ActiveId != focus.id) ImGui::ClearActiveID();
  ImGui::FocusWindow(focus.window);
  ImGui::SetNavID(focus.id, focus.layer, 0, ImGui::WindowRectAbsToRel(focus.window, focus.rect));
  g.NavDisableHighlight = false;
  if (!focus.is_text) return;
  g.NavNextActivateId = focus.id;
  g.NavNextActivateFlags = ImGuiActivateFlags_PreferInput;
}

// Tab and Shift+Tab, unless somebody took them.
static void move_focus(NmKit *kit)
{
  bool back = nm_kit_take_key_anyway(kit, NM_KEY_TAB, NM_MOD_SHIFT);
  if ((!back && !nm_kit_take_key_anyway(kit, NM_KEY_TAB, 0)) || kit->ring.empty()) return;
  int n = kit->ring.Size, at = back ? 0 : n - 1;
  for (int i = 0; i < n; i++)
    if (kit->ring[i].id == GImGui->NavId) at = i;
  give_focus(kit->ring[(at + (back ? n - 1 : 1)) % n]);
}

static void focus_menu(NmKit *kit)
{
  if (nm_kit_take_key_anyway(kit, NM_KEY_F1 + 9, 0) && kit->menu.id && GImGui->OpenPopupStack.empty())
    give_focus(kit->menu);
}

static void update_cursor(NmKit *kit)
{
  int cursor = kit->cursor;
  if (cursor < 0) {
    static const int cursors[] = {NM_CURSOR_ARROW,   NM_CURSOR_TEXT,       NM_CURSOR_MOVE,
                                  NM_CURSOR_UP_DOWN, NM_CURSOR_LEFT_RIGHT, NM_CURSOR_MOVE,
                                  NM_CURSOR_MOVE,    NM_CURSOR_HAND,       NM_CURSOR_FORBIDDEN};
    ImGuiMouseCursor wanted = ImGui::GetMouseCursor();
    cursor = wanted < 0 ? NM_CURSOR_ARROW : cursors[wanted];
  }
  nm_window_set_cursor(kit->window, cursor);
}

// The last frame into kit->picture.
static bool paint(NmKit *kit)
{
  ImDrawData *data = ImGui::GetDrawData();
  int width = (int)(kit->width * kit->scale + .5f), height = (int)(kit->height * kit->scale + .5f);
  if (!data) return false;
  if (width != kit->picture.width || height != kit->picture.height) {
    free(kit->picture.rgba);
    kit->picture = NmPixels{width, height, (uint8_t *)malloc((size_t)width * (size_t)height * 4)};
  }
  if (!kit->picture.rgba) return false;
  uint32_t ground = colour(nm_kit_get_ink(kit, NM_PAINT_GROUND));
  for (size_t i = 0; i < (size_t)width * (size_t)height; i++) memcpy(kit->picture.rgba + 4 * i, &ground, 4);
  for (int i = 0; i < data->CmdListsCount; i++) {
    const ImDrawList *list = data->CmdLists[i];
    for (const ImDrawCmd &cmd : list->CmdBuffer) {
      float clip[4] = {cmd.ClipRect.x * kit->scale, cmd.ClipRect.y * kit->scale, cmd.ClipRect.z * kit->scale,
                       cmd.ClipRect.w * kit->scale};
      nm_raster_draw(&kit->picture, (const NmCorner *)&list->VtxBuffer[(int)cmd.VtxOffset],
                     &list->IdxBuffer[(int)cmd.IdxOffset], (int)cmd.ElemCount,
                     (const NmPixels *)cmd.TextureId, clip, kit->scale);
    }
  }
  return true;
}

static void draw_gl(NmKit *kit)
{
  nm_window_clear(kit->window, nm_kit_get_ink(kit, NM_PAINT_GROUND));
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

static void show(NmKit *kit)
{
  if (has_gl(kit)) {
    draw_gl(kit);
    nm_window_show(kit->window);
  } else if (paint(kit)) {
    nm_window_show_pixels(kit->window, &kit->picture);
  }
  kit->shown_s = now_s();
}

// A panel that is no longer there would still swallow the keys of the widget that had them.
static void leave_lost_panel(NmKit *kit)
{
  ImGuiContext &g = *kit->context;
  if (!g.NavWindow || g.NavWindow->Active) return;
  ImGui::FocusWindow(NULL);
  g.NavDisableHighlight = true;
}

void nm_kit_end(NmKit *kit)
{
  leave_lost_panel(kit);
  move_focus(kit);
  focus_menu(kit);
  draw_composition(kit);
  ImGui::Render();
  if (!kit->window) return;
  nm_window_set_typing(kit->window, ImGui::GetIO().WantTextInput);
  update_cursor(kit);
  // While events wait, frames may come faster than pictures.
  if (!nm_kit_has_events(kit) || now_s() - kit->shown_s > .03) show(kit);
}

void nm_kit_wake(NmKit *kit)
{
  if (kit->window) nm_window_wake(kit->window);
}

void nm_kit_animate(NmKit *kit, double within_s)
{
  kit->deadline_s = fmin(kit->deadline_s, kit->time_s + within_s);
}

void nm_kit_post(NmKit *kit, const NmEvent *event)
{
  nm_input_queue_push(kit->queue, event);
}

bool nm_kit_has_events(const NmKit *kit)
{
  return !nm_input_queue_is_empty(kit->queue);
}

const NmInput *nm_kit_get_input(const NmKit *kit)
{
  return &kit->input;
}

NmRect nm_kit_get_bounds(const NmKit *kit)
{
  return NmRect{0, 0, kit->width, kit->height};
}

double nm_kit_get_time_s(const NmKit *kit)
{
  return kit->time_s;
}

bool nm_kit_take_key_anyway(NmKit *kit, int key, unsigned mods)
{
  if (!key || kit->key != key || kit->input.mods != mods) return false;
  kit->key = 0;
  return true;
}

static bool is_for_text(int key, unsigned mods)
{
  if (key >= NM_KEY_F1) return false;
  return !(mods & (NM_MOD_CTRL | NM_MOD_ALT)) || key > NM_KEY_DELETE || strchr("acvxyz", key);
}

// A widget that has the keyboard is pressed, and left, by these.
static bool is_for_widget(int key, unsigned mods)
{
  return !mods && (key == NM_KEY_SPACE || key == NM_KEY_ENTER || key == NM_KEY_ESCAPE ||
                   (key >= NM_KEY_LEFT && key <= NM_KEY_END));
}

bool nm_kit_take_key(NmKit *kit, int key, unsigned mods)
{
  if (nm_kit_is_popup_open(kit) || (nm_kit_is_typing(kit) && is_for_text(key, mods))) return false;
  if (ImGui::GetIO().NavVisible && !kit->area_had_keys && is_for_widget(key, mods)) return false;
  return nm_kit_take_key_anyway(kit, key, mods);
}

void nm_kit_set_title(NmKit *kit, const char *title)
{
  if (kit->window) nm_window_set_title(kit->window, title);
}

bool nm_kit_is_focus_shown(const NmKit *)
{
  return ImGui::GetIO().NavVisible;
}

bool nm_kit_is_typing(const NmKit *kit)
{
  return ImGui::GetIO().WantTextInput;
}

bool nm_kit_is_popup_open(const NmKit *kit)
{
  return !kit->context->OpenPopupStack.empty();
}

void nm_kit_set_theme(NmKit *kit, NmTheme theme)
{
  ImGui::SetCurrentContext(kit->context);
  kit->theme = theme;
  apply_theme(kit);
}

NmTheme nm_kit_get_theme(const NmKit *kit)
{
  return kit->theme;
}

NmInk nm_kit_get_ink(const NmKit *kit, NmPaint paint)
{
  return nm_theme_get_ink(kit->theme, paint);
}

void nm_kit_set_scale(NmKit *kit, float scale)
{
  if (kit->window) {
    nm_window_set_scale(kit->window, scale);
  } else {
    kit->scale = scale > 0 ? scale : 1;
    kit->fonts_changed = true;
  }
}

float nm_kit_get_scale(const NmKit *kit)
{
  return kit->scale;
}

const char *nm_kit_get_clipboard(NmKit *kit)
{
  if (kit->window) {
    char *text = nm_window_get_clipboard();
    free(kit->clipboard);
    kit->clipboard = text ? strdup(text) : NULL;
    nm_window_free_text(text);
  }
  return kit->clipboard ? kit->clipboard : "";
}

void nm_kit_set_clipboard(NmKit *kit, const char *text)
{
  if (kit->window) {
    nm_window_set_clipboard(text);
  } else {
    char *copy = strdup(text);
    free(kit->clipboard);
    kit->clipboard = copy;
  }
}

unsigned nm_kit_get_missing_character(const NmKit *kit)
{
  return nm_fonts_get_missing(kit->fonts[0]);
}

int nm_kit_get_n_corners(const NmKit *kit)
{
  ImGui::SetCurrentContext(kit->context);
  const ImDrawData *data = ImGui::GetDrawData();
  return data ? data->TotalVtxCount : 0;
}

NmStatus nm_kit_screenshot(NmKit *kit, const char *path, NmError *err)
{
  ImGui::SetCurrentContext(kit->context);
  if (!has_gl(kit)) {
    if (!paint(kit)) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for a picture of the window");
    return nm_png_file_write(path, &kit->picture, err);
  }
  NmPixels pixels = {};
  nm_window_get_size(kit->window, &pixels.width, &pixels.height);
  pixels.rgba = (uint8_t *)malloc((size_t)pixels.width * (size_t)pixels.height * 4);
  if (!pixels.rgba) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for a picture of the window");
  draw_gl(kit);
  nm_window_read(kit->window, &pixels);
  NmStatus status = nm_png_file_write(path, &pixels, err);
  free(pixels.rgba);
  return status;
}

// ---- Drawing

// The list of the panel that is open, else the one behind everything.
static ImDrawList *drawing(const NmKit *kit)
{
  bool is_in_panel = kit->context->CurrentWindow && !kit->context->CurrentWindow->IsFallbackWindow;
  return is_in_panel ? kit->context->CurrentWindow->DrawList : ImGui::GetBackgroundDrawList();
}

static ImVec2 corner(NmRect rect)
{
  return ImVec2(rect.x, rect.y);
}

static ImVec2 far_corner(NmRect rect)
{
  return ImVec2(rect.x + rect.w, rect.y + rect.h);
}

void nm_draw_clip(NmKit *kit, NmRect rect)
{
  drawing(kit)->PushClipRect(corner(rect), far_corner(rect), true);
}

void nm_draw_unclip(NmKit *kit)
{
  drawing(kit)->PopClipRect();
}

void nm_draw_rect(NmKit *kit, NmRect rect, NmInk ink, float round)
{
  drawing(kit)->AddRectFilled(corner(rect), far_corner(rect), colour(ink), round);
}

void nm_draw_outline(NmKit *kit, NmRect rect, NmInk ink, float round, float width)
{
  ImVec2 inset(width / 2 - .5f, width / 2 - .5f); // AddRect insets by half a pixel itself
  drawing(kit)->AddRect(corner(rect) + inset, far_corner(rect) - inset, colour(ink), round, 0, width);
}

void nm_draw_gradient(NmKit *kit, NmRect rect, NmInk top, NmInk bottom)
{
  ImU32 a = colour(top), b = colour(bottom);
  drawing(kit)->AddRectFilledMultiColor(corner(rect), far_corner(rect), a, a, b, b);
}

void nm_draw_down(NmKit *kit, float x, float y0, float y1, NmInk ink)
{
  float at = floorf(x * kit->scale) / kit->scale;
  drawing(kit)->AddRectFilled(ImVec2(at, y0), ImVec2(at + fmaxf(1, roundf(kit->scale)) / kit->scale, y1),
                              colour(ink));
}

void nm_draw_across(NmKit *kit, float x0, float x1, float y, NmInk ink)
{
  float at = floorf(y * kit->scale) / kit->scale;
  drawing(kit)->AddRectFilled(ImVec2(x0, at), ImVec2(x1, at + fmaxf(1, roundf(kit->scale)) / kit->scale),
                              colour(ink));
}

void nm_draw_line(NmKit *kit, float x0, float y0, float x1, float y1, NmInk ink, float width)
{
  drawing(kit)->AddLine(ImVec2(x0, y0), ImVec2(x1, y1), colour(ink), width);
}

void nm_draw_polyline(NmKit *kit, const float *xy, int n, NmInk ink, float width)
{
  drawing(kit)->AddPolyline((const ImVec2 *)xy, n, colour(ink), 0, width);
}

void nm_draw_triangle(NmKit *kit, const float *xy, NmInk ink)
{
  drawing(kit)->AddTriangleFilled(ImVec2(xy[0], xy[1]), ImVec2(xy[2], xy[3]), ImVec2(xy[4], xy[5]),
                                  colour(ink));
}

void nm_draw_disc(NmKit *kit, float x, float y, float radius, NmInk ink)
{
  drawing(kit)->AddCircleFilled(ImVec2(x, y), radius, colour(ink));
}

void nm_draw_ring(NmKit *kit, float x, float y, float radius, NmInk ink, float width)
{
  drawing(kit)->AddCircle(ImVec2(x, y), radius, colour(ink), 0, width);
}

// Pieces of it, because a list of triangles counts its corners with 16 bits.
static void draw_band(ImDrawList *list, const float *xyy, int n, ImU32 ink)
{
  static const unsigned order[] = {0, 1, 3, 0, 3, 2};
  ImVec2 white = list->_Data->TexUvWhitePixel;
  list->PrimReserve(6 * (n - 1), 2 * n);
  for (int i = 0; i + 1 < n; i++) {
    unsigned at = list->_VtxCurrentIdx + 2 * (unsigned)i;
    for (int k = 0; k < 6; k++) list->PrimWriteIdx((ImDrawIdx)(at + order[k]));
  }
  for (int i = 0; i < n; i++, xyy += 3) {
    list->PrimWriteVtx(ImVec2(xyy[0], xyy[1]), white, ink);
    list->PrimWriteVtx(ImVec2(xyy[0], xyy[2]), white, ink);
  }
}

void nm_draw_band(NmKit *kit, const float *xyy, int n, NmInk ink)
{
  const int n_piece = 1024;
  for (int first = 0; first + 1 < n; first += n_piece - 1)
    draw_band(drawing(kit), xyy + 3 * first, n - first < n_piece ? n - first : n_piece, colour(ink));
}

void nm_draw_text(NmKit *kit, NmFont font, float x, float y, NmInk ink, const char *text, int len)
{
  drawing(kit)->AddText(kit->styles[font], font_sizes[font], ImVec2(x, y), colour(ink), seen(kit, text, len),
                        len < 0 ? NULL : text + len);
}

void nm_draw_label(NmKit *kit, NmFont font, NmRect rect, NmInk ink, const char *text)
{
  float y = rect.y + (rect.h - font_sizes[font]) / 2 - 1, room = rect.w;
  const char *end = text + strlen(seen(kit, text));
  ImFont *style = kit->styles[font];
  if (style->CalcTextSizeA(font_sizes[font], FLT_MAX, 0, text).x > room) {
    room -= style->CalcTextSizeA(font_sizes[font], FLT_MAX, 0, "…").x;
    style->CalcTextSizeA(font_sizes[font], room, 0, text, end, &end);
  }
  nm_draw_text(kit, font, rect.x, y, ink, text, (int)(end - text));
  if (*end)
    nm_draw_text(kit, font, rect.x + nm_draw_get_text_width(kit, font, text, (int)(end - text)), y, ink, "…",
                 -1);
}

float nm_draw_get_text_width(NmKit *kit, NmFont font, const char *text, int len)
{
  const char *end = len < 0 ? NULL : text + len;
  return kit->styles[font]->CalcTextSizeA(font_sizes[font], FLT_MAX, 0, seen(kit, text, len), end).x;
}

float nm_draw_get_text_height(NmKit *kit, NmFont font)
{
  return font_sizes[font];
}

NmImage *nm_image_new(NmKit *kit, int width, int height)
{
  NmImage *image = new (std::nothrow) NmImage();
  if (!image) return NULL;
  image->kit = kit;
  image->pixels = NmPixels{width, height, NULL};
  if (has_gl(kit))
    image->texture = nm_window_texture_new(kit->window, width, height);
  else
    image->pixels.rgba = (uint8_t *)calloc((size_t)width * (size_t)height, 4);
  if (image->texture || image->pixels.rgba) return image;
  delete image;
  return NULL;
}

void nm_image_free(NmImage *image)
{
  if (!image) return;
  if (image->texture) nm_window_texture_free(image->kit->window, image->texture);
  free(image->pixels.rgba);
  delete image;
}

void nm_image_set(NmImage *image, const uint8_t *rgba)
{
  NmPixels pixels = image->pixels;
  if (image->texture) {
    pixels.rgba = (uint8_t *)rgba;
    nm_window_texture_set(image->kit->window, image->texture, &pixels);
  } else {
    memcpy(pixels.rgba, rgba, (size_t)pixels.width * (size_t)pixels.height * 4);
  }
}

void nm_draw_image(NmKit *kit, const NmImage *image, NmRect part, NmRect rect)
{
  ImTextureID id = image->texture ? (ImTextureID)(intptr_t)image->texture : (ImTextureID)&image->pixels;
  drawing(kit)->AddImage(id, corner(rect), far_corner(rect), corner(part), far_corner(part));
}

// ---- Widgets

static ImGuiWindow *top_popup(const NmKit *kit)
{
  const ImVector<ImGuiPopupData> &stack = kit->context->OpenPopupStack;
  return stack.empty() ? NULL : stack.back().Window;
}

// The last widget can have the keyboard; under a dialog only its own.
static void can_have_focus(NmKit *kit, bool is_text)
{
  ImGuiContext &g = *kit->context;
  ImGuiWindow *window = g.CurrentWindow, *popup = top_popup(kit);
  ImGuiID id = g.LastItemData.ID;
  if (!id || (g.LastItemData.InFlags & ImGuiItemFlags_Disabled) || (popup && window->RootWindow != popup))
    return;
  Focus focus = {id, window, g.LastItemData.NavRect, window->DC.NavLayerCurrent, is_text};
  kit->ring.push_back(focus);
  if (kit->focus_next) give_focus(focus);
  kit->focus_next = false;
}

void nm_kit_focus_next(NmKit *kit)
{
  kit->focus_next = true;
}

static const ImGuiWindowFlags panel_flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                            ImGuiWindowFlags_NoSavedSettings |
                                            ImGuiWindowFlags_NoScrollWithMouse;

static void begin_panel(const char *name, NmRect rect, float pad, ImGuiWindowFlags flags)
{
  ImGui::SetNextWindowPos(corner(rect));
  ImGui::SetNextWindowSize(ImVec2(fmaxf(rect.w, 1), fmaxf(rect.h, 1)));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(pad, pad));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::Begin(name, NULL, flags);
  ImGui::PopStyleVar(3);
}

void nm_kit_panel_begin(NmKit *kit, const char *name, NmRect rect, float pad)
{
  begin_panel(name, rect, pad, panel_flags | ImGuiWindowFlags_NoBringToFrontOnFocus);
}

void nm_kit_panel_end(NmKit *)
{
  ImGui::End();
}

void nm_kit_overlay_begin(NmKit *, const char *name, NmRect rect)
{
  begin_panel(name, rect, 0, panel_flags | ImGuiWindowFlags_NoBackground);
}

void nm_kit_overlay_end(NmKit *)
{
  ImGui::End();
}

void nm_kit_same_row(NmKit *, float gap)
{
  ImGui::SameLine(0, gap);
}

void nm_kit_set_place(NmKit *, float x, float y)
{
  ImGui::SetCursorScreenPos(ImVec2(x, y));
}

void nm_kit_set_width(NmKit *, float width)
{
  ImGui::SetNextItemWidth(width);
}

NmRect nm_kit_get_last_rect(const NmKit *)
{
  ImVec2 a = ImGui::GetItemRectMin(), size = ImGui::GetItemRectSize();
  return NmRect{a.x, a.y, size.x, size.y};
}

void nm_kit_push_id(NmKit *, int id)
{
  ImGui::PushID(id);
}

void nm_kit_pop_id(NmKit *)
{
  ImGui::PopID();
}

void nm_kit_disable(NmKit *, bool disabled)
{
  ImGui::BeginDisabled(disabled);
}

void nm_kit_enable(NmKit *)
{
  ImGui::EndDisabled();
}

static void fill_area(const NmKit *kit, NmArea *area)
{
  const NmInput *input = &kit->input;
  for (int i = 0; i < NM_BUTTONS; i++) {
    area->pressed[i] = area->hovered && input->pressed[i];
    area->released[i] = area->active && input->released[i];
  }
  area->double_clicked = area->hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  if (area->hovered) area->wheel_x = input->wheel_x, area->wheel_y = input->wheel_y;
}

NmArea nm_kit_area(NmKit *kit, const char *name, NmRect rect)
{
  NmArea area = {};
  ImGuiContext &g = *kit->context;
  ImGui::SetCursorScreenPos(corner(rect));
  ImGui::InvisibleButton(name, ImVec2(fmaxf(rect.w, 1), fmaxf(rect.h, 1)), ImGuiButtonFlags_MouseButtonMask_);
  can_have_focus(kit, false);
  area.hovered = ImGui::IsItemHovered();
  area.active = ImGui::IsItemActive() || ImGui::IsItemDeactivated();
  area.focused = g.NavId == g.LastItemData.ID && g.NavWindow == g.CurrentWindow;
  kit->area_has_keys |= area.focused;
  fill_area(kit, &area);
  return area;
}

bool nm_kit_area_take_key(NmKit *kit, const NmArea *area, int key, unsigned mods)
{
  return area->focused && nm_kit_take_key(kit, key, mods);
}

void nm_kit_set_cursor(NmKit *kit, NmCursor cursor)
{
  kit->cursor = cursor;
}

void nm_kit_text(NmKit *kit, NmFont font, NmPaint paint, const char *text)
{
  ImGui::PushFont(kit->styles[font]);
  ImGui::PushStyleColor(ImGuiCol_Text, colour4(kit, paint));
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(seen(kit, text));
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void nm_kit_paragraph(NmKit *kit, const char *text)
{
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(seen(kit, text));
  ImGui::PopTextWrapPos();
}

void nm_kit_separator(NmKit *)
{
  ImGui::Separator();
}

void nm_kit_space(NmKit *, float height)
{
  ImGui::Dummy(ImVec2(0, height));
}

bool nm_kit_button(NmKit *kit, const char *label)
{
  bool pressed = ImGui::Button(seen(kit, label));
  can_have_focus(kit, false);
  return pressed;
}

static void push_pressed_colours(NmKit *kit)
{
  ImGui::PushStyleColor(ImGuiCol_Button, colour4(kit, NM_PAINT_ACCENT));
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, colour4(kit, NM_PAINT_ACCENT, .85f));
  ImGui::PushStyleColor(ImGuiCol_Text, colour4(kit, NM_PAINT_ACCENT_TEXT));
}

bool nm_kit_toggle(NmKit *kit, const char *label, bool *on)
{
  bool was_on = *on;
  if (was_on) push_pressed_colours(kit);
  bool pressed = nm_kit_button(kit, label);
  if (was_on) ImGui::PopStyleColor(3);
  if (pressed) *on = !*on;
  return pressed;
}

bool nm_kit_blank_button(NmKit *kit, const char *name, float width, float height, bool on)
{
  ImGui::PushID(name);
  if (on) push_pressed_colours(kit);
  bool pressed = ImGui::Button("##blank", ImVec2(width, height));
  if (on) ImGui::PopStyleColor(3);
  can_have_focus(kit, false);
  ImGui::PopID();
  return pressed;
}

bool nm_kit_checkbox(NmKit *kit, const char *label, bool *on)
{
  bool changed = ImGui::Checkbox(seen(kit, label), on);
  can_have_focus(kit, false);
  return changed;
}

bool nm_kit_select(NmKit *kit, const char *label, bool selected)
{
  bool pressed = ImGui::Selectable(seen(kit, label), selected, ImGuiSelectableFlags_DontClosePopups);
  can_have_focus(kit, false);
  return pressed;
}

bool nm_kit_slider(NmKit *kit, const char *label, float *value, float low, float high, const char *format)
{
  bool changed = ImGui::SliderFloat(seen(kit, label), value, low, high, format, ImGuiSliderFlags_AlwaysClamp);
  can_have_focus(kit, false);
  return changed;
}

bool nm_kit_number(NmKit *kit, const char *label, double *value, double step, double low, double high,
                   const char *format)
{
  bool changed = ImGui::DragScalar(seen(kit, label), ImGuiDataType_Double, value, (float)step, &low, &high,
                                   format, ImGuiSliderFlags_AlwaysClamp);
  can_have_focus(kit, true);
  return changed;
}

bool nm_kit_choice(NmKit *kit, const char *label, int *chosen, const char *const *names, int n)
{
  for (int i = 0; i < n; i++) seen(kit, names[i]);
  bool changed = ImGui::Combo(seen(kit, label), chosen, names, n, n < 12 ? n : 12);
  can_have_focus(kit, false);
  return changed;
}

void nm_kit_progress(NmKit *kit, float done, const char *text)
{
  float part = done >= 0 ? done : (float)(.5 + .5 * sin(kit->time_s * 2));
  ImGui::ProgressBar(part, ImVec2(0, 0), seen(kit, text));
  if (done < 0) nm_kit_animate(kit, .1);
}

void nm_kit_tip_now(NmKit *kit, const char *text)
{
  ImGui::SetTooltip("%s", seen(kit, text));
}

void nm_kit_tip(NmKit *kit, const char *text)
{
  const float rest_s = .5f;
  ImGuiContext &g = *kit->context;
  if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
  if (g.HoveredIdTimer > rest_s || (g.NavId == g.LastItemData.ID && !g.NavDisableHighlight))
    nm_kit_tip_now(kit, text);
  else
    nm_kit_animate(kit, rest_s);
}

static NmFieldEvent what_happened(bool entered, bool escaped)
{
  if (entered) return NM_FIELD_DONE;
  if (ImGui::IsItemDeactivated()) return escaped ? NM_FIELD_ESCAPED : NM_FIELD_LEFT;
  return ImGui::IsItemEdited() ? NM_FIELD_CHANGED : NM_FIELD_NOTHING;
}

// Dear ImGui 1.86 keeps the steps of the field that was left last, and takes them back in the text that the
// field has when it is entered again, which may be another: beyond its memory, too. So they are forgotten.
static void forget_steps(NmKit *kit)
{
  ImGuiInputTextState &state = kit->context->InputTextState;
  if (kit->context->ActiveId != state.ID) state.ID = 0;
}

NmFieldEvent nm_kit_field(NmKit *kit, const char *label, const char *hint, char *buf, size_t size)
{
  seen(kit, buf);
  seen(kit, label);
  forget_steps(kit);
  bool entered =
      ImGui::InputTextWithHint(label, hint ? seen(kit, hint) : "", buf, size,
                               ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  NmFieldEvent event = what_happened(entered, kit->input.key == NM_KEY_ESCAPE);
  can_have_focus(kit, true);
  return event;
}

bool nm_kit_text_box(NmKit *kit, const char *label, char *buf, size_t size, float height)
{
  seen(kit, buf);
  forget_steps(kit);
  bool changed = ImGui::InputTextMultiline(seen(kit, label), buf, size,
                                           ImVec2(-FLT_MIN, height > 0 ? height : -FLT_MIN));
  can_have_focus(kit, true);
  return changed;
}

void nm_kit_list_begin(NmKit *kit, const char *name, float height, int n, int *first, int *end)
{
  ImGui::BeginChild(name, ImVec2(0, height), true, ImGuiWindowFlags_NavFlattened);
  float row = ImGui::GetTextLineHeightWithSpacing(), top = ImGui::GetScrollY();
  *first = ImClamp((int)(top / row) - 1, 0, n);
  *end = ImClamp((int)((top + ImGui::GetWindowHeight()) / row) + 2, *first, n);
  if (kit->context->NavMoveScoringItems) *first = 0, *end = n; // the keyboard may go further
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + row * (float)*first);
  kit->list_rest = row * (float)(n - *end);
}

void nm_kit_list_end(NmKit *kit)
{
  if (kit->list_rest > 0) ImGui::Dummy(ImVec2(0, kit->list_rest - ImGui::GetStyle().ItemSpacing.y));
  ImGui::EndChild();
}

// The label without its '&', into `plain`; answers the letter after it, in lower case.
static int take_mnemonic(const char *label, char *plain, size_t size)
{
  int letter = 0;
  size_t n = 0;
  for (; *label && n + 1 < size; label++) {
    if (*label == '&' && label[1])
      letter = label[1] >= 'A' && label[1] <= 'Z' ? label[1] + 'a' - 'A' : label[1];
    else
      plain[n++] = *label;
  }
  plain[n] = 0;
  return letter;
}

bool nm_kit_menu_bar_begin(NmKit *kit)
{
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(8, 8));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  kit->menu.id = 0;
  bool open = ImGui::BeginMainMenuBar();
  if (!open) ImGui::PopStyleVar(2);
  return open;
}

float nm_kit_menu_bar_end(NmKit *)
{
  float height = ImGui::GetWindowHeight();
  ImGui::EndMainMenuBar();
  ImGui::PopStyleVar(2);
  return height;
}

static void note_menu(NmKit *kit, ImGuiWindow *bar, ImGuiID id, int letter)
{
  Focus focus = {id, bar, kit->context->LastItemData.NavRect, ImGuiNavLayer_Menu, false};
  if (!kit->menu.id) kit->menu = focus;
  if (!letter || !nm_kit_take_key_anyway(kit, letter, NM_MOD_ALT)) return;
  give_focus(focus);
  kit->context->NavNextActivateId = id;
  kit->context->NavNextActivateFlags = ImGuiActivateFlags_None;
}

bool nm_kit_menu_begin(NmKit *kit, const char *label)
{
  char plain[128];
  ImGuiWindow *bar = kit->context->CurrentWindow;
  bool in_bar = bar->DC.LayoutType == ImGuiLayoutType_Horizontal;
  int letter = take_mnemonic(seen(kit, label), plain, sizeof plain);
  bool open = ImGui::BeginMenu(plain);
  if (in_bar) note_menu(kit, bar, bar->GetID(plain), letter);
  return open;
}

void nm_kit_menu_end(NmKit *)
{
  ImGui::EndMenu();
}

bool nm_kit_menu_item(NmKit *kit, const char *label, const char *shortcut, bool checked, bool enabled)
{
  char plain[256];
  take_mnemonic(seen(kit, label), plain, sizeof plain);
  return ImGui::MenuItem(plain, shortcut && *shortcut ? seen(kit, shortcut) : NULL, checked, enabled);
}

void nm_kit_popup_open(NmKit *, const char *name)
{
  ImGui::OpenPopup(name);
}

bool nm_kit_popup_begin(NmKit *, const char *name)
{
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(8, 8));
  bool open = ImGui::BeginPopup(name);
  ImGui::PopStyleVar();
  return open;
}

void nm_kit_popup_end(NmKit *)
{
  ImGui::EndPopup();
}

void nm_kit_dialog_open(NmKit *kit, const char *title)
{
  kit->dialog_wanted = ImHashStr(title);
}

bool nm_kit_dialog_begin(NmKit *kit, const char *title, float width, float height)
{
  ImVec2 centre(kit->width / 2, kit->height / 2);
  bool fits = width > 0;
  if (kit->dialog_wanted == ImHashStr(title)) {
    kit->dialog_wanted = 0;
    kit->focus_next = true; // its first widget
    ImGui::OpenPopup(title);
  }
  ImGui::SetNextWindowPos(centre, ImGuiCond_Always, ImVec2(.5f, .5f));
  if (fits) ImGui::SetNextWindowSize(ImVec2(fminf(width, kit->width), fminf(height, kit->height)));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(16, 14));
  bool open = ImGui::BeginPopupModal(seen(kit, title), NULL,
                                     ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                         (fits ? 0 : ImGuiWindowFlags_AlwaysAutoResize));
  ImGui::PopStyleVar();
  if (open && !nm_kit_is_typing(kit) && top_popup(kit) == kit->context->CurrentWindow &&
      nm_kit_take_key_anyway(kit, NM_KEY_ESCAPE, 0))
    ImGui::CloseCurrentPopup();
  return open;
}

void nm_kit_dialog_close(NmKit *)
{
  ImGui::CloseCurrentPopup();
}

void nm_kit_dialog_end(NmKit *)
{
  ImGui::EndPopup();
}
