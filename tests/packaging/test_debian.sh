#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test_debian.sh BUILD: the Debian packages hold what they should, and what is in them runs. They are not compressed, so
# that it takes seconds; tests/bench/package builds the real ones and installs them on an empty system.
set -euo pipefail
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*" >&2; exit 1; }

cpack --config "$build/CPackConfig.cmake" -G DEB -B "$folder" -D CPACK_DEBIAN_COMPRESSION_TYPE=none >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cd "$folder"
for package in neume neume-data libneume0 libneume-dev speech-dispatcher-neume; do
  deb=$(echo ${package}_*.deb)
  [ -f "$deb" ] || fail "no package $package"
  dpkg-deb --contents "$deb" >contents
  for file in copyright changelog.gz; do
    grep -q "root/root .* ./usr/share/doc/$package/$file$" contents || fail "$package: no $file"
  done
  ! grep -vqE '^(d|l)|^-rw-r--r-- |^-rwxr-xr-x .*/(bin|libexec|lib)/' contents || fail "$package: odd permissions"
  dpkg-deb --extract "$deb" root
done
dpkg-deb --field neume_*.deb Depends >depends
for library in libc6 libsndfile1 libopenblas0 "neume-data (= "; do
  grep -qF "$library" depends || fail "neume does not depend on $library"
done
[ "$(dpkg-deb --field neume-data_*.deb Architecture)" = all ] || fail "the weights are for one architecture"
[ -s root/usr/share/man/man1/neume-speak.1.gz ] || fail "manual pages are not packed"
env -i root/usr/bin/neume speak "Hello." -o hello.wav
[ "$(head -c 4 hello.wav)" = RIFF ] || fail "no sound"
