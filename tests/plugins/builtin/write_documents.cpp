// SPDX-License-Identifier: Apache-2.0
// Prints, one a line, documents that the built-in plugins really produce and the requests they came from.
#include "plugin/host.hpp"
#include "support/files.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>

using namespace skw;

namespace {

void print(const json::value& document)
{
    std::cout << json::serialize(document) << '\n';
}

// An entry that is configured for every built-in kind.
json::object make_entry()
{
    return {{"key", "acme/a"},
            {"source_model", "o/m"},
            {"quant", "q4k"},
            {"tier", "smoke"},
            {"slices", json::array{"expert-server"}},
            {"output_name", "a.vindex"},
            {"hf_repo", "acme/a"},
            {"mtp_source_repo", "o/m"},
            {"mtp_sidecar_repo", "acme/m-mtp"},
            {"vision_source_repo", "third/v"},
            {"vision_sidecar_repo", "acme/v-vision"}};
}

json::object make_request(const std::string& kind, json::object entry)
{
    return {{"schema", "skw.plan_request/1"}, {"kind", kind},
            {"entry", std::move(entry)},      {"options", {{"force", false}}},
            {"scratch", "scratch"},           {"host", {{"name", "skulk-weights"}, {"version", "0"}}}};
}

json::object findings_document(const std::vector<plugin::Finding>& findings)
{
    json::array items;
    for (const plugin::Finding& finding : findings) {
        items.push_back({{"code", finding.code},
                         {"severity", finding.severity},
                         {"path", finding.path},
                         {"message", finding.message},
                         {"hint", finding.hint}});
    }
    return {{"schema", "skw.findings/1"}, {"items", std::move(items)}};
}

void print_documents_of(plugin::Artifact& artifact)
{
    const std::string kind = artifact.kind().name;
    print(artifact.describe());
    print(findings_document(artifact.validate(make_entry())));
    json::object wrong = make_entry();
    for (const std::string& field : artifact.kind().entry_fields) {
        wrong[field] = 5;
    }
    print(findings_document(artifact.validate(wrong)));
    json::object bare = make_entry();
    for (const char* field :
         {"mtp_source_repo", "mtp_sidecar_repo", "vision_source_repo", "vision_sidecar_repo"}) {
        bare.erase(field);
    }
    json::object chosen = make_entry();
    chosen["mtp_names"] = "mtp";
    chosen["mtp_accept"] = json::array{"dspark"};
    for (json::object entry : {make_entry(), std::move(chosen), std::move(bare)}) {
        const json::object request = make_request(kind, std::move(entry));
        print(request);
        print(artifact.plan(request));
    }
}

} // namespace

int main()
try {
    const plugin::Inventory inventory = plugin::discover({{.folder = SKW_PLUGINS, .source = "builtin"}});
    for (const plugin::Candidate& candidate : inventory.plugins) {
        if (!candidate.usable()) {
            std::cerr << candidate.id << ": " << candidate.status << ": " << candidate.reason << '\n';
            return 1;
        }
        print(parse_json(read_file(candidate.folder / "skw-plugin.json", 1u << 20), "manifest"));
        for (const plugin::Kind& kind : candidate.kinds) {
            print_documents_of(*plugin::load_artifact(candidate, kind.name));
        }
    }
    return 0;
} catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
