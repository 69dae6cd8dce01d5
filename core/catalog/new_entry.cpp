// SPDX-License-Identifier: Apache-2.0
// The fields of a new entry and its lines: the contract's sections 7.7 and 7.8.
#include "catalog/new_entry.hpp"

#include "catalog/detect/slugs.hpp"
#include "catalog/words.hpp"
#include "catalog/yaml_scalars.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::catalog {
namespace {

constexpr std::string_view suffix = "-full-q4-k";
constexpr std::string_view slices = "slices";

void check_repo(const std::string& repo, const std::string& model)
{
    if (!RepoId::parse(repo)) {
        throw Error(ErrorCode::bad_input, "",
                    "the name of " + model + " makes " + python_repr(printable(repo, 300)) +
                        ", which is no name of a repository on the Hub",
                    "add the entry by hand, with a shorter or simpler name");
    }
}

// Nothing that YAML gives a meaning, wherever it stands.
bool is_plain(std::string_view text)
{
    const auto harmless = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '/' || c == '-';
    };
    return !text.empty() && text.front() != '-' && text.front() != '.' &&
           std::ranges::all_of(text, harmless) && implicit_type(text) == "str";
}

} // namespace

json::object NewEntry::json() const
{
    json::object out;
    for (const auto& [name, value] : fields) {
        out[name] = name == slices ? json::value(json::array{value}) : json::value(value);
    }
    return out;
}

NewEntry make_entry(const Detected& detected, const EntryOwner& owner)
{
    NewEntry entry;
    entry.source_model = detected.id;
    const std::string stem = key_slug(detected.id),
                      artifact = artifact_slug(detected.id) + std::string(suffix);
    entry.key = stem + std::string(suffix);
    if (stem.empty() || !is_key(entry.key)) {
        throw Error(ErrorCode::bad_input, "",
                    "no key can be made of the name of " + detected.id + ": " +
                        python_repr(printable(entry.key, 300)) + " does not begin with a letter or a digit",
                    "add the entry by hand, with a key of your own");
    }
    entry.effective_key = (owner.name_space ? *owner.name_space + "/" : "") + entry.key;
    entry.hf_repo = owner.owner + "/" + artifact + "-vindex";
    entry.output_name = artifact + ".vindex";
    check_repo(entry.hf_repo, detected.id);
    entry.fields = {
        {"key", entry.key},        {"source_model", detected.id}, {"quant", detected.quant},
        {"tier", detected.tier},   {std::string(slices), "full"}, {"output_name", entry.output_name},
        {"hf_repo", entry.hf_repo}};
    if (owner.collection) {
        entry.fields.emplace_back("hf_collection", *owner.collection);
    }
    if (detected.has_usable_heads()) {
        const std::string sidecar = owner.owner + "/" + base_slug(*detected.heads_in) + "-mtp";
        check_repo(sidecar, *detected.heads_in);
        entry.fields.emplace_back("mtp_source_repo", *detected.heads_in);
        entry.fields.emplace_back("mtp_sidecar_repo", sidecar);
    } else if (detected.assistant) {
        entry.fields.emplace_back("assistant_model_repo", *detected.assistant);
    }
    return entry;
}

std::string entry_block(const NewEntry& entry, const EntryStyle& style)
{
    const std::string end(style.line_end),
        first = std::string(style.dash, ' ') + "-" + std::string(style.field - 1, ' '),
        next(style.dash + style.field, ' ');
    std::string out = end;
    bool is_first = true;
    for (const auto& [name, value] : entry.fields) {
        out += (is_first ? first : next) + name + ":";
        is_first = false;
        out +=
            name == slices ? end + next + "  - " + yaml_scalar(value) + end : " " + yaml_scalar(value) + end;
    }
    return out;
}

std::string yaml_scalar(std::string_view text)
{
    if (is_plain(text)) {
        return std::string(text);
    }
    if (std::ranges::any_of(text, [](char c) { return c < ' ' || c > '~'; })) {
        return ascii_json_string(text); // a JSON string is one in YAML, too
    }
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

} // namespace skw::catalog
