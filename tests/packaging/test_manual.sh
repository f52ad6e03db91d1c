#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test_manual.sh BUILD: the manual pages are good roff by the word of mandoc and groff, and show what they should.
set -euo pipefail
pages=$1/manual/man
status=0
fail() { echo "$*" >&2; status=1; }

# show WIDTH PAGE: as `man` does.
show() { GROFF_NO_SGR=1 groff -k -t -man -Tutf8 -P-cbou -ww -rLL="$1"n "$2"; }

for page in "$pages"/*.1; do
  name=$(basename "$page")
  said=$(mandoc -T lint -W all "$page" || true)
  [ -z "$said" ] || fail "$said"
  said=$(show 80 "$page" 2>&1 >/dev/null || true)
  [ -z "$said" ] || fail "$name: $said"
  text=$(show 200 "$page")
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT FILES "EXIT STATUS" EXAMPLES "SEE ALSO"; do
    grep -qx "$section" <<<"$text" || fail "$name: no section $section"
  done
done
# Quotes, backslashes and hyphens of an example are those to type.
show 200 "$pages/neume-speak.1" |
  grep -qF 'neume speak "Slowly now" --rate 0.8 --pitch -2st -o slow.flac' || fail "an example is not as it is typed"
exit $status
