// SPDX-License-Identifier: Apache-2.0
// `--version`: the program, its plugin interface, and the plugins of this machine.
#include "cli/version.hpp"

#include "cli/context.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <skw/plugin.h>

namespace skw::cli {

int print_version(Context& context)
{
    const std::string abi = std::to_string(SKW_ABI_MAJOR) + "." + std::to_string(SKW_ABI_MINOR);
    std::vector<std::pair<std::string, std::string>> lines{{"skulk-weights", SKW_VERSION},
                                                           {"plugin ABI", abi}};
    json::array plugins;
    for (const plugin::Candidate& candidate : context.inventory().plugins) {
        json::array kinds;
        for (const plugin::Kind& kind : candidate.kinds) {
            kinds.emplace_back(kind.name);
        }
        std::string fact = candidate.version.empty() ? "-" : candidate.version;
        fact += " " + candidate.status + (candidate.reason.empty() ? "" : ": " + candidate.reason);
        lines.emplace_back(printable(candidate.id), printable(fact));
        plugins.push_back(json::object{{"id", candidate.id},
                                       {"version", candidate.version},
                                       {"kinds", std::move(kinds)},
                                       {"status", candidate.status},
                                       {"reason", candidate.reason}});
    }
    context.output().text(aligned_lines(lines, 1));
    json::object document;
    document["schema"] = "skw.version/1";
    document["version"] = SKW_VERSION;
    document["abi"] = json::object{{"major", SKW_ABI_MAJOR}, {"minor", SKW_ABI_MINOR}};
    document["plugins"] = std::move(plugins);
    context.output().document(document);
    return exit_code::ok;
}

} // namespace skw::cli
