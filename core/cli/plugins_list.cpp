// SPDX-License-Identifier: Apache-2.0
// `plugins list`: what this machine can publish. Reads manifests only; never runs plugin code.
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/plugin_json.hpp"
#include "cli/table.hpp"
#include "support/version.hpp"

#include <skw/plugin.h>

namespace skw::cli {
namespace {

std::string joined(const std::vector<plugin::Kind>& kinds)
{
    std::string out;
    for (const plugin::Kind& kind : kinds) {
        out += (out.empty() ? "" : ",") + kind.name;
    }
    return out.empty() ? "-" : out;
}

int run(const Arguments& arguments, Context& context)
{
    const plugin::Inventory& inventory = context.inventory();
    const bool wide = arguments.has("verbose");
    Table table(wide
                    ? std::vector<std::string>{"ID", "VERSION", "KINDS", "ABI", "SOURCE", "TRUST", "STATUS",
                                               "SHA256", "LICENSE", "PATH", "REASON"}
                    : std::vector<std::string>{"ID", "VERSION", "KINDS", "ABI", "SOURCE", "TRUST", "STATUS"});
    json::array plugins, searched;
    bool all_usable = true;
    for (const plugin::Candidate& candidate : inventory.plugins) {
        std::vector<std::string> row = {candidate.id,
                                        candidate.version,
                                        joined(candidate.kinds),
                                        std::to_string(candidate.abi_major) + "." +
                                            std::to_string(candidate.abi_minor),
                                        candidate.source,
                                        candidate.trust,
                                        candidate.status};
        if (wide) {
            row.insert(row.end(), {candidate.library_sha256.substr(0, 12), candidate.license,
                                   candidate.library.string(), candidate.reason});
        }
        table.add(std::move(row));
        plugins.push_back(plugin_json(candidate));
        if (!candidate.usable()) {
            all_usable = false;
            context.output().warning("plugin " + candidate.id + ": " + candidate.status + ": " +
                                     candidate.reason);
        }
    }
    for (const plugin::Place& place : inventory.searched) {
        searched.push_back(json::object{{"source", place.source}, {"path", place.folder.string()}});
    }
    context.output().text(table.text());
    context.output().document(json::object{
        {"schema", "skw.plugins.list/1"},
        {"host", json::object{{"version", SKW_VERSION},
                              {"abi", json::object{{"major", SKW_ABI_MAJOR}, {"minor", SKW_ABI_MINOR}}}}},
        {"search", std::move(searched)},
        {"plugins", std::move(plugins)}});
    return arguments.has("strict") && !all_usable ? exit_code::bad_plugin : exit_code::ok;
}

} // namespace

const Command plugins_list{"plugins list",
                           "show the plugins of this machine and whether each can be used",
                           "",
                           {{"strict", "", "exit with 3 if any plugin cannot be used", 0, false}},
                           {{"skulk-weights plugins list", "one line a plugin; no plugin code runs"},
                            {"skulk-weights plugins list -v", "also hash, license, path and reason"},
                            {"skulk-weights plugins list --json --strict", "exit 3 unless all are usable"}},
                           run,
                           Values::anything,
                           false,
                           {{exit_code::bad_plugin, "with --strict: a plugin cannot be used"}}};

} // namespace skw::cli
