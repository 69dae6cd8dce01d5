// SPDX-License-Identifier: Apache-2.0
// From a file to the tables of a plugin. Loading runs code of the file: see host.hpp for who may be loaded.
#pragma once

#include "plugin/host.hpp"

#include <skw/plugin.h>

#include <string>
#include <string_view>

namespace skw::plugin {

struct LoadedPlugin {
    const skw_plugin* root = nullptr;
    const skw_artifact* artifact = nullptr;
};

// Loads the library behind a usable candidate, once per process and content: later calls give the same
// tables. It stays loaded until the process ends. Throws Error(contract) for a library that is no plugin or
// not the one its manifest describes, Error(unsupported) for one that cannot be loaded here.
LoadedPlugin load_plugin(const Candidate& candidate);

// What a failure of the system's loader means.
struct LoadFailure {
    std::string reason, hint;
};
LoadFailure classify_load_failure(std::string_view loader_text, std::string_view library);

} // namespace skw::plugin
