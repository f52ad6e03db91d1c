// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/chooser.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/kit/words.h"

enum { WIDTH = 640, HEIGHT = 480 };

void nm_chooser_fini(NmChooser *chooser)
{
  for (int i = 0; i < chooser->n; i++) free(chooser->entries[i].name);
  free(chooser->entries);
  chooser->entries = NULL;
  chooser->n = chooser->room = 0;
}

static bool add_entry(NmChooser *chooser, const char *name, const struct stat *about)
{
  if (chooser->n == chooser->room) {
    int room = chooser->room ? 2 * chooser->room : 64;
    NmChooserEntry *entries = realloc(chooser->entries, (size_t)room * sizeof *entries);
    if (!entries) return false;
    chooser->entries = entries;
    chooser->room = room;
  }
  char *copy = strdup(name);
  if (copy) chooser->entries[chooser->n++] = (NmChooserEntry){copy, S_ISDIR(about->st_mode), about->st_size};
  return copy;
}

static int by_name(const void *a, const void *b)
{
  const NmChooserEntry *x = a, *y = b;
  if (x->is_folder != y->is_folder) return x->is_folder ? -1 : 1;
  int order = strcasecmp(x->name, y->name);
  return order ? order : strcmp(x->name, y->name);
}

static void read_folder(NmChooser *chooser)
{
  nm_chooser_fini(chooser);
  chooser->trouble[0] = 0;
  snprintf(chooser->typed_folder, sizeof chooser->typed_folder, "%s", chooser->folder);
  DIR *dir = opendir(chooser->folder);
  if (!dir) {
    snprintf(chooser->trouble, sizeof chooser->trouble, _("This folder cannot be read: %s"), strerror(errno));
    return;
  }
  for (struct dirent *entry; (entry = readdir(dir));) {
    struct stat about;
    if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &about, 0)) continue;
    if (!add_entry(chooser, entry->d_name, &about)) break;
  }
  closedir(dir);
  if (chooser->n) qsort(chooser->entries, (size_t)chooser->n, sizeof *chooser->entries, by_name);
}

static void enter(NmChooser *chooser, const char *folder)
{
  char whole[PATH_MAX];
  if (!realpath(folder, whole)) {
    snprintf(chooser->trouble, sizeof chooser->trouble, _("There is no such folder: %s"), strerror(errno));
    return;
  }
  memcpy(chooser->folder, whole, sizeof whole);
  read_folder(chooser);
}

