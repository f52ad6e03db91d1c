// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a table and as a listener's curve: no crash, every cell and number in its bounds.
#include <stdlib.h>
#include <string.h>

#include "models/emotion/listener.h"
#include "models/emotion/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int holds)
{
  if (!holds) abort();
}

static void read_cells(const NmTable *table)
{
  float list[16];
  double value;
  int64_t n_list;
  for (int64_t row = 0; row < table->n_rows; ++row)
    for (int64_t i = 0; i < table->n_columns; ++i) {
      check(strlen(nm_table_get(table, row, i)) <= NM_TABLE_SIZE_MAX);
      if (nm_table_get_number(table, row, i, -1, 1, &value, NULL) == NM_OK) check(value >= -1 && value <= 1);
      if (nm_table_get_list(table, row, i, -1, 1, list, 16, &n_list, NULL) == NM_OK)
        check(n_list >= 1 && n_list <= 16);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmTable table;
  NmListenerPoints points;
  NmError err = {0};
  const NmStatus status = nm_table_read(&table, (const char *)bytes, n, "fuzz", &err);
  check(status == NM_OK || (status == NM_ERR_BAD_DATA && err.message[0]));
  if (status == NM_OK) read_cells(&table);
  nm_table_fini(&table);
  if (nm_listener_points_read(&points, (const char *)bytes, n, "fuzz", &err) == NM_OK) {
    check(points.n >= 2);
    for (int64_t i = 0; i < points.n; ++i)
      check(points.points[i].valence >= -1 && points.points[i].valence <= 1 &&
            (i == 0 || points.points[i].time_s >= points.points[i - 1].time_s));
  }
  nm_listener_points_fini(&points);
  return 0;
}
