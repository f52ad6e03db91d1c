// SPDX-License-Identifier: GPL-3.0-or-later
// SSML to spans: what each element does, and what hostile documents do not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/ssml.h"
#include "tests/support/fail_alloc.h"

// The spans of a document as one line: text quoted, others by letter, prosody where it is not plain.
typedef struct {
  char line[8192];
  int n_notes, n_spans;
  char last_note[512];
} Told;

static void tell(Told *told, const char *fmt, ...) NM_PRINTF(2, 3);

static void tell(Told *told, const char *fmt, ...)
{
  va_list args;
  const size_t len = strlen(told->line);
  va_start(args, fmt);
  vsnprintf(told->line + len, sizeof told->line - len, fmt, args);
  va_end(args);
}

static void tell_prosody(Told *told, const NmProsody *prosody)
{
  if (prosody->rate != 1) tell(told, " r%g", prosody->rate);
  if (prosody->pitch_semitones != 0) tell(told, " p%g", prosody->pitch_semitones);
  if (prosody->pitch_hz != 0) tell(told, " h%g", prosody->pitch_hz);
  if (prosody->pitch_range != 1) tell(told, " a%g", prosody->pitch_range);
  if (prosody->energy_db != 0) tell(told, " e%g", prosody->energy_db);
}

static NmStatus take_span(void *user, const NmSpan *span, NmError *err)
{
  static const char letters[] = "TPBMSG";
  Told *told = user;
  told->n_spans++;
  tell(told, "[%c", letters[span->kind]);
  if (span->kind == NM_SPAN_BREAK) tell(told, " %g", span->seconds);
  if (span->text) tell(told, " '%.*s'", (int)span->len, span->text);
  if (span->written) tell(told, " ='%s'", span->written);
  if (span->kind == NM_SPAN_TEXT && span->say_as) tell(told, " s%d", (int)span->say_as);
  if (span->kind == NM_SPAN_TEXT || span->kind == NM_SPAN_PHONES) tell_prosody(told, &span->prosody);
  tell(told, "]");
  return NM_OK;
}

static void take_note(void *user, const char *message)
{
  Told *told = user;
  told->n_notes++;
  snprintf(told->last_note, sizeof told->last_note, "%s", message);
}

static NmStatus parse_pieces(const char *document, size_t n, size_t n_piece, Told *told, NmError *err)
{
  const NmProsody plain = nm_prosody_plain();
  const NmSsmlSink sink = {told, take_span, take_note};
  *told = (Told){0};
  NmSsml *ssml = nm_ssml_new("test.ssml", &plain, 150, &sink);
  assert_non_null(ssml);
  NmStatus status = NM_OK;
  for (size_t at = 0; at < n && !status; at += n_piece) {
    const size_t left = n - at;
    status = nm_ssml_parse(ssml, document + at, left < n_piece ? left : n_piece, false, err);
  }
  if (!status) status = nm_ssml_parse(ssml, "", 0, true, err);
  nm_ssml_free(ssml);
  return status;
}

static NmStatus parse(const char *document, Told *told, NmError *err)
{
  return parse_pieces(document, strlen(document), SIZE_MAX, told, err);
}

static void expect(const char *document, const char *line, int n_notes)
{
  Told told;
  NmError err = {0};
  if (parse(document, &told, &err)) fail_msg("%s: %s", document, err.message);
  if (strcmp(told.line, line)) fail_msg("%s\n gave     %s\n expected %s", document, told.line, line);
  if (told.n_notes != n_notes) fail_msg("%s: %d notes, the last: %s", document, told.n_notes, told.last_note);
}

static void test_text(void **state)
{
  expect("<speak>Hello &amp; goodbye</speak>", "[T 'Hello & goodbye']", 0);
  expect("<?xml version=\"1.0\"?><speak>\n  one\n\n two\t</speak>", "[T 'one two ']", 0);
  expect("<speak xmlns=\"http://www.w3.org/2001/10/synthesis\"/>", "", 0);
  expect("<speak><!-- not read --><![CDATA[a<b]]></speak>", "[T 'a<b']", 0);
}

static void test_structure(void **state)
{
  expect("<speak><p><s>One</s><s>Two</s></p>Three</speak>", "[G][S][T 'One'][S][S][T 'Two'][S][G][T 'Three']",
         0);
}

