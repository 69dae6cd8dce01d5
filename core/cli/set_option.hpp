// SPDX-License-Identifier: Apache-2.0
// The option --set of every command that takes fields of artifact kinds.
#pragma once

#include "cli/command.hpp"
#include "publish/settings.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace skw::cli {

inline constexpr Option set_option{"set", "FIELD=VALUE",
                                   "decide a field of an artifact kind for this run; repeatable", 0, false,
                                   Values::fields};

// Throws WrongUsage for a text that is no setting.
std::vector<publish::Setting> read_set_option(const Arguments& arguments, std::string_view command,
                                              const publish::Kinds& kinds);

// Does what only a wrong --set can make fail, and turns such a failure into WrongUsage.
void as_usage(std::string_view command, const std::function<void()>& work);

} // namespace skw::cli
