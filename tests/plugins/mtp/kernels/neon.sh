#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kernels' tests on a 64-bit ARM that is imitated: neon.sh SOURCE-DIR BUILD-DIR BOOST-INCLUDE-DIR
# Ends with 77 when compiler or emulator are missing, which is a failure under CI=true.
set -eu
source=$1 build=$2 boost=$3

skip() {
    echo "skipped: $1"
    if [ "${CI:-}" = "true" ]; then exit 1; fi
    exit 77
}

compiler=aarch64-linux-gnu-g++
command -v "$compiler" > /dev/null || skip "no $compiler (Debian: g++-aarch64-linux-gnu)"
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
[ -n "$emulator" ] || skip "no qemu-aarch64 (Debian: qemu-user-static)"
[ -f "$boost/boost/test/included/unit_test.hpp" ] || skip "no Boost.Test headers in $boost"

# Only Boost is taken from the headers of this machine; the compiler has its own for the rest.
mkdir -p "$build/include"
ln -sfn "$boost/boost" "$build/include/boost"
cache=
if command -v ccache > /dev/null; then cache=ccache; fi

compile() {
    # shellcheck disable=SC2086 # nothing or one word
    $cache "$compiler" -std=c++20 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -ffp-contract=off \
        -isystem "$build/include" -I"$source/plugins" -I"$source/sdk/include" -I"$source/sdk" \
        -I"$source/tests/plugins/mtp" -c "$1" -o "$2"
}

echo "compiling with $("$compiler" -dumpfullversion) for aarch64"
objects=
for file in plugins/mtp/kernels/reference plugins/mtp/kernels/neon plugins/mtp/kernels/choose \
            tests/plugins/mtp/kernels/neon_main tests/plugins/mtp/kernels/choose tests/plugins/mtp/kernels/decode \
            tests/plugins/mtp/kernels/differential tests/plugins/mtp/kernels/vectors; do
    object="$build/$(echo "$file" | tr / _).o"
    compile "$source/$file.cpp" "$object"
    objects="$objects $object"
done
# shellcheck disable=SC2086 # a list of words
"$compiler" -static $objects -o "$build/plugin_mtp_kernels_neon"

# Every sixteenth case: an instruction takes some ten times as long here.
export SKW_TEST_STRIDE="${SKW_TEST_STRIDE:-16}"
unset SKW_KERNELS
"$emulator" "$build/plugin_mtp_kernels_neon" --log_level=message --report_level=short --color_output=no
