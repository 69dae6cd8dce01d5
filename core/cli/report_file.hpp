// SPDX-License-Identifier: Apache-2.0
// --report FILE: what was done, for whoever reads it later.
#pragma once

#include "support/json.hpp"

#include <string>
#include <string_view>

namespace skw::cli {

class Output;

// Whether the file can be written, asked before hours of work. what: "report"; option: "--report". Throws
// Error(io). "": none was asked for.
void check_writable_file(const std::string& path, const std::string& what, const std::string& option);

// Writes it whole or not at all; through a link to the file behind it, and into what is no regular file, such
// as /dev/stderr, directly. false: it could not be written, which stderr has said.
bool write_report_file(const std::string& path, const json::value& document, Output& output);

// The same for any text. Throws Error(io).
void write_named_file(const std::string& path, std::string_view content);

} // namespace skw::cli
