// SPDX-License-Identifier: Apache-2.0
// Writes JSON documents for the host, and the hook by which an author's own JSON types cross the border.
#ifndef SKW_JSON_WRITER_HPP
#define SKW_JSON_WRITER_HPP

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::sdk {

// How a type becomes a document's text, and is made of it. Slots of a plugin take and return
// std::string_view and std::string; specialise this for the types of your JSON library to use them instead:
//
//     template<> struct skw::sdk::json_text<boost::json::value> {
//         static boost::json::value read(std::string_view text) { return boost::json::parse(text); }
//         static std::string write(const boost::json::value& value) { return serialize(value); }
//     };
template<class T>
struct json_text;

template<>
struct json_text<std::string> {
    static std::string read(std::string_view text) { return std::string(text); }
    static std::string write(std::string text) { return text; }
};

template<>
struct json_text<std::string_view> {
    static std::string_view read(std::string_view text) { return text; }
    static std::string write(std::string_view text) { return std::string(text); }
};

template<class T>
concept readable_json = requires(std::string_view text) { json_text<T>::read(text); };
template<class T>
concept writable_json = requires(T value) {
    {
        json_text<T>::write(std::move(value))
    } -> std::convertible_to<std::string>;
};

namespace detail {

// The length of the well-formed UTF-8 sequence at the beginning of text; 0 if there is none.
inline std::size_t utf8_length(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || text.size() < length) {
        return 0;
    }
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0) != 0x80) {
            return 0;
        }
    }
    const unsigned char second = byte(1);
    const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return bad ? 0 : length;
}

} // namespace detail

// Appends text as a JSON string, quotes included. A byte that is not part of UTF-8 becomes U+FFFD.
inline void append_json_string(std::string& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        const char c = text.front();
        if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

// One document, written from front to back; members stand in the order of the calls. A wrong order of calls
// (a value without a key, a list left open) throws std::logic_error: it is a bug of the caller.
//
//     JsonWriter json;
//     json.begin_object().member("schema", "skw.findings/1").key("items").begin_array();
//     json.end_array().end_object();
//     return json.take();
class JsonWriter {
public:
    JsonWriter& begin_object() { return open('{', '}'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('[', ']'); }
    JsonWriter& end_array() { return close(']'); }

    JsonWriter& key(std::string_view name)
    {
        require(!open_.empty() && open_.back().closer == '}' && !keyed_, "a key outside of an object");
        separate();
        append_json_string(out_, name);
        out_ += ':';
        keyed_ = true;
        return *this;
    }

    JsonWriter& value(std::string_view text)
    {
        before_value();
        append_json_string(out_, text);
        return *this;
    }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
    JsonWriter& value(std::nullptr_t) { return raw("null"); }

    // Beyond 2^53 - 1 in either direction a number is written as a decimal string, as the documents ask.
    template<std::integral Whole>
    JsonWriter& value(Whole number)
    {
        constexpr std::uint64_t exact = (std::uint64_t{1} << 53) - 1;
        const bool large = number < 0 ? static_cast<std::int64_t>(number) < -static_cast<std::int64_t>(exact)
                                      : static_cast<std::uint64_t>(number) > exact;
        const std::string digits = std::to_string(number);
        return large ? value(std::string_view(digits)) : raw(digits);
    }

    // The shortest text that reads back as the same number; null for what JSON cannot hold.
    JsonWriter& value(double number)
    {
        if (!std::isfinite(number)) {
            return raw("null");
        }
        char text[40];
        const std::to_chars_result end = std::to_chars(text, text + sizeof text, number);
        return raw(std::string_view(text, static_cast<std::size_t>(end.ptr - text)));
    }

    JsonWriter& value(const std::vector<std::string>& list)
    {
        begin_array();
        for (const std::string& item : list) {
            value(item);
        }
        return end_array();
    }

    // A value that is JSON already.
    JsonWriter& raw(std::string_view json)
    {
        before_value();
        out_ += json;
        return *this;
    }

    template<class Value>
    JsonWriter& member(std::string_view name, const Value& content)
    {
        key(name);
        return value(content);
    }
    JsonWriter& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }

    // The finished document; the writer is empty afterwards.
    std::string take()
    {
        require(open_.empty() && !out_.empty(), "an unfinished document");
        return std::exchange(out_, {});
    }

private:
    struct Level {
        char closer;
        bool empty;
    };

    static void require(bool fine, const char* complaint)
    {
        if (!fine) {
            throw std::logic_error(complaint);
        }
    }
    void separate()
    {
        if (!open_.back().empty) {
            out_ += ',';
        }
        open_.back().empty = false;
    }
    void before_value()
    {
        if (open_.empty()) {
            require(out_.empty(), "a second value at the top");
        } else if (open_.back().closer == '}') {
            require(keyed_, "a value without a key");
            keyed_ = false;
        } else {
            separate();
        }
    }
    JsonWriter& open(char opener, char closer)
    {
        before_value();
        out_ += opener;
        open_.push_back({closer, true});
        return *this;
    }
    JsonWriter& close(char closer)
    {
        require(!open_.empty() && open_.back().closer == closer && !keyed_, "an end that fits no beginning");
        open_.pop_back();
        out_ += closer;
        return *this;
    }

    std::string out_;
    std::vector<Level> open_;
    bool keyed_ = false;
};

} // namespace skw::sdk

#endif // SKW_JSON_WRITER_HPP
