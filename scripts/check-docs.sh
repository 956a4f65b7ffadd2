#!/usr/bin/env bash
# Fails when a document names a test that is not there (any more): documents say
# which test holds a rule, and are believed.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=0
# Names of tests are sentences: four words or more.
for document in docs/SECURITY.md docs/ORDERS.md docs/how-to/*.md CONTRIBUTING.md; do
    while read -r name; do
        git grep -qE "fn $name\b" -- '*.rs' || {
            echo "error: $document names the test $name, which is not there" >&2
            missing=1
        }
    done < <(grep -oE '`[a-z0-9]+(_[a-z0-9]+){3,}`' "$document" | tr -d '`' | sort -u)
done
[ "$missing" = 0 ] && echo "Documents: the tests they name are there"
exit "$missing"
