// SPDX-License-Identifier: Apache-2.0
// The model card of a published artifact.
#include "card/card.hpp"

#include "card/markdown_text.hpp"
#include "card/yaml_text.hpp"

#include <algorithm>

namespace skw::card {
namespace {

std::optional<std::string> find_text(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string() || value->get_string().empty()) {
        return std::nullopt;
    }
    return std::string(value->get_string());
}

std::vector<std::string> all_tags(const CardFacts& facts)
{
    std::vector<std::string> tags = {facts.artifact_type, "skulk", "foxlight"};
    std::vector<std::string> further = facts.tags;
    if (facts.quant) {
        further.insert(further.begin(), *facts.quant);
    }
    for (const std::string& tag : further) {
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) {
            tags.push_back(tag);
        }
    }
    return tags;
}

void list(std::string& out, std::string_view key, const std::vector<std::string>& values)
{
    out += std::string(key) + ":\n";
    for (const std::string& value : values) {
        out += "- " + yaml_scalar(value) + "\n";
    }
}

// A name of a further fact as a YAML key: letters, digits and "_" only.
std::string fact_key(std::string_view name)
{
    std::string key;
    for (const char c : name) {
        const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        key += keeps ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '_';
    }
    return key;
}

std::string front_matter(const CardFacts& facts)
{
    std::string out = "---\nbase_model: " + yaml_scalar(facts.source_repo) + "\n";
    if (facts.base_model_relation) {
        out += "base_model_relation: " + yaml_scalar(*facts.base_model_relation) + "\n";
    }
    list(out, "tags", all_tags(facts));
    if (facts.license.ids.size() == 1) {
        out += "license: " + yaml_scalar(facts.license.ids.front()) + "\n";
    } else if (!facts.license.ids.empty()) {
        list(out, "license", facts.license.ids);
    }
    if (facts.license.name) {
        out += "license_name: " + yaml_scalar(*facts.license.name) + "\n";
    }
    if (facts.license.link) {
        out += "license_link: " + yaml_scalar(*facts.license.link) + "\n";
    }
    out += "foxlight:\n";
    const auto member = [&](std::string_view key, std::string_view value, Quote quote = Quote::if_needed) {
        out += "  " + std::string(key) + ": " + yaml_scalar(value, quote) + "\n";
    };
    member("artifact_type", facts.artifact_type);
    member("source_repo", facts.source_repo);
    if (facts.source_revision) {
        member("source_revision", *facts.source_revision, Quote::always); // may be all digits, or like 12e4
    }
    member("target_model", facts.target_model);
    if (facts.quant) {
        member("quant", *facts.quant);
    }
    member("catalog_key", facts.catalog_key);
    member("extracted_with", facts.extracted_with);
    member("generated_at", facts.generated_at, Quote::always);
    for (const auto& [name, value] : facts.facts) {
        member(fact_key(name), value, Quote::always);
    }
    return out + "---\n";
}

std::string provenance(const CardFacts& facts)
{
    std::string out = "## Provenance\n\n| Field | Value |\n| --- | --- |\n";
    const auto row = [&](std::string_view name, std::string_view value) {
        out += "| " + plain_prose(name) + " | " + code_span(value, true) + " |\n";
    };
    row("Artifact type", facts.artifact_type);
    row("Source model", facts.source_repo);
    if (facts.source_revision) {
        row("Source revision", *facts.source_revision);
    }
    row("Target model", facts.target_model);
    if (facts.quant) {
        row("Quantization", *facts.quant);
    }
    row("Catalog key", facts.catalog_key);
    row("Extracted with", facts.extracted_with);
    row("Generated", facts.generated_at);
    for (const auto& [name, value] : facts.facts) {
        row(name, value);
    }
    return out;
}

// Rows beyond these make a page that no browser likes; whoever needs all of them reads the Hub's listing.
constexpr std::size_t most_file_rows = 200;

