// SPDX-License-Identifier: Apache-2.0
// `catalog add MODEL`: looks at a model on the Hub and adds the entry that fits it.
#include "catalog/addition.hpp"
#include "cli/commands.hpp"
#include "cli/confirm.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "publish/model_facts.hpp"
#include "support/text.hpp"

#include <optional>

namespace skw::cli {
namespace {

json::array list_of(const std::vector<std::string>& texts)
{
    return json::array(texts.begin(), texts.end());
}

json::value maybe(const std::optional<std::string>& text)
{
    return text ? json::value(*text) : json::value();
}

std::string_view name_of(catalog::Heads::State state)
{
    switch (state) {
    case catalog::Heads::State::usable: return "usable";
    case catalog::Heads::State::refused: return "refused";
    case catalog::Heads::State::none: break;
    }
    return "none";
}

json::object detected_json(const catalog::Detected& detected)
{
    const catalog::Heads& heads = detected.heads;
    json::object mtp{{"state", name_of(heads.state)}, {"repo", maybe(detected.heads_in)}};
    mtp["tensors"] = heads.names ? json::value(*heads.names) : json::value();
    mtp["reason"] = heads.reason.empty() ? json::value() : json::value(heads.reason);
    mtp["hint"] = heads.hint.empty() ? json::value() : json::value(heads.hint);
    return json::object{{"source_model", detected.id},
                        {"quant", detected.quant},
                        {"tier", detected.tier},
                        {"base_chain", list_of(detected.bases.chain)},
                        {"parent", maybe(detected.bases.parent)},
                        {"mtp", std::move(mtp)},
                        {"assistant", maybe(detected.assistant)}};
}

class AddCommand {
public:
    AddCommand(const Arguments& arguments, Context& context)
        : arguments_(arguments),
          context_(context),
          output_(context.output())
    {
    }

    int run()
    {
        const std::string model = catalog::parse_model_id(arguments_.positional());
        const publish::Kinds& kinds = context_.kinds();
        const auto warn = [this](const std::string& line) {
            warn_.push_back(line);
            output_.warning(line);
        };
        const auto choose = [&] {
            return catalog::choose_place(context_.load_request(), arguments_.get("to"), kinds);
        };
        // A file that was named is looked at before the Hub; the catalog as a whole afterwards.
        std::optional<catalog::Place> named;
        if (!arguments_.get("to").empty()) {
            named = choose();
        }
        const catalog::Detected detected = look_at(model, kinds);
        if (!detected.has_usable_heads() && !detected.heads.hint.empty()) {
            output_.detail(detected.heads.hint);
        }
        catalog::Place place = named ? std::move(*named) : choose();
        catalog::NewEntry entry = catalog::make_entry(detected, place.owner);
        const catalog::Addition addition(std::move(place), std::move(entry), kinds);
        same_ = addition.check(warn);
        const std::string block = addition.preview();
        output_.text("\n--- entry preview ---\n" + block + "\n");
        for (const std::string& line : catalog::verdict_of(detected)) {
            say(line);
        }
        for (const std::string& line : detected.warnings) {
            warn(line);
        }
        if (!same_.empty()) {
            std::string keys;
            for (const std::string& key : same_) {
                keys += (keys.empty() ? "" : ", ") + key;
            }
            warn(addition.entry().source_model + " is the source_model of " + keys + " already");
        }
        const std::string_view outcome = finish(addition);
        show(addition, detected, block, outcome);
        return exit_code::ok;
    }

private:
    // Progress of this command is a result by the contract; with --json only the document is.
    void say(const std::string& line) { output_.as_json() ? output_.note(line) : output_.text(line + "\n"); }

    catalog::Detected look_at(const std::string& model, const publish::Kinds& kinds)
    {
        hub::Client hub(reading_settings(context_), context_.stop());
        ProgressView view(output_);
        publish::HubModelFacts facts(hub, kinds, context_.stop(), view);
        return catalog::detect(model, facts, [this](const std::string& line) { say(line); });
    }

    std::string_view finish(const catalog::Addition& addition)
    {
        const std::string file = printable(addition.place().file.string());
        if (arguments_.has("dry-run")) {
            output_.text("--- dry run: nothing written ---\n");
            return "dry-run";
        }
        if (!arguments_.has("yes") &&
            !confirm("\nAppend to " + file + "? [y/N] ", output_, context_.stop())) {
            output_.text("aborted\n");
            return "aborted";
        }
        addition.write(context_.stop());
        output_.text("added " + addition.entry().key + " to " + file + "\n");
        output_.note("next: " + next_step(addition, file));
        return "added";
    }

    std::string next_step(const catalog::Addition& addition, const std::string& file) const
    {
        using Kind = catalog::Place::Kind;
        const Kind kind = addition.place().kind;
        std::string command = "skulk-weights ";
        if (kind == Kind::manifest || kind == Kind::alone) {
            command += "--manifest " + shell_quote(file) + " ";
        }
        command = "`" + command + "publish --model " + addition.entry().effective_key +
                  " --dry-run` shows what would be published";
        return kind == Kind::alone ? command + "; no configuration here reads that file" : command;
    }

    void show(const catalog::Addition& addition, const catalog::Detected& detected, const std::string& block,
              std::string_view outcome)
    {
        const catalog::NewEntry& entry = addition.entry();
        json::object document{{"schema", "skw.catalog.add/1"}, {"outcome", outcome}};
        document["key"] = entry.effective_key;
        document["file"] = addition.place().file.string();
        document["entry"] = entry.json();
        document["block"] = block;
        document["detected"] = detected_json(detected);
        document["same_source_model"] = list_of(same_);
        document["warnings"] = list_of(warn_);
        output_.document(document);
    }

    const Arguments& arguments_;
    Context& context_;
    Output& output_;
    std::vector<std::string> same_, warn_;
};

int run(const Arguments& arguments, Context& context)
{
    return AddCommand(arguments, context).run();
}

} // namespace

const Command catalog_add{
    "catalog add",
    "look at a model on the Hub and add an entry for it",
    "MODEL",
    {{"dry-run", "", "show the entry and write nothing"},
     {"yes", "", "do not ask before writing", 'y'},
     {"to", "FILE",
      "the catalog file; the entry is made for the namespace and hf_owner that your configuration gives it "
      "(default: that of --manifest; else the built-in catalog's where you may write it; else your additions "
      "to "
      "it, foxlight.yaml in ~/.config/skulk-weights)",
      0, false, Values::files}},
    {{"skulk-weights catalog add Qwen/Qwen3.5-4B --dry-run",
      "what is found out about the model, and the entry; reads headers, no weights"},
     {"skulk-weights catalog add https://huggingface.co/google/gemma-4-31B-it --yes",
      "add it to the built-in catalog, or to your own additions where that is read-only"},
     {"skulk-weights catalog add acme/llama-7b --to ops/operator-vindexes.yaml",
      "add it to a file that skulk-weights.yaml names, for the owner that stands there"}},
    run};

} // namespace skw::cli
