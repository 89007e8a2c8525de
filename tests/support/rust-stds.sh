#!/bin/sh
# Makes Rust's standard library available for the targets of the end-to-end tests, and says how cargo gets at it.
#
#     tests/support/rust-stds.sh [target...]      Rust's names; without any, all that the Linux tests use
#
# Prints one line for each target it has, with tabs between the four columns:
#
#     TARGET  METHOD  RUSTC  ARGUMENTS
#
# RUSTC is what cargo's variable RUSTC has to name, ARGUMENTS what `cargo build` needs besides. The methods:
# `installed`, the machine's own compiler has it, if need be after `rustup target add`; `debian`, a compiler and a
# standard library unpacked from Debian's packages; `build-std`, cargo compiles it from Debian's package of
# the sources, which takes RUSTC_BOOTSTRAP=1 in cargo's environment. XCC_TEST_NO_RUSTUP=1 leaves out the first.
#
# Debian's packages are only unpacked, by an apt with lists and a status file of its own. The mirror is the machine's
# own Debian source, or $XCC_TEST_MIRROR. What is there already is left alone.
# Exit status 1: some target cannot be had here; the last line on stderr names each.
set -eu

project=$(cd "$(dirname "$0")/../.." && pwd)
dir=${XCC_TEST_DIR:-$project/target/e2e}/rust-stds
[ $# -gt 0 ] || set -- aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf riscv64gc-unknown-linux-gnu \
    x86_64-unknown-linux-musl aarch64-unknown-linux-musl

# shellcheck source=tests/support/private-apt.sh
. "$project/tests/support/private-apt.sh"

say() { echo "rust-stds: $*" >&2; }

# debian_arch TARGET: the Debian architecture whose packages carry the compiled library; empty when none does.
debian_arch() {
    case $1 in
    x86_64-unknown-linux-gnu) echo amd64 ;;
    aarch64-unknown-linux-gnu) echo arm64 ;;
    armv7-unknown-linux-gnueabihf) echo armhf ;;
    i686-unknown-linux-gnu) echo i386 ;;
    riscv64gc-unknown-linux-gnu) echo riscv64 ;;
    powerpc64le-unknown-linux-gnu) echo ppc64el ;;
    s390x-unknown-linux-gnu) echo s390x ;;
    esac
}

# has_std SYSROOT TARGET
has_std() {
    for lib in "$1/lib/rustlib/$2/lib"/libcore-*.rlib; do
        [ -e "$lib" ] && return 0
    done
    return 1
}

# installed TARGET...: sets `rustc` and `sysroot` to the machine's compiler, and asks rustup for what that lacks.
installed() {
    rustc=$(rustup which rustc 2>/dev/null || command -v rustc) || return 1
    sysroot=$("$rustc" --print sysroot) || return 1
    command -v rustup >/dev/null || return 0
    for target; do
        has_std "$sysroot" "$target" && continue
        say "$target: rustup target add"
        code=0
        timeout 180 rustup -q target add "$target" >&2 </dev/null || code=$?
        [ $code -ne 124 ] || { say "rustup does not answer"; return 0; }
    done
}

# apt_for WORK RELEASE ARCH: points apt at a release for the host's architecture and ARCH, and fetches the lists.
apt_for() {
    if [ "$3" = "$host" ]; then set -- "$1" "$2"; fi
    # shellcheck disable=SC2086 # Nothing, or one word.
    private_apt "$1" deb "${source% *}" "$2" "$host" ${3:-}
}

