#!/usr/bin/env bash
# The runbook's wrapper: its own words for the gate's step 1, or steps 1 and 2.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: DATABASE_URL=... scripts/run-invoice-dry-run.sh --tenant-id=UUID
           --period-start=2026-02 --period-end=2026-03 [--execute [--cleanup]] [--verbose]
           [--platform=NAME|PATH]

  without --execute     step 1: a read-only dry run; creates no invoice
  --execute --cleanup   steps 1 and 2: generate a draft, compare it, remove it
  --execute             the same, but the draft stays for the manual lifecycle
  --verbose             name every check while it is judged
  --platform            whose description is judged; its tenants' ids need not be UUIDs
TEXT
}

refuse() {
    echo "run-invoice-dry-run: $1" >&2
    exit 4
}

tenant='' start='' end='' execute='' cleanup='' loudness=--quiet platform=${P9A_PLATFORM:-}
for argument in "$@"; do
    case $argument in
    --tenant-id=*) tenant=${argument#*=} ;;
    --period-start=*) start=${argument#*=} ;;
    --period-end=*) end=${argument#*=} ;;
    --platform=*) platform=${argument#*=} ;;
    --execute) execute=yes ;;
    --cleanup) cleanup=yes ;;
    --verbose) loudness=--verbose ;;
    --help) usage && exit 0 ;;
    *) refuse "$argument is not an option; see --help" ;;
    esac
done

uuid='^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
month='^[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?$'
[[ -n $platform || $tenant =~ $uuid ]] || refuse "--tenant-id='$tenant' is not a UUID; see --help"
[[ $start =~ $month ]] || refuse "--period-start='$start' is not a month such as 2026-02; see --help"
[[ $end =~ $month ]] || refuse "--period-end='$end' is not a month such as 2026-03; see --help"
[[ -z $cleanup || -n $execute ]] || refuse "--cleanup removes what --execute makes: give both"

cd "$(dirname "$0")/.."
python=python3
[[ -x .tox/p9a/bin/python ]] && python=.tox/p9a/bin/python
"$python" -c 'import pytest, psycopg' 2>/dev/null ||
    refuse "nothing is installed yet: run the first line of README.md, then this again"

gate=("$loudness" --tenant="$tenant" --period-start="$start" --period-end="$end" --seed=never)
[[ -z $platform ]] || gate+=(--platform="$platform")
if [[ -z $execute ]]; then
    exec "$python" -m pytest -m "p9a and step1" "${gate[@]}" --read-only
elif [[ -n $cleanup ]]; then
    exec "$python" -m pytest -m "p9a and (step1 or step2)" "${gate[@]}"
else
    exec "$python" -m pytest -m "p9a and (step1 or step2)" "${gate[@]}" --keep-draft
fi
