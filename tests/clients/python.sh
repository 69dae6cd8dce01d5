#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a test with the Python that setup.sh prepared: python.sh FOLDER SCRIPT ARGUMENT...
# Without it the test is skipped (77), or fails under CI=true.
set -u
python=$1/venv/bin/python
shift
if [ ! -x "$python" ]; then
    echo "skipped: there is no Python with the packages of the tests; see the test clients_setup"
    if [ "${CI:-}" = "true" ]; then exit 1; fi
    exit 77
fi
SKW_CLIENT_PYTHON=$python exec "$python" "$@"
