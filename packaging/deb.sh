#!/bin/sh
# Makes a Debian package of xcc for this machine, with dpkg-deb alone: packaging/deb.sh [DIR] [options of install.sh]
# COMPRESSION is that of dpkg-deb (default: xz). The time of every file is SOURCE_DATE_EPOCH, else that of the last commit.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-.}
[ $# -eq 0 ] || shift
mkdir -p "$out"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -n 1)
arch=$(dpkg --print-architecture)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"

umask 022
"$here/install.sh" DESTDIR="$stage" --prefix /usr "$@"
# Debian's own places and forms.
mv "$stage/usr/share/fish/vendor_completions.d" "$stage/usr/share/fish/completions"
mkdir -p "$stage/usr/share/zsh/vendor-completions"
mv "$stage/usr/share/zsh/site-functions/_xcc" "$stage/usr/share/zsh/vendor-completions/_xcc"
rmdir "$stage/usr/share/zsh/site-functions"
gzip -9n "$stage"/usr/share/man/man1/*.1
cat "$here/LICENSE" "$here/LICENSE-MIT" "$here/packaging/THIRD-PARTY.md" >"$stage/usr/share/doc/xcc/copyright"

mkdir "$stage/DEBIAN"
size=$(find "$stage/usr" -type f -printf '%k\n' | awk '{ sum += $1 } END { print sum }')
cat >"$stage/DEBIAN/control" <<EOF
Package: xcc
Version: $version
Architecture: $arch
Maintainer: xcc project <xcc@example.org>
Installed-Size: $size
Section: devel
Priority: optional
Recommends: python3-pip
Suggests: lld, qemu-user-static
Homepage: https://github.com/xcc-project/xcc
Description: cross compiler driver with many names
 One program that takes the place of cc, c++, ld and ar for every target, and
 calls the clang and the LLD inside zig, which 'xcc zig install' gets.
EOF
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$stage" -exec touch -h -d "@$epoch" {} +
SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$stage" "$out/xcc_${version}_$arch.deb"
