// SPDX-License-Identifier: GPL-3.0-or-later
// The weights file format: what is written comes back, and what is damaged or hostile is refused with the
// file, the place and the cause.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/engine/graph.h"
#include "models/engine/safetensors.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"

// A file of this header and n_data zero bytes behind it, in memory that ends where the file does.
static uint8_t *make_file(const char *header, size_t n_header_said, size_t n_data, size_t *size)
{
  const size_t n = strlen(header);
  *size = 8 + n + n_data;
  uint8_t *bytes = calloc(1, *size);
  assert_non_null(bytes);
  for (int i = 0; i < 8; ++i) bytes[i] = (uint8_t)(n_header_said >> (8 * i));
  memcpy(bytes + 8, header, n);
  return bytes;
}

static void expect_refusal(const uint8_t *bytes, size_t size, const char *cause)
{
  NmError err = {0};
  NmSafetensors *file = nm_safetensors_open_memory(bytes, size, "some.file", &err);
  if (file || err.status != NM_ERR_BAD_DATA || strncmp(err.message, "some.file: ", 11) != 0 ||
      !strstr(err.message, cause))
    fail_msg("%s: expected '%s', got '%s'", (const char *)bytes + 8, cause, file ? "no error" : err.message);
}

static void test_hostile_headers_are_refused(void **state)
{
  static const struct {
    const char *header, *cause;
    size_t n_data;
  } cases[] = {
      {"", "header", 0},
      {"[]", "not an object", 0},
      {"{", "byte", 0},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", "byte", 4},
      {"{\"w\":7}", "\"w\": its dtype", 0},
      {"{\"w\":{}}", "\"w\": its dtype", 0},
      {"{\"w\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,2]}}", "\"w\": its dtype", 2},
      {"{\"w\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,2]}}", "\"w\": its dtype", 2},
      {"{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", "\"w\": its shape", 0},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
       "\"w\": its shape", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}",
       "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\"0\",\"4\"]}}", "\"w\": its data_offsets",
       4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}}",
       "\"w\": its data_offsets", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
       "overlap", 4},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "gap", 8},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "3 bytes behind", 7},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
       "duplicate", 8},
      {"{\"__metadata__\":[]}", "__metadata__ is not an object", 0},
      {"{\"__metadata__\":{\"steps\":8}}", "\"steps\" is not a text", 0},
      {"{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "byte", 4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    size_t size;
    uint8_t *bytes = make_file(cases[i].header, strlen(cases[i].header), cases[i].n_data, &size);
    expect_refusal(bytes, size, cases[i].cause);
    free(bytes);
  }
}

static void test_length_of_the_header_is_checked(void **state)
{
  static const size_t said[] = {3, 1 << 20, (size_t)1 << 62, SIZE_MAX, SIZE_MAX - 7};
  for (size_t i = 0; i < sizeof said / sizeof *said; ++i) {
    size_t size;
    uint8_t *bytes = make_file("{}", said[i], 0, &size);
    expect_refusal(bytes, size, "cut short");
    free(bytes);
  }
  for (size_t size = 0; size < 8; ++size) {
    uint8_t *bytes = calloc(1, size ? size : 1);
    expect_refusal(bytes, size, "not a safetensors file");
    free(bytes);
  }
}

static void test_deep_headers_do_not_overflow_the_stack(void **state)
{
  enum { DEPTH = 100000 };
  size_t size;
  char *header = malloc(DEPTH + 1);
  assert_non_null(header);
  memset(header, '[', DEPTH);
  header[DEPTH] = 0;
  uint8_t *bytes = make_file(header, DEPTH, 0, &size);
  expect_refusal(bytes, size, "depth");
  free(bytes);
  free(header);
}

static void test_an_empty_file_has_no_tensors(void **state)
{
  size_t size;
  uint8_t *bytes = make_file("{}", 2, 0, &size);
  NmSafetensors *file = nm_safetensors_open_memory(bytes, size, "some.file", NULL);
  assert_non_null(file);
  assert_int_equal(nm_safetensors_get_n(file), 0);
  assert_null(nm_safetensors_find(file, "w"));
  nm_safetensors_close(file);
  free(bytes);
}

static const float values[] = {1, -2.5f, .25f, 65504, 0, 6};

static void save_values(const char *path)
{
  const NmToStore tensors[] = {{"b", NM_SHAPE2(2, 2), values}, {"a", NM_SHAPE1(2), values + 4}};
  assert_int_equal(nm_safetensors_save(path, tensors, 2, NM_DTYPE_F16, "{\"model\":\"test\"}", NULL), NM_OK);
}

static void test_values_come_back(void **state)
{
  float back[4];
  enter_scratch();
  save_values("a.safetensors");
  NmSafetensors *file = nm_safetensors_open("a.safetensors", NULL);
  assert_non_null(file);
  assert_int_equal(nm_safetensors_get_n(file), 2);
  assert_true(nm_stored_get(nm_safetensors_find(file, "b"), back));
  assert_memory_equal(back, values, sizeof back);
  char *metadata = nm_safetensors_get_metadata(file);
  assert_string_equal(metadata, "{\"model\":\"test\"}");
  free(metadata);
  nm_safetensors_close(file);
  assert_int_equal(count_files(), 1);
  leave_scratch();
}

