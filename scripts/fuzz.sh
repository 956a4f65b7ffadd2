#!/usr/bin/env bash
# Fuzzes the running API from its own OpenAPI document: no answer may be a 5xx,
# and none may differ from what the document promises.
#   scripts/fuzz.sh [seconds]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
venv=${FUZZ_VENV:-target/fuzz-venv}

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

"$venv/bin/schemathesis" --no-color run "$url/openapi.json" \
    --max-time "$seconds" --max-examples 200 --continue-on-failure --warnings off \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
