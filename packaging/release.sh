#!/bin/sh
# Makes xcc's own release with xcc: an archive for each host in DIR, and checksums.txt, inspected.
#
#     packaging/release.sh [DIR]        default: dist
#
# XCC names the xcc that builds (default: xcc on PATH), TARGETS some of the targets, JOBS how many at once, RUN the
# arguments that each program is tried with where this machine can (RUN=targets; wine 8 lacks bcryptprimitives.dll for Rust's programs).
# Rust's standard library of every target must be there: rustup target add TRIPLE.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-dist}
case $out in /*) ;; *) out=$PWD/$out ;; esac
xcc=${XCC:-xcc}
targets=${TARGETS:-x86_64-unknown-linux-musl,aarch64-unknown-linux-musl,darwin/arm64,darwin/amd64,darwin/universal,windows/amd64}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -n 1)

say() { printf '%s\n' "release.sh: $*"; }

cd "$here"
mkdir -p "$out"
"$here/packaging/third-party.py" --texts >"$out/THIRD-PARTY.md"

# One after the other by default: Cargo locks the directory that they share.
"$xcc" matrix --target "$targets" --out-dir "$out" --name xcc --version "$version" --output '{name}_{version}_{os}_{arch}{ext}' \
    --reproducible --archive ${RUN:+"--run=$RUN"} --jobs "${JOBS:-1}" \
    --include README.md --include CHANGELOG.md --include LICENSE --include LICENSE-APACHE --include LICENSE-MIT \
    --include "$out/THIRD-PARTY.md" --include install.sh \
    --require 'kind=executable,stripped,no-debug,no-native-cpu,no-sanitizers' \
    --from 'target/{rust}/release/xcc{ext}' -- cargo build --release --locked

# What must hold of some systems alone.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in "$out"/xcc_"$version"_*.tar.gz "$out"/xcc_"$version"_*.zip; do
    [ -e "$archive" ] || continue
    case $archive in
    *_linux_*) clauses='static,musl,nx' ;;
    *_darwin_arm64*) clauses='signed=ad-hoc,pie,macos<=11.0,needed-only=/usr/lib/libSystem.B.dylib:/usr/lib/libiconv.2.dylib' ;;
    *_darwin_*) clauses='pie,macos<=11.0,needed-only=/usr/lib/libSystem.B.dylib:/usr/lib/libiconv.2.dylib' ;;
    *_windows_*) clauses='format=pe,subsystem=console,nx,pie,no-timestamp' ;;
    *) continue ;;
    esac
    rm -rf "$work/in" && mkdir "$work/in"
    case $archive in
    *.zip) python3 -m zipfile -e "$archive" "$work/in" ;;
    *) tar -xzf "$archive" -C "$work/in" ;;
    esac
    program=$(find "$work/in" -type f \( -name xcc -o -name xcc.exe \))
    "$xcc" inspect --require "$clauses" "$program"
    # Not no-host-paths: xcc's table of such paths is in the program.
    if grep -aqF -e "$here/" -e "${CARGO_HOME:-${HOME:-}/.cargo}/" "$program"; then
        say "error: ${archive##*/} has a path of this machine" >&2
        exit 1
    fi
    say "${archive##*/}: $clauses"
done
