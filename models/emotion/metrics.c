// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/metrics.h"

#include <math.h>

NmEmotionScore nm_emotion_score(const float *p, const float *y, int64_t n, int64_t stride)
{
  double mp = 0, my = 0, pp = 0, yy = 0, py = 0, ee = 0;
  for (int64_t i = 0; i < n; ++i) {
    mp += p[i * stride] / (double)n;
    my += y[i * stride] / (double)n;
  }
  for (int64_t i = 0; i < n; ++i) {
    const double a = p[i * stride] - mp, b = y[i * stride] - my, e = (double)p[i * stride] - y[i * stride];
    pp += a * a / (double)n;
    yy += b * b / (double)n;
    py += a * b / (double)n;
    ee += e * e / (double)n;
  }
  const double both = pp + yy + (mp - my) * (mp - my);
  return (NmEmotionScore){.rmse = sqrt(ee),
                          .ccc = both > 0 ? 2 * py / both : 0,
                          .r = pp > 0 && yy > 0 ? py / sqrt(pp * yy) : 0,
                          .r2 = yy > 0 ? 1 - ee / yy : 0};
}
