// SPDX-License-Identifier: Apache-2.0
// `catalog validate`: reads every source and says whether all of it holds.
#include "cli/commands.hpp"
#include "cli/context.hpp"

namespace skw::cli {
namespace {

int run(const Arguments&, Context& context)
{
    const catalog::Catalog& catalog = context.catalog();
    context.output().text("catalog valid: " + std::to_string(catalog.entries.size()) + " entries from " +
                          std::to_string(catalog.sources.size()) + " sources\n");
    json::array warnings;
    for (const std::string& warning : catalog.warnings) {
        warnings.emplace_back(warning);
    }
    context.output().document(json::object{{"schema", "skw.catalog.validate/1"},
                                           {"valid", true},
                                           {"entries", catalog.entries.size()},
                                           {"sources", catalog.sources.size()},
                                           {"warnings", std::move(warnings)}});
    return exit_code::ok;
}

} // namespace

const Command catalog_validate{
    "catalog validate",
    "check the built-in catalog and yours",
    "",
    {},
    {{"skulk-weights catalog validate", "check what this folder's skulk-weights.yaml adds"},
     {"skulk-weights --config ops/skulk-weights.yaml catalog validate", "check another configuration"}},
    run};

} // namespace skw::cli
