#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test_install.sh BUILD: what `cmake --install` puts somewhere works from anywhere, with an empty environment.
set -euo pipefail
build=$1
sources=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$root/prefix" >"$root/log" || { cat "$root/log"; exit 1; }
mv "$root/prefix" "$root/moved"
cd "$root/moved"

neume() { env -i "$root/moved/bin/neume" "$@"; }
neume info --json >"$root/info.json"
grep -q "\"path\": \"$root/moved/bin/../share/neume/voice.safetensors\"" "$root/info.json" || fail "the voice is not found"
! neume info | grep -v '^  soundfont' | grep ' missing$' || fail "not all files are installed"
neume speak "Hello." -o "$root/hello.wav"
[ "$(head -c 4 "$root/hello.wav")" = RIFF ] || fail "no sound"

for command in $(neume help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  [ "$command" = help ] || [ -s "share/man/man1/neume-$command.1" ] || fail "no manual page of $command"
done
for file in share/man/man1/neume.1 share/bash-completion/completions/neume share/zsh/site-functions/_neume \
  share/fish/vendor_completions.d/neume.fish share/mime/packages/neume.xml share/icons/hicolor/scalable/apps/neume.svg \
  share/doc/neume/README.md share/doc/neume/COPYING share/doc/neume/copyright share/doc/neume/assets/voice.md; do
  [ -s "$file" ] || fail "$file is not installed"
done

# Nothing that is read as text speaks of the folder it was built in.
if grep -rIl -e "$build" -e "$sources" .; then fail "these name the folder of the sources"; fi
