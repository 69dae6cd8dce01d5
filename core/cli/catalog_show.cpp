// SPDX-License-Identifier: Apache-2.0
// `catalog show KEY`: one entry as one line of JSON.
#include "cli/commands.hpp"
#include "cli/context.hpp"

namespace skw::cli {
namespace {

int run(const Arguments& arguments, Context& context)
{
    const catalog::Entry& entry = context.entry(arguments.positional());
    const std::string line = catalog::entry_json(entry);
    context.output().text(line + "\n");
    if (context.output().as_json()) {
        json::value document = parse_json(line, "entry");
        document.as_object()["schema"] = "skw.catalog.entry/1";
        context.output().document(document);
    }
    return exit_code::ok;
}

} // namespace

const Command catalog_show{
    "catalog show",
    "print one entry as one line of JSON",
    "KEY",
    {},
    {{"skulk-weights catalog show foxlight/gemma-3-4b-full-q4-k", "the entry with all its fields"}},
    run,
    Values::keys};

} // namespace skw::cli
