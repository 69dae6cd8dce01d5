// SPDX-License-Identifier: Apache-2.0
// The options that say which entries are meant: --model, --tier and --all.
#pragma once

#include "cli/command.hpp"
#include "publish/selection.hpp"

#include <array>
#include <string_view>

namespace skw::cli {

inline constexpr std::array select_options = {
    Option{"model", "KEY", "the catalog entry; repeatable", 0, false, Values::keys},
    Option{"tier", "all|smoke|moe", "every entry of this tier", 0, false, Values::words},
    Option{"all", "", "every entry of the catalog", 0, false}};

// What they say; nothing where none of them stands. Throws WrongUsage for keys beside a tier or --all.
publish::Selection read_selection(const Arguments& arguments, std::string_view command);

bool selects_nothing(const publish::Selection& selection);

} // namespace skw::cli
