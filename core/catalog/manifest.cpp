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
    EntryReader(const Source& source, const Origin& origin, const FieldRules& rules, Seen& seen)
        : source_(source),
          origin_(origin),
          rules_(rules),
          seen_(seen)
    {
        known_.assign(own_fields.begin(), own_fields.end());
        for (std::string& field : rules.fields()) {
            known_.push_back(std::move(field));
        }
        known_.emplace_back("artifacts");
        sorted_.assign(known_.begin(), known_.end());
        std::sort(sorted_.begin(), sorted_.end());
    }

    // The entry at models[index]; throws its first complaint.
    Entry read(json::value&& value, std::size_t index, const Positions& positions)
    {
        const std::string name = "models[" + std::to_string(index) + "]";
        const auto where = [&](std::string_view field) {
            return locate(positions, origin_,
                          "/models/" + std::to_string(index) + (field.empty() ? "" : "/") +
                              std::string(field));
        };
        if (!is_mapping(value)) {
            throw fixed_error(name + " must be a mapping", where(""));
        }
        Entry entry;
        entry.fields = std::move(value.get_object());
        const json::value* key = find_member(entry.fields, "key");
        if (!is_filled_string(key)) {
            throw fixed_error(name + ": key must be a non-empty string", where("key"));
        }
        const std::string bare = string_of(key);
        if (!is_key(bare)) {
            throw fixed_error(printable(bare) + ": key must be lowercase kebab-case", where("key"));
        }
        entry.key = source_.name_space ? *source_.name_space + '/' + bare : bare;
        entry.fields["key"] = entry.key;
        if (seen_.keys.contains(entry.key)) {
            throw fixed_error(entry.key + ": duplicate key", where("key"));
        }
        for (const auto& member : entry.fields) {
            if (!std::binary_search(sorted_.begin(), sorted_.end(), std::string_view(member.key()))) {
                tell_unknown(member.key(), entry.key, where);
            }
        }
        const std::vector<FieldFinding> findings = check(entry);
        if (!findings.empty()) {
            const auto first = std::min_element(findings.begin(), findings.end(),
                                                [](const FieldFinding& a, const FieldFinding& b) {
                                                    return place_of(a.field) < place_of(b.field);
                                                });
            throw fixed_error(entry.key + ": " + first->message, where(first->field));
        }
        seen_.add(entry);
        return entry;
    }

    // One line for each field that nobody knows; the first ones only.
    std::vector<std::string> unknown;
    std::size_t more_unknown = 0;

private:
    template<class Where>
    void tell_unknown(std::string_view field, const std::string& key, const Where& where)
    {
        if (unknown.size() == YamlLimits().warnings) {
            ++more_unknown;
            return;
        }
        const std::string near = nearest_name(field.substr(0, 100), known_);
        unknown.push_back(where(field) + ": " + key + ": unknown field " +
                          python_repr(printable(field, 100)) +
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
            } else if (seen_.hf_repos.contains(*repo)) {
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
            if (seen_.output_names.contains(std::string_view(name->get_string()))) {
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
    const Origin& origin_;
    const FieldRules& rules_;
    Seen& seen_;
    std::vector<std::string> known_; // in the order of their owners
    std::vector<std::string_view> sorted_;
};

// The entries of one file as they come. A complaint waits: text further down that is no YAML is told first.
class ModelList {
public:
    ModelList(const Source& source_info, std::size_t source, const Origin& origin, const FieldRules& rules,
              Seen& seen, std::vector<Entry>& entries)
        : reader_(source_info, origin, rules, seen),
          seen_(seen),
          entries_(entries),
          source_(source),
          before_(entries.size())
    {
    }

    void take(json::value&& value, std::size_t index, const Positions& positions)
    {
        if (complaint_) {
            return;
        }
        try {
            Entry entry = reader_.read(std::move(value), index, positions);
            entry.source = source_;
            entries_.push_back(std::move(entry));
        } catch (const Error& error) {
            complaint_ = error;
        }
    }

    void start_over()
    {
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(before_), entries_.end());
        complaint_.reset();
        reader_.unknown.clear();
        reader_.more_unknown = 0;
        seen_ = {};
        for (const Entry& entry : entries_) {
            if (entry.source == source_) { // another file of the same source
                seen_.add(entry);
            }
        }
    }

    void finish(const Origin& origin, const Warn& warn)
    {
        tell(reader_.unknown, "", reader_.more_unknown, "unknown fields", origin, warn);
        if (complaint_) {
            throw Error(*complaint_);
        }
    }

    static void tell(const std::vector<std::string>& lines, const std::string& front, std::size_t more,
                     const char* what, const Origin& origin, const Warn& warn)
    {
        for (const std::string& line : lines) {
            warn(front + line);
        }
        if (more > 0) {
            warn(origin.file + ": and " + std::to_string(more) + " more " + what);
        }
    }

private:
    EntryReader reader_;
    Seen& seen_;
    std::vector<Entry>& entries_;
    const std::size_t source_, before_;
    std::optional<Error> complaint_;
};

} // namespace

