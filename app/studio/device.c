// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/device.h"

#include <stdio.h>
#include <string.h>

#include "app/output.h"
#include "app/studio/file.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const char *title(void)
{
  return _("Sound device");
}

static const char *get_path(char path[PATH_MAX + 16])
{
  char folder[PATH_MAX];
  if (!nm_studio_get_folder(folder)) return NULL;
  snprintf(path, PATH_MAX + 16, "%s/device", folder);
  return path;
}

void nm_studio_recall_device(NmStudio *studio)
{
  char path[PATH_MAX + 16], name[NM_PLAYER_NAME_MAX];
  FILE *file = get_path(path) ? fopen(path, "r") : NULL;
  if (!file) return;
  if (fgets(name, sizeof name, file)) {
    name[strcspn(name, "\n")] = 0;
    snprintf(studio->device.chosen, sizeof studio->device.chosen, "%s", name);
    nm_transport_set_device(studio->transport, name);
  }
  fclose(file);
}

static NmStatus keep(const NmStudio *studio, NmError *err)
{
  char path[PATH_MAX + 16];
  NmOutput out = {0};
  if (studio->no_files || !get_path(path)) return NM_OK;
  NmStatus status = nm_output_begin(&out, path, true, err);
  FILE *file = status ? NULL : nm_output_open(&out, err);
  if (file) {
    fprintf(file, "%s\n", studio->device.chosen);
    status = nm_output_close(file, path, err);
    if (!status) status = nm_output_commit(&out, err);
  } else if (!status) {
    status = err->status;
  }
  nm_output_discard(&out);
  return status;
}

void nm_studio_choose_device(NmStudio *studio, const char *name)
{
  NmError err = {0};
  snprintf(studio->device.chosen, sizeof studio->device.chosen, "%s", name);
  nm_transport_set_device(studio->transport, name);
  if (keep(studio, &err))
    nm_studio_warn(studio, &err);
  else
    nm_studio_say(studio, *name ? _("It is heard on %s") : _("It is heard where the system plays sound"),
                  name);
}

void nm_studio_ask_device(NmStudio *studio)
{
  studio->device.searches = true;
  nm_transport_search(studio->transport);
  nm_kit_dialog_open(studio->kit, title());
}

static void show_devices(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmStudioDevice *device = &studio->device;
  int first, end;
  nm_kit_list_begin(kit, "devices", -44, device->found.n + 1, &first, &end);
  for (int i = first; i < end; i++) {
    const char *name = i ? device->found.names[i - 1] : "";
    nm_kit_push_id(kit, i);
    if (nm_kit_select(kit, i ? name : _("Where the system plays sound"), !strcmp(name, device->chosen)))
      nm_studio_choose_device(studio, name);
    nm_kit_pop_id(kit);
  }
  nm_kit_list_end(kit);
}

void nm_studio_show_device(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmStudioDevice *device = &studio->device;
  if (device->searches && nm_transport_take_devices(studio->transport, &device->found)) {
    device->searches = false;
    device->knows = true;
  }
  if (!nm_kit_dialog_begin(kit, title(), 520, 340)) return;
  if (device->searches && !device->knows)
    nm_kit_paragraph(kit, _("Looking for devices..."));
  else
    show_devices(studio);
  if (nm_kit_button(kit, _("Close"))) nm_kit_dialog_close(kit);
  nm_kit_dialog_end(kit);
}
