// SPDX-License-Identifier: Apache-2.0
// The plan of a vindex.
#include "vindex/plan.hpp"

#include "shared/documents.hpp"
#include "shared/entry_fields.hpp"
#include "shared/words.hpp"
#include "vindex/rules.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <string>
#include <utility>
#include <vector>

namespace skw::vindex {
namespace {

namespace json = boost::json;
using builtin::PlanBuilder;
using builtin::PlanRequest;
using Words = std::vector<std::string>;

Words extract_command(const PlanRequest& request)
{
    return {"larql",
            "extract",
            request.field("source_model"),
            "-o",
            request.below_scratch(request.field("output_name")),
            "--quant",
            request.field("quant")};
}

// larql files into public collections of its own unless told not to, and for a slice it publishes the whole
// vindex as well, with the slice in another repository.
Words publish_command(const PlanRequest& request)
{
    const std::string slices = slices_text(request.entry);
    Words words = {"larql",
                   "publish",
                   request.below_scratch(request.field("output_name")),
                   "--repo",
                   request.field("hf_repo"),
                   "--slices",
                   slices};
    if (slices != "none") {
        words.insert(words.end(), {"--no-full", "--slice-repo-template", "{repo}"});
    }
    words.insert(words.end(), {"--collections", "none"});
    return words;
}

json::object command_step(std::string_view id, std::string_view title, const Words& command,
                          std::string_view after)
{
    json::object step = builtin::make_step(id, title, "tool");
    step["tools"] = builtin::json_list({command.front()});
    step["depends_on"] = builtin::json_list({std::string(after)});
    step["unit"] = "items";
    step["command"] = builtin::json_list(command);
    return step;
}

// The source, pinned when the facts tell its commit.
json::value revision_of(const PlanRequest& request, std::string_view input)
{
    const json::value* inputs = request.facts != nullptr ? request.facts->if_contains("inputs") : nullptr;
    const json::value* source =
        inputs != nullptr && inputs->is_object() ? inputs->get_object().if_contains(input) : nullptr;
    const json::value* revision =
        source != nullptr && source->is_object() ? source->get_object().if_contains("revision") : nullptr;
    return revision != nullptr ? *revision : json::value();
}

json::object make_card(const PlanRequest& request, bool on_hub)
{
    const std::string model = request.field("source_model");
    const std::string shown = on_hub ? builtin::markdown_repo_link(model) : builtin::markdown_code(model);
    const std::string quant = request.field("quant");
    const std::string slices = slices_text(request.entry);
    json::object card;
    card["artifact_type"] = "vindex";
    card["source_repo"] = model;
    card["target_model"] = model;
    card["quant"] = quant;
    card["tags"] = json::array();
    card["about"] = "A LARQL retrieval index (vindex) of " + shown + " for Skulk, quantized as " +
                    builtin::markdown_code(quant) +
                    (slices == "none" ? std::string(".")
                                      : ". It holds the slice " + builtin::markdown_code(slices) +
                                            ", not the whole index.");
    card["usage"] = "Download this repository and give the folder to LARQL on a Skulk node, for example with "
                    "`larql serve`. The files work together as one index; none of them is a model to be "
                    "loaded by itself.";
    return card;
}

} // namespace

json::value make_plan(const json::value& document)
{
    const PlanRequest request(document);
    const Words extract = extract_command(request);
    const Words publish = publish_command(request);
    const std::string model = request.field("source_model");
    const bool on_hub = builtin::is_repo_id(model);

    PlanBuilder plan("vindex");
    plan.add_summary("extract command", builtin::shell_line(extract));
    plan.add_summary("publish command", builtin::shell_line(publish));
    json::object stage = builtin::make_step("stage", "fetch the source model", "fetch");
    stage["scratch_bytes"] = nullptr;
    if (on_hub) {
        // What larql reads of a model: weights, configuration, tokenizer, chat template.
        plan.add_input("source", model, revision_of(request, "source"),
                       {"*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"});
        stage["inputs"] = builtin::json_list({"source"});
    } else {
        plan.warnings.emplace_back("source_model " + builtin::python_repr(model) +
                                   " is not the name of a Hub repository; it cannot be pinned to a commit");
    }
    plan.steps.emplace_back(std::move(stage));
    json::object extraction = command_step("extract", "extract the vindex", extract, "stage");
    extraction["scratch_bytes"] = nullptr;
    plan.steps.emplace_back(std::move(extraction));
    plan.steps.emplace_back(command_step("publish", "upload the vindex", publish, "extract"));
    plan.tools = builtin::json_list({"larql"});
    plan.target["repo"] = request.field("hf_repo");
    plan.target["commit_message"] = "Add self-describing model card (vindex)";
    plan.card = make_card(request, on_hub);
    return std::move(plan).finish();
}

} // namespace skw::vindex
