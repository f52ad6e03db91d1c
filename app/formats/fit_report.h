// SPDX-License-Identifier: GPL-3.0-or-later
// What `align --json` prints.
//
//   {"lyrics", "melody", "n_lines", "n_syllables", "n_notes", "n_verses",
//    "file": path or null, "cost", "parts": {name: cost}, "lines": [
//      {"text", "verse", "stanza", "cost", "syllables": [
//        {"text", "stress", "ends_word", "notes": [{"index", "pitch", "onset_beats", "len_beats"}]}]}],
//    "unsung_notes": [index], "alternatives": [{"file", "cost", "parts", "lines", "unsung_notes"}]}
//
// Costs have no unit: less is better, and the parts add up to them. Notes are counted from 0, beats are
// quarter notes from the song's start. Two syllables that name the same note share it.
#ifndef NM_FORMATS_FIT_REPORT_H
#define NM_FORMATS_FIT_REPORT_H

#include <stdio.h>

#include "models/song/fit_song.h"

typedef struct {
  const char *lyrics, *melody; // names
  const char *const *files;    // [fitted->n] where each was written; NULL: nowhere
  const NmFitSong *fitted;
} NmFitReport;

// NM_ERR_NO_MEMORY, NM_ERR_IO.
NmStatus nm_fit_report_write(const NmFitReport *report, FILE *file, NmError *err) NM_NODISCARD;

#endif
