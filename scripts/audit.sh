#!/usr/bin/env bash
# Audits the dependencies by deny.toml: licences, sources and bans always; known
# vulnerabilities where the advisory database can be fetched.
# Installing cargo-deny takes longer than building this project, so it is used
# where it is installed; with REQUIRE_AUDIT=1 its absence is an error, and so is
# a database that cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
    echo "$1" >&2
    [ "${REQUIRE_AUDIT:-0}" = 0 ]
}

if ! cargo deny --version >/dev/null 2>&1; then
    missing "NOT AUDITED: cargo-deny is not installed. Try: cargo install --locked cargo-deny"
    exit
fi
cargo deny check bans licenses sources
if cargo deny fetch db >/dev/null 2>&1; then
    cargo deny check advisories
else
    missing "NOT AUDITED for known vulnerabilities: the advisory database cannot be fetched"
fi
