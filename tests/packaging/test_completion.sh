#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test_completion.sh BUILD: bash completes commands, tasks, options, words, files and voices.
set -euo pipefail
build=$1
# shellcheck source=/dev/null
source "$build/manual/completion/neume.bash"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir songs
touch song.mid song.musicxml words.txt "my song.abc" picture.png
PATH=$build:$PATH
status=0

# expect ANSWERS WORD...: completing the last word of the line gives ANSWERS, parted by commas, in any order.
expect() {
  local wanted=$1 got
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _neume || true
  got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd,)
  [ "$got" = "$wanted" ] || { echo "$*: '$got' instead of '$wanted'" >&2; status=1; }
}

expect compose neume comp
expect align neume al
expect listener neume help lis
expect adapt,show neume listener ""
expect speech neume train sp
expect --rhyme neume lyrics --rh
expect AAAA,AABB,ABAB,ABBA neume lyrics --rhyme A
expect diverse neume compose words.txt --method d
expect diverse neume compose words.txt --method = d
expect "my song.abc,song.mid,song.musicxml,songs" neume lyrics ""
expect "song.mid,song.musicxml,songs" neume compose words.txt -o so
expect songs neume emotion song.mp3 --to so
expect picture.png,songs neume speak hello --picture ""
expect kathleen neume speak hello --voice kath
expect "" neume speak hello --rate 1
expect "" neume nonsense ""
exit $status
