// SPDX-License-Identifier: Apache-2.0
// The one file that instantiates Boost.JSON's incremental parser (it costs seconds of compile time).
#include "safetensors/json_stream.hpp"

#include "safetensors/utf8.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <limits>
#include <string>

namespace skw::safetensors {

namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view text)
{
    throw Error(Reason::bad_json, {}, text);
}

// Boost.JSON hands out texts and numbers in parts when a piece of input ends inside of them.
struct Handler {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    JsonEvents* events;
    std::size_t text_limit;
    std::string parts;
    char number_start = '\0';

    void keep(json::string_view part)
    {
        if (part.size() > text_limit - parts.size()) {
            refuse("a text in it is longer than " + std::to_string(text_limit) + " bytes");
        }
        parts.append(part.data(), part.size());
    }
    // The text that ends with `last`: a view of the input where it came in one part.
    template<class Deliver>
    bool deliver(json::string_view last, Deliver give)
    {
        if (parts.empty() && last.size() <= text_limit) {
            give(std::string_view(last.data(), last.size()));
            return true;
        }
        keep(last);
        give(std::string_view(parts));
        parts.clear();
        return true;
    }
    bool number(std::uint64_t value, json::string_view last, bool negative)
    {
        const char first = number_start != '\0' ? number_start : last.empty() ? '\0' : last.front();
        number_start = '\0';
        if (negative || first == '-') {
            events->other_number();
        } else {
            events->whole(value);
        }
        return true;
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return events->begin_object(), true; }
    bool on_object_end(std::size_t, json::error_code&) { return events->end_object(), true; }
    bool on_array_begin(json::error_code&) { return events->begin_array(), true; }
    bool on_array_end(std::size_t, json::error_code&) { return events->end_array(), true; }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return keep(part), true; }
    bool on_key(json::string_view last, std::size_t, json::error_code&)
    {
        return deliver(last, [this](std::string_view whole) { events->key(whole); });
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return keep(part), true; }
    bool on_string(json::string_view last, std::size_t, json::error_code&)
    {
        return deliver(last, [this](std::string_view whole) { events->text(whole); });
    }
    bool on_number_part(json::string_view part, json::error_code&)
    {
        if (number_start == '\0' && !part.empty()) {
            number_start = part.front();
        }
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view last, json::error_code&)
    {
        return number(static_cast<std::uint64_t>(value), last, value < 0);
    }
    bool on_uint64(std::uint64_t value, json::string_view last, json::error_code&)
    {
        return number(value, last, false);
    }
    bool on_double(double, json::string_view, json::error_code&)
    {
        number_start = '\0';
        return events->other_number(), true;
    }
    bool on_bool(bool value, json::error_code&) { return events->boolean(value), true; }
    bool on_null(json::error_code&) { return events->null(), true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
};

json::parse_options options(const JsonStreamLimits& limits)
{
    json::parse_options out;
    out.max_depth = limits.depth;
    return out;
}

} // namespace

struct JsonStream::State {
    State(JsonEvents& events, const JsonStreamLimits& limits)
        : parser(options(limits), Handler{&events, limits.text_bytes, {}, '\0'})
    {
    }

    void write(bool more, std::string_view piece)
    {
        json::error_code failure;
        const std::size_t used = parser.write_some(more, piece.data(), piece.size(), failure);
        if (failure == json::error::incomplete) {
            refuse("the JSON ends too early");
        }
        if (failure == json::error::too_deep) {
            refuse("the JSON is nested too deeply");
        }
        if (failure) {
            refuse("not valid JSON (" + failure.message() + " near byte " + std::to_string(done + used) +
                   ")");
        }
        if (used != piece.size()) {
            refuse("something stands behind the JSON at byte " + std::to_string(done + used));
        }
        done += piece.size();
    }

    json::basic_parser<Handler> parser;
    Utf8Check utf8;
    std::uint64_t done = 0; // bytes of the pieces before
};

JsonStream::JsonStream(JsonEvents& events, const JsonStreamLimits& limits)
    : state_(std::make_unique<State>(events, limits))
{
}

JsonStream::~JsonStream() = default;
JsonStream::JsonStream(JsonStream&&) noexcept = default;
JsonStream& JsonStream::operator=(JsonStream&&) noexcept = default;

void JsonStream::feed(std::string_view json)
{
    if (json.empty()) {
        return;
    }
    if (const auto bad = state_->utf8.feed(json)) {
        throw Error(Reason::bad_utf8, {}, "not UTF-8 at byte " + std::to_string(state_->done + *bad));
    }
    state_->write(true, json);
}

void JsonStream::finish()
{
    if (!state_->utf8.complete()) {
        throw Error(Reason::bad_utf8, {}, "the text ends inside of a UTF-8 character");
    }
    state_->write(false, {"", 0});
}

} // namespace skw::safetensors
