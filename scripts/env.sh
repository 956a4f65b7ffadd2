# Sourced by every make target: picks the one Rust toolchain that builds the
# server and the browser code alike, installing the wasm target when missing.
# Sets RUSTUP_TOOLCHAIN only when the default toolchain cannot be used.

WASM_TARGET=wasm32-unknown-unknown
FALLBACK_TOOLCHAIN=orchestrator-wasm

has_wasm_std() { # $1: sysroot
    ls "$1/lib/rustlib/$WASM_TARGET/lib/"libcore-*.rlib >/dev/null 2>&1
}

use_fallback_toolchain() {
    RUSTUP_TOOLCHAIN=$FALLBACK_TOOLCHAIN
    export RUSTUP_TOOLCHAIN
}

# `rust-toolchain.toml` asks for a toolchain that rustup would download where it is
# missing. Where downloads are not to be had, the default toolchain will do.
has_named_toolchain() {
    channel=$(sed -nE 's/^channel = "(.*)"/\1/p' rust-toolchain.toml 2>/dev/null)
    rustup toolchain list 2>/dev/null | grep -q "^${channel:-stable}-"
}

select_toolchain() {
    if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && command -v rustup >/dev/null 2>&1 &&
        ! has_named_toolchain; then
        default=$(cd / && rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)
        if [ -n "$default" ]; then
            RUSTUP_TOOLCHAIN=$default
            export RUSTUP_TOOLCHAIN
        fi
    fi
    if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && command -v rustup >/dev/null 2>&1 &&
        rustup toolchain list 2>/dev/null | grep -q "^$FALLBACK_TOOLCHAIN" &&
        ! has_wasm_std "$(rustc --print sysroot)" && has_wasm_std /usr; then
        use_fallback_toolchain
        return 0
    fi
    has_wasm_std "$(rustc --print sysroot)" && return 0

    echo "==> Installing the Rust target $WASM_TARGET"
    if command -v rustup >/dev/null 2>&1 && rustup target add "$WASM_TARGET" >/dev/null 2>&1; then
        return 0
    fi
    # Offline mirrors often carry no rustup downloads; Debian ships a matching
    # compiler and standard library source instead.
    bash scripts/debian-wasm-toolchain.sh "$FALLBACK_TOOLCHAIN" || return 1
    use_fallback_toolchain
}

select_toolchain || {
    echo "error: the Rust target $WASM_TARGET is needed to build the dashboard." >&2
    echo "       Try: rustup target add $WASM_TARGET" >&2
    exit 1
}
