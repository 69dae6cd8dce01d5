// SPDX-License-Identifier: Apache-2.0
// One folder of a plugin place, looked at without running anything of it.
#pragma once

#include "plugin/host.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace skw::plugin {

// Reads the manifest, checks it against this host, and hashes the library. What is wrong stands in the
// candidate's status and reason; throws nothing but std::bad_alloc.
Candidate examine_folder(const std::filesystem::path& folder, const std::string& source);

// Gives a candidate a status other than "ok"; the reason is made printable.
void refuse(Candidate& candidate, std::string_view status, std::string_view reason);

} // namespace skw::plugin
