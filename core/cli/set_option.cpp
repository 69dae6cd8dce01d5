// SPDX-License-Identifier: Apache-2.0
// Reads --set, as often as it was given.
#include "cli/set_option.hpp"

#include "cli/arguments.hpp"
#include "support/error.hpp"

namespace skw::cli {

std::vector<publish::Setting> read_set_option(const Arguments& arguments, std::string_view command,
                                              const publish::Kinds& kinds)
{
    std::vector<publish::Setting> settings;
    for (const std::string& text : arguments.all(set_option.name)) {
        try {
            settings.push_back(publish::parse_setting(text, kinds));
        } catch (const Error& error) {
            throw WrongUsage{std::string(command), "argument " + std::string(error.what()),
                             std::string(error.hint())};
        }
    }
    return settings;
}

} // namespace skw::cli
