// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu of listeners.
#include "app/studio/file.h"
#include "app/studio/run.h"
#include "app/studio/state.h"

void nm_run_trace(NmStudio *studio)
{
  nm_studio_trace(studio, !studio->tracing.on);
}

bool nm_is_tracing(const NmStudio *studio)
{
  return studio->tracing.on;
}

bool nm_is_editing(const NmStudio *studio)
{
  return !studio->tracing.on;
}

void nm_run_trace_song(NmStudio *studio)
{
  nm_studio_trace_song(studio);
}

void nm_run_trace_file(NmStudio *studio)
{
  nm_studio_ask_clip(studio);
}

void nm_run_trace_while(NmStudio *studio)
{
  studio->tracing.traces = !studio->tracing.traces;
}

bool nm_traces_while(const NmStudio *studio)
{
  return studio->tracing.traces;
}

void nm_run_adapt(NmStudio *studio)
{
  nm_studio_adapt(studio);
}

bool nm_can_adapt(const NmStudio *studio)
{
  return nm_studio_can_adapt(studio);
}

void nm_run_stop_adapting(NmStudio *studio)
{
  nm_studio_stop_adapting(studio);
}

bool nm_is_adapting(const NmStudio *studio)
{
  return studio->tracing.learner && nm_learner_is_busy(studio->tracing.learner, NULL);
}

void nm_run_clear_tracing(NmStudio *studio)
{
  nm_studio_clear_tracing(studio);
}

bool nm_has_tracing(const NmStudio *studio)
{
  return studio->tracing.on && nm_drawn_can_undo(&studio->tracing.drawn);
}

void nm_run_save_listener(NmStudio *studio)
{
  nm_studio_ask_save_listener(studio);
}

bool nm_has_listener(const NmStudio *studio)
{
  return studio->tracing.listener != NULL;
}

void nm_run_load_listener(NmStudio *studio)
{
  nm_studio_ask_load_listener(studio);
}
