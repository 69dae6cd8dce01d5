// SPDX-License-Identifier: Apache-2.0
// The operator's configuration: which sources make up the catalogue.
#pragma once

#include "catalog/manifest.hpp"

#include <functional>
#include <string>

namespace skw::catalog {

// One item of `catalogs`, checked.
struct ConfiguredSource {
    bool builtin = false;
    std::string path; // resolved text: folder of the configuration + "/" + path, lexically clean
    std::string name_space, hf_owner;
    std::optional<std::string> hf_collection;
};

// Reads the file at `path` (shown as `shown`) and hands over item by item, so that an item's own file is read
// before the next item is looked at. Throws at the first rule of the contract's section 3.2 that is broken.
void read_config(const std::filesystem::path& path, const std::string& shown,
                 const std::function<void(const ConfiguredSource&)>& visit, const Warn& warn);

} // namespace skw::catalog
