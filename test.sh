#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up what the tests need, builds with sanitizers and as shipped, and runs all tests.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=cmake/packages.sh
. cmake/packages.sh

usage() {
    cat <<'EOF'
usage: ./test.sh [--yes] [--only dev|tsan|fuzz|release]...

Runs quickstart.sh, then builds four times and runs the tests that belong to each build:
  dev      address and undefined-behaviour sanitizers: every test
  tsan     thread sanitizer: what runs in several threads
  fuzz     Clang's libFuzzer on everything that reads bytes, for a bounded time each
  release  as shipped: real clients, kill tests, bytes and memory

options:
  --yes        install missing packages without asking
  --only NAME  only this build (repeatable)
  -h, --help   show this and exit
EOF
}

assume_yes=no only=()
while [ $# -gt 0 ]; do
    case $1 in
        --yes) assume_yes=yes ;;
        --only) only+=("${2:?--only needs a name}"); shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "test.sh: what is '$1'?" ;;
    esac
    shift
done
[ ${#only[@]} -gt 0 ] || only=(release dev tsan fuzz)

need_packages "$assume_yes" "${build_packages[@]}" libboost-test1.81-dev clang:clang++ libclang-rt-14-dev \
    git:git curl:curl jq:jq python3:python3 python3-venv nodejs:node npm:npm ccache binutils \
    zsh:zsh fish:fish groff:groff dpkg-dev:dpkg-shlibdeps \
    g++-aarch64-linux-gnu:aarch64-linux-gnu-g++ qemu-user-static:qemu-aarch64-static

jobs=$(nproc)
passed=0 failed=0 skipped=0
if [ ${#only[@]} -eq 4 ]; then
    say "" "== quickstart"
    if ./quickstart.sh --yes; then passed=1; else failed=1; fi
fi
for name in "${only[@]}"; do
    say "" "== $name: build"
    cmake --preset "$name" -DBUILD_TESTING=ON -DSKW_CLIENTS_DIR="$PWD/build/clients" >/dev/null
    targets=()
    case $name in
        tsan) targets=(--target unit_cli unit_hub unit_plugin unit_localhub plugin_mtp_transfer) ;;
        fuzz) targets=(--target fuzzers) ;;
    esac
    cmake --build --preset "$name" "${targets[@]}"
    say "" "== $name: test"
    case $name in
        release) labels=(-L 'clients|faults|bench|install') ;;
        tsan) labels=(-L tsan) ;;
        fuzz) labels=(-L fuzzing) ;;
        *) labels=(-LE 'clients|faults|bench|install|fuzzing') ;;
    esac
    junit=$PWD/build/$name/junit.xml
    rm -f "$junit"
    ctest --preset "$name" -j"$jobs" "${labels[@]}" --output-junit "$junit" --no-tests=error || true
    if [ "$name" = release ]; then
        for bench in build/release/bench-*.txt; do
            [ -s "$bench" ] || continue
            say "" "== $(basename "$bench" .txt): bytes and memory, and the time beside others"
            cat "$bench"
        done
    fi
    [ -s "$junit" ] || die "ctest ended without a report for $name"
    # The counts stand in the attributes of the report's first element.
    number() { grep -o -m1 "\b$1=\"[0-9]*\"" "$junit" | head -n 1 | tr -dc 0-9; }
    total=$(number tests) bad=$(number failures) not_run=$(($(number skipped) + $(number disabled)))
    passed=$((passed + total - bad - not_run)) failed=$((failed + bad)) skipped=$((skipped + not_run))
done
say ""
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
