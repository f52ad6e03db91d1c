// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/document/file.h"
#include "app/formats/song_file.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const char endings_read[] = ".neume .musicxml .mxl .xml .mid .midi .kar .abc";
static const char endings_sound[] = ".wav .flac .ogg .opus .mp3 .aiff .aif .au";
static const char endings_export[] = ".musicxml .mxl .mid .abc .lrc";

// A title, which is the dialog's name.
static const char *title_recover(void)
{
  return _("Work that was not saved");
}

static bool has_ending(const char *path, const char *endings)
{
  const char *dot = strrchr(path, '.'), *found = dot ? strstr(endings, dot) : NULL;
  return found && (found[strlen(dot)] == 0 || found[strlen(dot)] == ' ');
}

static bool is_document(const char *path)
{
  const char *dot = strrchr(path, '.');
  return dot && !strcmp(dot, ".neume");
}

const char *nm_studio_get_folder(char folder[PATH_MAX])
{
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  int n = state && *state == '/' ? snprintf(folder, PATH_MAX, "%s/neume", state)
          : home                 ? snprintf(folder, PATH_MAX, "%s/.local/state/neume", home)
                                 : PATH_MAX;
  if (n >= PATH_MAX) return NULL;
  for (char *slash = folder + 1; (slash = strchr(slash, '/')); slash++) {
    *slash = 0;
    mkdir(folder, 0700);
    *slash = '/';
  }
  return mkdir(folder, 0700) == 0 || errno == EEXIST ? folder : NULL;
}

// From now on no step is lost. A song in no file has its journal in the studio's own folder.
static void open_journal(NmStudio *studio)
{
  if (studio->no_files) return;
  char folder[PATH_MAX], path[PATH_MAX + 64];
  NmError err = {0};
  NmStatus status = NM_OK;
  if (is_document(studio->path))
    status = nm_document_open_journal(studio->doc, studio->path, NULL, &err);
  else if (nm_studio_get_folder(folder)) {
    snprintf(path, sizeof path, "%s/unsaved-%d-%d.journal", folder, (int)getpid(), ++studio->n_journals);
    status = nm_document_open_journal(studio->doc, NULL, path, &err);
  }
  if (status) nm_studio_warn(studio, &err);
}

static void set_title(NmStudio *studio)
{
  char title[PATH_MAX + 16];
  const char *slash = strrchr(studio->path, '/');
  snprintf(title, sizeof title, "%s - Neume",
           studio->path[0] ? (slash ? slash + 1 : studio->path) : _("Untitled"));
  nm_kit_set_title(studio->kit, title);
}

static void set_path(NmStudio *studio, const char *path)
{
  snprintf(studio->path, sizeof studio->path, "%s", path);
  set_title(studio);
}

// What the document is now, under a path ("" for none).
static NmStatus show(NmStudio *studio, NmDocument *doc, const char *path, NmError *err)
{
  nm_document_close_journal(studio->doc, false);
  NmStatus status = nm_studio_take(studio, doc);
  if (status) {
    nm_document_free(doc);
    return nm_error_set(err, status, "%s cannot be shown: %s", path, nm_status_text(status));
  }
  set_path(studio, path);
  open_journal(studio);
  return NM_OK;
}

NmStatus nm_studio_show_song(NmStudio *studio, const NmSong *song, NmError *err)
{
  NmDocument *doc = nm_document_from_song(song, err);
  return doc ? show(studio, doc, "", err) : err->status;
}

static NmStatus import(NmStudio *studio, const char *path, NmError *err)
{
  NmSong *song = NULL;
  NmStatus status = nm_song_file_read(path, NULL, &song, NULL, err);
  if (status == NM_ERR_BAD_ARG && has_ending(path, ".txt"))
    status = nm_error_set(err, status, _("%s: words are no song yet; Compose > Lyrics takes them"), path);
  NmDocument *doc = status ? NULL : nm_document_from_song(song, err);
  nm_song_free(song);
  if (!doc) return err->status;
  return show(studio, doc, path, err);
}

static void ask_to_recover(NmStudio *studio, const char *path, int32_t n_steps)
{
  snprintf(studio->recover, sizeof studio->recover, "%s", path);
  studio->n_recover = n_steps;
  nm_kit_dialog_open(studio->kit, title_recover());
}

static NmStatus load(NmStudio *studio, const char *path, bool recover, NmError *err)
{
  NmJournalState journal = {0};
  NmDocument *doc = nm_document_load(path, recover, &journal, err);
  if (!doc) return err->status;
  if (!recover && journal.exists && journal.is_open) {
    nm_document_free(doc);
    return nm_error_set(err, NM_ERR_IO, _("%s is open in another window"), path);
  }
  if (!recover && journal.exists && journal.fits && journal.n_steps > 0) {
    nm_document_free(doc);
    ask_to_recover(studio, path, journal.n_steps);
    return NM_OK;
  }
  return show(studio, doc, path, err);
}

