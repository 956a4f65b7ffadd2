#!/usr/bin/env bash
# Installs what is missing: `prepare.sh build`, or on top of that what the tests
# need (`test`), `make check` (`check`), or measuring (`budgets`). Does nothing,
# quickly, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }

# Debian packages when we may install them, clear words when not.
need() { # $1: what for, then packages
    local purpose=$1
    shift
    if [ "$(id -u)" = 0 ] && have apt-get; then
        echo "==> Installing $* ($purpose)"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    else
        echo "error: $purpose is missing. On Debian or Ubuntu: sudo apt-get install $*" >&2
        exit 1
    fi
}

# npm ci, but only when the lock file changed.
packages() { # $1: folder
    if [ ! -e "$1/node_modules/.installed" ] || [ "$1/package-lock.json" -nt "$1/node_modules/.installed" ]; then
        echo "==> Installing npm packages in $1"
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix "$1" ci --loglevel=error --no-audit --no-fund
        touch "$1/node_modules/.installed"
    fi
}

build() {
    have cargo || {
        echo "error: Rust is missing. See https://rustup.rs" >&2
        exit 1
    }
    have cc || need "a C compiler" gcc libc6-dev
    { have node && have npm; } || need "Node.js" nodejs npm
    packages frontend
    # shellcheck source=env.sh
    . scripts/env.sh
}

browser() {
    [ -n "${CHROMIUM_PATH:-}" ] || [ -x /usr/bin/chromium ] && return
    if [ "$(id -u)" = 0 ] && have apt-get; then
        need "Chromium" chromium fonts-liberation
    else
        (cd end2end && npx playwright install chromium)
    fi
}

tests() {
    [ -n "${PG_BIN:-}" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || have initdb ||
        need "PostgreSQL" postgresql
    have redis-server || need "Redis" redis-server
    have openssl || need "openssl" openssl
    have haproxy || need "HAProxy" haproxy
    packages end2end
    browser
}

checks() {
    have promtool || {
        need "promtool" prometheus
        # It comes with a Prometheus that starts by itself, which nobody asked for.
        [ ! -d /run/systemd/system ] || systemctl --quiet disable --now prometheus
    }
}

budgets() {
    tests
    [ -n "${SKIP_LIGHTHOUSE:-}" ] || packages end2end/budgets
}

case ${1:-} in
    build) build ;;
    test) tests ;;
    check) checks ;;
    budgets) budgets ;;
    *) echo "usage: $0 build|test|check|budgets" >&2 && exit 2 ;;
esac
