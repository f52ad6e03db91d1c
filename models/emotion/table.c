// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/map.h"

static NmStatus fail(const NmTable *table, int64_t line, NmError *err, const char *what)
{
  return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, line, "%s: line %lld: %s", table->name, (long long)line,
                         what);
}

static int64_t count(const char *text, size_t len, char what)
{
  int64_t n = 0;
  for (size_t i = 0; i < len; ++i) n += text[i] == what;
  return n;
}

// Cuts a line that ends in NUL into its cells; false when there are not n.
static bool cut(char *line, char separator, char **cells, int64_t n)
{
  for (int64_t i = 0; i < n; ++i) {
    char *end = strchr(line, separator);
    cells[i] = line;
    if (!end) return i + 1 == n;
    *end = '\0';
    line = end + 1;
  }
  return false;
}

static NmStatus read_lines(NmTable *table, NmError *err)
{
  char separator = 0;
  int64_t line = 1, n = 0;
  for (char *at = table->text, *next; at; at = next, ++line) {
    char *end = strchr(at, '\n');
    next = end ? end + 1 : NULL;
    if (!end) end = at + strlen(at);
    if (end > at && end[-1] == '\r') --end;
    *end = '\0';
    if (end == at) continue;
    if (!separator) separator = strchr(at, '\t') ? '\t' : ',';
    if (!cut(at, separator, table->cells + n * table->n_columns, table->n_columns))
      return fail(table, line, err, "not as many cells as the header has");
    table->lines[n++] = line;
  }
  table->n_rows = n - 1;
  return n > 0 ? NM_OK : fail(table, 1, err, "there is no header");
}

// Cells of the first line that is not empty.
static int64_t count_columns(const char *text)
{
  while (*text == '\n' || *text == '\r') ++text;
  const size_t len = strcspn(text, "\n");
  const int64_t n_tabs = count(text, len, '\t');
  return 1 + (n_tabs ? n_tabs : count(text, len, ','));
}

NmStatus nm_table_read(NmTable *table, const char *text, size_t len, const char *name, NmError *err)
{
  *table = (NmTable){.name = name};
  if (len > NM_TABLE_SIZE_MAX)
    return nm_error_set(err, NM_ERR_BAD_DATA, "%s: longer than %d bytes", name, NM_TABLE_SIZE_MAX);
  if (len && memchr(text, '\0', len)) return fail(table, 1, err, "not a text: it holds NUL bytes");
  if (!(table->text = malloc(len + 1))) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (len) memcpy(table->text, text, len);
  table->text[len] = '\0';
  table->n_columns = count_columns(table->text);
  const size_t n_lines = (size_t)count(table->text, len, '\n') + 1;
  // A row of n cells takes n bytes at least, its end included: more rows than fit cannot all be right.
  const size_t n_columns = (size_t)table->n_columns;
  const size_t n_rows = n_lines < len / n_columns + 2 ? n_lines : len / n_columns + 2;
  table->cells = calloc(n_rows * n_columns, sizeof *table->cells);
  table->lines = calloc(n_lines, sizeof *table->lines);
  if (!table->cells || !table->lines) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return read_lines(table, err);
}

NmStatus nm_table_open(NmTable *table, const char *path, NmError *err)
{
  NmMap map;
  *table = (NmTable){.name = path};
  NmStatus status = nm_map_open(&map, path, err);
  if (status != NM_OK) return status;
  status = nm_table_read(table, (const char *)map.data, map.size, path, err);
  nm_map_close(&map);
  return status;
}

void nm_table_fini(NmTable *table)
{
  free(table->text);
  free(table->cells);
  free(table->lines);
  *table = (NmTable){0};
}

int64_t nm_table_find(const NmTable *table, const char *column)
{
  for (int64_t i = 0; i < table->n_columns; ++i)
    if (strcmp(table->cells[i], column) == 0) return i;
  return -1;
}

NmStatus nm_table_need(const NmTable *table, const char *column, int64_t *i, NmError *err)
{
  if ((*i = nm_table_find(table, column)) >= 0) return NM_OK;
  return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, table->lines[0], "%s: there is no column \"%s\"",
                         table->name, column);
}

const char *nm_table_get(const NmTable *table, int64_t row, int64_t column)
{
  return table->cells[(row + 1) * table->n_columns + column];
}

static NmStatus fail_number(const NmTable *table, int64_t row, int64_t column, double low, double high,
                            NmError *err)
{
  const int64_t line = table->lines[row + 1];
  return nm_error_set_at(err, NM_ERR_BAD_DATA, -1, line,
                         "%s: line %lld: \"%.40s\" in column \"%.40s\" is not a number from %g to %g",
                         table->name, (long long)line, nm_table_get(table, row, column), table->cells[column],
                         low, high);
}

NmStatus nm_table_get_number(const NmTable *table, int64_t row, int64_t column, double low, double high,
                             double *value, NmError *err)
{
  char *end;
  const char *text = nm_table_get(table, row, column);
  *value = strtod(text, &end);
  if (end > text && !*end && *value >= low && *value <= high) return NM_OK;
  return fail_number(table, row, column, low, high, err);
}

NmStatus nm_table_get_list(const NmTable *table, int64_t row, int64_t column, double low, double high,
                           float *values, int64_t n_max, int64_t *n, NmError *err)
{
  const char *text = nm_table_get(table, row, column);
  for (*n = 0; *n < n_max; text += 1) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || (*end && *end != ',') || !(value >= low && value <= high)) break;
    values[(*n)++] = (float)value;
    if (!*end) return NM_OK;
    text = end;
  }
  return fail_number(table, row, column, low, high, err);
}
