// SPDX-License-Identifier: Apache-2.0
// The built-in plugins of the build tree, loaded as the program loads them.
#pragma once

#include "plugin/host.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin::testing {

inline std::unique_ptr<Artifact> load_builtin(std::string_view kind)
{
    // The tests lie one folder below the build tree, as bin/ does, so the search from there is the real one.
    static const Inventory inventory = discover(builtin_places());
    const Candidate* candidate = inventory.find_kind(kind);
    BOOST_REQUIRE_MESSAGE(candidate != nullptr, "no usable plugin for " + std::string(kind));
    return load_artifact(*candidate, kind);
}

// An entry of the contract's full example.
inline json::object make_entry()
{
    return {{"key", "acme/a"},
            {"source_model", "o/m"},
            {"quant", "q4k"},
            {"tier", "smoke"},
            {"slices", json::array{"full"}},
            {"output_name", "a.vindex"},
            {"hf_repo", "acme/a"},
            {"hf_collection", "acme/col-1"},
            {"mtp_source_repo", "o/m"},
            {"mtp_sidecar_repo", "acme/m-mtp"},
            {"vision_source_repo", "third/v"},
            {"vision_sidecar_repo", "acme/v-vision"}};
}

inline json::object make_request(std::string_view kind, json::object entry = make_entry())
{
    return {{"schema", "skw.plan_request/1"},
            {"kind", kind},
            {"entry", std::move(entry)},
            {"options", {{"force", false}}},
            {"scratch", "S"},
            {"host", {{"name", "skulk-weights"}, {"version", "0"}}}};
}

// The summary as the host prints it: values behind the longest label.
inline std::vector<std::string> printed(const json::value& plan)
{
    std::size_t longest = 0;
    for (const json::value& line : plan.at("summary").as_array()) {
        longest = std::max(longest, line.at("label").as_string().size());
    }
    std::vector<std::string> lines;
    for (const json::value& line : plan.at("summary").as_array()) {
        std::string text(line.at("label").as_string());
        text += ':' + std::string(longest + 1 - (text.size()), ' ');
        lines.push_back(text + std::string(line.at("value").as_string()));
    }
    return lines;
}

// The findings as "field: message".
inline std::vector<std::string> complaints(Artifact& artifact, const json::object& entry)
{
    std::vector<std::string> lines;
    for (const Finding& finding : artifact.validate(entry)) {
        BOOST_TEST(finding.severity == "error");
        lines.push_back(finding.path + ": " + finding.message);
    }
    return lines;
}

} // namespace skw::plugin::testing