static void test_break(void **state)
{
  expect("<speak>a<break time=\"300ms\"/>b<break time=\"0s\"/></speak>", "[T 'a'][B 0.3][T 'b'][B 0]", 0);
  expect("<speak><break/><break strength=\"none\"/><break strength=\"x-strong\"/></speak>", "[B 0.35][B 1]",
         0);
  expect("<speak><break time=\"soon\"/></speak>", "[B 0.35]", 1);
  expect("<speak><break strength=\"some\"/></speak>", "[B 0.35]", 1);
  expect("<speak><break time=\"9999s\"/></speak>", "[B 600]", 1);
}

static void test_prosody(void **state)
{
  expect("<speak><prosody rate=\"50%\" pitch=\"+2st\" range=\"low\" volume=\"-6dB\">a</prosody>b</speak>",
         "[T 'a' r0.5 p2 a0.6 e-6][T 'b']", 0);
  expect("<speak><prosody rate=\"2\"><prosody rate=\"50%\" pitch=\"1\">a</prosody></prosody></speak>",
         "[T 'a' p1]", 0);
  expect("<speak><prosody pitch=\"200Hz\">a</prosody></speak>", "[T 'a' h200]", 0);
  expect("<speak><prosody rate=\"quick\" contour=\"(0%,+20Hz)\">a</prosody></speak>", "[T 'a']", 2);
  expect("<speak><emphasis>a</emphasis><emphasis level=\"none\">b</emphasis></speak>",
         "[T 'a' r0.9 p1.5 e2][T 'b']", 0);
  expect("<speak><emphasis level=\"big\">a</emphasis></speak>", "[T 'a']", 1);
}

static void test_phoneme_sub_say_as_mark(void **state)
{
  expect("<speak><phoneme alphabet=\"x-arpabet\" ph=\"k ae t\">dog</phoneme>s</speak>",
         "[P 'K AE1 T' ='dog'][T 's']", 0);
  expect("<speak><phoneme ph=\"kæt\"/></speak>", "[P 'K AE1 T']", 0);
  expect("<speak><phoneme alphabet=\"cmu\" ph=\"xx\">dog</phoneme></speak>", "[T 'dog']", 1);
  expect("<speak><phoneme>dog</phoneme></speak>", "[T 'dog']", 1);
  expect("<speak>a <sub alias=\"World Wide Web\">W<b>W</b>W</sub> b</speak>",
         "[T 'a '][T 'World Wide Web' ='WWW'][T ' b']", 0);
  expect("<speak><sub>WWW</sub></speak>", "[T 'WWW']", 1);
  expect("<speak><say-as interpret-as=\"digits\">12</say-as></speak>", "[T '12' s4]", 0);
  expect("<speak><say-as interpret-as=\"tea\">12</say-as></speak>", "[T '12']", 1);
  expect("<speak>a<mark name=\"m\"/>b<mark/></speak>", "[T 'a'][M 'm'][T 'b']", 1);
}

static void test_unknown_elements(void **state)
{
  expect("<speak><voice>a</voice><voice>b</voice><lang>c</lang></speak>", "[T 'a'][T 'b'][T 'c']", 2);
  expect("<speak><desc>not read</desc><metadata><x>nor this</x></metadata>a</speak>", "[T 'a']", 0);
  expect("<html><p>a</p></html>", "[G][T 'a'][G]", 1);
}

static void expect_error(const char *document, int64_t line, const char *cause)
{
  Told told;
  NmError err = {0};
  assert_int_equal(parse(document, &told, &err), NM_ERR_BAD_DATA);
  if (!strstr(err.message, cause)) fail_msg("%.60s: %s", document, err.message);
  assert_non_null(strstr(err.message, "test.ssml, line "));
  assert_int_equal(err.line, line);
}

static void test_errors_name_the_place(void **state)
{
  expect_error("", 1, "begins with <speak>");
  expect_error("plain text", 1, "begins with <speak>");
  expect_error("<speak>\n<p>\n</s></speak>", 3, "column 3: this closing tag");
  expect_error("<speak>a & b</speak>", 1, "&amp;");
  expect_error("<speak>&nbsp;</speak>", 1, "unknown");
  expect_error("<speak>", 1, "before the last closing tag");
  expect_error("<speak", 1, "within a tag");
  expect_error("<speak></speak>more", 1, "junk");
  expect_error("<speak>\xff\xfe</speak>", 1, "column 8");
}

