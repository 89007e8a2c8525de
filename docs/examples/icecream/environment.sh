#!/bin/sh
# Packs what another machine needs to compile with xcc for icecream, which cannot find that out by itself:
#
#     environment.sh ENVIRONMENT.tar.gz TARGET...        ICECC_VERSION=$PWD/ENVIRONMENT.tar.gz icecc xcc-TARGET-clang -c x.c
#
# xcc, zig's compiler, the directories that say that there is a sysroot, and what icecream itself wants to find. icecream starts
# /usr/bin/clang with '-target', without a variable and without /proc, so two scripts say where things are.
set -eu

[ $# -ge 2 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
case $1 in /*) out=$1 ;; *) out=$PWD/$1 ;; esac
shift
targets=$(echo "$*" | tr ' ' ,)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
env=$work/env
mkdir -p "$env/bin" "$env/dev" "$env/tmp" "$env/usr/bin" "$env/usr/lib/xcc"
chmod 1777 "$env/tmp"

# add FILE PLACE: a program with the libraries that it loads.
add() {
    cp -L "$1" "$env/$2"
    for library in $(ldd "$1" 2>/dev/null | sed -n 's,^[^/]*\(/[^ ]*\).*,\1,p'); do
        mkdir -p "$env$(dirname "$library")"
        cp -L "$library" "$env$library"
    done
}

xcc=$(command -v xcc)
zig=$(xcc zig which)
add "$xcc" usr/lib/xcc/xcc
add "$(echo "$zig" | head -n 1)" usr/lib/xcc/zig
add /bin/sh bin/sh
for name in clang clang++; do
    ln -s xcc "$env/usr/lib/xcc/xcc-$name"
    printf '#!/bin/sh\nXCC_CACHE_DIR=/cache XCC_ZIG=/usr/lib/xcc/zig exec /usr/lib/xcc/xcc-%s "$@"\n' $name >"$env/usr/bin/$name"
done
# icecream takes an environment for whole when it has an assembler and 'true' runs in it; a program that is started reads /dev/null.
for name in bin/true usr/bin/as; do printf '#!/bin/sh\nexit 0\n' >"$env/$name"; done
chmod +x "$env"/bin/* "$env"/usr/bin/*
: >"$env/dev/null"

xcc sysroot build --cxx -t "$targets"
xcc sysroot export -t "$targets" -o "$work/sysroots.tar.gz"
XCC_CACHE_DIR=$env/cache xcc sysroot import "$work/sysroots.tar.gz"
tar -C "$env" -caf "$out" .
