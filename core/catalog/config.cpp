// SPDX-License-Identifier: Apache-2.0
// The operator's configuration: the rules of the contract's section 3.2, in their order.
#include "catalog/config.hpp"

#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::catalog {
namespace {

constexpr std::array<std::string_view, 4> path_fields = {"path", "namespace", "hf_owner", "hf_collection"};

// A key as Python prints it in a list: text in quotes, other types bare.
std::string shown_key(std::string_view key)
{
    if (!key.starts_with("!!")) {
        return python_repr(key);
    }
    const std::size_t blank = key.find(' ');
    const std::string_view type = key.substr(2, blank - 2);
    const std::string text(blank == std::string_view::npos ? "" : key.substr(blank + 1));
    if (type == "null") {
        return "None";
    }
    if (type == "bool") {
        return text == "true" ? "True" : "False";
    }
    return type == "int" || type == "float" || type == "timestamp" ? printable(text) : python_repr(key);
}

class Items {
public:
    Items(const YamlDocument& document, const Origin& origin, std::string list_name)
        : document_(document),
          origin_(origin),
          list_name_(std::move(list_name))
    {
    }

    ConfiguredSource read(const json::value& item, std::size_t index)
    {
        name_ = "catalogs[" + std::to_string(index) + "]";
        pointer_ = '/' + list_name_ + '/' + std::to_string(index);
        if (!is_mapping(item)) {
            refuse(name_ + " must be a mapping");
        }
        const json::object& object = item.get_object();
        if (object.contains("builtin") == object.contains("path")) {
            refuse(name_ + " must set exactly one of builtin or path");
        }
        return object.contains("builtin") ? builtin(object) : path(object);
    }

private:
    [[noreturn]] void refuse(const std::string& text, const std::string& below = {}) const
    {
        throw fixed_error(origin_.label + ": " + text, locate(document_.positions, origin_, pointer_ + below));
    }
    std::string needed(const json::object& object, const std::string& field) const
    {
        const json::value* value = find_member(object, field);
        if (!is_filled_string(value)) {
            refuse(name_ + '.' + field + " must be a non-empty string", '/' + field);
        }
        return std::string(value->get_string());
    }

    ConfiguredSource builtin(const json::object& object) const
    {
        const std::string name = needed(object, "builtin");
        if (object.size() > 1) {
            refuse(name_ + " builtin sources do not accept overrides");
        }
        if (name != "foxlight") {
            throw fixed_error("unsupported builtin catalog: " + printable(name),
                              locate(document_.positions, origin_, pointer_ + "/builtin"));
        }
        ConfiguredSource source;
        source.builtin = true;
        return source;
    }

    ConfiguredSource path(const json::object& object) const
    {
        std::vector<std::string> unknown;
        for (const auto& member : object) {
            if (std::find(path_fields.begin(), path_fields.end(), member.key()) == path_fields.end()) {
                unknown.emplace_back(member.key());
            }
        }
        if (!unknown.empty()) {
            std::sort(unknown.begin(), unknown.end());
            std::string list;
            for (const std::string& key : unknown) {
                list += (list.empty() ? "" : ", ") + shown_key(key);
            }
            refuse(name_ + " unsupported fields [" + list + "]");
        }
        ConfiguredSource source;
        source.path = needed(object, "path");
        source.name_space = needed(object, "namespace");
        source.hf_owner = needed(object, "hf_owner");
        const json::value* collection = find_member(object, "hf_collection");
        if (collection != nullptr && !collection->is_null()) {
            source.hf_collection = needed(object, "hf_collection");
        }
        if (!is_namespace(source.name_space)) {
            refuse(name_ + " namespace must be lowercase kebab/dot-case", "/namespace");
        }
        if (source.hf_collection && !is_owner_and_name(*source.hf_collection)) {
            refuse(name_ + ".hf_collection must look like owner/slug", "/hf_collection");
        }
        if (source.hf_collection && owner_of(*source.hf_collection) != source.hf_owner) {
            refuse(name_ + ".hf_collection owner must be " + python_repr(source.hf_owner), "/hf_collection");
        }
        return source;
    }

    const YamlDocument& document_;
    const Origin& origin_;
    std::string list_name_, name_, pointer_;
};

} // namespace

void read_config(const std::filesystem::path& path, const std::string& shown,
                 const std::function<void(const ConfiguredSource&)>& visit, const Warn& warn)
{
    const Origin origin{shown, shown};
    const YamlDocument document = read_yaml_file(path, origin, warn);
    if (!is_mapping(document.value)) {
        throw fixed_error(shown + ": must contain a top-level mapping", locate(document.positions, origin, ""));
    }
    const json::object& top = document.value.get_object();
    const json::value* list = find_member(top, "catalogs");
    const json::value* legacy = find_member(top, "catalogues");
    if (list != nullptr && legacy != nullptr) {
        throw fixed_error(shown + ": set only one of catalogs or the legacy key",
                          locate(document.positions, origin, "/catalogues"));
    }
    const std::string name = legacy != nullptr ? "catalogues" : "catalogs";
    list = legacy != nullptr ? legacy : list;
    if (list == nullptr) {
        return;
    }
    if (!list->is_array()) {
        throw fixed_error(shown + ": catalogs must be a list", locate(document.positions, origin, '/' + name));
    }
    Items items(document, origin, name);
    for (std::size_t i = 0; i < list->get_array().size(); ++i) {
        ConfiguredSource source = items.read(list->get_array()[i], i);
        if (!source.builtin) {
            const std::string own = expand_home(source.path);
            const std::size_t slash = shown.rfind('/');
            const std::string folder = slash == std::string::npos ? "" : shown.substr(0, slash + 1);
            source.path = lexically_clean(own.starts_with('/') ? own : folder + own);
        }
        visit(source);
    }
}

} // namespace skw::catalog