std::string file_table(const CardFacts& facts)
{
    std::string out = "## Files\n\n| File | Bytes | SHA-256 |\n| --- | ---: | --- |\n";
    const std::size_t rows = std::min(facts.files.size(), most_file_rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const CardFile& file = facts.files[i];
        out += "| " + code_span(file.path, true) + " | " + std::to_string(file.size) + " | " +
               code_span(file.sha256, true) + " |\n";
    }
    if (rows < facts.files.size()) {
        out += "\nand " + std::to_string(facts.files.size() - rows) + " more files.\n";
    }
    return out;
}

std::string license_section(const CardFacts& facts)
{
    const std::string source =
        "[" + plain_prose(facts.source_repo) + "](https://huggingface.co/" + facts.source_repo + ")";
    std::string out = "## License\n\n";
    if (!facts.license.known()) {
        return out + "The license follows that of the source model; see the model card of " + source + ".\n";
    }
    std::string named;
    if (facts.license.name) {
        named = code_span(*facts.license.name);
    } else {
        for (const std::string& id : facts.license.ids) {
            named += (named.empty() ? "" : ", ") + code_span(id);
        }
    }
    out += "These weights are derived from " + source + " and are published under its original license, " +
           named + ", which is preserved unchanged. See the model card of the source for its terms.\n";
    return out;
}

} // namespace

License read_license(const json::object& card_data)
{
    License license;
    if (const auto id = find_text(card_data, "license")) {
        license.ids.push_back(*id);
    } else if (const json::value* value = card_data.if_contains("license");
               value != nullptr && value->is_array()) {
        for (const json::value& element : value->get_array()) {
            if (element.is_string() && !element.get_string().empty()) {
                license.ids.emplace_back(element.get_string());
            }
        }
    }
    license.name = find_text(card_data, "license_name");
    license.link = find_text(card_data, "license_link");
    return license;
}

std::string make_card(const CardFacts& facts)
{
    std::string out = front_matter(facts);
    out += "\n# " + plain_prose(facts.repo) + "\n\n" + facts.about + "\n\n";
    out += provenance(facts);
    if (!facts.files.empty()) {
        out += "\n" + file_table(facts);
    }
    out += "\n## Usage\n\n" + facts.usage + "\n\n";
    out += license_section(facts);
    if (!facts.license_files.empty()) {
        out += "\nCarried along from the source:";
        for (const std::string& file : facts.license_files) {
            out += " " + code_span(file);
        }
        out += "\n";
    }
    if (!facts.notes.empty()) {
        out += "\n## Notes\n";
        for (const std::string& note : facts.notes) {
            out += "\n" + plain_prose(note) + "\n";
        }
    }
    return out;
}

std::string make_unfinished_card(const CardFacts& facts, bool made_private)
{
    std::string out = "---\nfoxlight:\n";
    const auto member = [&](std::string_view key, std::string_view value, Quote quote = Quote::if_needed) {
        out += "  " + std::string(key) + ": " + yaml_scalar(value, quote) + "\n";
    };
    member("artifact_type", facts.artifact_type);
    member("state", "publishing");
    if (made_private) {
        member("made_private", "true", Quote::always);
    }
    member("source_repo", facts.source_repo);
    member("catalog_key", facts.catalog_key);
    member("generated_at", facts.generated_at, Quote::always);
    return out + "---\n\n# " + plain_prose(facts.repo) +
           "\n\nThis repository is being filled and is not complete. Its card comes last.\n";
}

namespace {

constexpr std::string_view mapping_line = "\nfoxlight:\n";
constexpr std::string_view hidden_lines = "  state: complete\n  made_private: 'true'\n";

} // namespace

std::string mark_hidden(const std::string& card)
{
    std::string marked = card;
    const std::size_t at = marked.find(mapping_line);
    return at == std::string::npos ? marked : marked.insert(at + mapping_line.size(), hidden_lines);
}

std::string unmark_hidden(const std::string& card)
{
    std::string bare = card;
    const std::size_t at = bare.find(mapping_line);
    const bool is_marked = at != std::string::npos &&
                           std::string_view(bare).substr(at + mapping_line.size()).starts_with(hidden_lines);
    return is_marked ? bare.erase(at + mapping_line.size(), hidden_lines.size()) : bare;
}

} // namespace skw::card
