// SPDX-License-Identifier: Apache-2.0
// JSON of ours, written in one order, so that equal documents are equal bytes.
#include "support/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace skw {
namespace {

enum class Order { canonical, schema_first };

// By key; in documents for people "schema" comes first, as it says how to read the rest.
std::vector<const json::key_value_pair*> sorted(const json::object& object, Order order)
{
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : object) {
        members.push_back(&member);
    }
    std::sort(members.begin(), members.end(), [order](const auto* a, const auto* b) {
        const bool a_first = order == Order::schema_first && a->key() == "schema";
        const bool b_first = order == Order::schema_first && b->key() == "schema";
        return a_first != b_first ? a_first : a->key() < b->key();
    });
    return members;
}

// indent < 0: no white space at all.
void write(const json::value& value, int indent, std::string& out)
{
    const auto line = [&](int depth) {
        if (indent >= 0) {
            out += '\n';
            out.append(2 * static_cast<std::size_t>(depth), ' ');
        }
    };
    const int inner = indent < 0 ? indent : indent + 1;
    bool first = true;
    if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
        out += '{';
        for (const auto* member : sorted(*object, indent < 0 ? Order::canonical : Order::schema_first)) {
            out += first ? "" : ",";
            first = false;
            line(inner);
            out += json::serialize(member->key());
            out += indent < 0 ? ":" : ": ";
            write(member->value(), inner, out);
        }
        line(indent);
        out += '}';
    } else if (const json::array* array = value.if_array(); array != nullptr && !array->empty()) {
        out += '[';
        for (const json::value& element : *array) {
            out += first ? "" : ",";
            first = false;
            line(inner);
            write(element, inner, out);
        }
        line(indent);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

} // namespace

std::string canonical_json(const json::value& value)
{
    std::string out;
    write(value, -1, out);
    return out;
}

std::string pretty_json(const json::value& value)
{
    std::string out;
    write(value, 0, out);
    return out + '\n';
}

std::string ascii_json_string(std::string_view utf8)
{
    const std::string quoted = json::serialize(json::string_view(utf8)); // escapes, but keeps UTF-8
    std::string out;
    const auto unit = [&](unsigned value) {
        static constexpr char digits[] = "0123456789abcdef";
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) {
            out += digits[(value >> shift) & 15];
        }
    };
    for (std::size_t i = 0; i < quoted.size();) {
        const auto byte = [&](std::size_t k) {
            return static_cast<unsigned>(static_cast<unsigned char>(quoted[i + k]));
        };
        const unsigned lead = byte(0);
        if (lead < 0x7f) {
            out += quoted[i++];
            continue;
        }
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        unsigned point = length == 1   ? lead
                         : length == 2 ? lead & 0x1f
                         : length == 3 ? lead & 0x0f
                                       : lead & 7;
        for (std::size_t k = 1; k < length; ++k) {
            point = point << 6 | (byte(k) & 0x3f);
        }
        i += length;
        if (point >= 0x10000) {
            unit(0xd800 + ((point - 0x10000) >> 10));
            unit(0xdc00 + ((point - 0x10000) & 0x3ff));
        } else {
            unit(point);
        }
    }
    return out;
}

} // namespace skw