# unpack WORK PACKAGE...: into WORK/unpacked.
unpack() {
    into=$1
    shift
    mkdir -p "$into/debs" "$into/unpacked"
    (cd "$into/debs" && apt-get -q download "$@") >>"$into/log" 2>&1 || return 1
    for deb in "$into"/debs/*.deb; do
        dpkg-deb -x "$deb" "$into/unpacked" || return 1
    done
}

# compiler RELEASE WORK: Debian's rustc with every library it loads, libc included, so that it runs whatever this
# machine's own release is; started through its own dynamic linker, it leaves no LD_LIBRARY_PATH to cc.
compiler() {
    apt_for "$2" "$1" "$host" || return 1
    found=$(apt-cache show --no-all-versions rustc-web 2>/dev/null | sed -n 's/^Version: //p')
    oldest=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$project/Cargo.toml")
    if [ -z "$found" ] || dpkg --compare-versions "$found" lt "$oldest"; then
        echo "$1: rustc-web is '$found', xcc needs $oldest" >>"$2/log"
        return 1
    fi
    libraries=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances libstd-rust-web-dev | grep '^[a-z]')
    # shellcheck disable=SC2086 # Words are meant.
    unpack "$2" rustc-web rust-web-src $libraries || return 1
    loader=$(cd "$2/unpacked" && find ./* -name 'ld-linux*.so.*' -path '*linux-gnu*' | head -n 1)
    [ -n "$loader" ] || return 1
    mkdir -p "$2/unpacked/bin"
    cat >"$2/unpacked/bin/rustc" <<EOF
#!/bin/sh
# Debian's rustc, on the libraries unpacked beside it.
exec "$dir/debian/$loader" --argv0 rustc --library-path "$dir/debian/$(dirname "$loader")" "$dir/debian/usr/bin/rustc" "\$@"
EOF
    chmod +x "$2/unpacked/bin/rustc"
    rm -rf "$2/unpacked/usr/share" "$2/unpacked/etc"
    echo "$1" >"$2/unpacked/release"
    # The kernel may be too old for its libc.
    "$2/unpacked/$loader" --library-path "$2/unpacked/$(dirname "$loader")" "$2/unpacked/usr/bin/rustc" -vV >>"$2/log" 2>&1 || return 1
    mv "$2/unpacked" "$dir/debian"
}

# precompiled TARGET WORK: the compiled library, from the release that the compiler is from.
precompiled() {
    arch=$(debian_arch "$1")
    apt_for "$2" "$(cat "$dir/debian/release")" "$arch" || return 1
    unpack "$2" "libstd-rust-web-dev:$arch" || return 1
    rm -rf "$dir/debian/usr/lib/rustlib/$1"
    mv "$2/unpacked/usr/lib/rustlib/$1" "$dir/debian/usr/lib/rustlib/$1" || return 1
    # Release for release the two match; should they not, the compiler says so.
    if ! echo 'fn main() {}' | "$dir/debian/bin/rustc" --target "$1" --emit metadata --crate-name probe -o "$2/probe" - 2>>"$2/log"; then
        rm -rf "$dir/debian/usr/lib/rustlib/$1"
        return 1
    fi
}

# debian TARGET: whatever of Debian's packages it needs and is not there yet.
debian() {
    for tool in apt-get apt-cache dpkg dpkg-deb; do
        command -v $tool >/dev/null || { say "$tool is not installed: no library from Debian"; return 1; }
    done
    source=$(debian_source) ||
        { say "this machine has no Debian source with fetched lists; name one in XCC_TEST_MIRROR"; return 1; }
    host=$(dpkg --print-architecture)
    if [ ! -d "$dir/debian" ]; then
        own=${source#* }
        # shellcheck disable=SC2086 # Nothing, or one word.
        for release in $(printf '%s\n' $own trixie forky sid | awk '!seen[$0]++'); do
            rm -rf "$tmp"
            say "rustc: from $release"
            compiler "$release" "$tmp" && break
        done
        [ -d "$dir/debian" ] || { tail -n 5 "$tmp/log" >&2; return 1; }
        rm -rf "$tmp"
    fi
    if [ -n "$(debian_arch "$1")" ] && ! has_std "$dir/debian/usr" "$1"; then
        say "$1: from $(cat "$dir/debian/release")"
        precompiled "$1" "$tmp" || { tail -n 5 "$tmp/log" >&2; return 1; }
        rm -rf "$tmp"
    fi
}

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
exec 9>"$dir/.lock"
! command -v flock >/dev/null || flock 9
tmp=$dir/.work.$$
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

sysroot=/nowhere
[ -n "${XCC_TEST_NO_RUSTUP:-}" ] || installed "$@" || say "no working rustc on this machine"

missing=
hopeless=
for target; do
    if has_std "$sysroot" "$target"; then
        printf '%s\tinstalled\t%s\t\n' "$target" "$rustc"
    elif [ -n "$hopeless" ] || ! (debian "$target"); then
        missing="$missing $target"
        [ -d "$dir/debian" ] || hopeless=yes
    elif has_std "$dir/debian/usr" "$target"; then
        printf '%s\tdebian\t%s\t\n' "$target" "$dir/debian/bin/rustc"
    else
        crates=std,panic_abort
        case $target in *-none | *-none-*) crates="core -Zbuild-std-features=compiler-builtins-mem" ;; esac
        printf '%s\tbuild-std\t%s\t%s\n' "$target" "$dir/debian/bin/rustc" "-Zbuild-std=$crates"
    fi
done

[ -z "$missing" ] || { say "MISSING:$missing; the tests that need them will be skipped"; exit 1; }
