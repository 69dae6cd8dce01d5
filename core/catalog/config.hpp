// SPDX-License-Identifier: Apache-2.0
// The operator's configuration: which sources make up the catalogue.
#pragma once

#include "catalog/manifest.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace skw::catalog {

// Of the source that comes with the program.
inline constexpr std::string_view builtin_name = "foxlight"; // its namespace as well
inline constexpr std::string_view builtin_owner = "FoxlightAI";
inline constexpr std::string_view builtin_collection = "FoxlightAI/vindexes-6a124406dd5fb439c431b051";

// One item of `catalogs`, checked.
struct ConfiguredSource {
    bool builtin = false;
    std::string path; // resolved text: folder of the configuration + "/" + path, lexically clean
    std::string name_space, hf_owner;
    std::optional<std::string> hf_collection;
};

// Absolute, links followed as far as the path is there: equal for two ways to one file.
std::filesystem::path real_path(const std::filesystem::path& path);

// The configuration that applies: the one that was named, else one in the working folder; "" = none. Throws
// where the one that was named is not there.
std::string find_config(const LoadRequest& request, const Warn& warn);

// Reads the file at `path` (shown as `shown`) and hands over item by item, so that an item's own file is read
// before the next item is looked at. Throws at the first rule of the contract's section 3.2 that is broken.
void read_config(const std::filesystem::path& path, const std::string& shown,
                 const std::function<void(const ConfiguredSource&)>& visit, const Warn& warn);

} // namespace skw::catalog