NmStatus nm_studio_open(NmStudio *studio, const char *path, NmError *err)
{
  NmStatus status = is_document(path) ? load(studio, path, false, err) : import(studio, path, err);
  if (!status && !studio->recover[0])
    nm_studio_say(studio, _("%d notes, %d syllables"), studio->model.roll.n,
                  studio->model.lyrics.n_syllables);
  return status;
}

NmStatus nm_studio_open_copy(NmStudio *studio, const char *path, NmError *err)
{
  NmDocument *doc = nm_document_load(path, false, NULL, err);
  return doc ? show(studio, doc, "", err) : err->status;
}

// The journals that crashed studios left; the first that nobody has open.
void nm_studio_look_for_lost(NmStudio *studio)
{
  char folder[PATH_MAX], path[PATH_MAX + 300];
  DIR *dir = nm_studio_get_folder(folder) ? opendir(folder) : NULL;
  for (struct dirent *entry; dir && !studio->recover[0] && (entry = readdir(dir));) {
    NmJournalState journal = {0};
    if (strncmp(entry->d_name, "unsaved-", 8)) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    NmDocument *doc = nm_document_load_journal(path, &journal, NULL);
    if (doc && !journal.is_open && nm_document_get_song(doc)->n_notes + journal.n_steps > 0)
      ask_to_recover(studio, path, journal.n_steps);
    nm_document_free(doc);
  }
  if (dir) closedir(dir);
}

// --- what the menu asks for ---

NmStatus nm_studio_show_new(NmStudio *studio, NmError *err)
{
  NmDocument *doc = nm_document_new(err);
  return doc ? show(studio, doc, "", err) : err->status;
}

void nm_studio_new_song(NmStudio *studio)
{
  nm_studio_wish_for(studio, NM_WISH_NEW);
}

void nm_studio_ask_open(NmStudio *studio)
{
  nm_studio_wish_for(studio, NM_WISH_ASK_OPEN);
}

void nm_studio_quit(NmStudio *studio)
{
  nm_studio_wish_for(studio, NM_WISH_QUIT);
}

static bool save_as(NmStudio *studio, const char *path, bool force)
{
  NmError err = {0};
  if (nm_document_save(studio->doc, path, force, &err)) {
    nm_studio_warn(studio, &err);
    return false;
  }
  if (strcmp(path, studio->path)) {
    nm_document_close_journal(studio->doc, false);
    set_path(studio, path);
    open_journal(studio);
  }
  nm_studio_say(studio, _("Saved as %s"), path);
  return true;
}

void nm_studio_save(NmStudio *studio)
{
  if (!is_document(studio->path))
    nm_studio_ask_save(studio);
  else if (save_as(studio, studio->path, false))
    nm_studio_go_on(studio);
  else
    nm_studio_stay(studio);
}

// The path with another ending, or a name made of the title.
static void suggest(const NmStudio *studio, const char *ending, char path[PATH_MAX])
{
  const char *title = nm_document_get_song(studio->doc)->title;
  const char *dot = strrchr(studio->path, '.'), *slash = strrchr(studio->path, '/');
  size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - studio->path) : strlen(studio->path);
  if (n > 0)
    snprintf(path, PATH_MAX, "%.*s%s", (int)n, studio->path, ending);
  else
    snprintf(path, PATH_MAX, "%s%s", title && *title && !strchr(title, '/') ? title : _("song"), ending);
}

static void ask(NmStudio *studio, NmStudioChoosing choosing, NmChooserKind kind, const char *title,
                const char *path, const char *endings)
{
  if (studio->no_files) return;
  studio->choosing = choosing;
  nm_chooser_open(studio->kit, &studio->chooser, kind, title, path, endings);
}

void nm_studio_choose_song(NmStudio *studio)
{
  ask(studio, NM_CHOOSING_OPEN, NM_CHOOSER_READ, _("Open a song"), studio->path, endings_read);
}

void nm_studio_ask_save(NmStudio *studio)
{
  char path[PATH_MAX];
  suggest(studio, ".neume", path);
  ask(studio, NM_CHOOSING_SAVE, NM_CHOOSER_WRITE, _("Save the song"), path, ".neume");
}

void nm_studio_ask_export(NmStudio *studio)
{
  char path[PATH_MAX];
  suggest(studio, ".musicxml", path);
  ask(studio, NM_CHOOSING_EXPORT, NM_CHOOSER_WRITE, _("Export"), path, endings_export);
}

void nm_studio_ask_clip(NmStudio *studio)
{
  ask(studio, NM_CHOOSING_CLIP, NM_CHOOSER_READ, _("Listen to a sound file"), NULL, endings_sound);
}

