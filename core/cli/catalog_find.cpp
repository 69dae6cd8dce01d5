// SPDX-License-Identifier: Apache-2.0
// `catalog find MODEL`: the entries that are made from a model.
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "support/letters.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

int run(const Arguments& arguments, Context& context)
{
    const std::string model =
        catalog::parse_model_id(arguments.positional()); // before any error of the catalog
    std::string lines;
    json::array entries;
    for (const catalog::Entry& entry : context.catalog().entries) {
        // The Hub knows names in any case, and people copy them from pages that spell them differently.
        if (equal_ignoring_case(entry.source_model, model)) {
            const std::string line = catalog::entry_json(entry);
            lines += line + "\n";
            entries.push_back(parse_json(line, "entry"));
        }
    }
    if (entries.empty()) {
        throw Error(ErrorCode::not_found, "", "no catalog entry found for source_model " + python_repr(model),
                    "`skulk-weights catalog add " + shell_quote(model) +
                        " --dry-run` shows what one would be");
    }
    context.output().text(lines);
    context.output().document(json::object{
        {"schema", "skw.catalog.find/1"}, {"source_model", model}, {"entries", std::move(entries)}});
    return exit_code::ok;
}

} // namespace

const Command catalog_find{
    "catalog find",
    "print the entries that are made from a model, one line of JSON each",
    "MODEL",
    {},
    {{"skulk-weights catalog find google/gemma-3-4b-it", "by its name; capitals do not matter"},
     {"skulk-weights catalog find https://huggingface.co/google/gemma-3-4b-it/tree/main",
      "by the address of one of its pages"}},
    run};

} // namespace skw::cli
