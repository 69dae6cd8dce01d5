// SPDX-License-Identifier: Apache-2.0
// The command line around Boost.Program_options.
#include "localhub/command_line.hpp"

#include "support/error.hpp"

#include <cstdio>
#include <sstream>

namespace skw::localhub {

void print(const std::string& text)
{
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::string text_of(const po::options_description& options)
{
    std::ostringstream out;
    out << options;
    return out.str();
}

po::variables_map parse(const std::vector<std::string>& words, const po::options_description& options,
                        const char* positional)
{
    po::options_description all = options;
    po::positional_options_description places;
    if (positional != nullptr) {
        all.add_options()(positional, po::value<std::string>());
        places.add(positional, 1);
    }
    try {
        po::variables_map given;
        const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::store(po::command_line_parser(words).options(all).positional(places).style(style).run(), given);
        po::notify(given);
        return given;
    } catch (const po::error_with_option_name& error) {
        throw UsageError("cannot use the option " + error.get_option_name(), "--help shows what is possible");
    } catch (const po::error&) {
        throw UsageError("too many words, or a word that is no option", "--help shows what is possible");
    }
}

std::string root_of(const po::variables_map& given)
{
    if (!given.contains("root")) {
        throw UsageError("--root is missing",
                         "name the folder that holds the repos, for example --root ~/hub");
    }
    return given["root"].as<std::string>();
}

} // namespace skw::localhub
