// SPDX-License-Identifier: Apache-2.0
// Rules and messages shared by the fields of the built-in kinds.
#include "shared/entry_fields.hpp"

#include "shared/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>

namespace skw::builtin {
namespace {

bool is_repo_part(std::string_view part)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    };
    return !part.empty() && part.size() <= 96 && part != "." && part != ".." && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), allowed);
}

const json::value* find_given(const json::object& entry, std::string_view field)
{
    const json::value* value = entry.if_contains(field);
    return value == nullptr || value->is_null() ? nullptr : value;
}

// A blank text counts as empty.
std::optional<std::string> text_of(const json::value* value)
{
    constexpr std::string_view blanks = " \t\n\v\f\r\x1c\x1d\x1e\x1f";
    if (value == nullptr || !value->is_string() ||
        std::string_view(value->get_string()).find_first_not_of(blanks) == std::string_view::npos) {
        return std::nullopt;
    }
    return std::string(value->get_string());
}

std::string lower(std::string_view ascii)
{
    std::string out(ascii);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

} // namespace

void FieldFindings::add(std::string_view field, std::string_view code, std::string_view message,
                        std::string_view hint)
{
    json::object item;
    item["code"] = code;
    item["severity"] = "error";
    item["path"] = "/" + std::string(field);
    item["message"] = message;
    item["hint"] = hint;
    items_.push_back(std::move(item));
}

json::value FieldFindings::document() const
{
    json::object document;
    document["schema"] = "skw.findings/1";
    document["items"] = items_;
    return document;
}

bool is_repo_id(std::string_view text)
{
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && is_repo_part(text.substr(0, slash)) &&
           is_repo_part(text.substr(slash + 1));
}

std::string_view owner_of(std::string_view repo)
{
    return repo.substr(0, repo.find('/'));
}

std::optional<std::string> required_text(const json::object& entry, std::string_view field,
                                         FieldFindings& findings)
{
    std::optional<std::string> text = text_of(find_given(entry, field));
    if (!text) {
        findings.add(field, "not-text", std::string(field) + " must be a non-empty string");
    }
    return text;
}

OptionalText optional_text(const json::object& entry, std::string_view field, FieldFindings& findings)
{
    if (find_given(entry, field) == nullptr) {
        return {};
    }
    std::optional<std::string> text = required_text(entry, field, findings);
    return {text.has_value(), std::move(text)};
}

bool check_repo_form(std::string_view field, std::string_view repo, FieldFindings& findings)
{
    if (!is_repo_id(repo)) {
        findings.add(field, "not-a-repo", std::string(field) + " must look like owner/name");
        return false;
    }
    return true;
}

RepoPairResult check_repo_pair(const json::object& entry, std::string_view source_field,
                               std::string_view sidecar_field, FieldFindings& findings)
{
    constexpr bool complained = false;
    const OptionalText source = optional_text(entry, source_field, findings);
    if (!source.ok) {
        return {complained, {}};
    }
    const OptionalText sidecar = optional_text(entry, sidecar_field, findings);
    if (!sidecar.ok) {
        return {complained, {}};
    }
    if (source.text.has_value() != sidecar.text.has_value()) {
        findings.add(source_field, "half-a-pair",
                     std::string(source_field) + " and " + std::string(sidecar_field) +
                         " must both be set together or not at all");
        return {complained, {}};
    }
    if (!source.text) {
        return {};
    }
    if (!check_repo_form(source_field, *source.text, findings) ||
        !check_repo_form(sidecar_field, *sidecar.text, findings)) {
        return {complained, {}};
    }
    // The core complains about hf_repo itself; without a usable one there is no owner to compare with.
    const std::optional<std::string> target = text_of(find_given(entry, "hf_repo"));
    if (target && is_repo_id(*target) && owner_of(*target) != owner_of(*sidecar.text)) {
        findings.add(sidecar_field, "other-owner",
                     std::string(sidecar_field) + " owner must be '" + std::string(owner_of(*target)) + "'");
        return {complained, {}};
    }
    return {true, RepoPair{*source.text, *sidecar.text}};
}

bool check_other_target(const json::object& entry, std::string_view field, std::string_view repo,
                        std::string_view other, FieldFindings& findings)
{
    const std::optional<std::string> target = text_of(find_given(entry, other));
    if (target && lower(*target) == lower(repo)) {
        findings.add(field, "same-target", std::string(field) + " must differ from " + std::string(other),
                     "each artifact needs a repository of its own");
        return false;
    }
    return true;
}

void check_base_model_relation(const json::object& entry, std::string_view field, FieldFindings& findings)
{
    static constexpr std::array relations = {"adapter", "finetune", "merge", "quantized"};
    const OptionalText given = optional_text(entry, field, findings);
    if (given.text && std::find(relations.begin(), relations.end(), *given.text) == relations.end()) {
        findings.add(field, "unknown-relation",
                     "unsupported " + std::string(field) + " " + python_repr(*given.text),
                     "use adapter, finetune, merge or quantized, or leave it out");
    }
}

} // namespace skw::builtin
