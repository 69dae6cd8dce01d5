// SPDX-License-Identifier: Apache-2.0
// JSON from outside, read with limits; JSON of ours, written in one order.
#include "support/json.hpp"

#include "support/error.hpp"
#include "support/ids.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <unordered_set>

namespace skw {
namespace {

enum class Refusal { none, duplicate_key, big_integer, too_many };

// Builds a value from parser events and refuses what Boost.JSON would accept silently.
struct Builder {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = 64u << 10;
    static constexpr std::size_t max_string_size = json::string::max_size();

    using code = boost::system::error_code;

    json::value_stack stack;
    std::vector<std::unordered_set<std::string>> keys;
    std::string key, number;
    std::size_t values = 0, limit = 0;
    Refusal refusal = Refusal::none;

    bool stop(Refusal why, code& error)
    {
        refusal = why;
        error = json::error::extra_data;
        return false;
    }
    bool count(code& error) { return ++values <= limit || stop(Refusal::too_many, error); }

    bool on_document_begin(code&) { stack.reset(); return true; }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code& error) { keys.emplace_back(); return count(error); }
    bool on_object_end(std::size_t n, code&) { keys.pop_back(); stack.push_object(n); return true; }
    bool on_array_begin(code& error) { return count(error); }
    bool on_array_end(std::size_t n, code&) { stack.push_array(n); return true; }
    bool on_key_part(std::string_view part, std::size_t, code&)
    {
        key += part;
        stack.push_chars(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, code& error)
    {
        key += part;
        stack.push_key(part);
        if (!keys.back().insert(key).second) {
            return stop(Refusal::duplicate_key, error);
        }
        key.clear();
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, code&) { stack.push_chars(part); return true; }
    bool on_string(std::string_view part, std::size_t, code& error)
    {
        stack.push_string(part);
        return count(error);
    }
    bool on_number_part(std::string_view part, code&) { number += part; return true; }
    bool on_int64(std::int64_t value, std::string_view, code& error)
    {
        number.clear();
        stack.push_int64(value);
        return count(error);
    }
    bool on_uint64(std::uint64_t value, std::string_view, code& error)
    {
        number.clear();
        stack.push_uint64(value);
        return count(error);
    }
    bool on_double(double value, std::string_view part, code& error)
    {
        number += part;
        if (number.find_first_of(".eE") == std::string::npos) {
            return stop(Refusal::big_integer, error);
        }
        number.clear();
        stack.push_double(value);
        return count(error);
    }
    bool on_bool(bool value, code& error) { stack.push_bool(value); return count(error); }
    bool on_null(code& error) { stack.push_null(); return count(error); }
    bool on_comment_part(std::string_view, code&) { return true; }
    bool on_comment(std::string_view, code&) { return true; }
};

std::vector<const json::key_value_pair*> sorted(const json::object& object)
{
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : object) {
        members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
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
        for (const auto* member : sorted(*object)) {
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

json::value parse_json(std::string_view text, std::string_view place, const JsonLimits& limits)
{
    const auto refuse = [&](std::string reason) {
        return Error(ErrorCode::bad_input, std::string(place), std::move(reason));
    };
    if (text.size() > limits.bytes) {
        throw refuse("the JSON text has " + std::to_string(text.size()) + " bytes; at most " +
                     std::to_string(limits.bytes) + " are allowed");
    }
    if (!is_utf8(text)) {
        throw refuse("the JSON text is not UTF-8");
    }
    json::parse_options options;
    options.max_depth = limits.depth;
    json::basic_parser<Builder> parser(options);
    parser.handler().limit = limits.values;
    boost::system::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    switch (parser.handler().refusal) {
    case Refusal::none: break;
    case Refusal::duplicate_key: throw refuse("the key \"" + parser.handler().key + "\" stands twice in one object");
    case Refusal::big_integer: throw refuse("the number " + parser.handler().number + " is too large");
    case Refusal::too_many: throw refuse("more than " + std::to_string(limits.values) + " values");
    }
    if (error) {
        throw refuse("not valid JSON at byte " + std::to_string(used) + ": " + error.message());
    }
    if (!parser.done()) {
        throw refuse("the JSON text ends too early");
    }
    const std::string_view rest = text.substr(used);
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
        throw refuse("more text after the JSON document, at byte " + std::to_string(used));
    }
    return parser.handler().stack.release();
}

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
        const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(quoted[i + k])); };
        const unsigned lead = byte(0);
        if (lead < 0x7f) {
            out += quoted[i++];
            continue;
        }
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        unsigned point = length == 1 ? lead : length == 2 ? lead & 0x1f : length == 3 ? lead & 0x0f : lead & 7;
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

void Findings::add(std::string_view pointer, std::string_view message)
{
    lines_.push_back(pointer.empty() ? std::string(message) : std::string(pointer) + ": " + std::string(message));
}

void Findings::throw_if_any() const
{
    if (lines_.empty()) {
        return;
    }
    std::string reason = lines_.front();
    if (lines_.size() > 1) {
        reason += " (and " + std::to_string(lines_.size() - 1) + " more)";
    }
    throw Error(ErrorCode::bad_input, place_, std::move(reason));
}

Reader::Reader(const json::value& value, Findings& findings, std::string pointer)
    : value_(&value), findings_(&findings), pointer_(std::move(pointer))
{
    if (!value.is_object()) {
        findings.add(pointer_, "must be an object");
    }
}

const json::value* Reader::find(std::string_view name) const
{
    const json::object* object = value_->if_object();
    const json::value* member = object != nullptr ? object->if_contains(name) : nullptr;
    return member != nullptr && !member->is_null() ? member : nullptr;
}

std::string Reader::at(std::string_view name) const
{
    return name.empty() ? pointer_ : pointer_ + "/" + std::string(name);
}

void Reader::fault(std::string_view name, std::string_view message) const
{
    findings_->add(at(name), message);
}

bool Reader::has(std::string_view name) const
{
    return find(name) != nullptr;
}

std::optional<std::string> Reader::find_string(std::string_view name) const
{
    const json::value* member = find(name);
    if (member == nullptr) {
        return std::nullopt;
    }
    if (const json::string* text = member->if_string()) {
        return std::string(*text);
    }
    fault(name, "must be a string");
    return std::nullopt;
}

std::string Reader::string(std::string_view name) const
{
    if (find(name) == nullptr) {
        fault(name, "is missing");
    }
    return find_string(name).value_or(std::string());
}

std::optional<std::uint64_t> Reader::find_size(std::string_view name) const
{
    const json::value* member = find(name);
    if (member == nullptr) {
        return std::nullopt;
    }
    if (const std::int64_t* number = member->if_int64(); number != nullptr && *number >= 0) {
        return static_cast<std::uint64_t>(*number);
    }
    // Only values above 2^63 - 1 are kept as uint64: no file is that large, and sums of two could overflow.
    fault(name, "must be a whole number, 0 or more");
    return std::nullopt;
}

std::uint64_t Reader::size(std::string_view name) const
{
    if (find(name) == nullptr) {
        fault(name, "is missing");
    }
    return find_size(name).value_or(0);
}

bool Reader::boolean(std::string_view name, bool otherwise) const
{
    const json::value* member = find(name);
    if (member == nullptr) {
        return otherwise;
    }
    if (const bool* flag = member->if_bool()) {
        return *flag;
    }
    fault(name, "must be true or false");
    return otherwise;
}

Reader Reader::object(std::string_view name) const
{
    static const json::value empty = json::object();
    const json::value* member = find(name);
    if (member == nullptr) {
        fault(name, "is missing");
        return Reader(empty, *findings_, at(name));
    }
    return Reader(*member, *findings_, at(name));
}

std::optional<Reader> Reader::find_object(std::string_view name) const
{
    const json::value* member = find(name);
    return member != nullptr ? std::optional<Reader>(Reader(*member, *findings_, at(name))) : std::nullopt;
}

std::vector<std::string> Reader::strings(std::string_view name) const
{
    std::vector<std::string> out;
    const json::value* member = find(name);
    if (member == nullptr) {
        return out;
    }
    const json::array* array = member->if_array();
    if (array == nullptr || !std::all_of(array->begin(), array->end(),
                                         [](const json::value& v) { return v.is_string(); })) {
        fault(name, "must be a list of strings");
        return out;
    }
    for (const json::value& element : *array) {
        out.emplace_back(element.get_string());
    }
    return out;
}

void Reader::for_each(std::string_view name, bool needed,
                      const std::function<void(const Reader&)>& visit) const
{
    const json::value* member = find(name);
    const json::array* array = member != nullptr ? member->if_array() : nullptr;
    if (array == nullptr) {
        if (needed || member != nullptr) {
            fault(name, "must be a list");
        }
        return;
    }
    std::size_t index = 0;
    for (const json::value& element : *array) {
        visit(Reader(element, *findings_, at(name) + "/" + std::to_string(index++)));
    }
}

} // namespace skw
