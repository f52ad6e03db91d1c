// SPDX-License-Identifier: GPL-3.0-or-later
// What the rows of app/studio/actions.c do, when they can be done, and when they are ticked.
#ifndef NM_STUDIO_RUN_H
#define NM_STUDIO_RUN_H

#include "app/studio/studio.h"

void nm_run_new(NmStudio *studio);
void nm_run_open(NmStudio *studio);
void nm_run_save(NmStudio *studio);
void nm_run_save_as(NmStudio *studio);
void nm_run_export(NmStudio *studio);
void nm_run_render(NmStudio *studio);
void nm_run_stop_render(NmStudio *studio);
void nm_run_quit(NmStudio *studio);

void nm_run_undo(NmStudio *studio);
void nm_run_redo(NmStudio *studio);
void nm_run_select_all(NmStudio *studio);
void nm_run_select_none(NmStudio *studio);
void nm_run_next(NmStudio *studio);
void nm_run_previous(NmStudio *studio);
void nm_run_next_too(NmStudio *studio);
void nm_run_previous_too(NmStudio *studio);

void nm_run_type(NmStudio *studio);
void nm_run_up(NmStudio *studio);
void nm_run_down(NmStudio *studio);
void nm_run_octave_up(NmStudio *studio);
void nm_run_octave_down(NmStudio *studio);
void nm_run_scale_up(NmStudio *studio);
void nm_run_scale_down(NmStudio *studio);
void nm_run_earlier(NmStudio *studio);
void nm_run_later(NmStudio *studio);
void nm_run_shorter(NmStudio *studio);
void nm_run_longer(NmStudio *studio);
void nm_run_split(NmStudio *studio);
void nm_run_merge(NmStudio *studio);
void nm_run_quantise(NmStudio *studio);
void nm_run_remove(NmStudio *studio);
void nm_run_vibrato(NmStudio *studio);
void nm_run_smooth(NmStudio *studio);
void nm_run_reset_lengths(NmStudio *studio);
void nm_run_draw(NmStudio *studio);

void nm_run_lyrics(NmStudio *studio);
void nm_run_compose(NmStudio *studio);
void nm_run_compose_lines(NmStudio *studio);
void nm_run_words(NmStudio *studio);
void nm_run_words_of_lines(NmStudio *studio);
void nm_run_takes(NmStudio *studio);
void nm_run_next_way(NmStudio *studio);
void nm_run_previous_way(NmStudio *studio);
void nm_run_stop_composing(NmStudio *studio);
void nm_run_attention(NmStudio *studio);

void nm_run_play(NmStudio *studio);
void nm_run_start(NmStudio *studio);
void nm_run_to_note(NmStudio *studio);
void nm_run_loop(NmStudio *studio);
void nm_run_clicks(NmStudio *studio);
void nm_run_device(NmStudio *studio);

void nm_run_transpose(NmStudio *studio);
void nm_run_marker(NmStudio *studio);
void nm_run_next_marker(NmStudio *studio);
void nm_run_previous_marker(NmStudio *studio);

void nm_run_zoom_in(NmStudio *studio);
void nm_run_zoom_out(NmStudio *studio);
void nm_run_zoom_fit(NmStudio *studio);
void nm_run_pitch(NmStudio *studio);
void nm_run_phones(NmStudio *studio);
void nm_run_sound(NmStudio *studio);
void nm_run_valence(NmStudio *studio);
void nm_run_arousal(NmStudio *studio);
void nm_run_plane(NmStudio *studio);
void nm_run_voice(NmStudio *studio);
void nm_run_song(NmStudio *studio);
void nm_run_band(NmStudio *studio);
void nm_run_dark(NmStudio *studio);
void nm_run_light(NmStudio *studio);

void nm_run_trace(NmStudio *studio);
void nm_run_trace_song(NmStudio *studio);
void nm_run_trace_file(NmStudio *studio);
void nm_run_trace_while(NmStudio *studio);
void nm_run_adapt(NmStudio *studio);
void nm_run_stop_adapting(NmStudio *studio);
void nm_run_clear_tracing(NmStudio *studio);
void nm_run_save_listener(NmStudio *studio);
void nm_run_load_listener(NmStudio *studio);

void nm_run_tour(NmStudio *studio);
void nm_run_sheet(NmStudio *studio);

bool nm_is_rendering(const NmStudio *studio);
bool nm_can_undo(const NmStudio *studio);
bool nm_can_redo(const NmStudio *studio);
bool nm_has_chosen(const NmStudio *studio);
bool nm_has_words(const NmStudio *studio);
bool nm_has_notes(const NmStudio *studio);
bool nm_has_lines(const NmStudio *studio);
bool nm_has_takes(const NmStudio *studio);
bool nm_is_composing(const NmStudio *studio);
bool nm_shows_attention(const NmStudio *studio);
bool nm_has_loop(const NmStudio *studio);
bool nm_has_clicks(const NmStudio *studio);
bool nm_is_looped(const NmStudio *studio);
bool nm_is_drawing(const NmStudio *studio);
bool nm_shows_pitch(const NmStudio *studio);
bool nm_shows_phones(const NmStudio *studio);
bool nm_shows_sound(const NmStudio *studio);
bool nm_shows_valence(const NmStudio *studio);
bool nm_shows_arousal(const NmStudio *studio);
bool nm_shows_plane(const NmStudio *studio);
bool nm_is_tracing(const NmStudio *studio);
bool nm_is_editing(const NmStudio *studio);
bool nm_traces_while(const NmStudio *studio);
bool nm_can_adapt(const NmStudio *studio);
bool nm_is_adapting(const NmStudio *studio);
bool nm_has_tracing(const NmStudio *studio);
bool nm_has_listener(const NmStudio *studio);
bool nm_shows_voice(const NmStudio *studio);
bool nm_shows_song(const NmStudio *studio);
bool nm_shows_band(const NmStudio *studio);
bool nm_is_dark(const NmStudio *studio);
bool nm_is_light(const NmStudio *studio);

#endif
