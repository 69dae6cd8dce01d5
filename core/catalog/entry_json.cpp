// SPDX-License-Identifier: Apache-2.0
// An entry as the one line of JSON that scripts read.
#include "catalog/catalog.hpp"

#include "support/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace skw::catalog {
namespace {

constexpr std::array<std::string_view, 13> keys = {"assistant_model_repo",
                                                   "hf_collection",
                                                   "hf_repo",
                                                   "key",
                                                   "mtp_sidecar_repo",
                                                   "mtp_source_repo",
                                                   "output_name",
                                                   "quant",
                                                   "slices",
                                                   "source_model",
                                                   "tier",
                                                   "vision_sidecar_repo",
                                                   "vision_source_repo"};

void write(const json::value& value, std::string& out)
{
    if (const json::string* text = value.if_string()) {
        out += ascii_json_string(*text);
    } else if (const json::array* list = value.if_array()) {
        out += '[';
        for (const json::value& element : *list) {
            out += out.back() == '[' ? "" : ", ";
            write(element, out);
        }
        out += ']';
    } else if (const json::object* object = value.if_object()) {
        std::vector<std::string_view> names;
        for (const auto& member : *object) {
            names.push_back(member.key());
        }
        std::sort(names.begin(), names.end());
        bool first = true;
        out += '{';
        for (const std::string_view name : names) {
            out += (first ? "" : ", ") + ascii_json_string(name) + ": ";
            first = false;
            write(object->at(name), out);
        }
        out += '}';
    } else {
        out += json::serialize(value);
    }
}

} // namespace

std::string entry_json(const Entry& entry)
{
    std::string out = "{";
    for (const std::string_view key : keys) {
        out += (out.size() > 1 ? ", " : "") + ascii_json_string(key) + ": ";
        const json::value* value = entry.fields.if_contains(key);
        write(value != nullptr ? *value : json::value(nullptr), out);
    }
    // Younger than the scripts that read this line: shown only where an entry has them.
    for (const std::string_view key :
         {"artifacts", "mtp_accept", "mtp_base_model_relation", "mtp_keep_f32", "mtp_names",
          "mtp_shared_copies", "vision_base_model_relation"}) {
        if (const json::value* value = entry.fields.if_contains(key); value != nullptr && !value->is_null()) {
            out += ", " + ascii_json_string(key) + ": ";
            write(*value, out);
        }
    }
    return out + '}';
}

} // namespace skw::catalog
