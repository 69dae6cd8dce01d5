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
    as_usage(command, [&] {
        for (const std::string& text : arguments.all(set_option.name)) {
            settings.push_back(publish::parse_setting(text, kinds));
        }
        publish::check_distinct(settings);
    });
    return settings;
}

void as_usage(std::string_view command, const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::bad_argument && error.code() != ErrorCode::bad_input) {
            throw;
        }
        throw WrongUsage{std::string(command), "argument " + std::string(error.what()),
                         std::string(error.hint())};
    }
}

} // namespace skw::cli
