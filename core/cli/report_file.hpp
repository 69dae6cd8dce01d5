// SPDX-License-Identifier: Apache-2.0
// --report FILE: what was done, for whoever reads it later.
#pragma once

#include "support/json.hpp"

#include <string>

namespace skw::cli {

// Whether the file can be written, asked before hours of work. what: "report"; option: "--report". Throws
// Error(io). "": none was asked for.
void check_writable_file(const std::string& path, const std::string& what, const std::string& option);

// All or nothing. Throws Error(io).
void write_report_file(const std::string& path, const json::value& document);

} // namespace skw::cli
