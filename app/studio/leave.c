// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/leave.h"

#include "app/studio/file.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

// Titles, which are the dialogs' names.
static const char *title_changed(void)
{
  return _("Save the changes?");
}

static const char *title_listener(void)
{
  return _("Save the listener?");
}

// The song is settled; how somebody hears may not be.
static void quit(NmStudio *studio)
{
  if (nm_studio_get_unkept(studio) == NM_TRACING_KEPT) {
    studio->done = true;
    return;
  }
  studio->wish = NM_WISH_QUIT;
  nm_kit_dialog_open(studio->kit, title_listener());
}

void nm_studio_go_on(NmStudio *studio)
{
  NmError err = {0};
  NmStatus status = NM_OK;
  NmStudioWish wish = studio->wish;
  studio->wish = NM_WISH_NOTHING;
  switch (wish) {
  case NM_WISH_NOTHING: break;
  case NM_WISH_NEW: status = nm_studio_show_new(studio, &err); break;
  case NM_WISH_ASK_OPEN: nm_studio_choose_song(studio); break;
  case NM_WISH_OPEN: status = nm_studio_open(studio, studio->wished, &err); break;
  case NM_WISH_QUIT: quit(studio); break;
  }
  if (status) nm_studio_warn(studio, &err);
}

void nm_studio_stay(NmStudio *studio)
{
  studio->wish = NM_WISH_NOTHING;
}

void nm_studio_wish_for(NmStudio *studio, NmStudioWish wish)
{
  if (studio->no_files) return;
  studio->wish = wish;
  if (nm_document_is_changed(studio->doc))
    nm_kit_dialog_open(studio->kit, title_changed());
  else
    nm_studio_go_on(studio);
}

typedef enum { NO_ANSWER, SAVE, DROP, STAY } Answer;

// `shown`: whether the question was there in the last frame. Escape takes it away: who asks stays.
static Answer ask(NmKit *kit, bool *shown, const char *title, const char *text, const char *verb)
{
  Answer answer = *shown ? STAY : NO_ANSWER;
  *shown = false;
  if (!nm_kit_dialog_begin(kit, title, 0, 0)) return answer;
  answer = NO_ANSWER;
  nm_kit_text(kit, NM_FONT_BODY, NM_PAINT_TEXT, text);
  nm_kit_space(kit, 6);
  if (nm_kit_button(kit, verb)) answer = SAVE;
  nm_kit_same_row(kit, 8);
  if (nm_kit_button(kit, _("Do not save"))) answer = DROP;
  nm_kit_same_row(kit, 8);
  if (nm_kit_button(kit, _("Cancel"))) answer = STAY;
  *shown = !answer;
  if (answer) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
  return answer;
}

static void show_changed(NmStudio *studio)
{
  switch (ask(studio->kit, &studio->asks_song, title_changed(), _("The song has changes that are not saved."),
              _("Save"))) {
  case NO_ANSWER: break;
  case SAVE: nm_studio_save(studio); break;
  case DROP: nm_studio_go_on(studio); break;
  case STAY: nm_studio_stay(studio); break;
  }
}

// What was drawn can be saved once it is learned from.
static void show_listener(NmStudio *studio)
{
  bool is_drawn = nm_studio_get_unkept(studio) == NM_TRACING_DRAWN;
  const char *text = is_drawn ? _("What is drawn over the clip is not learned from yet, and would be lost.")
                              : _("The listener that was learned is not saved.");
  switch (ask(studio->kit, &studio->asks_listener, title_listener(), text,
              is_drawn ? _("Adapt") : _("Save..."))) {
  case NO_ANSWER: break;
  case SAVE:
    if (is_drawn) {
      nm_studio_stay(studio);
      nm_studio_trace(studio, true);
      nm_studio_adapt(studio);
    } else {
      nm_studio_ask_save_listener(studio);
    }
    break;
  case DROP: studio->done = true; break;
  case STAY: nm_studio_stay(studio); break;
  }
}

void nm_studio_show_leaving(NmStudio *studio)
{
  show_changed(studio);
  show_listener(studio);
}
