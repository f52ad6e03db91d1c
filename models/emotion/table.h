// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of text: a header line, then rows of as many cells. Cells are separated by tabs, or by commas where
// the header has no tab. Lines end in LF or CRLF; empty lines are skipped.
#ifndef NM_EMOTION_TABLE_H
#define NM_EMOTION_TABLE_H

#include "dsp/base/status.h"

enum { NM_TABLE_SIZE_MAX = 1 << 28 }; // bytes

typedef struct {
  const char *name; // of the file, for messages; borrowed
  char *text;       // cells end in NUL here
  char **cells;     // [(n_rows + 1), n_columns], the header first
  int64_t *lines;   // [n_rows + 1] where each row stands in the file, from 1
  int64_t n_columns, n_rows;
} NmTable;

// NM_ERR_BAD_DATA with the line: no header, a NUL, a row of another length. Free with nm_table_fini, also
// after a failure.
NmStatus nm_table_read(NmTable *table, const char *text, size_t len, const char *name,
                       NmError *err) NM_NODISCARD;
// The same from a file; `path` must stay.
NmStatus nm_table_open(NmTable *table, const char *path, NmError *err) NM_NODISCARD;
void nm_table_fini(NmTable *table);

// The column of that name, -1 when there is none.
int64_t nm_table_find(const NmTable *table, const char *column);
// The same; NM_ERR_BAD_DATA naming the column when there is none.
NmStatus nm_table_need(const NmTable *table, const char *column, int64_t *i, NmError *err) NM_NODISCARD;

// The cell of row 0 <= row < n_rows.
const char *nm_table_get(const NmTable *table, int64_t row, int64_t column);
// As a number within [low, high]; NM_ERR_BAD_DATA with the line otherwise.
NmStatus nm_table_get_number(const NmTable *table, int64_t row, int64_t column, double low, double high,
                             double *value, NmError *err) NM_NODISCARD;
// A cell of numbers separated by commas within [low, high] into values [n_max]; *n of them.
NmStatus nm_table_get_list(const NmTable *table, int64_t row, int64_t column, double low, double high,
                           float *values, int64_t n_max, int64_t *n, NmError *err) NM_NODISCARD;

#endif
