// SPDX-License-Identifier: Apache-2.0
// skw-plugin.json, read with every check that needs no plugin code.
#pragma once

#include "plugin/host.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace skw::plugin {

inline constexpr std::string_view manifest_name = "skw-plugin.json";

// The library that a manifest offers for one platform.
struct Library {
    std::string path; // relative, inside the plugin's folder
    std::uint64_t size = 0;
    Sha256 sha256;
};

struct Manifest {
    std::string id, name, version, vendor, license;
    int abi_major = 0, abi_minor = 0, min_host_minor = 0;
    std::vector<Kind> kinds;
    std::vector<std::string> tools;
    bool asks_for_token = false;
    std::optional<Library> library;     // nullopt: nothing for this platform
    std::vector<std::string> platforms; // all that are offered: "linux-x86_64-glibc"
};

// Throws Error(bad_input) with every fault found, the first as reason.
Manifest parse_manifest(std::string_view text, std::string_view place);

// The platform this program was built for, in a manifest's words: "linux-x86_64-glibc".
std::string_view host_platform();

// [a-z0-9._-], 3 to 128, at least two parts divided by dots, not a name that Windows keeps for devices.
bool is_plugin_id(std::string_view text);
// major.minor.patch with optional -pre and +build parts, as semver.org 2.0.0 has it.
bool is_semver(std::string_view text);
// [a-z][a-z0-9-]*, at most 64, not "all" (which the command line means by itself).
bool is_kind_name(std::string_view text);

} // namespace skw::plugin
