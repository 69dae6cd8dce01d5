// SPDX-License-Identifier: Apache-2.0
// The options that say which entries are meant.
#include "cli/select_options.hpp"

#include "cli/arguments.hpp"

#include <algorithm>

namespace skw::cli {

publish::Selection read_selection(const Arguments& arguments, std::string_view command)
{
    publish::Selection selection{arguments.all("model"), arguments.get("tier"), arguments.has("all")};
    std::erase(selection.keys, ""); // an empty value counts as not given
    if (selection.tier == "all") {
        selection.tier.clear();
        selection.all = true;
    }
    if (!selection.keys.empty() && (selection.all || !selection.tier.empty())) {
        throw WrongUsage{std::string(command),
                         std::string("argument --model: not allowed with argument --") +
                             (arguments.has("tier") ? "tier" : "all"),
                         "name entries with --model, or take a whole tier or all of the catalog"};
    }
    return selection;
}

bool selects_nothing(const publish::Selection& selection)
{
    return selection.keys.empty() && selection.tier.empty() && !selection.all;
}

} // namespace skw::cli
