// SPDX-License-Identifier: Apache-2.0
// `complete`, which the completion scripts ask at each press of the key: quick, silent, never the network.
#include "cli/commands.hpp"
#include "cli/complete.hpp"
#include "cli/context.hpp"
#include "cli/schema_files.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

// Catalogs are read for their keys alone here: nothing of an entry is checked, and so no plugin is loaded.
class NoRules : public catalog::FieldRules {
public:
    std::vector<std::string> fields() const override { return {}; }
    std::vector<catalog::FieldFinding> check(const json::object&) const override { return {}; }
};

// What cannot be told, such as the keys of a catalog that is broken, is not offered.
template<class Body>
std::vector<Candidate> or_none(Body&& body)
{
    try {
        return body();
    } catch (const std::exception&) {
        return {};
    }
}

std::vector<Candidate> keys_of(const Context& context, const std::string& config, const std::string& manifest)
{
    std::vector<Candidate> out;
    for (const catalog::Entry& entry :
         catalog::read_catalog(context.load_request(config, manifest), NoRules()).entries) {
        out.push_back({entry.key, entry.source_model});
    }
    return out;
}

Names names_of(Context& context)
{
    const auto each_kind = [&context](auto&& add) {
        return [&context, add] {
            return or_none([&] {
                std::vector<Candidate> out;
                for (const plugin::Candidate& plugin : context.inventory().plugins) {
                    add(plugin, out);
                }
                return out;
            });
        };
    };
    Names names;
    names.keys = [&context](const std::string& config, const std::string& manifest) {
        return or_none([&] { return keys_of(context, config, manifest); });
    };
    names.artifacts = each_kind([](const plugin::Candidate& plugin, std::vector<Candidate>& out) {
        for (const plugin::Kind& kind : plugin.kinds) {
            if (plugin.usable()) {
                out.push_back({kind.name, kind.title});
            }
        }
    });
    names.plugins = each_kind([](const plugin::Candidate& plugin, std::vector<Candidate>& out) {
        out.push_back({plugin.id, plugin.name});
        for (const plugin::Kind& kind : plugin.kinds) {
            out.push_back({kind.name, kind.title});
        }
    });
    names.fields = each_kind([](const plugin::Candidate& plugin, std::vector<Candidate>& out) {
        for (const plugin::Kind& kind : plugin.kinds) {
            for (const std::string& field : kind.entry_fields) {
                out.push_back({field, kind.title});
            }
        }
    });
    names.schemas = [] {
        return or_none([] {
            std::vector<Candidate> out;
            for (const std::string& name : list_schemas()) {
                out.push_back({name, ""});
            }
            return out;
        });
    };
    return names;
}

// Bash puts a word on the line as it is; the other shells quote by themselves.
std::string for_bash(const std::string& word)
{
    std::string out;
    for (const char letter : word) {
        const bool is_plain = (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                              (letter >= 'a' && letter <= 'z') ||
                              static_cast<unsigned char>(letter) >= 0x80 ||
                              std::string_view("-_./,:=@%+").find(letter) != std::string_view::npos;
        out += is_plain ? "" : "\\";
        out += letter;
    }
    return out;
}

bool holds_controls(const std::string& text)
{
    return std::ranges::any_of(
        text, [](char letter) { return static_cast<unsigned char>(letter) < ' ' || letter == 0x7f; });
}

// First what kind of answer it is: "words", "files" or "folders"; then a line a word, for shells that show
// them with a tab and what the word means.
int run(const Arguments& arguments, Context& context)
{
    const std::string shell = arguments.get("shell", "bash");
    std::vector<std::string> words = arguments.positionals();
    if (words.empty()) {
        words.emplace_back();
    }
    Completion found = complete(words, names_of(context));
    keep_matching(found.candidates, words.back(), shell != "bash");
    static constexpr const char* directives[] = {"words", "files", "folders"};
    std::string out = std::string(directives[static_cast<std::size_t>(found.paths)]) + "\n";
    for (const Candidate& candidate : found.candidates) {
        if (holds_controls(candidate.word) || holds_controls(candidate.help)) {
            continue;
        }
        out += shell == "bash" ? for_bash(candidate.word) : candidate.word;
        out += (shell == "bash" || candidate.help.empty() ? "" : "\t" + candidate.help) + "\n";
    }
    context.output().text(out);
    return exit_code::ok;
}

} // namespace

const Command complete_command{
    "complete",
    "print what a shell may offer for the last word",
    "WORD...",
    {{"shell", "bash|zsh|fish", "the shell that asks (default: bash)", 0, false, Values::words}},
    {{"skulk-weights complete --shell bash -- publish --mo",
      "what stands behind -- is the command line up to the cursor"}},
    run,
    Values::anything,
    true};

} // namespace skw::cli
