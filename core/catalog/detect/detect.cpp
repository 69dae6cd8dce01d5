// SPDX-License-Identifier: Apache-2.0
// The steps of detection in their order, and what is said of each.
#include "catalog/detect/detect.hpp"

#include "catalog/detect/quant_and_tier.hpp"
#include "catalog/detect/told_as.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/letters.hpp"

#include <algorithm>

namespace skw::catalog {
namespace {

constexpr std::string_view allowed_quant = "q4k";

class Detection {
public:
    Detection(ModelFacts& facts, const std::function<void(const std::string&)>& progress)
        : facts_(facts),
          progress_(progress)
    {
    }

    Detected run(const std::string& id)
    {
        const ModelInfo info = read_model(id);
        out_.id = info.id;
        out_.quant = detect_quant(info);
        if (out_.quant != allowed_quant) {
            throw Error(ErrorCode::bad_input, "",
                        "detected quant '" + out_.quant + "' is not supported (allowed: q4k)",
                        "add the model that it was made from, or a 4-bit one");
        }
        out_.bases = follow_bases(info, facts_);
        out_.tier = detect_tier(info, told_as("failed to fetch HF metadata for " + id,
                                              [&] { return facts_.read_config(info.id); }));
        find_heads();
        if (!out_.has_usable_heads()) {
            find_assistant();
        }
        return std::move(out_);
    }

private:
    ModelInfo read_model(const std::string& id)
    {
        progress_("fetching metadata for " + id + "...");
        std::optional<ModelInfo> info =
            told_as("failed to fetch HF metadata for " + id, [&] { return facts_.find_model(id); });
        if (!info) {
            throw Error(ErrorCode::not_found, "",
                        "HF API returned 404 for " + id + " \xe2\x80\x94 check the model ID",
                        "a private model is found only with HF_TOKEN of an account that may read it");
        }
        return std::move(*info);
    }

    void warn(std::string line) { out_.warnings.push_back(std::move(line)); }

    // The leaf's own heads fit it best; those of what it was finetuned from are the next best.
    void find_heads()
    {
        const Bases& bases = out_.bases;
        if (!bases.leaf_is_there) {
            warn(bases.leaf() + ", which " + bases.chain[bases.chain.size() - 2] +
                 " was quantised from, is not on the Hub or hidden from this token: whether it has MTP heads "
                 "is not known");
            return;
        }
        look_into(bases.leaf());
        if (out_.has_usable_heads() || !bases.parent) {
            return;
        }
        if (!told_as("could not inspect " + *bases.parent + " for MTP keys",
                     [&] { return facts_.find_model(*bases.parent); })) {
            warn(*bases.parent + ", which " + bases.leaf() +
                 " was made from, is not on the Hub or hidden from this token: whether it has MTP heads "
                 "is not known");
            return;
        }
        if (look_into(*bases.parent)) {
            warn("the MTP heads are those of " + *bases.parent + ", which " + bases.leaf() +
                 " was made from: they were trained with the former and may guess worse for the latter");
        }
    }

    // True if it has usable ones.
    bool look_into(const std::string& id)
    {
        progress_("checking " + id + " for MTP keys...");
        Heads heads =
            told_as("could not inspect " + id + " for MTP keys", [&] { return facts_.look_for_heads(id); });
        if (heads.state == Heads::State::refused) {
            warn("a publish would refuse the MTP heads of " + id + ": " + heads.reason +
                 (heads.hint.empty() ? "" : "; " + heads.hint));
        }
        if (heads.state == Heads::State::none && out_.heads.hint.empty()) {
            out_.heads.hint = heads.hint; // why there are none, where the plugin knows
        }
        // What was refused is told unless something better is found.
        if (heads.state == Heads::State::usable ||
            (heads.state == Heads::State::refused && out_.heads.state == Heads::State::none)) {
            out_.heads_in = id;
            out_.heads = std::move(heads);
        }
        return out_.has_usable_heads();
    }

    void find_assistant()
    {
        progress_("checking for a companion assistant model on HuggingFace...");
        std::vector<std::string> asked;
        const Bases& bases = out_.bases;
        for (const std::optional<std::string>& model :
             {std::optional(out_.id), bases.immediate, std::optional(bases.leaf()), bases.parent}) {
            const auto candidate = model ? RepoId::parse(*model + "-assistant") : std::nullopt;
            const bool known = candidate && std::ranges::any_of(asked, [&](const std::string& one) {
                                   return equal_ignoring_case(one, candidate->text());
                               });
            if (!candidate || known) {
                continue;
            }
            asked.push_back(candidate->text());
            const auto found = told_as("could not check for companion assistant " + candidate->text(),
                                       [&] { return facts_.find_model(candidate->text()); });
            if (found) {
                out_.assistant = found->id;
                return;
            }
        }
    }

    ModelFacts& facts_;
    const std::function<void(const std::string&)>& progress_;
    Detected out_;
};

} // namespace

Detected detect(const std::string& id, ModelFacts& facts,
                const std::function<void(const std::string&)>& progress)
{
    return Detection(facts, progress).run(id);
}

std::vector<std::string> verdict_of(const Detected& detected)
{
    const std::string dash = " \xe2\x80\x94 ";
    const std::string count =
        detected.heads.names ? std::to_string(*detected.heads.names) + " MTP tensor keys" : "MTP heads";
    if (detected.has_usable_heads()) {
        return {"detected " + count + " in " + *detected.heads_in};
    }
    std::vector<std::string> lines;
    if (detected.heads.state == Heads::State::refused) {
        lines.push_back("detected " + count + " in " + *detected.heads_in + " that a publish would refuse" +
                        dash + "mtp fields omitted");
    }
    if (detected.assistant) {
        lines.push_back("Gemma 4 companion assistant detected: " + *detected.assistant);
        lines.push_back("This model uses Google's companion-assistant pattern for speculative decoding.");
        lines.push_back("The assistant is already published" + dash + "no tensor extraction needed.");
    } else if (lines.empty()) {
        lines.push_back("no MTP keys detected" + dash + "mtp fields omitted");
    }
    return lines;
}

} // namespace skw::catalog
