// SPDX-License-Identifier: Apache-2.0
// `catalog sources`: where the entries come from.
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

int run(const Arguments&, Context& context)
{
    const auto value = [](const std::optional<std::string>& text) {
        return text ? json::value(*text) : json::value();
    };
    std::string lines;
    json::array sources;
    for (const catalog::Source& source : context.catalog().sources) {
        lines += source.kind + " " + printable(source.name) +
                 " namespace=" + source.name_space.value_or("-") +
                 " hf_owner=" + source.hf_owner.value_or("-") +
                 " hf_collection=" + source.hf_collection.value_or("-") +
                 " entries=" + std::to_string(source.entries) + " origin=" + printable(source.origin) + "\n";
        json::object one;
        one["kind"] = source.kind;
        one["name"] = source.name;
        one["namespace"] = value(source.name_space);
        one["hf_owner"] = value(source.hf_owner);
        one["hf_collection"] = value(source.hf_collection);
        one["entries"] = source.entries;
        one["origin"] = source.origin;
        sources.push_back(std::move(one));
    }
    context.output().text(lines);
    context.output().document(
        json::object{{"schema", "skw.catalog.sources/1"}, {"sources", std::move(sources)}});
    return exit_code::ok;
}

} // namespace

const Command catalog_sources{
    "catalog sources",
    "show where the entries come from",
    "",
    {},
    {{"skulk-weights catalog sources", "one line a source, in the order they are read"}},
    run};

} // namespace skw::cli
