// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/device_quiet.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int nm_device_quiet_begin(void)
{
  pthread_mutex_lock(&lock);
  const int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved >= 0 && null >= 0) dup2(null, STDERR_FILENO);
  if (null >= 0) close(null);
  return saved;
}

void nm_device_quiet_end(int saved)
{
  if (saved >= 0) {
    dup2(saved, STDERR_FILENO);
    close(saved);
  }
  pthread_mutex_unlock(&lock);
}
