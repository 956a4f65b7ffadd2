#!/usr/bin/env bash
# Checks the alerts: that Prometheus takes them, that they do what the cases in
# alerts_test.yml say, and that none is without a case that fires, a case that
# does not, a section in the runbook, or a metric that this server has.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=deploy/prometheus
alerts=$folder/alerts.yml
cases=$folder/alerts_test.yml
runbook=docs/OPERATIONS.md
failed=0
fail() {
    echo "error: $1" >&2
    failed=1
}

command -v promtool >/dev/null || {
    echo "error: promtool is missing. Try: scripts/prepare.sh check" >&2
    exit 1
}
# It says a lot when all is well.
quietly() {
    local said
    said=$("$@" 2>&1) || fail "$* failed:"$'\n'"$said"
}
quietly promtool check config "$folder/prometheus.yml"
quietly promtool check rules "$alerts"
quietly promtool test rules "$cases"

# "fires NAME" and "silent NAME", for each case. An exp_alerts with nothing in it
# is neither.
have=$(awk '
    $1 == "alertname:" { name = $2 }
    $1 == "exp_alerts:" && $2 == "[]" { print "silent", name }
    $1 == "-" && $2 == "exp_labels:" { print "fires", name }
' "$cases")
# GitHub makes anchors of headings this way.
anchors=$(grep -E '^#+ ' "$runbook" | sed -E 's/^#+ //' | tr '[:upper:]' '[:lower:]' |
    sed -E 's/[^a-z0-9 _-]//g; s/ /-/g')
while read -r name link; do
    grep -qx "fires $name" <<<"$have" || fail "$name has no case in $cases that fires"
    grep -qx "silent $name" <<<"$have" || fail "$name has no case in $cases that does not fire"
    if [ "${link%%#*}" != "$runbook" ] || ! grep -qx -- "${link#*#}" <<<"$anchors"; then
        fail "$name has no section in $runbook: '$link'"
    fi
done < <(awk '
    $1 == "-" && $2 == "alert:" { if (name) print name, link; name = $3; link = "" }
    $1 == "runbook_url:" { link = $2 }
    END { if (name) print name, link }
' "$alerts")
while read -r name; do
    grep -q "alert: $name\$" "$alerts" || fail "$cases names $name, which is no alert"
done < <(awk '{ print $2 }' <<<"$have" | sort -u)

# A name that nothing is counted under is silence, too.
while read -r name; do
    grep -qr --include=metric_names.rs --include=metrics.rs "\"$name\"" crates server/src ||
        grep -qr --include=metric_names.rs --include=metrics.rs "\"${name%_*}\"" crates server/src ||
        fail "$name is in the alerts or the dashboard, and is no metric of this server"
done < <(grep -ohE 'orchestrator_[a-z_]+' "$alerts" deploy/grafana/dashboards/*.json | sort -u)

[ "$failed" = 0 ] && echo "Alerts: $(grep -c 'alert:' "$alerts") are fine"
exit "$failed"
