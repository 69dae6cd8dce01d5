// SPDX-License-Identifier: Apache-2.0
// What the commands of skulk-hub share: reading options, and printing.
#pragma once

#include <boost/program_options.hpp>

#include <string>
#include <vector>

namespace skw::localhub {

namespace po = boost::program_options;

void print(const std::string& text); // at once
std::string text_of(const po::options_description& options);

// Without guessing of prefixes. `positional` names the one word that is no option, or is nullptr. Throws
// UsageError.
po::variables_map parse(const std::vector<std::string>& words, const po::options_description& options,
                        const char* positional);
std::string root_of(const po::variables_map& given); // throws UsageError without --root

int run_seed(const std::vector<std::string>& words); // skulk-hub seed ...

} // namespace skw::localhub
