// SPDX-License-Identifier: Apache-2.0
// What is known about a plugin without running it, as JSON.
#include "cli/plugin_json.hpp"

namespace skw::cli {

json::object plugin_json(const plugin::Candidate& candidate)
{
    json::array kinds;
    for (const plugin::Kind& kind : candidate.kinds) {
        kinds.emplace_back(kind.name);
    }
    json::object out;
    out["id"] = candidate.id;
    out["version"] = candidate.version;
    out["kinds"] = std::move(kinds);
    out["abi"] = json::object{{"major", candidate.abi_major},
                              {"minor", candidate.abi_minor},
                              {"min_host_minor", candidate.min_host_minor}};
    out["source"] = candidate.source;
    out["trust"] = candidate.trust;
    out["status"] = candidate.status;
    out["reason"] = candidate.reason;
    out["license"] = candidate.license;
    out["path"] = candidate.library.string();
    out["manifest_sha256"] = candidate.manifest_sha256;
    out["library_sha256"] = candidate.library_sha256;
    out["loaded"] = false;
    return out;
}

} // namespace skw::cli
