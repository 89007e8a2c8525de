#!/bin/sh
# Puts the C library of Debian's other architectures where the end-to-end tests look for it, so that
# `qemu-aarch64-static -L target/e2e/qroots/arm64 ./prog` runs a program linked dynamically against glibc.
#
#     tests/support/qemu-roots.sh [arch...]      Debian's names; without any, all that the tests use
#     tests/support/qemu-roots.sh qemu           a newer qemu in target/e2e/tools/bin, if the one on PATH is old
#
# qemu 7.2 cannot run loong64 of today (it lacks the vectors that are in the base of every distribution), swaps
# only some bytes of netlink for s390x, and mixes up the threads of i386; 10.0 does all three.
#
# musl-ARCH is musl's loader, which is its libc.so: what a program linked dynamically against musl needs.
#
# The machine's own package database is not touched: apt works here on lists and a status file of its own, and
# the packages are only unpacked. The mirror is the machine's own Debian source, or $XCC_TEST_MIRROR. Where that
# mirror's release does not have an architecture, the later releases are tried. A root that is there is left alone.
# Exit status 1: some root cannot be had here; the last line names each.
set -eu

top=${XCC_TEST_DIR:-$(cd "$(dirname "$0")/../.." && pwd)/target/e2e}
[ $# -gt 0 ] || set -- arm64 armhf armel i386 riscv64 ppc64el s390x loong64 mips64el mipsel musl-amd64 musl-arm64 qemu
packages='libc6 libgcc-s1 libcrypt1'

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/support/private-apt.sh
. "$here/private-apt.sh"

say() { echo "qemu-roots: $*" >&2; }

for tool in apt-get apt-cache dpkg-deb flock; do
    command -v $tool >/dev/null || { say "$tool is not installed: this script needs a Debian or a system like it"; exit 1; }
done

mkdir -p "$top/qroots" "$top/tools/bin"
dir=$(cd "$top/qroots" && pwd)
bin=$(cd "$top/tools/bin" && pwd)
exec 9>"$dir/.lock"
flock 9

# new_qemu: is there a qemu, on PATH or already fetched, that is new enough?
new_qemu() {
    version=$(PATH="$bin:$PATH" qemu-loongarch64-static --version 2>/dev/null | sed -n 's/.* version \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 10 ]
}

# have WHAT
have() {
    if [ "$1" = qemu ]; then new_qemu; else [ -d "$dir/$1" ]; fi
}

absent=
for what; do
    have "$what" || absent="$absent $what"
done
[ -n "$absent" ] || exit 0

source=$(debian_source) || { say "this machine has no Debian source with fetched lists; name one in XCC_TEST_MIRROR"; exit 1; }
own=${source#* }
# shellcheck disable=SC2086 # Nothing, or one word.
releases=$(printf '%s\n' ${own:-bookworm} bookworm trixie forky sid | awk '!seen[$0]++')

# lists ARCH RELEASE WORK: apt of its own in WORK, which knows what one release has for an architecture.
lists() { private_apt "$3" deb "${source% *}" "$2" "$1"; }

# download WORK PACKAGE...: into WORK/cache; 1 where the release does not have the first of them.
download() {
    work=$1
    shift
    apt-cache show "$1" >/dev/null 2>&1 || return 1
    wanted=
    for package; do # Only the first is in every release under its name.
        if apt-cache show "$package" >/dev/null 2>&1; then wanted="$wanted $package"; fi
    done
    # shellcheck disable=SC2086 # Words are meant.
    (cd "$work/cache" && apt-get -q download $wanted) >>"$work/log" 2>&1
}

# root ARCH RELEASE WORK: makes the root of an architecture.
root() {
    case $1 in musl-*) libc=musl ;; *) libc=$packages ;; esac
    # shellcheck disable=SC2086 # Words are meant.
    lists "${1#musl-}" "$2" "$3" && download "$3" $libc || return 1
    mkdir "$3/unpacked"
    for deb in "$3"/cache/*.deb; do
        dpkg-deb -x "$deb" "$3/unpacked" || return 1
    done
    tidy "$3/unpacked"
    mv "$3/unpacked" "$dir/$1"
}

# qemu RELEASE WORK: puts the emulators of a release in tools/bin, under the names that Debian gave static ones.
qemu() {
    lists "$(dpkg --print-architecture)" "$1" "$2" || return 1
    apt-cache show qemu-user 2>/dev/null | grep -qE '^Version: 1:[1-9][0-9]' || return 1
    download "$2" qemu-user || return 1
    dpkg-deb --fsys-tarfile "$2"/cache/qemu-user_*.deb | tar -xf - -C "$2" --wildcards './usr/bin/qemu-*' || return 1
    for arch in i386 aarch64 arm riscv64 ppc64le s390x loongarch64 mips mips64 mips64el mipsel; do
        mv "$2/usr/bin/qemu-$arch" "$bin/qemu-$arch-static" || return 1
    done
    new_qemu
}

# tidy ROOT: what makes an unpacked package a root for qemu.
tidy() {
    rm -rf "${1:?}/usr/share" "${1:?}/etc"
    for usr in "$1"/usr/lib*; do # Packages of a merged /usr leave out the links that base-files owns.
        [ -d "$usr" ] || continue # musl's has none.
        top=$1/${usr##*/}
        [ -e "$top" ] || ln -s "usr/${usr##*/}" "$top"
    done
    # An absolute link would lead out of the root, into the machine's own libraries.
    find "$1" -type l | while read -r link; do
        to=$(readlink "$link")
        case $to in /*) ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$1$to")" "$link" ;; esac
    done
}

missing=
for what in $absent; do
    tmp=$dir/.$what.$$
    trap 'rm -rf "$tmp"' EXIT
    trap 'exit 1' HUP INT TERM
    for release in $releases; do
        rm -rf "$tmp"
        say "$what: from $release"
        if [ "$what" = qemu ]; then qemu "$release" "$tmp"; else root "$what" "$release" "$tmp"; fi && break
    done
    if ! have "$what"; then
        say "$what: no release of this mirror has what is needed; the last answer was:"
        tail -n 5 "$tmp/log" >&2
        missing="$missing $what"
    fi
    rm -rf "$tmp"
done

[ -z "$missing" ] || { say "MISSING:$missing; the tests that need them will be skipped"; exit 1; }
