#!/usr/bin/env bash
# Fuzzes the running API from its own OpenAPI document, with every check there
# is: no answer may be a 5xx, none may differ from what the document promises,
# what the document calls valid must be taken, and what it calls invalid refused.
# scripts/fuzz_hooks.py signs webhooks, adds checks, and names the exceptions.
#   [FUZZ_SEED=n] scripts/fuzz.sh [seconds]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
venv=${FUZZ_VENV:-target/fuzz-venv}
# The same requests every time, as far as the clock allows: a change is to blame
# for what it breaks, not for what nobody had tried before. Other seeds find more.
seed=${FUZZ_SEED:-1}

if [ ! -x "$venv/bin/schemathesis" ]; then
    echo "==> Installing schemathesis"
    python3 -m venv "$venv" || {
        echo "error: Python 3 with venv is needed (apt-get install python3-venv)" >&2
        exit 1
    }
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'schemathesis==4.32.5'
fi

work=$(mktemp -d)
server=
stop() {
    status=$?
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    [ "$status" = 0 ] || tail -n 40 "$work/server.log" >&2
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
LISTEN_ADDR=127.0.0.1:$port DATABASE_URL="sqlite://$work/fuzz.db?mode=rwc" SHOPIFY_WEBHOOK_SECRET=fuzz \
    RUST_LOG=warn RATE_LIMIT=0 target/debug/orchestrator serve >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 200); do
    curl -sf "$url/readyz" >/dev/null && break
    sleep 0.05
done
# Something to find.
target/debug/orchestrator simulate --url "$url" --secret fuzz --rate 200 --count 200 >/dev/null 2>&1

# No check is left out. Two have nothing to say until the document declares who
# may do what (ignored_auth, object_level_authorization).
fuzz() { # $1: seconds, the rest: what
    SCHEMATHESIS_HOOKS=scripts/fuzz_hooks.py PYTHONDONTWRITEBYTECODE=1 \
        "$venv/bin/schemathesis" --no-color run "$url/openapi.json" \
        --checks all --mode all --workers 1 --seed "$seed" --generation-database none \
        --max-time "$1" --max-examples 200 --continue-on-failure --warnings off "${@:2}"
}
# Webhooks first, and by themselves: there is more to them than their share of
# the time would show, and they leave something to find.
fuzz "$((seconds / 4 + 1))" --phases examples,coverage,fuzzing --include-path /webhooks/shopify
fuzz "$((seconds - seconds / 4))" --phases examples,coverage,fuzzing,stateful
