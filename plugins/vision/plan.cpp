// SPDX-License-Identifier: Apache-2.0
// The plan of a vision sidecar.
#include "vision/plan.hpp"

#include "shared/documents.hpp"
#include "shared/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace skw::vision {
namespace {

namespace json = boost::json;
using builtin::PlanBuilder;
using builtin::PlanRequest;

// What the Hub told about the source, if it was asked.
struct SourceFacts {
    json::value revision;
    bool known = false, has_weights = false;
    std::uint64_t bytes = 0;
};

const json::value* member(const json::value* value, std::string_view name)
{
    const json::object* object = value != nullptr ? value->if_object() : nullptr;
    return object != nullptr ? object->if_contains(name) : nullptr;
}

SourceFacts read_facts(const PlanRequest& request)
{
    SourceFacts facts;
    const json::value* inputs = request.facts != nullptr ? request.facts->if_contains("inputs") : nullptr;
    const json::value* source = member(inputs, "source");
    const json::value* files = member(source, "files");
    if (const json::value* revision = member(source, "revision")) {
        facts.revision = *revision;
    }
    if (files == nullptr || !files->is_array()) {
        return facts;
    }
    facts.known = true;
    for (const json::value& file : files->get_array()) {
        const json::value* path = member(&file, "path");
        const json::value* size = member(&file, "size");
        if (path != nullptr && path->is_string() && path->get_string().ends_with(".safetensors")) {
            facts.has_weights = true;
        }
        boost::system::error_code inexact;
        facts.bytes += size != nullptr ? size->to_number<std::uint64_t>(inexact) : 0;
    }
    return facts;
}

json::object make_card(const PlanRequest& request)
{
    const std::string source = request.field("vision_source_repo");
    const std::string target = request.field("source_model");
    json::object card;
    card["artifact_type"] = "vision-sidecar";
    card["source_repo"] = source;
    card["target_model"] = target;
    card["quant"] = nullptr;
    const std::string relation = request.field("vision_base_model_relation");
    card["base_model_relation"] = relation.empty() ? json::value() : json::value(relation);
    card["tags"] = json::array();
    card["about"] = "The vision tower for " + builtin::markdown_code(target) +
                    ", whose own checkpoint leaves it out. Mirrored unchanged from " +
                    builtin::markdown_repo_link(source) +
                    ", so that serving the model does not depend on a third party's repository.";
    card["usage"] = "Skulk loads these weights beside the language model named above. They are an encoder "
                    "with its configuration and cannot answer anything when loaded alone.";
    return card;
}

} // namespace

std::string no_weights(std::string_view source_repo)
{
    return "no .safetensors weights found in " + std::string(source_repo) +
           "; confirm this repo holds the vision encoder weights";
}

json::value make_plan(const json::value& document)
{
    const PlanRequest request(document);
    const std::string source = request.field("vision_source_repo");
    const std::string sidecar = request.field("vision_sidecar_repo");
    if (source.empty() || sidecar.empty()) {
        return builtin::unconfigured_plan("vision", "no vision sidecar configured for " + request.key +
                                                        "; add vision_source_repo and vision_sidecar_repo to "
                                                        "the catalog entry");
    }
    const SourceFacts facts = read_facts(request);
    if (facts.known && !facts.has_weights) {
        throw sdk::Failure(SKW_E_BAD_INPUT, {}, no_weights(source));
    }
    // What Skulk fetches, and what a processor of the encoder may need.
    const std::vector<std::string> patterns = {"*.safetensors", "*.safetensors.index.json", "*.json", "*.txt",
                                               "*.model"};
    PlanBuilder plan("vision");
    plan.add_summary("vision source repo", "hf://" + source);
    plan.add_summary("vision sidecar repo", "hf://" + sidecar);
    plan.add_summary("vision step", "mirror weights + configs (no quantization)");
    plan.add_input("source", source, facts.revision, patterns);
    // The same patterns find what the source no longer has.
    json::object mirrored;
    mirrored["input"] = "source";
    mirrored["prune"] = builtin::json_list(patterns);
    plan.mirrors.emplace_back(std::move(mirrored));
    json::object mirror = builtin::make_step("mirror", "mirror weights and configs", "mirror");
    mirror["inputs"] = builtin::json_list({"source"});
    if (facts.known) {
        mirror["total"] = facts.bytes;
    }
    plan.steps.emplace_back(std::move(mirror));
    plan.target["repo"] = sidecar;
    plan.target["commit_message"] = "Mirror vision encoder from " + source;
    plan.card = make_card(request);
    plan.totals["scratch_bytes"] = 0; // copied on the Hub, or streamed through memory
    return std::move(plan).finish();
}

} // namespace skw::vision
