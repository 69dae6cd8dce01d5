# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by quickstart.sh and test.sh: installs missing packages with the system's package manager, after
# saying what it will do and, on a terminal, after asking.

# What a build needs, as Debian 12 names it.
build_packages=(g++ cmake ninja-build libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev
                libboost-filesystem1.81-dev libboost-system1.81-dev libyaml-cpp-dev libssl-dev ca-certificates)

say() { printf '%s\n' "$@"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages ASSUME_YES PACKAGE[:COMMAND]...: a package whose COMMAND is on the PATH already is not missing.
need_packages() {
    local assume_yes=$1 item missing=() answer run=()
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This system has no apt-get; make sure that these are installed: ${*%%:*}"
        return 0
    fi
    for item in "$@"; do
        if [[ $item == *:* ]] && command -v "${item#*:}" >/dev/null; then continue; fi
        is_installed "${item%%:*}" || missing+=("${item%%:*}")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "packages   all installed"
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "These packages are missing: ${missing[*]}
Neither root nor sudo is at hand. Install them, then run this again."
        run=(sudo)
    fi
    say "packages   will be installed with apt-get: ${missing[*]}"
    if [ "$assume_yes" != yes ] && [ -t 0 ]; then
        read -r -p "Install them now? [y/N] " answer
        [ "$answer" = y ] || [ "$answer" = Y ] || die "Nothing was installed. Install them, then run this again."
    fi
    # A list that a registry could not bring up to date may still do: the install decides.
    "${run[@]}" apt-get update -qq >/dev/null || true
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        die "apt-get could not install: ${missing[*]}"
    say "packages   installed"
}
