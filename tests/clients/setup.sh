#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts the Python and JavaScript clients of the Hub into a folder of the build: setup.sh FOLDER
# Quick when all is there. Ends with 77 when they cannot be had, which is a failure under CI=true.
set -u
folder=$1
python_packages="huggingface_hub==1.29.0 safetensors numpy pyyaml jsonschema"
node_packages="@huggingface/hub@2.17.5"
stamp="$folder/ready"
wanted="$python_packages / $node_packages"

unavailable() {
    echo "The clients of others cannot be set up: $1"
    echo "They are needed by the tests with the label 'clients' only."
    if [ "${CI:-}" = "true" ]; then exit 1; fi
    exit 77
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
mkdir -p "$folder" || exit 1
rm -f "$stamp"
command -v python3 > /dev/null || unavailable "python3 is not installed"
command -v npm > /dev/null || unavailable "npm is not installed"
if [ ! -x "$folder/venv/bin/python" ]; then
    python3 -m venv "$folder/venv" > "$folder/venv.log" 2>&1 ||
        unavailable "python3 -m venv failed, see $folder/venv.log (Debian: install python3-venv)"
fi
# shellcheck disable=SC2086 # a list of words
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check $python_packages \
    > "$folder/pip.log" 2>&1 || unavailable "pip install failed, see $folder/pip.log"
[ -f "$folder/package.json" ] || echo '{"private": true}' > "$folder/package.json"
(cd "$folder" && npm install --no-audit --no-fund --no-save "$node_packages") \
    > "$folder/npm.log" 2>&1 || unavailable "npm install failed, see $folder/npm.log"
printf '%s\n' "$wanted" > "$stamp"
