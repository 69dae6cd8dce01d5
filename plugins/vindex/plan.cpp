// SPDX-License-Identifier: Apache-2.0
// The plan of a vindex. It depends on the entry, the scratch root and the source's commit alone: its hash
// names what is kept of a staged source, which a look at the target or --force must not change.
#include "vindex/plan.hpp"

#include "shared/documents.hpp"
#include "shared/entry_fields.hpp"
#include "shared/words.hpp"
#include "vindex/current.hpp"
#include "vindex/job.hpp"
#include "vindex/rules.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <string>
#include <utility>

namespace skw::vindex {
namespace {

namespace json = boost::json;
using builtin::PlanBuilder;
using builtin::PlanRequest;

struct Commands {
    Words extract, slice, publish; // slice: empty for a whole vindex
    std::string folder, slice_folder;

    bool has_slice() const noexcept { return !slice.empty(); }
    const std::string& uploaded() const noexcept { return has_slice() ? slice_folder : folder; }
};

// larql publishes several slices and files into public collections of its own unless told not to, and a
// slice it cuts while publishing goes to another repository; so a slice is cut first and published alone.
Commands make_commands(const PlanRequest& request)
{
    Commands commands;
    commands.folder = request.field("output_name");
    commands.slice_folder = commands.folder + "-" + std::string(slice_preset);
    const std::string whole = request.below_scratch(commands.folder);
    const std::string part = request.below_scratch(commands.slice_folder);
    commands.extract = {"larql", "extract", request.field("source_model"), "-o",
                        whole,   "--quant", request.field("quant")};
    const bool sliced = slices_text(request.entry) != "none";
    if (sliced) {
        commands.slice = {"larql", "slice", whole, "-o", part, "--preset", std::string(slice_preset)};
    }
    commands.publish = {"larql",    "publish", sliced ? part : whole, "--repo", request.field("hf_repo"),
                        "--slices", "none",    "--collections",       "none"};
    return commands;
}

json::object tool_step(std::string_view id, std::string_view title, const Words& command,
                       std::string_view after)
{
    json::object step = builtin::make_step(id, title, "tool");
    step["tools"] = builtin::json_list({command.front()});
    if (!after.empty()) {
        step["depends_on"] = builtin::json_list({std::string(after)});
    }
    step["unit"] = "items";
    step["command"] = builtin::json_list(command);
    return step;
}

json::array make_steps(const Commands& commands, bool on_hub)
{
    json::array steps;
    steps.emplace_back(tool_step(step_version, "ask larql for its version", {"larql", "--version"}, {}));
    std::string_view last = step_help_publish;
    steps.emplace_back(tool_step(step_help_extract, "ask what larql extract can do",
                                 {"larql", "extract", "--help"}, step_version));
    steps.emplace_back(tool_step(step_help_publish, "ask what larql publish can do",
                                 {"larql", "publish", "--help"}, step_help_extract));
    if (commands.has_slice()) {
        steps.emplace_back(tool_step(step_help_slice, "ask what larql slice can do",
                                     {"larql", "slice", "--help"}, step_help_publish));
        last = step_help_slice;
    }
    json::object stage = builtin::make_step(step_stage, "fetch the source model", "fetch");
    stage["scratch_bytes"] = nullptr;
    stage["depends_on"] = builtin::json_list({std::string(last)});
    if (on_hub) {
        stage["inputs"] = builtin::json_list({std::string(source_id)});
    }
    steps.emplace_back(std::move(stage));
    json::object extract = tool_step(step_extract, "extract the vindex", commands.extract, step_stage);
    extract["scratch_bytes"] = nullptr;
    // The only cache that larql may find the source in.
    extract["environment"] = json::object{{"HF_HUB_CACHE", "{scratch}/hub"}};
    steps.emplace_back(std::move(extract));
    last = step_extract;
    if (commands.has_slice()) {
        json::object slice = tool_step(step_slice, "cut the slice", commands.slice, last);
        slice["scratch_bytes"] = nullptr;
        steps.emplace_back(std::move(slice));
        last = step_slice;
    }
    json::object publish = tool_step(step_publish, "upload the vindex", commands.publish, last);
    publish["uploads"] = commands.uploaded();
    publish["endpoint_variable"] = "LARQL_HF_TEST_BASE";
    steps.emplace_back(std::move(publish));
    return steps;
}

// The source, pinned when the facts tell its commit.
json::value revision_of(const PlanRequest& request)
{
    const json::value* inputs = request.facts != nullptr ? request.facts->if_contains("inputs") : nullptr;
    const json::value* source =
        inputs != nullptr && inputs->is_object() ? inputs->get_object().if_contains(source_id) : nullptr;
    const json::value* revision =
        source != nullptr && source->is_object() ? source->get_object().if_contains("revision") : nullptr;
    return revision != nullptr ? *revision : json::value();
}

std::string about(const std::string& model, const std::string& quant, bool sliced)
{
    const std::string begin = "A LARQL retrieval index (vindex) of " + model + " for Skulk, quantized as " +
                              builtin::markdown_code(quant) + ". ";
    if (!sliced) {
        return begin + "It is the whole index: embeddings, gate vectors, attention and feed-forward weights, "
                       "and the experts if the model has any.";
    }
    return begin + "It holds the slice " + builtin::markdown_code(slice_preset) +
           ": embeddings, norms, feed-forward weights and experts. It has no attention weights, no gate "
           "vectors "
           "and no output head, so it cannot answer by itself.";
}

std::string usage(const std::string& repo, bool sliced)
{
    const std::string name = repo.substr(repo.find('/') + 1);
    const std::string fetch = "Download the whole repository with `hf download " + repo + " --local-dir " +
                              name + "`; `larql pull` leaves out weight files. ";
    const std::string serve =
        sliced
            ? "Serve it with `larql serve " + name +
                  " --ffn-only`, or a part of the experts with `--experts FIRST-LAST` as well; without "
                  "`--ffn-only` it fails for want of the attention weights. "
            : "Serve it with `larql serve " + name + "`, or only its feed-forward part with `--ffn-only`. ";
    return fetch + serve +
           "`skulk-manifest.json` lists every file with its size and SHA-256. The files work together as one "
           "index; none of them is a model to be loaded by itself. Released versions of Skulk do not read "
           "vindexes; give the folder to LARQL.";
}

json::object make_card(const PlanRequest& request, bool on_hub, bool sliced)
{
    const std::string model = request.field("source_model");
    json::object card;
    card["artifact_type"] = "vindex";
    card["source_repo"] = model;
    card["target_model"] = model;
    card["quant"] = request.field("quant");
    card["base_model_relation"] = "quantized";
    card["tags"] = json::array();
    card["about"] = about(on_hub ? builtin::markdown_repo_link(model) : builtin::markdown_code(model),
                          request.field("quant"), sliced);
    card["usage"] = usage(request.field("hf_repo"), sliced);
    return card;
}

} // namespace

json::value make_plan(const json::value& document)
{
    const PlanRequest request(document);
    const Commands commands = make_commands(request);
    const std::string model = request.field("source_model");
    const bool on_hub = builtin::is_repo_id(model);

    PlanBuilder plan("vindex");
    plan.add_summary("extract command", builtin::shell_line(commands.extract));
    plan.folders.emplace_back(commands.folder);
    if (commands.has_slice()) {
        plan.add_summary("slice command", builtin::shell_line(commands.slice));
        plan.folders.emplace_back(commands.slice_folder);
    }
    plan.add_summary("publish command", builtin::shell_line(commands.publish));
    if (on_hub) {
        // What larql reads of a model. Globs also match in sub-folders; execute picks by path.
        plan.add_input(source_id, model, revision_of(request),
                       {"*.safetensors", "*model.safetensors.index.json", "config.json", "tokenizer.json",
                        "tokenizer_config.json", "special_tokens_map.json", "generation_config.json",
                        "chat_template.jinja"});
    } else {
        plan.warnings.emplace_back("source_model " + builtin::python_repr(model) +
                                   " is not the name of a Hub repository; it cannot be pinned to a commit");
    }
    if (is_current(request, commands.has_slice() ? slice_preset : "full")) {
        plan.up_to_date = {"already published from this revision; pass --force to extract it again"};
    } else {
        plan.steps = make_steps(commands, on_hub);
    }
    plan.tools = builtin::json_list({"larql"});
    plan.target["repo"] = request.field("hf_repo");
    plan.target["commit_message"] = "Add self-describing model card (vindex)";
    plan.card = make_card(request, on_hub, commands.has_slice());
    json::value finished = std::move(plan).finish();
    // Echoed so that the manifest can name the program that made it.
    const json::value* host = document.get_object().if_contains("host");
    if (host != nullptr && host->is_object()) {
        finished.get_object()["host"] = *host;
    }
    return finished;
}

} // namespace skw::vindex
