// SPDX-License-Identifier: Apache-2.0
// `plugins show ID`: everything known about one plugin, from its manifest and from where it lies.
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/plugin_json.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

const plugin::Candidate& find(const plugin::Inventory& inventory, const std::string& name)
{
    if (const plugin::Candidate* candidate = inventory.find(name)) {
        return *candidate;
    }
    std::vector<std::string> known;
    for (const plugin::Candidate& candidate : inventory.plugins) {
        known.push_back(candidate.id);
        for (const plugin::Kind& kind : candidate.kinds) {
            known.push_back(kind.name);
        }
    }
    const std::string near = nearest_name(name, known);
    throw Error(ErrorCode::not_found, "", "there is no plugin " + python_repr(name),
                near.empty() ? "`skulk-weights plugins list` shows them" : "did you mean " + near + "?");
}

std::string lines_of(const plugin::Candidate& candidate)
{
    std::string out;
    const auto line = [&](std::string_view label, std::string_view value) {
        out += std::string(label) + std::string(18 - label.size(), ' ') +
               (value.empty() ? "-" : std::string(value)) + "\n";
    };
    line("id", candidate.id);
    line("name", candidate.name);
    line("version", candidate.version);
    line("vendor", candidate.vendor);
    line("license", candidate.license);
    for (const plugin::Kind& kind : candidate.kinds) {
        line("kind", kind.name + " (" + kind.title + ")");
        line("  collection",
             kind.collection_title.empty() ? "the entry's hf_collection" : "'" + kind.collection_title + "'");
        std::string fields;
        for (const std::string& field : kind.entry_fields) {
            fields += (fields.empty() ? "" : ", ") + field;
        }
        line("  catalog fields", fields.empty() ? "artifacts." + kind.name : fields);
    }
    line("abi", std::to_string(candidate.abi_major) + "." + std::to_string(candidate.abi_minor) +
                    ", needs host minor " + std::to_string(candidate.min_host_minor) + " or later");
    std::string tools;
    for (const std::string& tool : candidate.tools) {
        tools += (tools.empty() ? "" : ", ") + tool;
    }
    line("tools", tools.empty() ? "none" : tools);
    line("source", candidate.source);
    line("trust", candidate.trust);
    line("status", candidate.status + (candidate.reason.empty() ? "" : ": " + candidate.reason));
    line("library", candidate.library.string());
    line("library sha256", candidate.library_sha256);
    line("manifest sha256", candidate.manifest_sha256);
    return out;
}

json::value document_of(const plugin::Candidate& candidate)
{
    json::array details, tools;
    for (const plugin::Kind& kind : candidate.kinds) {
        json::array fields;
        for (const std::string& field : kind.entry_fields) {
            fields.emplace_back(field);
        }
        details.push_back(json::object{{"name", kind.name},
                                       {"title", kind.title},
                                       {"collection_title", kind.collection_title},
                                       {"entry_fields", std::move(fields)}});
    }
    for (const std::string& tool : candidate.tools) {
        tools.emplace_back(tool);
    }
    json::object out = plugin_json(candidate);
    out["schema"] = "skw.plugins.show/1";
    out["name"] = candidate.name;
    out["vendor"] = candidate.vendor;
    out["kind_details"] = std::move(details);
    out["tools"] = std::move(tools);
    return out;
}

int run(const Arguments& arguments, Context& context)
{
    const plugin::Candidate& candidate = find(context.inventory(), arguments.positional());
    context.output().text(lines_of(candidate));
    context.output().document(document_of(candidate));
    return exit_code::ok;
}

} // namespace

const Command plugins_show{"plugins show",
                           "show everything about one plugin",
                           "ID",
                           {},
                           {{"skulk-weights plugins show skw.mtp", "by its id"},
                            {"skulk-weights plugins show mtp", "by the kind it makes"}},
                           run,
                           Values::plugins};

} // namespace skw::cli
