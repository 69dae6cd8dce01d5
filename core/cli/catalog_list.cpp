// SPDX-License-Identifier: Apache-2.0
// `catalog list`: the keys, one a line; scripts loop over them.
#include "cli/commands.hpp"
#include "cli/context.hpp"

namespace skw::cli {
namespace {

int run(const Arguments& arguments, Context& context)
{
    const std::string tier = arguments.get("tier", "all");
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
