// SPDX-License-Identifier: Apache-2.0
// A question that only "y" says yes to.
#pragma once

#include "cli/output.hpp"

#include <stop_token>
#include <string_view>

namespace skw::cli {

// Shows the question, which ends in a blank and not in a line end, and reads one line of stdin. The question
// goes to stderr where both stdin and stdout are terminals, and with --json; else to stdout, as scripts
// expect that pipe the answer in. True for "y" in either case, with blanks around it or without; false for
// all else and at the end of input. Reads no byte behind the line. Throws Error(cancelled).
bool confirm(std::string_view question, Output& output, const std::stop_token& stop);

} // namespace skw::cli