static void test_entities_are_refused(void **state)
{
  expect_error("<!DOCTYPE speak [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><speak>&b;</speak>", 1,
               "entity 'a'");
  expect_error("<!DOCTYPE speak [\n<!ENTITY x SYSTEM \"file:///etc/passwd\">]><speak>&x;</speak>", 2,
               "entity 'x'");
  expect_error("<!DOCTYPE speak [<!ENTITY % p SYSTEM \"x.dtd\"> %p;]><speak/>", 1, "entity 'p'");
}

static char *repeat(const char *before, const char *part, int n, const char *after)
{
  const size_t size = strlen(before) + strlen(part) * (size_t)n + strlen(after) + 1;
  char *text = malloc(size);
  assert_non_null(text);
  char *at = stpcpy(text, before);
  for (int i = 0; i < n; i++) at = stpcpy(at, part);
  stpcpy(at, after);
  return text;
}

static void test_depth_and_size_are_bounded(void **state)
{
  char *deep = repeat("<speak>", "<p>", 1000, "");
  expect_error(deep, 1, "nested deeper than 64");
  free(deep);
  char *tag = repeat("<speak a=\"", "0123456789", 200000, "\"/>");
  expect_error(tag, 1, "megabyte");
  free(tag);
  Told told;
  NmError err = {0};
  char *text = repeat("<speak>", "0123456789 ", 200000, "</speak>");
  assert_int_equal(parse(text, &told, &err), NM_OK);
  assert_true(told.n_spans > 1000);
  free(text);
}

// However the document is cut, the spans are the same.
static void test_pieces(void **state)
{
  static const char document[] =
      "<speak>caf\xc3\xa9 <prosody rate=\"2\">a &lt; b</prosody>\n<sub alias=\"x y\">z z</sub>"
      "<say-as interpret-as=\"characters\">NATO NATO</say-as><break time=\"1s\"/>end</speak>";
  Told whole, parts;
  NmError err = {0};
  assert_int_equal(parse(document, &whole, &err), NM_OK);
  for (size_t n = 1; n < 20; n++) {
    assert_int_equal(parse_pieces(document, sizeof document - 1, n, &parts, &err), NM_OK);
    assert_string_equal(parts.line, whole.line);
  }
}

static NmStatus refuse_span(void *user, const NmSpan *span, NmError *err)
{
  return nm_error_set(err, NM_ERR_CANCELLED, "no more");
}

static void test_sink_may_stop(void **state)
{
  const NmProsody plain = nm_prosody_plain();
  const NmSsmlSink sink = {.span = refuse_span};
  NmError err = {0};
  static const char document[] = "<speak>a<break/>b</speak>";
  NmSsml *ssml = nm_ssml_new("test.ssml", &plain, 150, &sink);
  assert_non_null(ssml);
  assert_int_equal(nm_ssml_parse(ssml, document, sizeof document - 1, true, &err), NM_ERR_CANCELLED);
  assert_string_equal(err.message, "no more");
  assert_int_equal(nm_ssml_parse(ssml, "x", 1, true, &err), NM_ERR_CANCELLED);
  nm_ssml_free(ssml);
}

static bool try_parse(void *ctx)
{
  const NmProsody plain = nm_prosody_plain();
  const NmSsmlSink sink = {ctx, take_span, take_note};
  static const char document[] =
      "<speak>a <sub alias='b'>c</sub><phoneme alphabet='cmu' ph='K AE T'/></speak>";
  NmError err = {0};
  *(Told *)ctx = (Told){0};
  NmSsml *ssml = nm_ssml_new("test.ssml", &plain, 150, &sink);
  if (!ssml) return false;
  const NmStatus status = nm_ssml_parse(ssml, document, sizeof document - 1, true, &err);
  if (status) assert_int_equal(status, NM_ERR_NO_MEMORY);
  nm_ssml_free(ssml);
  return !status;
}

static void test_memory_runs_out(void **state)
{
  Told told;
  assert_true(nm_fail_alloc_each(try_parse, &told, false) >= 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_structure),
      cmocka_unit_test(test_break),
      cmocka_unit_test(test_prosody),
      cmocka_unit_test(test_phoneme_sub_say_as_mark),
      cmocka_unit_test(test_unknown_elements),
      cmocka_unit_test(test_errors_name_the_place),
      cmocka_unit_test(test_entities_are_refused),
      cmocka_unit_test(test_depth_and_size_are_bounded),
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_sink_may_stop),
      cmocka_unit_test(test_memory_runs_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
