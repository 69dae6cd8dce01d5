// SPDX-License-Identifier: Apache-2.0
// One manifest read into entries: the rules of the contract's section 4, in their order.
//
// The core checks its own fields and asks the owners of all others. The complaints of one entry are put in
// the contract's order of fields, and the first one is the error; within a field the order of the rules
// holds.
#include "catalog/manifest.hpp"

#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::catalog {
namespace {

// Of complaints, and of nothing else: what is not listed comes last.
constexpr std::array<std::string_view, 13> field_order = {"key",
                                                          "source_model",
                                                          "quant",
                                                          "tier",
                                                          "slices",
                                                          "output_name",
                                                          "hf_repo",
                                                          "hf_collection",
                                                          "mtp_source_repo",
                                                          "mtp_sidecar_repo",
                                                          "assistant_model_repo",
                                                          "vision_source_repo",
                                                          "vision_sidecar_repo"};

constexpr std::array<std::string_view, 5> own_fields = {"key", "source_model", "tier", "hf_repo",
                                                        "hf_collection"};

std::size_t place_of(std::string_view field)
{
    return static_cast<std::size_t>(std::find(field_order.begin(), field_order.end(), field) -
                                    field_order.begin());
}

std::string string_of(const json::value* value)
{
    const json::string* string = value != nullptr ? value->if_string() : nullptr;
    return string != nullptr ? std::string(*string) : std::string();
}

class EntryReader {
public:
    EntryReader(const Source& source, const FieldRules& rules, Seen& seen)
        : source_(source),
          rules_(rules),
          seen_(seen)
    {
        known_.assign(own_fields.begin(), own_fields.end());
        for (std::string& field : rules.fields()) {
            known_.push_back(std::move(field));
        }
        known_.emplace_back("artifacts");
    }

    // The entry at models[index]; throws its first complaint.
    Entry read(const YamlDocument& document, const Origin& origin, const json::value& value,
               std::size_t index, const Warn& warn)
    {
        const std::string pointer = "/models/" + std::to_string(index);
        const std::string name = "models[" + std::to_string(index) + "]";
        const auto refuse = [&](std::string text, const std::string& below) {
            throw fixed_error(std::move(text), locate(document, origin, pointer + below));
        };
        if (!is_mapping(value)) {
            refuse(name + " must be a mapping", "");
        }
        Entry entry;
        entry.fields = value.get_object();
        const json::value* key = find_member(entry.fields, "key");
        if (!is_filled_string(key)) {
            refuse(name + ": key must be a non-empty string", "/key");
        }
        const std::string bare = string_of(key);
        if (!is_key(bare)) {
            refuse(printable(bare) + ": key must be lowercase kebab-case", "/key");
        }
        entry.key = source_.name_space ? *source_.name_space + '/' + bare : bare;
        entry.fields["key"] = entry.key;
        if (!seen_.keys.insert(entry.key).second) {
            refuse(entry.key + ": duplicate key", "/key");
        }
        for (const auto& member : entry.fields) {
            warn_if_unknown(member.key(), entry.key,
                            locate(document, origin, pointer + '/' + std::string(member.key())), warn);
        }
        std::vector<FieldFinding> findings = check(entry);
        if (!findings.empty()) {
            const auto first = std::min_element(findings.begin(), findings.end(),
                                                [](const FieldFinding& a, const FieldFinding& b) {
                                                    return place_of(a.field) < place_of(b.field);
                                                });
            refuse(entry.key + ": " + first->message, '/' + first->field);
        }
        return entry;
    }

private:
    void warn_if_unknown(std::string_view field, const std::string& key, const std::string& where,
                         const Warn& warn)
    {
        if (std::find(known_.begin(), known_.end(), field) != known_.end()) {
            return;
        }
        const std::string near = nearest_name(field.substr(0, 100), known_);
        warn(where + ": " + key + ": unknown field " + python_repr(printable(field, 100)) +
             (near.empty() ? "" : ", did you mean " + python_repr(near) + "?"));
    }

