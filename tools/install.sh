#!/bin/sh
# pip install of pinned packages: silent, or one line that says why it failed.
# Usage: tools/install.sh VENV ARGUMENTS OF PIP INSTALL...
set -u

venv=$1
shift
log=$venv/pip.log
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes "$@" >"$log" 2>&1 &&
    exit 0

fail() {
    echo "$1 (all it said: $log)" >&2
    exit 1
}

if grep -q 'connection broken' "$log"; then
    fail "set-up: pip failed: no package index was reached; is there a network?"
fi
reason=$(grep '^ERROR: ' "$log" | tail -n 1)
fail "set-up: pip failed: ${reason#ERROR: }"
