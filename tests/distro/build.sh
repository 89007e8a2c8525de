#!/bin/sh
# Cross-builds released libraries with xcc, each with its own build system and without a patch, runs a program that
# uses each, and prints a table.
#
#     tests/distro/build.sh [-t TARGET]... [-o DIRECTORY] [PACKAGE...]
#
# Without arguments: every package of packages.txt, for aarch64-linux-gnu and x86_64-linux-musl, in target/e2e/distro.
# Sources come from Debian's archive (`deb-src` of the machine's own mirror, in an apt of its own that touches nothing of
# the machine); XCC_TEST_MIRROR and XCC_TEST_RELEASES override. Needed: Debian's apt and dpkg-dev, make, cmake, ninja,
# meson, perl, tclsh, pkg-config, autoconf, automake, libtool, libltdl-dev, and qemu-aarch64-static.
# Standard output is the table; it stays in DIRECTORY/table.txt. DIRECTORY/TARGET/PACKAGE.log says what was done.
# Exit status: 0 when every row is ok, 1 when one is not, 2 for wrong usage.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
e2e=${XCC_TEST_DIR:-$root/target/e2e}
out=$e2e/distro
targets=
jobs=$(nproc)
releases=${XCC_TEST_RELEASES:-trixie bookworm}

# shellcheck source=tests/support/private-apt.sh
. "$root/tests/support/private-apt.sh"

say() { printf '%s\n' "distro: $*" >&2; }

while getopts t:o:h option; do
    case $option in
    t) targets="$targets $OPTARG" ;;
    o) out=$OPTARG ;;
    h) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
targets=${targets:-aarch64-linux-gnu x86_64-linux-musl}
mkdir -p "$out/names" "$out/src"
out=$(cd "$out" && pwd)
table=$out/table.txt
: >"$table"

# The xcc under test, under the names that a cross toolchain has.
xcc=${XCC:-${CARGO_TARGET_DIR:-$root/target}/debug/xcc}
for tool in make pkg-config readelf dpkg-source apt-get; do
    command -v $tool >/dev/null || { say "$tool is not installed"; exit 2; }
done
if [ $# = 0 ]; then
    for tool in cmake ninja meson perl tclsh autoreconf libtoolize qemu-aarch64-static; do
        command -v $tool >/dev/null || { say "$tool is not installed, and some package needs it"; exit 2; }
    done
    [ -f /usr/share/aclocal/ltdl.m4 ] || { say "libltdl-dev is not installed, and libffi needs it"; exit 2; }
fi
# The C library that programs of aarch64 load.
case $targets in *aarch64-*) "$root/tests/support/qemu-roots.sh" arm64 || exit 2 ;; esac
[ -x "$xcc" ] || { say "no xcc in $xcc: run 'cargo build', or set XCC"; exit 2; }
names() {
    for name in $("$out/names/xcc" names --gnu "$1"); do
        ln -sf "$xcc" "$out/names/$name"
    done
}
ln -sf "$xcc" "$out/names/xcc"
PATH=$out/names:$PATH
export PATH
: "${XCC_CACHE_DIR:=$e2e/cache}"
export XCC_CACHE_DIR
# Nothing of the caller's own reaches the builds.
unset CC CXX CPP LD AR RANLIB NM STRIP CFLAGS CXXFLAGS CPPFLAGS LDFLAGS PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR \
    PKG_CONFIG_SYSROOT_DIR MAKEFLAGS 2>/dev/null || :

# lists RELEASE: an apt of its own that knows the sources of one release; APT_CONFIG names it.
lists() {
    apt=$out/apt-$1
    export APT_CONFIG="$apt/apt.conf"
    [ ! -f "$apt/ready" ] || return 0
    source=$(debian_source) ||
        { say "this machine has no Debian source with fetched lists; name one in XCC_TEST_MIRROR"; return 1; }
    private_apt "$apt" deb-src "${source% *}" "$1" && : >"$apt/ready"
}

