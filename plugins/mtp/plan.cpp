// SPDX-License-Identifier: Apache-2.0
// Builds the plan, the card's texts, and the answer to "is there a sidecar already, and from what".
#include "mtp/plan.hpp"

#include "mtp/options.hpp"
#include "shared/documents.hpp"
#include "shared/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace skw::mtp {

namespace {

namespace json = boost::json;
using builtin::find_object;
using builtin::find_text;

// Revisions are told apart by their first digits; names from a foreign card must not reach the terminal raw.
std::string short_text(std::string_view text, std::size_t limit)
{
    std::string out;
    for (const char letter : text.substr(0, limit)) {
        out += letter >= 0x20 && letter < 0x7f ? letter : '?';
    }
    return out;
}

struct Facts {
    std::string source_revision; // "" before it is pinned
    bool has_sidecar = false;
    const json::object* foxlight = nullptr; // of the target's card
};

Facts read_facts(const builtin::PlanRequest& request)
{
    Facts facts;
    facts.source_revision =
        find_text(find_object(find_object(request.facts, "inputs"), input_id), "revision");
    const json::object* target = find_object(request.facts, "target");
    const json::value* files = target == nullptr ? nullptr : target->if_contains("files");
    if (files != nullptr && files->is_array()) {
        facts.has_sidecar = std::ranges::any_of(files->get_array(), [](const json::value& file) {
            return (file.is_string() && file.get_string() == file_name) ||
                   find_text(file.if_object(), "path") == file_name;
        });
    }
    facts.foxlight = find_object(find_object(target, "card"), "foxlight");
    return facts;
}

// The second line of a skip: whether the sidecar that is there is worth keeping.
std::string compare_with_card(const Facts& facts, const std::string& source, const Options& options)
{
    constexpr std::size_t digits = 12;
    const std::string made_from = find_text(facts.foxlight, "source_repo");
    const std::string made_at = find_text(facts.foxlight, "source_revision");
    if (made_from.empty()) {
        return "the existing sidecar's card does not say what it was made from; pass --force to make it "
               "again "
               "from a known revision of " +
               source;
    }
    if (made_from != source) {
        return "the existing sidecar was made from another source: its card says " +
               short_text(made_from, 200) + ", the catalog says " + source + "; pass --force to replace it";
    }
    if (made_at.empty() || facts.source_revision.empty()) {
        return "the existing sidecar's card does not say which revision of " + source +
               " it was made from; pass --force to make it again from a known one";
    }
    const std::string made_with = find_text(facts.foxlight, options_fact), wanted = options_text(options);
    std::string also; // a second reason
    if (made_with != wanted) {
        const auto in_words = [](const std::string& text) {
            return text.empty() ? std::string("the defaults") : short_text(text, 200);
        };
        also = "with other options: " + in_words(made_with) + ", not " + in_words(wanted);
    }
    if (made_at == facts.source_revision && !also.empty()) {
        return "the existing sidecar was made " + also + "; pass --force to make it again";
    }
    if (made_at == facts.source_revision) {
        return "the existing sidecar is current: it was made from revision " + short_text(made_at, digits) +
               " of " + source + ", which is the source's revision now";
    }
    return "the existing sidecar is older: it was made from revision " + short_text(made_at, digits) +
           " of " + source + ", which is at " + short_text(facts.source_revision, digits) + " now" +
           (also.empty() ? "" : ", and was made " + also) + "; pass --force to extract again";
}

// What the card says about the tensors; each sentence has to hold whatever the checkpoint turns out to be.
std::string about_text(const std::string& source, const Options& options)
{
    const std::string name = builtin::markdown_code(source);
    std::string out;
    if (options.accept_dspark || options.accept_unknown) {
        out =
            "MTP sidecar: the tensors under Multi-Token-Prediction names of " +
            builtin::markdown_repo_link(source) +
            ", extracted from its checkpoint although they need not be a classic MTP head: `mtp_accept` "
            "asked "
            "for it, and `mtp_layout` below says what they are. This is not a standalone model. A drafter of "
            "another kind needs a program that knows it; Skulk uses MTP heads to speculatively decode for " +
            name + ".";
    } else {
        out = "MTP sidecar: the Multi-Token-Prediction heads of " + builtin::markdown_repo_link(source) +
              ", extracted from its checkpoint. This is not a standalone model. Skulk uses the heads to "
              "speculatively decode for " +
              name + ": they guess the next tokens, the model itself confirms them.";
    }
    out +=
        " The heads are BF16 and unquantised, because their precision decides how many guesses are accepted";
    switch (options.keep_f32) {
    case KeepF32::routing:
        out += "; parameters that decide about routing stay F32 where the source has them so";
        break;
    case KeepF32::all: out += "; what the source has in F32 stays F32"; break;
    case KeepF32::none: break;
    }
    return out + ". One sidecar per base model serves every quantisation of it.";
}

std::string usage_text(const Options& options)
{
    return "Skulk loads " + builtin::markdown_code(file_name) +
           " from this repository when the card of the target model names it as the MTP sidecar. Tensor "
           "names are "
           "those of the source checkpoint" +
           (options.rename_layers
                ? std::string(", but layers stored behind those of the model, `model.layers.{N+i}.*`, are "
                              "`mtp.{i}.*` here")
                : std::string()) +
           "; the header of the file records the source, its revision and the layout. It must not be loaded "
           "alone: "
           "without the target model it generates nothing.";
}

json::object make_card(const std::string& source, const std::string& relation, const Options& options)
{
    json::object card;
    card["artifact_type"] = "mtp-sidecar";
    card["source_repo"] = source;
    card["target_model"] = source;
    card["quant"] = nullptr;
    card["base_model_relation"] = relation.empty() ? json::value() : json::value(relation);
    card["tags"] = json::array();
    card["about"] = about_text(source, options);
    card["usage"] = usage_text(options);
    return card;
}

// Lines for what was decided otherwise than usual; nothing for the defaults, whose plan scripts know.
void add_choices(builtin::PlanBuilder& plan, const Options& options)
{
    if (options.rename_layers) {
        plan.add_summary("mtp names", "model.layers.{N+i}.* renamed to mtp.{i}.*");
    }
    if (options.keep_f32 != KeepF32::routing) {
        plan.add_summary("mtp f32 tensors", options.keep_f32 == KeepF32::all ? "all kept" : "none kept");
    }
    if (options.omit_copies) {
        plan.add_summary("mtp copies", "embedding and head left out");
    }
    const json::object chosen = options_json(options);
    if (const json::value* words = chosen.if_contains(accept_field)) {
        std::string list;
        for (const json::value& word : words->get_array()) {
            list += (list.empty() ? "" : ", ") + std::string(word.get_string());
        }
        plan.add_summary("mtp accepted", list);
    }
}

json::object make_output(const std::string& sidecar, const std::string& file)
{
    json::object output;
    output["id"] = output_id;
    output["repo"] = sidecar;
    output["path"] = file_name;
    output["media_type"] = "application/octet-stream";
    output["file"] = file;
    output["size"] = nullptr;
    return output;
}

} // namespace

