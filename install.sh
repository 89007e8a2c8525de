#!/bin/sh
# Builds xcc, installs it with its names and a pinned zig, and cross-compiles a demo. './install.sh --help' for more.
set -eu

usage() {
    cat <<'EOF'
usage: ./install.sh [options]

  --prefix DIR     install below DIR (default: /usr/local as root, else ~/.local)
  --targets LIST   names for these targets only, separated by commas (default: all)
  --gnu-names      with --targets: also aarch64-linux-gnu-gcc and so on, which ./configure --host looks for
  --no-zig         do not install zig; xcc then uses XCC_ZIG, zig on PATH, or Python's ziglang
  --no-demo        do not cross-compile the demo
  --built FILE     install this xcc and build none (default: build; in a release's archive, the one there)
  --uninstall      remove what an earlier run installed below the prefix
  --test           get what the tests need and run them all; installs nothing
  --help           this text

DESTDIR=DIR is put before the prefix, for packagers: an argument or a variable. Nothing is downloaded then but what Cargo does not
have, and no zig is installed.
EOF
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=
targets=
gnu=
zig=yes
demo=yes
built=
action=install
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=${2:?--prefix needs a directory} && shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --targets) targets=${2:?--targets needs a list} && shift ;;
    --targets=*) targets=${1#*=} ;;
    --gnu-names) gnu=--gnu ;;
    --no-zig) zig=no ;;
    --no-demo) demo=no ;;
    --built) built=${2:?--built needs a file} && shift ;;
    --built=*) built=${1#*=} ;;
    DESTDIR=*) DESTDIR=${1#*=} ;;
    --uninstall) action=uninstall ;;
    --test) action='test' ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done
if [ -n "$gnu" ] && [ -z "$targets" ]; then usage >&2 && exit 2; fi
if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
fi
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
case ${DESTDIR:-} in '' | /*) ;; *) DESTDIR=$PWD/$DESTDIR ;; esac
# A package has no zig in it: its user's 'xcc zig install' gets one.
if [ -n "${DESTDIR:-}" ]; then zig=no demo=no; fi
# A release's archive has the program, and no source.
if [ ! -e "$here/Cargo.toml" ]; then
    demo=no
    if [ -z "$built" ] && [ -x "$here/xcc" ]; then built=$here/xcc; fi
fi
root=${DESTDIR:-}$prefix
bin=$root/bin
share=$root/share

say() { printf '%s\n' "install.sh: $*"; }
fail() { printf '%s\n' "install.sh: error: $*" >&2 && exit 1; }

# Removes the names that are links to our xcc, xcc itself, and its zig.
uninstall() {
    for name in "$bin"/xcc-* "$bin"/*-*-*; do
        if [ "$(readlink "$name" 2>/dev/null || true)" = xcc ]; then rm -f "$name"; fi
    done
    rm -f "$bin/xcc" "$share/man/man1/xcc.1" "$share"/man/man1/xcc-*.1
    rm -f "$share/bash-completion/completions/xcc" "$share/zsh/site-functions/_xcc" "$share/fish/vendor_completions.d/xcc.fish"
    rm -rf "$root/lib/xcc" "$share/doc/xcc"
    say "removed xcc from $root; its sysroots stay in the cache (~/.cache/xcc)"
}

# A static executable where the host allows it: it runs on any distribution of its architecture and starts faster, and fastest at
# a fixed address, where half of the pages that it would relocate first are never touched.
build() {
    command -v cargo >/dev/null || fail "cargo is missing; install Rust first (https://rustup.rs)"
    host=$(rustc -vV | sed -n 's/^host: //p')
    target=$host
    static=
    case $host in
    *-linux-gnu)
        musl=${host%-gnu}-musl
        if has_std "$musl" || { command -v rustup >/dev/null && rustup target add "$musl" >/dev/null 2>&1; }; then
            target=$musl
            static='-C relocation-model=static'
        elif has_static_libc; then
            static='-C target-feature=+crt-static -C relocation-model=static'
        fi
        ;;
    esac
    # No directory of this machine is in the program: the same source is the same bytes elsewhere.
    RUSTFLAGS="${RUSTFLAGS:-} $static --remap-path-prefix=${CARGO_HOME:-${HOME:-}/.cargo}=/cargo --remap-path-prefix=$here=."
    export RUSTFLAGS
    say "building xcc for $target"
    (cd "$here" && cargo build --release --locked --quiet --target "$target")
    built=${CARGO_TARGET_DIR:-$here/target}/$target/release/xcc
}

has_std() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

# Fedora and openSUSE have the C library's archive in a package of its own.
has_static_libc() {
    case $(cc -print-file-name=libc.a 2>/dev/null) in */*) ;; *) return 1 ;; esac
}