// The path of a name in the folder, or of one that says the folder itself; false when it is too long.
static bool join(const NmChooser *chooser, const char *name, char path[PATH_MAX])
{
  if (*name == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
  bool is_root = !strcmp(chooser->folder, "/");
  return snprintf(path, PATH_MAX, "%s/%s", is_root ? "" : chooser->folder, name) < PATH_MAX;
}

static void enter_child(NmChooser *chooser, const char *name)
{
  char path[PATH_MAX];
  if (join(chooser, name, path)) enter(chooser, path);
}

static bool is_folder(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// Takes a path apart into the folder and the name.
static void place_at(NmChooser *chooser, const char *path)
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  if (is_folder(path)) {
    enter(chooser, path);
    return;
  }
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
  enter(chooser, folder[0] ? folder : "/");
  snprintf(chooser->name, sizeof chooser->name, "%s", slash ? slash + 1 : path);
}

void nm_chooser_open(NmKit *kit, NmChooser *chooser, NmChooserKind kind, const char *title, const char *path,
                     const char *endings)
{
  snprintf(chooser->title, sizeof chooser->title, "%s", title);
  snprintf(chooser->endings, sizeof chooser->endings, "%s", endings ? endings : "");
  chooser->kind = kind;
  chooser->is_shown = chooser->shows_all = chooser->asks = false;
  chooser->focuses = true;
  chooser->name[0] = 0;
  if (path && *path)
    place_at(chooser, path);
  else
    enter(chooser, chooser->folder[0] ? chooser->folder : ".");
  if (!chooser->folder[0]) enter(chooser, ".");
  nm_kit_dialog_open(kit, chooser->title);
}

static bool has_ending(const char *name, const char *endings)
{
  const char *dot = strrchr(name, '.');
  if (!endings[0]) return true;
  if (!dot) return false;
  for (const char *at = endings; *at; at += strspn(at, " ")) {
    size_t n = strcspn(at, " ");
    if (strlen(dot) == n && !strncasecmp(dot, at, n)) return true;
    at += n;
  }
  return false;
}

// What is typed narrows the list down, unless it is one of its names.
static bool is_shown(const NmChooser *chooser, const NmChooserEntry *entry, bool narrows)
{
  if (!entry->is_folder && chooser->kind == NM_CHOOSER_FOLDER) return false;
  if (!entry->is_folder && !chooser->shows_all && !has_ending(entry->name, chooser->endings)) return false;
  return !narrows || strcasestr(entry->name, chooser->name);
}

static bool is_name(const NmChooser *chooser, const char *name)
{
  for (int i = 0; i < chooser->n; i++)
    if (!strcmp(chooser->entries[i].name, name)) return true;
  return false;
}

static void write_label(const NmChooserEntry *entry, char *label, size_t size)
{
  const char *units[] = {"B", "kB", "MB", "GB"};
  double bytes = (double)entry->size;
  int unit = 0;
  for (; bytes >= 1000 && unit < 3; unit++) bytes /= 1000;
  if (entry->is_folder)
    snprintf(label, size, "%s/###%s", entry->name, entry->name);
  else
    snprintf(label, size, "%s    %.3g %s###%s", entry->name, bytes, units[unit], entry->name);
}

// Answers the entry that was chosen, -1 for none.
static int show_list(NmKit *kit, NmChooser *chooser)
{
  int first, end, chosen = -1;
  bool narrows = chooser->kind == NM_CHOOSER_READ && chooser->name[0] && !is_name(chooser, chooser->name);
  nm_kit_list_begin(kit, "files", -78, 0, &first, &end);
  for (int i = 0; i < chooser->n; i++) {
    char label[2 * NAME_MAX + 64];
    const NmChooserEntry *entry = &chooser->entries[i];
    if (!is_shown(chooser, entry, narrows)) continue;
    write_label(entry, label, sizeof label);
    if (nm_kit_select(kit, label, !strcmp(entry->name, chooser->name))) chosen = i;
  }
  nm_kit_list_end(kit);
  return chosen;
}

static void show_places(NmKit *kit, NmChooser *chooser)
{
  if (nm_kit_button(kit, _("Folder up"))) enter_child(chooser, "..");
  nm_kit_tip(kit, _("To the folder that this one is in (Alt+Up)"));
  if (nm_kit_take_key_anyway(kit, NM_KEY_UP, NM_MOD_ALT)) enter_child(chooser, "..");
  nm_kit_same_row(kit, 6);
  if (nm_kit_button(kit, _("Home folder")) && getenv("HOME")) enter(chooser, getenv("HOME"));
  nm_kit_same_row(kit, 6);
  nm_kit_set_width(kit, -1);
  NmFieldEvent event =
      nm_kit_field(kit, "##folder", NULL, chooser->typed_folder, sizeof chooser->typed_folder);
  if (event == NM_FIELD_DONE) enter(chooser, chooser->typed_folder);
}

static bool has_dot(const char *path)
{
  const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
  return dot && dot > slash;
}

// The folder that is shown, or one in it.
static bool accept_folder(NmChooser *chooser, char path[PATH_MAX])
{
  if (!chooser->name[0]) return snprintf(path, PATH_MAX, "%s", chooser->folder) < PATH_MAX;
  if (!join(chooser, chooser->name, path)) return false;
  if (access(path, F_OK) || is_folder(path)) return true;
  snprintf(chooser->trouble, sizeof chooser->trouble, "%s", _("This is a file, not a folder"));
  chooser->focuses = true;
  return false;
}

// Whether the name may be taken as it is; one without an ending gets the first.
static bool accept(NmChooser *chooser, char path[PATH_MAX])
{
  bool writes = chooser->kind == NM_CHOOSER_WRITE;
  if (chooser->kind == NM_CHOOSER_FOLDER) return accept_folder(chooser, path);
  if (!chooser->name[0] || !join(chooser, chooser->name, path)) return false;
  if (is_folder(path)) {
    enter(chooser, path);
    chooser->name[0] = 0;
    return false;
  }
  if (writes && chooser->endings[0] && !has_dot(path)) {
    size_t n = strlen(path), n_ending = strcspn(chooser->endings, " ");
    if (n + n_ending < PATH_MAX) memcpy(path + n, chooser->endings, n_ending), path[n + n_ending] = 0;
  }
  if (writes && access(path, F_OK) == 0 && !chooser->asks) {
    snprintf(chooser->trouble, sizeof chooser->trouble, "%s",
             _("There is such a file already. Write over it?"));
    chooser->asks = true;
    return false;
  }
  if (!writes && access(path, R_OK) != 0) {
    snprintf(chooser->trouble, sizeof chooser->trouble, _("This file cannot be read: %s"), strerror(errno));
    return false;
  }
  return true;
}

static const char *verb_of(const NmChooser *chooser)
{
  if (chooser->kind == NM_CHOOSER_READ) return _("Open");
  if (chooser->kind == NM_CHOOSER_FOLDER) return _("Choose");
  return chooser->asks ? _("Write over it") : _("Save");
}

// The name and the buttons; true when the name is to be taken.
static bool show_end(NmKit *kit, NmChooser *chooser)
{
  bool taken = false;
  nm_kit_set_width(kit, -1);
  if (chooser->focuses) nm_kit_focus_next(kit);
  chooser->focuses = false;
  const char *hint = chooser->kind == NM_CHOOSER_READ    ? _("Name, or a part of it")
                     : chooser->kind == NM_CHOOSER_WRITE ? _("Name of the file")
                                                         : _("Name of a new folder");
  NmFieldEvent event = nm_kit_field(kit, "##name", hint, chooser->name, sizeof chooser->name);
  if (event == NM_FIELD_CHANGED) chooser->asks = false, chooser->trouble[0] = 0;
  taken = event == NM_FIELD_DONE;
  if (nm_kit_button(kit, verb_of(chooser))) taken = true;
  nm_kit_same_row(kit, 8);
  if (nm_kit_button(kit, _("Cancel"))) nm_kit_dialog_close(kit);
  if (chooser->endings[0]) {
    nm_kit_same_row(kit, 16);
    nm_kit_checkbox(kit, _("All files"), &chooser->shows_all);
  }
  if (chooser->trouble[0]) {
    nm_kit_same_row(kit, 16);
    nm_kit_text(kit, NM_FONT_BODY, NM_PAINT_WARNING, chooser->trouble);
  }
  return taken;
}

// An entry that is clicked is named; when it is already, it is taken.
static bool take_entry(NmChooser *chooser, int entry)
{
  const char *name = chooser->entries[entry].name;
  if (chooser->entries[entry].is_folder) {
    enter_child(chooser, name);
    return false;
  }
  if (!strcmp(name, chooser->name)) return true;
  snprintf(chooser->name, sizeof chooser->name, "%s", name);
  chooser->asks = false;
  return false;
}

// Whether the dialog went since the last frame.
static bool take_left(NmChooser *chooser)
{
  bool left = chooser->is_shown;
  chooser->is_shown = false;
  return left;
}

NmChooserEvent nm_chooser_show(NmKit *kit, NmChooser *chooser, char path[PATH_MAX])
{
  if (!chooser->title[0]) return NM_CHOOSER_NOTHING;
  if (!nm_kit_dialog_begin(kit, chooser->title, WIDTH, HEIGHT))
    return take_left(chooser) ? NM_CHOOSER_LEFT : NM_CHOOSER_NOTHING;
  show_places(kit, chooser);
  int entry = show_list(kit, chooser);
  bool taken = show_end(kit, chooser);
  if (entry >= 0) taken |= take_entry(chooser, entry);
  bool done = taken && accept(chooser, path);
  chooser->is_shown = !done;
  if (done) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  return done ? NM_CHOOSER_CHOSEN : NM_CHOOSER_NOTHING;
}