json::value plan_sidecar(const json::value& document)
{
    const builtin::PlanRequest request(document);
    const std::string source = request.field("mtp_source_repo");
    const std::string sidecar = request.field("mtp_sidecar_repo");
    if (source.empty() || sidecar.empty()) {
        return builtin::unconfigured_plan("mtp",
                                          "no MTP sidecar configured for " + request.key +
                                              "; add mtp_source_repo and mtp_sidecar_repo to the catalog "
                                              "entry");
    }
    const Facts facts = read_facts(request);
    const std::string file = request.repo_as_file("mtp_sidecar_repo") + "-" + std::string(file_name);
    const bool pinned = !facts.source_revision.empty();
    const Options options = read_options(request.entry);

    builtin::PlanBuilder plan("mtp");
    plan.add_summary("mtp source repo", "hf://" + source);
    plan.add_summary("mtp sidecar repo", "hf://" + sidecar + "/" + std::string(file_name));
    plan.add_summary("mtp precision", "bf16 (unquantized)");
    plan.add_summary(path_label, request.below_scratch(file));
    add_choices(plan, options);
    plan.add_input(input_id, source, pinned ? json::value(facts.source_revision) : json::value(nullptr),
                   {"config.json", "*.safetensors.index.json", "*.safetensors"});
    plan.outputs.push_back(make_output(sidecar, file));
    plan.target["repo"] = sidecar;
    plan.target["commit_message"] =
        "Add MTP sidecar from " + source + (pinned ? "@" + facts.source_revision : std::string());
    plan.card = make_card(source, request.field("mtp_base_model_relation"), options);
    if (facts.has_sidecar && !request.force) {
        // The contract's text (8.4), with its dash: U+2014.
        plan.up_to_date = {"sidecar already exists at hf://" + sidecar + "/" + std::string(file_name) +
                               " \xe2\x80\x94 it already covers " + source +
                               " and every quantization of it. Skipping (pass --force to re-extract).",
                           compare_with_card(facts, source, options)};
    } else {
        json::object step = builtin::make_step(step_id, "extract the MTP heads", "convert");
        step["inputs"] = builtin::json_list({std::string(input_id)});
        step["outputs"] = builtin::json_list({std::string(output_id)});
        plan.steps.push_back(std::move(step));
    }
    json::value finished = std::move(plan).finish();
    if (json::object chosen = options_json(options); !chosen.empty()) {
        finished.get_object()["options"] = std::move(chosen);
    }
    // Echoed so that the file's metadata can name the program that made it.
    if (const json::object* host = find_object(document.if_object(), "host")) {
        finished.get_object()["host"] = *host;
    }
    return finished;
}

} // namespace skw::mtp
