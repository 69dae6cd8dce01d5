// SPDX-License-Identifier: Apache-2.0
// Front matter by our YAML reader.
#include "localhub/card.hpp"

#include "catalog/yaml.hpp"
#include "support/error.hpp"

#include <optional>

namespace skw::localhub {
namespace {

// The lines between the first "---" and the next; nullopt when there is no such block.
std::optional<std::string_view> front_matter(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) {
        return std::nullopt;
    }
    text.remove_prefix(text.find('\n') + 1);
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        while (line.ends_with('\r') || line.ends_with(' ')) {
            line.remove_suffix(1);
        }
        if (line == "---") {
            return text.substr(0, begin);
        }
        begin = end + 1;
    }
    return std::nullopt;
}

// The reader's object for a timestamp becomes text again, as the Hub's API shows it.
json::value plain(const json::value& value)
{
    if (const json::object* object = value.if_object()) {
        if (const json::value* stamp = object->if_contains("!!timestamp");
            stamp != nullptr && object->size() == 1) {
            return *stamp;
        }
        json::object out;
        for (const auto& [name, member] : *object) {
            out[name] = plain(member);
        }
        return out;
    }
    if (const json::array* array = value.if_array()) {
        json::array out;
        for (const json::value& element : *array) {
            out.push_back(plain(element));
        }
        return out;
    }
    return value;
}

// A text, or a list of texts.
std::vector<std::string> texts(const json::object& data, std::string_view name)
{
    std::vector<std::string> out;
    const json::value* found = data.if_contains(name);
    if (found != nullptr && found->is_string()) {
        out.emplace_back(found->get_string());
    } else if (found != nullptr && found->is_array()) {
        for (const json::value& one : found->get_array()) {
            if (one.is_string()) {
                out.emplace_back(one.get_string());
            }
        }
    }
    return out;
}

json::value parse_front_matter(std::string_view readme)
{
    const auto block = front_matter(readme);
    return block ? plain(catalog::parse_yaml(*block, "README.md", {.bytes = 1u << 20}).value) : json::value();
}

} // namespace

Card read_card(std::string_view readme)
{
    Card card;
    try {
        json::value value = parse_front_matter(readme);
        if (json::object* object = value.if_object()) {
            card.data = std::move(*object);
        }
    } catch (const Error&) {
        return card;
    }
    for (const char* name : {"tags", "library_name", "pipeline_tag"}) {
        for (std::string& text : texts(card.data, name)) {
            card.tags.push_back(std::move(text));
        }
    }
    const std::vector<std::string> relation = texts(card.data, "base_model_relation");
    for (const std::string& base : texts(card.data, "base_model")) {
        card.tags.push_back("base_model:" + base);
        if (relation.size() == 1) {
            card.tags.push_back("base_model:" + relation[0] + ":" + base);
        }
    }
    for (const std::string& license : texts(card.data, "license")) {
        card.tags.push_back("license:" + license);
    }
    for (const std::string& dataset : texts(card.data, "datasets")) {
        card.tags.push_back("dataset:" + dataset);
    }
    return card;
}

std::vector<std::string> card_problems(std::string_view readme)
{
    json::value value;
    try {
        value = parse_front_matter(readme);
    } catch (const Error& error) {
        return {"YAML metadata: " + std::string(error.what())};
    }
    if (value.is_null()) {
        return {};
    }
    if (!value.is_object()) {
        return {"YAML metadata: must be a mapping"};
    }
    std::vector<std::string> problems;
    const json::object& data = value.get_object();
    for (const char* name :
         {"license", "library_name", "pipeline_tag", "license_name", "base_model_relation"}) {
        const json::value* found = data.if_contains(name);
        if (found != nullptr && !found->is_string() && !found->is_null() &&
            !(found->is_array() && std::string_view(name) == "license")) {
            problems.push_back(std::string("\"") + name + "\" must be a string");
        }
    }
    for (const char* name : {"tags", "base_model"}) {
        const json::value* found = data.if_contains(name);
        if (found == nullptr || found->is_null()) {
            continue;
        }
        const bool list = found->is_array();
        if ((!list && !found->is_string()) ||
            (list && texts(data, name).size() != found->get_array().size())) {
            problems.push_back(std::string("\"") + name + "\" must be a list of strings");
        }
    }
    return problems;
}

} // namespace skw::localhub
