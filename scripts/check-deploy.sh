#!/usr/bin/env bash
# Checks what no compiler looks at: that docker-compose.yml takes every setting
# .env.example offers, that the Dockerfile keeps its promises, and that the
# balancer's settings and the dashboard can be read.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
fail() {
    echo "error: $1" >&2
    failed=1
}

# A mark holds for the paragraph it is in.
offered=$(awk -v RS= '!/\(server\)/' .env.example | sed -nE 's/^(# )?([A-Z0-9_]+)=.*/\2/p' | sort -u)
taken=$(grep -vE '^ *#' docker-compose.yml | grep -oE '\$\{[A-Z0-9_]+' | cut -c3- | sort -u)
for name in $(comm -23 <(echo "$offered") <(echo "$taken")); do
    fail ".env.example offers $name, but docker-compose.yml does not use it: pass it on, or mark it (server)"
done
for name in $(comm -13 <(echo "$offered") <(echo "$taken")); do
    fail "docker-compose.yml uses $name, but .env.example does not offer it"
done

# As docs/OPERATIONS.md (Scale) has it, for three instances, with ten for people.
limit=$(sed -nE 's/^ *- -cmax_connections=([0-9]+)$/\1/p' docker-compose.yml)
each=$(sed -nE 's/.*\$\{DATABASE_CONNECTIONS:-([0-9]+)\}.*/\1/p' docker-compose.yml)
[ $(((${each:-1000} + 2) * 3 + 8 + 3 + 10)) -le "${limit:-0}" ] ||
    fail "docker-compose.yml: PostgreSQL has too few connections for three instances"

! grep -qE '^# *syntax *=' Dockerfile ||
    fail "Dockerfile: a syntax line needs a registry before every build"
# The health check itself gives up after 2 s.
timeout=$(sed -nE 's/^HEALTHCHECK .*--timeout=([0-9]+)s .*/\1/p' Dockerfile)
[ "${timeout:-0}" -gt 2 ] ||
    fail "Dockerfile: HEALTHCHECK --timeout must be above 2 s"
# shellcheck disable=SC2016 # Literally so in the file.
[ "$(grep '^FROM ' Dockerfile | tail -1 | cut -d' ' -f2)" = 'runtime-${DEBIAN}' ] ||
    fail "Dockerfile: the image that runs must be of the same DEBIAN as the one that builds"
awk '/^COPY \. /{copied = 1} /touch/ && !/^#/ {touched = copied} /make release/ && !/^#/ {exit !touched}' Dockerfile ||
    fail "Dockerfile: sources must be touched before make release, or the cache passes for new"
if ! grep -qE '^[^#]*install -d -m 0700 [^ ]*/data ' Dockerfile ||
    ! grep -qE '^COPY .*--chown=65532:65532 .* /app/$' Dockerfile; then
    fail "Dockerfile: serve --demo needs the folder /app/data, owned by 65532, mode 0700"
fi

for dashboard in deploy/grafana/dashboards/*.json; do
    if command -v python3 >/dev/null; then
        python3 -m json.tool "$dashboard" >/dev/null || fail "$dashboard is no JSON"
    else
        node -e 'JSON.parse(require("fs").readFileSync(process.argv[1]))' "$dashboard" || fail "$dashboard is no JSON"
    fi
done
if command -v haproxy >/dev/null; then
    said=$(haproxy -c -f deploy/haproxy.cfg 2>&1) || fail "deploy/haproxy.cfg:"$'\n'"$said"
fi

[ "$failed" = 0 ] && echo "Deployment: its files fit together"
exit "$failed"
