#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs one client against skulk-hub: run.sh FOLDER python|javascript|published PROGRAM
# FOLDER is what setup.sh filled; without it the test is skipped (77), or fails under CI=true.
set -u
folder=$1
here=$(dirname "$0")
if [ ! -f "$folder/ready" ]; then
    echo "The clients are not set up in $folder; see the test clients_setup."
    if [ "${CI:-}" = "true" ]; then exit 1; fi
    exit 77
fi
case $2 in
    python) exec "$folder/venv/bin/python" "$here/python_client.py" "$3" ;;
    published) exec "$folder/venv/bin/python" "$here/published.py" "$3" "$folder" ;;
    javascript) exec node "$here/javascript_client.mjs" "$folder" "$3" ;;
    *) echo "run.sh: python, javascript or published, not $2"; exit 2 ;;
esac
