// SPDX-License-Identifier: Apache-2.0
// One YAML document as the quick reader and as the library read it: value, positions, warnings or error.
#pragma once

#include "catalog/yaml.hpp"
#include "catalog/yaml_quick.hpp"
#include "support/error.hpp"

#include <boost/json/value_from.hpp>

#include <string>
#include <string_view>

namespace skw::tests {

inline void list_positions(const json::value& value, const std::string& pointer,
                           const catalog::Positions& positions, json::object& out)
{
    const auto found = positions.find(pointer);
    out[pointer] = found ? std::to_string(found->line) + ':' + std::to_string(found->column) : "none";
    if (const json::object* object = value.if_object()) {
        for (const auto& member : *object) {
            std::string name;
            for (const char c : member.key()) {
                name += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
            }
            list_positions(member.value(), pointer + '/' + name, positions, out);
        }
    } else if (const json::array* list = value.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            list_positions((*list)[i], pointer + '/' + std::to_string(i), positions, out);
        }
    }
}

struct BothReaders {
    explicit BothReaders(std::string_view text)
        : usual(read(text, true)),
          library(read(text, false)),
          // Prepared text only: the quick reader does not see other text.
          quick(text.find_first_of("\r\t") == std::string_view::npos && catalog::is_quick_yaml(text))
    {
    }

    json::object usual, library;
    bool quick;

private:
    static json::object read(std::string_view text, bool quick)
    {
        catalog::YamlLimits limits;
        limits.quick = quick;
        json::object out;
        try {
            const catalog::YamlDocument document = catalog::parse_yaml(text, "text", limits);
            json::object positions;
            list_positions(document.value, "", document.positions, positions);
            out["value"] = document.value;
            out["warnings"] = json::value_from(document.warnings);
            out["positions"] = std::move(positions);
        } catch (const Error& error) {
            out["error"] = error.what();
        }
        return out;
    }
};

} // namespace skw::tests
