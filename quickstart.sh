#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job in one command: builds, starts a local Hub with a sample model, publishes that model's MTP
# sidecar to it, and shows what the Hub then holds. Nothing leaves this machine.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=cmake/packages.sh
. cmake/packages.sh

usage() {
    cat <<'EOF'
usage: ./quickstart.sh [--yes] [--scale N]

Builds skulk-weights, starts a local Hub with a sample model, publishes to it, and reads the result back.

options:
  --yes      install missing packages without asking
  --scale N  size of the sample: the real model's dimensions divided by N (default: 16)
  -h, --help show this and exit
EOF
}

assume_yes=no scale=16
while [ $# -gt 0 ]; do
    case $1 in
        --yes) assume_yes=yes ;;
        --scale) scale=${2:?--scale needs a number}; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "quickstart.sh: what is '$1'?" ;;
    esac
    shift
done

need_packages "$assume_yes" "${build_packages[@]}" curl:curl jq:jq

say "build      build/release (a few minutes the first time)"
cmake --preset release -DBUILD_TESTING=OFF >build.log 2>&1 && cmake --build --preset release >>build.log 2>&1 ||
    { tail -n 30 build.log >&2; die "The build failed; the whole log is in build.log."; }
rm -f build.log

bin=$PWD/build/release/bin
room=$(mktemp -d "${TMPDIR:-/tmp}/skulk-quickstart.XXXXXX")
hub_pid=
finish() {
    if [ -n "$hub_pid" ]; then kill "$hub_pid" 2>/dev/null || true; wait "$hub_pid" 2>/dev/null || true; fi
    rm -rf "$room"
}
trap finish EXIT

say "sample     Qwen/Qwen3.5-4B, dimensions divided by $scale"
"$bin/skulk-hub" seed qwen-mtp --root "$room/hub" --scale "$scale"
"$bin/skulk-hub" serve --root "$room/hub" >"$room/hub.txt" 2>"$room/hub.err" &
hub_pid=$!
for _ in $(seq 100); do
    HF_ENDPOINT=$(sed -n 's/^hub  *\(http[^ ]*\).*/\1/p' "$room/hub.txt")
    [ -n "$HF_ENDPOINT" ] && break
    kill -0 "$hub_pid" 2>/dev/null || { cat "$room/hub.err" >&2; die "The local Hub did not start."; }
    sleep 0.1
done
export HF_ENDPOINT HF_TOKEN=hf_quickstart
say "local hub  $HF_ENDPOINT"

cp catalog/examples/quickstart/*.yaml "$room/"
cd "$room"
publish=("$bin/skulk-weights" publish --model rehearsal/qwen3-5-4b --artifact mtp --scratch "$room/scratch")
say "" "\$ skulk-weights publish --model rehearsal/qwen3-5-4b --artifact mtp --dry-run"
"${publish[@]}" --dry-run
say "" "\$ skulk-weights publish --model rehearsal/qwen3-5-4b --artifact mtp"
"${publish[@]}" >/dev/null

# What follows is asked of the Hub by curl, not of the program that published.
ask() { curl -fsS -H "Authorization: Bearer $HF_TOKEN" "$HF_ENDPOINT$1"; }
repo=acme/qwen3-5-4b-mtp
commit=$(ask "/api/models/$repo" | jq -r .sha)
say "" "published  $HF_ENDPOINT/$repo" "commit     $commit" \
    "collection $(ask "/api/collections?owner=acme&item=models/$repo" | jq -r '.[0] | .title + "  (" + .slug + ")"')" "" "files"
ask "/api/models/$repo/tree/$commit?recursive=true" | jq -r '.[] | [.path, .size] | @tsv' |
    while IFS=$'\t' read -r path size; do
        printf '  %-18s %12s bytes  sha256 %s\n' "$path" "$size" \
            "$(curl -fsSL -H "Authorization: Bearer $HF_TOKEN" "$HF_ENDPOINT/$repo/resolve/$commit/$path" | sha256sum | cut -d' ' -f1)"
    done
say "" "README.md begins"
curl -fsSL "$HF_ENDPOINT/$repo/resolve/$commit/README.md" | head -n 24 | sed 's/^/  /'
say "" "done       everything above was read back from the local Hub, which is stopped and removed now"