void nm_studio_ask_save_listener(NmStudio *studio)
{
  ask(studio, NM_CHOOSING_SAVE_LISTENER, NM_CHOOSER_WRITE, _("Save the listener"), "me.listener",
      ".listener");
}

void nm_studio_ask_load_listener(NmStudio *studio)
{
  ask(studio, NM_CHOOSING_LOAD_LISTENER, NM_CHOOSER_READ, _("Load a listener"), NULL, ".listener");
}

void nm_studio_ask_folder(NmStudio *studio, const char *path)
{
  ask(studio, NM_CHOOSING_FOLDER, NM_CHOOSER_FOLDER, _("Folder to render into"), path, NULL);
}

static void export(NmStudio *studio, const char *path)
{
  NmError err = {0};
  if (nm_song_file_write(path, nm_document_get_song(studio->doc), NULL, true, &err))
    nm_studio_warn(studio, &err);
  else
    nm_studio_say(studio, _("Written: %s"), path);
}

// --- dialogs ---

static void obey_chooser(NmStudio *studio, const char *path)
{
  NmError err = {0};
  switch (studio->choosing) {
  case NM_CHOOSING_OPEN:
    if (nm_studio_open(studio, path, &err)) nm_studio_warn(studio, &err);
    break;
  case NM_CHOOSING_SAVE:
    if (save_as(studio, path, true))
      nm_studio_go_on(studio);
    else
      nm_studio_stay(studio);
    break;
  case NM_CHOOSING_EXPORT: export(studio, path); break;
  case NM_CHOOSING_CLIP: nm_studio_trace_file(studio, path); break;
  case NM_CHOOSING_SAVE_LISTENER:
    if (nm_studio_save_listener(studio, path))
      nm_studio_go_on(studio);
    else
      nm_studio_stay(studio);
    break;
  case NM_CHOOSING_LOAD_LISTENER: nm_studio_load_listener(studio, path); break;
  case NM_CHOOSING_FOLDER: nm_studio_go_on_rendering(studio, path); break;
  }
}

// What should have been saved first is not, and what was to follow stays away.
static void leave_chooser(NmStudio *studio)
{
  nm_studio_stay(studio);
  if (studio->choosing == NM_CHOOSING_FOLDER) nm_studio_go_on_rendering(studio, NULL);
}

static NmStatus recover(NmStudio *studio, const char *path, NmError *err)
{
  NmJournalState journal = {0};
  if (is_document(path)) return load(studio, path, true, err);
  NmDocument *doc = nm_document_load_journal(path, &journal, err);
  if (!doc) return err->status;
  NmStatus status = show(studio, doc, "", err);
  if (!status) unlink(path); // its content is in the new journal
  return status;
}

static NmStatus forget(NmStudio *studio, const char *path, NmError *err)
{
  if (!is_document(path)) {
    unlink(path);
    return NM_OK;
  }
  NmDocument *doc = nm_document_load(path, false, NULL, err);
  return doc ? show(studio, doc, path, err) : err->status;
}

static void show_recover(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  char text[PATH_MAX + 128];
  NmError err = {0};
  if (!nm_kit_dialog_begin(kit, title_recover(), 520, 170)) return;
  snprintf(text, sizeof text, _("%d steps were not saved when Neume ended last time:\n%s"), studio->n_recover,
           studio->recover);
  nm_kit_paragraph(kit, text);
  nm_kit_space(kit, 6);
  bool takes = nm_kit_button(kit, _("Bring them back"));
  nm_kit_same_row(kit, 8);
  bool drops = nm_kit_button(kit, _("Forget them"));
  if (takes || drops) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  if (!takes && !drops) return;
  if ((takes ? recover : forget)(studio, studio->recover, &err))
    nm_studio_warn(studio, &err);
  else if (takes)
    nm_studio_say(studio, "%s", _("Everything is back; what was done can be undone."));
  studio->recover[0] = 0;
}

static void take_dropped(NmStudio *studio)
{
  const char *path = nm_kit_get_input(studio->kit)->dropped;
  if (!path || nm_kit_is_popup_open(studio->kit) || studio->no_files) return;
  if (has_ending(path, endings_sound)) {
    nm_studio_trace_file(studio, path);
    return;
  }
  if (has_ending(path, ".listener")) {
    nm_studio_load_listener(studio, path);
    return;
  }
  snprintf(studio->wished, sizeof studio->wished, "%s", path);
  nm_studio_wish_for(studio, NM_WISH_OPEN);
}

void nm_studio_show_files(NmStudio *studio)
{
  char path[PATH_MAX];
  take_dropped(studio);
  switch (nm_chooser_show(studio->kit, &studio->chooser, path)) {
  case NM_CHOOSER_NOTHING: break;
  case NM_CHOOSER_CHOSEN: obey_chooser(studio, path); break;
  case NM_CHOOSER_LEFT: leave_chooser(studio); break;
  }
  nm_studio_show_leaving(studio);
  show_recover(studio);
}
