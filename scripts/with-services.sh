#!/usr/bin/env bash
# Runs a command with a PostgreSQL and a Redis of its own, on free ports, in a
# temporary folder, and stops exactly those afterwards:
#   scripts/with-services.sh cargo test
# The command finds them in TEST_DATABASE_URL and TEST_REDIS_URL.
set -euo pipefail

die() {
    echo "error: $1" >&2
    exit 1
}

pg_bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)}
[ -x "$pg_bin/initdb" ] || pg_bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
[ -x "$pg_bin/initdb" ] || die "PostgreSQL's server programs are needed (apt-get install postgresql), or set PG_BIN"
command -v redis-server >/dev/null || die "redis-server is needed (apt-get install redis-server)"

work=$(mktemp -d)
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    chown postgres "$work"
    as_pg() { su postgres -s /bin/bash -c "$(printf '%q ' "$@")"; }
else
    as_pg() { "$@"; }
fi

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
        node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

redis_pid=
stop() {
    status=$?
    trap - EXIT INT TERM
    as_pg "$pg_bin/pg_ctl" -D "$work/pg" -m immediate -s stop 2>/dev/null || true
    [ -n "$redis_pid" ] && kill "$redis_pid" 2>/dev/null && wait "$redis_pid" 2>/dev/null
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pg_port=$(free_port)
redis_port=$(free_port)
as_pg "$pg_bin/initdb" -D "$work/pg" -U orchestrator --auth=trust --encoding=UTF8 --no-sync >/dev/null
# Durability is not what tests are about; speed is. Benchmarks want PG_FSYNC=on.
if [ "${PG_FSYNC:-off}" = on ]; then
    durability="-c fsync=on"
else
    durability="-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
fi
as_pg "$pg_bin/pg_ctl" -D "$work/pg" -l "$work/pg.log" -s -w start -o \
    "-p $pg_port -k $work -c listen_addresses=127.0.0.1 $durability -c max_connections=400"
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$work" --save '' --daemonize no >"$work/redis.log" 2>&1 &
redis_pid=$!
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$redis_port") 2>/dev/null && break
    sleep 0.05
done

export TEST_DATABASE_URL="postgres://orchestrator@127.0.0.1:$pg_port/postgres"
export TEST_REDIS_URL="redis://127.0.0.1:$redis_port"
"$@"