// The upper half of a float: what fits is exact, in two bytes, beside others that are whole.
static void test_values_may_be_brief(void **state)
{
  static const float brief[] = {1, -2.5f, 0x1.02p-100f, 3e38f};
  float back[4];
  enter_scratch();
  const NmToStore tensors[] = {{.name = "b", .shape = NM_SHAPE1(3), .values = brief, .bf16 = true},
                               {.name = "w", .shape = NM_SHAPE1(4), .values = brief}};
  assert_int_equal(nm_safetensors_save("a.safetensors", tensors, 2, NM_DTYPE_F32, NULL, NULL), NM_OK);
  NmSafetensors *file = nm_safetensors_open("a.safetensors", NULL);
  assert_non_null(file);
  assert_int_equal(nm_safetensors_find(file, "b")->dtype, NM_DTYPE_BF16);
  assert_true(nm_stored_get(nm_safetensors_find(file, "b"), back));
  assert_memory_equal(back, brief, 3 * sizeof *back);
  assert_true(nm_stored_get(nm_safetensors_find(file, "w"), back));
  assert_memory_equal(back, brief, sizeof back);
  nm_safetensors_close(file);
  leave_scratch();
}

static void test_every_truncation_is_refused(void **state)
{
  size_t size;
  enter_scratch();
  save_values("a.safetensors");
  char *whole = read_file("a.safetensors", &size);
  for (size_t n = 0; n < size; ++n) {
    NmError err = {0};
    uint8_t *part = malloc(n ? n : 1);
    assert_non_null(part);
    memcpy(part, whole, n);
    assert_null(nm_safetensors_open_memory(part, n, "part", &err));
    assert_int_equal(err.status, NM_ERR_BAD_DATA);
    assert_memory_equal(err.message, "part: ", 6);
    free(part);
  }
  free(whole);
  leave_scratch();
}

// One value that is no number: the file opens, the loader of parameters names the tensor.
static void test_values_that_are_not_finite_are_refused(void **state)
{
  static const uint8_t strange[][2] = {{0x00, 0x7c}, {0x00, 0xfc}, {0x01, 0x7e}};
  size_t size;
  enter_scratch();
  save_values("a.safetensors");
  char *whole = read_file("a.safetensors", &size);
  for (int i = 0; i < 3; ++i) {
    NmError err = {0};
    memcpy(whole + size - 2, strange[i], 2);
    write_file("b.safetensors", whole, size);
    assert_null(nm_params_load(nm_backend_cpu(), NULL, "b.safetensors", NULL, &err));
    assert_int_equal(err.status, NM_ERR_BAD_DATA);
    assert_non_null(strstr(err.message, "b.safetensors: tensor \"a\" holds a value that is not finite"));
  }
  free(whole);
  leave_scratch();
}

static void test_checkpoints_that_are_not_finite_are_refused(void **state)
{
  size_t size;
  NmError err = {0};
  enter_scratch();
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  NmGraph *graph = nm_graph_new(nm_backend_cpu(), NULL);
  (void)nm_graph_param(graph, params, "a", NM_SHAPE1(2), NM_INIT_ONES);
  assert_int_equal(nm_params_seal(params, 1, NULL), NM_OK);
  assert_int_equal(nm_params_save_checkpoint(params, "a.checkpoint", NULL, NULL), NM_OK);
  char *whole = read_file("a.checkpoint", &size);
  memcpy(whole + size - 4, "\0\0\xc0\x7f", 4);
  write_file("a.checkpoint", whole, size);
  assert_int_equal(nm_params_load_checkpoint(params, "a.checkpoint", NULL, &err), NM_ERR_BAD_DATA);
  assert_non_null(strstr(err.message, "a.checkpoint: tensor \"a\""));
  nm_graph_free(graph);
  nm_params_free(params);
  free(whole);
  leave_scratch();
}

static bool open_and_close(void *path)
{
  NmSafetensors *file = nm_safetensors_open(path, NULL);
  nm_safetensors_close(file);
  return file != NULL;
}

static void test_memory_out(void **state)
{
  char path[] = "a.safetensors";
  enter_scratch();
  save_values(path);
  assert_true(nm_fail_alloc_each(open_and_close, path, false) > 0);
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hostile_headers_are_refused),
      cmocka_unit_test(test_length_of_the_header_is_checked),
      cmocka_unit_test(test_deep_headers_do_not_overflow_the_stack),
      cmocka_unit_test(test_an_empty_file_has_no_tensors),
      cmocka_unit_test(test_values_come_back),
      cmocka_unit_test(test_values_may_be_brief),
      cmocka_unit_test(test_every_truncation_is_refused),
      cmocka_unit_test(test_values_that_are_not_finite_are_refused),
      cmocka_unit_test(test_checkpoints_that_are_not_finite_are_refused),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
