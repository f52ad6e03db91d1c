// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

NmStatus nm_map_open(NmMap *map, const char *path, NmError *err)
{
  *map = (NmMap){0};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  NmStatus status = NM_OK;
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = nm_error_set(err, NM_ERR_IO, "%s: not a regular file", path);
  } else if (info.st_size > 0) {
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
      status = nm_error_set(err, NM_ERR_IO, "%s: cannot map: %s", path, strerror(errno));
    else
      *map = (NmMap){data, (size_t)info.st_size};
  }
  close(fd);
  return status;
}

void nm_map_close(NmMap *map)
{
  if (map->data) munmap((void *)(uintptr_t)map->data, map->size);
  *map = (NmMap){0};
}
