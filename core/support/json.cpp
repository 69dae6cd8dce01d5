// SPDX-License-Identifier: Apache-2.0
// JSON from outside, read with limits.
#include "support/json.hpp"

#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

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

    bool on_document_begin(code&)
    {
        stack.reset();
        return true;
    }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code& error)
    {
        keys.emplace_back();
        return count(error);
    }
    bool on_object_end(std::size_t n, code&)
    {
        keys.pop_back();
        stack.push_object(n);
        return true;
    }
    bool on_array_begin(code& error) { return count(error); }
    bool on_array_end(std::size_t n, code&)
    {
        stack.push_array(n);
        return true;
    }
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
    bool on_string_part(std::string_view part, std::size_t, code&)
    {
        stack.push_chars(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, code& error)
    {
        stack.push_string(part);
        return count(error);
    }
    bool on_number_part(std::string_view part, code&)
    {
        number += part;
        return true;
    }
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
    bool on_bool(bool value, code& error)
    {
        stack.push_bool(value);
        return count(error);
    }
    bool on_null(code& error)
    {
        stack.push_null();
        return count(error);
    }
    bool on_comment_part(std::string_view, code&) { return true; }
    bool on_comment(std::string_view, code&) { return true; }
};

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
    case Refusal::duplicate_key:
        throw refuse("the key \"" + printable(parser.handler().key, 200) + "\" stands twice in one object");
    case Refusal::big_integer:
        throw refuse("the number " + printable(parser.handler().number, 100) + " is too large");
    case Refusal::too_many: throw refuse("more than " + std::to_string(limits.values) + " values");
    }
    if (error == json::error::incomplete) {
        throw refuse("the JSON text ends too early");
    }
    if (error) {
        throw refuse("not valid JSON at byte " + std::to_string(used) + ": " + error.message());
    }
    const std::string_view rest = text.substr(used);
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
        throw refuse("more text after the JSON document, at byte " + std::to_string(used));
    }
    return parser.handler().stack.release();
}

} // namespace skw
