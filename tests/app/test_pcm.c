// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "app/formats/pcm.h"

static void test_encodings(void **state)
{
  static const struct {
    const char *name;
    unsigned char bytes[8];
    float value;
  } cases[] = {{"u8", {0}, -1},
               {"u8", {192}, .5f},
               {"s16", {0, 0x80}, -1},
               {"s16", {0, 0x40}, .5f},
               {"s24", {0, 0, 0x80}, -1},
               {"s24", {1, 0, 0}, 0x1p-23f},
               {"s24", {0xff, 0xff, 0xff}, -0x1p-23f},
               {"s32", {0, 0, 0, 0xc0}, -.5f},
               {"f32", {0, 0, 0, 0xbf}, -.5f},
               {"f64", {0, 0, 0, 0, 0, 0, 0xe0, 0x3f}, .5f}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    NmPcmFormat format = {.rate_hz = 8000, .n_channels = 1};
    float x;
    assert_true(nm_pcm_find_encoding(cases[i].name, &format.encoding));
    assert_int_equal(nm_pcm_mix_down(&format, cases[i].bytes, 1, &x), 0);
    if (x != cases[i].value) fail_msg("%s: %g instead of %g", cases[i].name, x, cases[i].value);
  }
}

static void test_mix_and_no_numbers(void **state)
{
  const float frames[3][2] = {{1, .5f}, {NAN, .5f}, {1e30f, -INFINITY}};
  const NmPcmFormat format = {.encoding = NM_PCM_F32, .n_channels = 2};
  float x[3];
  assert_int_equal(nm_pcm_get_size(&format), 8);
  assert_int_equal(nm_pcm_mix_down(&format, (const unsigned char *)frames, 3, x), 3);
  assert_true(x[0] == .75f && x[1] == .25f && x[2] == 0);
}

// A header with a chunk of odd length before the format, and what is before a byte of it is missing.
static void test_wav_header(void **state)
{
  static const unsigned char bytes[] = "RIFF\377\377\377\377WAVE"
                                       "LIST\3\0\0\0abc\0"
                                       "fmt \20\0\0\0\1\0\2\0\104\254\0\0\20\261\2\0\4\0\20\0"
                                       "data\0\0\0\0";
  const size_t n = sizeof bytes - 1;
  NmPcmFormat format;
  size_t size;
  assert_int_equal(nm_wav_parse(bytes, n, &format, &size), NM_WAV_READY);
  assert_int_equal(size, n);
  assert_int_equal(format.encoding, NM_PCM_S16);
  assert_int_equal(format.rate_hz, 44100);
  assert_int_equal(format.n_channels, 2);
  assert_int_equal(format.n_bytes, -1);
  for (size_t i = 0; i < n; ++i) {
    assert_int_equal(nm_wav_parse(bytes, i, &format, &size), NM_WAV_MORE);
    assert_true(size > i && size <= n);
  }
}

static void test_other_headers(void **state)
{
  static const char *const headers[] = {
      "fLaC        ",
      "RIFF\0\0\0\0AVI ",
      "RIFF\0\0\0\0WAVEdata\1\0\0\0",
      "RIFF\0\0\0\0WAVEfmt \20\0\0\0\6\0\1\0\100\37\0\0\100\37\0\0\1\0\10\0",
      "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\0\0\100\37\0\0\100\37\0\0\1\0\10\0",
      "RIFF\0\0\0\0WAVEfmt \4\0\0\0\1\0\1\0"};
  static const size_t sizes[] = {12, 12, 20, 36, 36, 24};
  for (size_t i = 0; i < sizeof headers / sizeof *headers; ++i) {
    NmPcmFormat format;
    size_t size;
    assert_int_equal(nm_wav_parse((const unsigned char *)headers[i], sizes[i], &format, &size), NM_WAV_OTHER);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_encodings),
                                     cmocka_unit_test(test_mix_and_no_numbers),
                                     cmocka_unit_test(test_wav_header), cmocka_unit_test(test_other_headers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