void Seen::add(const Entry& entry)
{
    keys.insert(std::string_view(entry.fields.at("key").get_string()));
    hf_repos.insert(std::string_view(entry.fields.at("hf_repo").get_string()));
    if (const json::value* name = find_member(entry.fields, "output_name"); is_filled_string(name)) {
        output_names.insert(std::string_view(name->get_string()));
    }
}

bool has_no_entries(const YamlDocument& document)
{
    if (!is_mapping(document.value)) {
        return document.value.is_null();
    }
    const json::value* models = find_member(document.value.get_object(), "models");
    return models == nullptr || models->is_null() ||
           (models->is_array() && models->get_array().empty() && document.taken.value_or(0) == 0);
}

YamlDocument read_yaml_file(const std::filesystem::path& file, const Origin& origin, const Warn& warn,
                            const YamlLimits& limits, const YamlItems* items)
{
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(file, ignored);
    if (!ignored && size > limits.bytes) {
        throw Error(ErrorCode::bad_input, origin.file + ":1:1",
                    "the file has " + human_bytes(size) + "; a catalog may have at most " +
                        human_bytes(limits.bytes));
    }
    YamlDocument document = parse_yaml(read_file(file, limits.bytes), origin.file, limits, items);
    ModelList::tell(document.warnings, origin.file + ':', document.more_warnings, "duplicate keys", origin,
                    warn);
    return document;
}

bool is_file(const std::filesystem::path& file, const std::string& shown)
{
    std::error_code error;
    const bool there = std::filesystem::is_regular_file(file, error);
    if (error == std::errc::permission_denied) {
        throw Error(ErrorCode::permission, shown, "cannot be looked at: " + error.message(),
                    "check who may enter the folders above it");
    }
    return there;
}

void read_manifest(const std::filesystem::path& file, const Origin& origin, const Source& source_info,
                   std::size_t source, const FieldRules& rules, Seen& seen, std::vector<Entry>& entries,
                   const Warn& warn, WithoutEntries empty)
{
    if (!is_file(file, origin.label)) {
        throw fixed_error(origin.label + " not found; run from the repository root");
    }
    ModelList list(source_info, source, origin, rules, seen, entries);
    const YamlItems items{
        .key = "models",
        .take = [&list](json::value&& value, std::size_t index,
                        const Positions& positions) { list.take(std::move(value), index, positions); },
        .start_over = [&list] { list.start_over(); }};
    YamlLimits limits;
    limits.bytes = largest_manifest;
    YamlDocument document = read_yaml_file(file, origin, warn, limits, &items);
    if (empty == WithoutEntries::told && has_no_entries(document)) {
        warn(origin.file + " holds no entries, so it is passed over");
        return;
    }
    if (!is_mapping(document.value)) {
        throw fixed_error(origin.label + " must contain a top-level mapping",
                          locate(document.positions, origin, ""));
    }
    json::value* models = document.value.get_object().if_contains("models");
    if (models == nullptr || !models->is_array() || has_no_entries(document)) {
        throw fixed_error(origin.label + ": models must be a non-empty list",
                          locate(document.positions, origin, "/models"));
    }
    if (!document.taken) {
        for (std::size_t i = 0; i < models->get_array().size(); ++i) {
            list.take(std::move(models->get_array()[i]), i, document.positions);
        }
    }
    list.finish(origin, warn);
}

} // namespace skw::catalog