install() {
    if [ -z "$built" ]; then build; fi
    mkdir -p "$bin" || fail "cannot create $bin; run as root, or choose a --prefix of your own"
    # A new file under the old name: an xcc that is running is not disturbed.
    cp "$built" "$bin/.xcc.new" && chmod 755 "$bin/.xcc.new" && mv -f "$bin/.xcc.new" "$bin/xcc"
    # shellcheck disable=SC2046 # One word a target is meant.
    for name in $("$bin/xcc" names $gnu $(printf '%s' "$targets" | tr ',' ' ')); do
        if [ -e "$bin/$name" ] && [ "$(readlink "$bin/$name" || true)" != xcc ]; then
            say "left $bin/$name as it is: it is not ours"
        else
            ln -sf xcc "$bin/$name"
        fi
    done
    say "installed $bin/xcc and $(find "$bin" -lname xcc | wc -l | tr -d ' ') names"
    documents
    if [ "$zig" = yes ]; then
        XCC_DATA_DIR=$root/lib/xcc "$bin/xcc" zig install
    fi
    if [ "$demo" = yes ] && [ "$zig" = no ] && ! "$bin/xcc" zig which >/dev/null 2>&1; then
        say "no demo: no zig was found; run 'xcc zig install', or set XCC_ZIG to one"
        demo=no
    fi
    if [ "$demo" = yes ]; then demo; fi
    if [ -n "${DESTDIR:-}" ]; then return; fi
    case :$PATH: in *:$prefix/bin:*) ;; *) say "add $prefix/bin to PATH" ;; esac
}

# Manual pages, and what the shells complete.
documents() {
    "$bin/xcc" man "$share/man/man1"
    completions bash bash-completion/completions/xcc
    completions zsh zsh/site-functions/_xcc
    completions fish fish/vendor_completions.d/xcc.fish
    mkdir -p "$share/doc/xcc"
    for file in README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT THIRD-PARTY.md; do
        from=$here/$file
        if [ ! -e "$from" ]; then from=$here/packaging/$file; fi
        cp "$from" "$share/doc/xcc/$file" && chmod 644 "$share/doc/xcc/$file"
    done
}

completions() {
    mkdir -p "$(dirname "$share/$2")"
    "$bin/xcc" completions "$1" >"$share/$2"
}

# Cross-compiles a program for three targets; runs what this machine can run, and shows the header of the others.
demo() {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for target in x86_64-linux-gnu aarch64-linux-gnu riscv64-linux-gnu; do
        "$bin/xcc" cc -target "$target" -O2 "$here/testdata/projects/demo/hello.c" -o "$work/hello-$target" ||
            fail "the demo does not compile for $target"
        run_or_inspect "$target" "$work/hello-$target"
    done
}

run_or_inspect() {
    arch=${1%%-*}
    if [ "$(uname -s)" = Linux ] && [ "$(uname -m)" = "$arch" ]; then
        say "$1: runs: $("$2")"
    elif command -v "qemu-$arch-static" >/dev/null 2>&1 && [ -d "/usr/$arch-linux-gnu/lib" ]; then
        say "$1: runs under qemu: $("qemu-$arch-static" -L "/usr/$arch-linux-gnu" "$2")"
    else
        # e_machine of the ELF header, in the byte order of these targets.
        machine=$(od -An -tu2 -j18 -N2 "$2" | tr -d ' ')
        case $machine in
        62) is=x86_64 ;; 183) is=aarch64 ;; 243) is=riscv64 ;; *) is="machine $machine" ;;
        esac
        [ "$is" = "$arch" ] || fail "the demo for $1 is a program for $is"
        say "$1: an ELF program for $is, $(wc -c <"$2" | tr -d ' ') bytes"
    fi
}

case $action in
install) install ;;
uninstall) uninstall ;;
test) exec "$here/tests/run.sh" ;;
esac