# fetch NAME SOURCE: the released source in src/NAME.
fetch() {
    [ ! -d "$out/src/$1" ] || return 0
    work=$out/src/.$1
    for release in $releases; do
        rm -rf "$work" && mkdir "$work"
        if (lists "$release" && cd "$work" && apt-get -q source --download-only "${2#debian:}" &&
            dpkg-source --no-check --skip-patches -x ./*.dsc tree) >"$out/src/$1.log" 2>&1; then
            rm -rf "$work/tree/debian"
            mv "$work/tree" "$out/src/$1"
            basename "$work"/*.dsc .dsc | sed 's/.*_//; s/-[^-]*$//' >"$out/src/$1.version"
            rm -rf "$work"
            return 0
        fi
    done
    rm -rf "$work"
    return 1
}

# The builds. $src is the source, $T the target, $prefix where it is installed, $options the words of the table; the working
# directory is a fresh one. build_copy: for build systems that work in their source.
build_copy() { cp -R "$src/." . ; }

build_autotools() {
    dir=.
    while [ $# -gt 0 ]; do
        case $1 in
        reconf) reconf=1 ;;
        dir=*) dir=${1#dir=} ;;
        make:*) variables=${1#make:} ;;
        *) break ;;
        esac
        shift
    done
    if [ -n "${reconf:-}" ]; then
        build_copy
        cd "$dir"
        autoreconf -fi
        src=. dir=.
    fi
    # Only --host: configure finds the names of the tools by itself.
    "$src/$dir/configure" --host="$T" --build="$(gcc -dumpmachine 2>/dev/null || echo x86_64-linux-gnu)" \
        --prefix="$prefix" $shared "$@"
    make -j"$jobs" ${variables:-}
    make install ${variables:-}
}

build_cmake() {
    xcc env -t "$T" --cmake >toolchain.cmake
    for kind in ${kinds:-ON OFF}; do
        cmake -S "$src" -B "build-$kind" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$PWD/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
            -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$prefix" -DBUILD_SHARED_LIBS=$kind \
            -DCMAKE_POSITION_INDEPENDENT_CODE=ON "$@"
        ninja -C "build-$kind" -j "$jobs" install
    done
}

build_meson() {
    xcc env -t "$T" --meson >cross.ini
    meson setup build "$src" --cross-file cross.ini --prefix "$prefix" --libdir lib --default-library both --buildtype release "$@"
    grep -q '^Linker for C: .*ld.lld' build/meson-logs/meson-log.txt || grep -q 'C linker for the host machine: .*ld.lld' build/meson-logs/meson-log.txt
    meson install -C build
}

build_zlib() {
    build_copy
    case $shared in *--disable-shared*) static=--static ;; *) static= ;; esac
    CHOST=$T ./configure --prefix="$prefix" $static
    make -j"$jobs"
    make install
}

build_bzip2() {
    build_copy
    make -j"$jobs" CC="$T-gcc" AR="$T-ar" RANLIB="$T-ranlib" libbz2.a bzip2 bzip2recover
    make PREFIX="$prefix" CC="$T-gcc" AR="$T-ar" RANLIB="$T-ranlib" install
    make -f Makefile-libbz2_so clean
    make -f Makefile-libbz2_so CC="$T-gcc"
    cp -P libbz2.so.1.0* "$prefix/lib/"
    ln -sf libbz2.so.1.0 "$prefix/lib/libbz2.so"
}

build_zstd() {
    build_copy
    make -j"$jobs" -C lib CC="$T-gcc" AR="$T-ar" TARGET_SYSTEM=Linux PREFIX="$prefix" install
    make -j"$jobs" -C programs CC="$T-gcc" TARGET_SYSTEM=Linux PREFIX="$prefix" zstd
}

build_lua() {
    build_copy
    make -j"$jobs" -C src CC="$T-gcc -std=gnu99" AR="$T-ar rcu" RANLIB="$T-ranlib" SYSCFLAGS="-DLUA_USE_POSIX -DLUA_USE_DLOPEN -fPIC" \
        SYSLIBS="-Wl,-E -ldl" a lua luac
    make INSTALL_TOP="$prefix" TO_BIN=lua TO_LIB=liblua.a install
    # Its makefile has no shared library; distributions link one like this.
    objects=$("$T-ar" t src/liblua.a)
    (cd src && "$T-gcc" -shared -Wl,-soname,liblua.so.5.4 -o "$prefix/lib/liblua.so.5.4" $objects -lm -ldl)
    ln -sf liblua.so.5.4 "$prefix/lib/liblua.so"
}

build_openssl() {
    case $T in
    aarch64-*) kind=linux-aarch64 ;;
    x86_64-*) kind=linux-x86_64 ;;
    *) kind=linux-generic64 ;;
    esac
    "$src/Configure" "$kind" --cross-compile-prefix="$T-" --prefix="$prefix" --libdir=lib no-tests no-docs "$@"
    make -j"$jobs"
    make install_sw
}

# consume NAME LIBRARIES: the consumer, linked with the shared and with the static library, and run.
consume() {
    code=$(ls "$here/consumers/$1".*)
    compiler=$T-gcc
    case $code in *.cc) compiler=$T-g++ ;; esac
    cflags=-I$prefix/include libs="-L$prefix/lib ${2%% // *}" static="-L$prefix/lib ${2##* // }"
    case $2 in
    pc:*)
        modules=$(echo "${2#pc:}" | tr , ' ')
        export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
        cflags=$("$T-pkg-config" --cflags $modules)
        libs=$("$T-pkg-config" --libs $modules)
        static=$("$T-pkg-config" --static --libs $modules)
        ;;
    esac
    dynamic=
    case $T in *-musl*) dynamic=-dynamic ;; esac
    $compiler -O2 $cflags "$code" -o shared $dynamic $libs
    needed=$(readelf -d shared | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    echo "needed by the shared one:" $needed
    ls "$prefix/lib" | grep -qxF "$(echo "$needed" | head -n 1)"
    case $T in
    *-musl*) $compiler -O2 -static $cflags "$code" -o static $static ;;
    *) $compiler -O2 $cflags "$code" -o static -Wl,-Bstatic $static -Wl,-Bdynamic ;;
    esac
    if readelf -d static | grep -F NEEDED | grep -qF "$(echo "$needed" | head -n 1)"; then
        echo "the static one needs the shared library"
        return 1
    fi
    run ./static >static.txt
    cat static.txt
    # There is no dynamic loader of musl here.
    case $T in *-musl*) return 0 ;; esac
    run ./shared >shared.txt
    cmp static.txt shared.txt
}

# run PROGRAM: a program of the target.
run() {
    case $T in
    x86_64-*) LD_LIBRARY_PATH=$prefix/lib "$@" ;;
    aarch64-*)
        command -v qemu-aarch64-static >/dev/null || { say "qemu-aarch64-static is not installed"; return 1; }
        $qemu -E LD_LIBRARY_PATH="$prefix/lib" "$@"
        ;;
    *) say "no way to run a program of $T" && return 1 ;;
    esac
}

# one NAME BUILD OPTIONS LIBRARIES: everything about one package for $T, in a subshell with -e. What fails is the last
# word in $log.step.
one() (
    set -eux
    src=$out/src/$1
    prefix=$out/$T/prefix
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    export CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib"
    shared='--enable-shared --enable-static'
    case $1 in ncurses) shared= ;; esac
    rm -rf "$out/$T/build/$1" && mkdir -p "$out/$T/build/$1" "$prefix/lib"
    cd "$out/$T/build/$1"
    echo build >"$log.step"
    eval "set -- \"\$1\" \"\$2\" \"\$4\" $3"
    name=$1 build=$2 libraries=$3
    shift 3
    (cd "$PWD" && "build_$build" "$@")
    unset CPPFLAGS LDFLAGS
    mkdir consumer && cd consumer
    echo consumer >"$log.step"
    consume "$name" "$libraries"
)

# The emulator for what is foreign here, with the C library that a program of aarch64 loads.
qemu="qemu-aarch64-static -L $e2e/qroots/arm64"

# own NAME BUILD OPTIONS COMMAND: the package's own tests, in a static-only build.
own() (
    set -eux
    src=$out/src/$1
    prefix=$out/$T/own
    export PKG_CONFIG_PATH="$out/$T/prefix/lib/pkgconfig"
    export CPPFLAGS="-I$out/$T/prefix/include" LDFLAGS="-L$out/$T/prefix/lib"
    shared='--disable-shared'
    rm -rf "$out/$T/build/$1-own" && mkdir -p "$out/$T/build/$1-own"
    cd "$out/$T/build/$1-own"
    eval "set -- \"\$1\" \"\$2\" \"\$4\" $3"
    build=$2 command=$3
    shift 3
    "build_$build" "$@"
    [ -f Makefile ] || cd expat
    eval "$command"
)

row() { printf '%-10s %-22s %-20s %-8s %-8s %-8s %5s\n' "$@" | tee -a "$table"; }

failed=0
row package version target build consumer tests s
for T in $targets; do
    names "$T"
    mkdir -p "$out/$T"
    while IFS='|' read -r name source build options libraries tests emulated; do
        name=$(echo $name) source=$(echo $source) build=$(echo $build) libraries=$(echo $libraries) tests=$(echo $tests)
        emulated=$(echo "$emulated" | sed 's/^ *//')
        case $name in '' | '#'*) continue ;; esac
        [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
        log=$out/$T/$name.log
        start=$(date +%s)
        built=- consumed=- tested=-
        : >"$log.step"
        # As background jobs, because a shell ignores 'set -e' in what is a condition.
        if ! fetch "$name" "$source"; then
            built=no-source
        else
            one "$name" "$build" "$options" "$libraries" >"$log" 2>&1 </dev/null &
            if wait $!; then
                built=ok consumed=ok
                case $T in
                x86_64-*musl*) ;;
                aarch64-*) tests=$emulated ;;
                *) tests= ;;
                esac
                if [ -n "$tests" ]; then
                    own "$name" "$build" "$options" "$tests" >"$log.own" 2>&1 </dev/null &
                    if wait $!; then tested=ok; else tested=FAILED; fi
                fi
            elif [ "$(cat "$log.step")" = consumer ]; then
                built=ok consumed=FAILED
            else
                built=FAILED
            fi
        fi
        case "$built$consumed$tested" in *FAILED* | *no-source*) failed=1 ;; esac
        row "$name" "$(cat "$out/src/$name.version" 2>/dev/null || echo '?')" "$T" "$built" "$consumed" "$tested" $(($(date +%s) - start))
    done <"$here/packages.txt"
done
[ $failed = 0 ] || say "the logs are in $out/TARGET/PACKAGE.log"
exit $failed
