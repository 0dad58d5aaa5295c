#!/bin/sh
# Makes .venv with the first Python that is new enough, or says in one sentence why not.
# Usage: tools/venv.sh FOLDER
set -eu

fail() {
    echo "set-up: $1" >&2
    exit 1
}

case "$(uname -s) $(uname -m)" in
    'Linux x86_64' | 'Darwin arm64') ;;
    *) fail "Picopin's tools run on Linux x86_64 and macOS arm64; this is $(uname -s) $(uname -m)." ;;
esac

new_enough='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))'
python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10}; do
    if "$name" -c "$new_enough" 2>/dev/null; then
        python=$name
        break
    fi
done
[ -n "$python" ] || fail 'no Python 3.10 to 3.14 found; install one, or name it: make PYTHON=/path/to/python3'
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python has no venv module; on Debian and Ubuntu: sudo apt-get install python3-venv"

rm -rf "$1"
"$python" -m venv "$1" || fail "$python could not make the virtual environment $1."
