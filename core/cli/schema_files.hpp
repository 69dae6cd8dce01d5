// SPDX-License-Identifier: Apache-2.0
// The JSON Schemas that are installed with the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skw::cli {

// "skw.plan/1", ..., sorted. Throws Error(io) if the folder cannot be read.
std::vector<std::string> list_schemas();

// The text of one, a JSON document. Throws Error(not_found) with a near name.
std::string read_schema(std::string_view name);

} // namespace skw::cli