    std::vector<FieldFinding> check(Entry& entry)
    {
        std::vector<FieldFinding> findings;
        const auto complain = [&](std::string field, std::string message) {
            findings.push_back({std::move(field), std::move(message)});
        };
        const auto text = [&](std::string_view field) -> std::optional<std::string> {
            const json::value* value = find_member(entry.fields, field);
            if (!is_filled_string(value)) {
                complain(std::string(field), std::string(field) + " must be a non-empty string");
                return std::nullopt;
            }
            return string_of(value);
        };
        if (const auto model = text("source_model")) {
            entry.source_model = *model;
            if (!is_source_model(*model)) {
                complain("source_model", "source_model must look like owner/name");
            }
        }
        if (const auto tier = text("tier")) {
            entry.tier = *tier;
            if (*tier != "smoke" && *tier != "moe") {
                complain("tier", "unsupported tier " + python_repr(*tier));
            }
        }
        if (const auto repo = text("hf_repo")) {
            entry.hf_repo = *repo;
            if (!is_owner_and_name(*repo)) {
                complain("hf_repo", "hf_repo must look like owner/name");
            } else if (source_.hf_owner && owner_of(*repo) != *source_.hf_owner) {
                complain("hf_repo", "hf_repo owner must be " + python_repr(*source_.hf_owner));
            } else if (!seen_.hf_repos.insert(*repo).second) {
                complain("hf_repo", "duplicate hf_repo " + *repo);
            }
        }
        check_collection(entry, complain);
        // The owners see the entry as it will be published: effective key, inherited collection.
        for (FieldFinding& finding : rules_.check(entry.fields)) {
            findings.push_back(std::move(finding));
        }
        // Behind the complaints of its owner, who knows what an output_name may look like.
        if (const json::value* name = find_member(entry.fields, "output_name"); is_filled_string(name)) {
            if (!seen_.output_names.insert(string_of(name)).second) {
                complain("output_name", "duplicate output_name " + printable(string_of(name)));
            }
        }
        return findings;
    }

    template<class Complain>
    void check_collection(Entry& entry, const Complain& complain)
    {
        const json::value* own = find_member(entry.fields, "hf_collection");
        if (own != nullptr && !own->is_null()) {
            if (!is_filled_string(own)) {
                complain("hf_collection", "hf_collection must be a non-empty string");
                return;
            }
            entry.hf_collection = string_of(own);
        } else if (source_.hf_collection) {
            entry.hf_collection = source_.hf_collection;
            entry.fields["hf_collection"] = *source_.hf_collection;
        }
        if (!entry.hf_collection) {
            return;
        }
        if (!is_owner_and_name(*entry.hf_collection)) {
            complain("hf_collection", "hf_collection must look like owner/slug");
        } else if (source_.hf_owner && owner_of(*entry.hf_collection) != *source_.hf_owner) {
            complain("hf_collection", "hf_collection owner must be " + python_repr(*source_.hf_owner));
        }
    }

    const Source& source_;
    const FieldRules& rules_;
    Seen& seen_;
    std::vector<std::string> known_;
};

} // namespace

YamlDocument read_yaml_file(const std::filesystem::path& file, const Origin& origin, const Warn& warn)
{
    const YamlLimits limits;
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(file, ignored);
    if (!ignored && size > limits.bytes) {
        throw Error(ErrorCode::bad_input, origin.file + ":1:1",
                    "the file has " + human_bytes(size) + "; a catalog may have at most " +
                        human_bytes(limits.bytes));
    }
    YamlDocument document = parse_yaml(read_file(file, limits.bytes), origin.file, limits);
    for (const std::string& line : document.warnings) {
        warn(origin.file + ':' + line);
    }
    return document;
}

void read_manifest(const std::filesystem::path& file, const Origin& origin, const Source& source_info,
                   std::size_t source, const FieldRules& rules, Seen& seen, std::vector<Entry>& entries,
                   const Warn& warn)
{
    if (!std::filesystem::is_regular_file(file)) {
        throw fixed_error(origin.label + " not found; run from the repository root");
    }
    const YamlDocument document = read_yaml_file(file, origin, warn);
    if (!is_mapping(document.value)) {
        throw fixed_error(origin.label + " must contain a top-level mapping", locate(document, origin, ""));
    }
    const json::value* models = find_member(document.value.get_object(), "models");
    if (models == nullptr || !models->is_array() || models->get_array().empty()) {
        throw fixed_error(origin.label + ": models must be a non-empty list",
                          locate(document, origin, "/models"));
    }
    EntryReader reader(source_info, rules, seen);
    for (std::size_t i = 0; i < models->get_array().size(); ++i) {
        Entry entry = reader.read(document, origin, models->get_array()[i], i, warn);
        entry.source = source;
        entries.push_back(std::move(entry));
    }
}

} // namespace skw::catalog
