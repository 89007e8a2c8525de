#!/usr/bin/env bash
# The CPU time of ./configure with xcc, `zig cc` and the distribution's GCC, in turns, for aarch64-linux-gnu.
#
#     benches/configure.sh [ROUNDS]
#
# jemalloc and curl from Debian's source archive, configured as Debian does (--disable-dependency-tracking: without it curl spends
# a third of its time on files that no compiler sees). zig's libraries are built before the first round; what configure compiles is in
# no cache, for anybody. Needed: Debian's apt and dpkg-dev, gcc-aarch64-linux-gnu, and a zig that xcc finds.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/support/private-apt.sh
. "$root/tests/support/private-apt.sh"
rounds=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=aarch64-linux-gnu

"$root/install.sh" --prefix "$work/xcc" --targets $target --no-zig >"$work/install.log" 2>&1 || { cat "$work/install.log" >&2; exit 1; }
zig=$("$work/xcc/bin/xcc" zig which | head -n 1 | cut -d' ' -f1)
PATH=$work/xcc/bin:$(dirname "$zig"):$PATH
export PATH ZIG_GLOBAL_CACHE_DIR="$work/zig"

release=$(debian_source)
(private_apt "$work/apt" deb-src "${release% *}" "${release#* }"
cd "$work"
for package in jemalloc curl; do
    apt-get -q source --download-only $package
    dpkg-source --no-check --skip-patches -x "$package"_*.dsc $package
done) >"$work/sources.log" 2>&1 || { tail -n 5 "$work/sources.log" >&2; exit 1; }

# configure PROJECT COMPILER [WORD...]: prints the seconds of CPU time.
configure() {
    local project=$1 cc=$2 log=$work/$1.log
    shift 2
    rm -rf "$work/build" "$work/local" && mkdir "$work/build"
    cd "$work/build"
    local TIMEFORMAT='%U %S'
    { time ZIG_LOCAL_CACHE_DIR=$work/local "../$project/configure" --host=$target --build=x86_64-linux-gnu \
        --disable-dependency-tracking CC="$cc" "$@" >"$log" 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
    grep -q . config.status || { tail -n 3 "$log" >&2; return 1; }
}

measure() {
    local project=$1 round
    shift
    : >"$work/times"
    for round in $(seq 0 "$rounds"); do # The first makes what each makes once.
        xcc=$(configure "$project" xcc-$target AR=xcc-$target-ar RANLIB=xcc-$target-ranlib NM=xcc-$target-nm "$@")
        zig_cc=$(configure "$project" "zig cc -target $target.2.28" AR="zig ar" RANLIB="zig ranlib" "$@")
        gcc=$(configure "$project" $target-gcc "$@")
        [ "$round" = 0 ] || echo "$xcc $zig_cc $gcc" >>"$work/times"
    done
    # shellcheck disable=SC2016 # awk's own fields.
    printf '%-10s%8.2f%8.2f%8.2f%12.2f%12.2f\n' "$project" "$(median '$1')" "$(median '$2')" "$(median '$3')" \
        "$(median '$1 / $2')" "$(median '$1 / $3')"
}

# The median of an expression over the rounds; a ratio is taken round by round.
median() {
    awk "{ print $1 }" "$work/times" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

printf '%-10s%8s%8s%8s%12s%12s\n' 'CPU, s' xcc 'zig cc' gcc 'by zig cc' 'by gcc'
measure jemalloc
measure curl --without-ssl --without-zlib --disable-shared
