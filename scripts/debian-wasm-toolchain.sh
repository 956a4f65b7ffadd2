#!/usr/bin/env bash
# Fallback for machines where `rustup target add` cannot download: builds the
# wasm32 standard library from Debian's rust-web packages and links that
# compiler into rustup under the name given as $1.
set -euo pipefail
toolchain=$1
target=wasm32-unknown-unknown
rustlib=/usr/lib/rustlib

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "error: the fallback needs Debian's apt-get and root." >&2
    exit 1
fi

packages="rustc-web cargo-web rust-web-src rust-web-clippy lld-22"
# shellcheck disable=SC2086
if ! dpkg -s $packages >/dev/null 2>&1; then
    echo "==> Installing $packages"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi

host_bin=$rustlib/$(/usr/bin/rustc -vV | sed -n 's/^host: //p')/bin
mkdir -p "$host_bin"
ln -sf /usr/bin/lld-22 "$host_bin/rust-lld"

if ! ls "$rustlib/$target/lib/"libcore-*.rlib >/dev/null 2>&1; then
    echo "==> Building the $target standard library (about a minute, once)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/src"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    # A standard library must be built by the compiler of its own version.
    (cd "$work" && RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo build --quiet --release \
        -Zbuild-std=std,panic_abort,proc_macro --target "$target")
    mkdir -p "$rustlib/$target/lib"
    find "$work/target/$target/release/deps" -name '*.rlib' ! -name 'libempty*' \
        -exec cp {} "$rustlib/$target/lib/" \;
fi

rustup toolchain link "$toolchain" /usr
