// SPDX-License-Identifier: Apache-2.0
// `catalog list`: the keys, one a line; scripts loop over them.
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

int run(const Arguments& arguments, Context& context)
{
    const std::string tier = arguments.get("tier", "all");
    if (tier != "all" && tier != "smoke" && tier != "moe") {
        const std::string near = nearest_name(tier, {"all", "smoke", "moe"});
        throw WrongUsage{"catalog list",
                         "argument --tier: invalid choice: " + python_repr(tier) +
                             " (choose from 'all', 'smoke', 'moe')",
                         near.empty() ? "" : "did you mean " + near + "?"};
    }
    std::string lines;
    json::array entries;
    for (const catalog::Entry& entry : context.catalog().entries) {
        if (tier == "all" || entry.tier == tier) {
            lines += entry.key + "\n";
            entries.push_back(json::object{{"key", entry.key},
                                           {"tier", entry.tier},
                                           {"source_model", entry.source_model},
                                           {"hf_repo", entry.hf_repo}});
        }
    }
    context.output().text(lines);
    context.output().document(
        json::object{{"schema", "skw.catalog.list/1"}, {"entries", std::move(entries)}});
    return exit_code::ok;
}

} // namespace

const Command catalog_list{
    "catalog list",
    "print the keys of the catalog",
    "",
    {{"tier", "all|smoke|moe", "only the entries of one tier (default: all)", 0, false,
      Values::words}},
    {{"skulk-weights catalog list --tier smoke", "the entries that are published first"}},
    run};

} // namespace skw::cli
