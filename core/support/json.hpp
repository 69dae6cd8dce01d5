// SPDX-License-Identifier: Apache-2.0
// JSON from outside, read with limits, and JSON of ours, written so that equal documents are equal bytes.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw {

namespace json = boost::json;

struct JsonLimits {
    std::size_t bytes = 16u << 20;
    std::size_t depth = 64;
    std::size_t values = 4'000'000; // members and elements of the whole document
};

// Parses one document. Refuses, with Error(bad_input) at `place`: text beyond the limits, bytes that are not
// UTF-8, a key that stands twice in one object (Boost.JSON would keep the last), an integer above 64 bits
// (Boost.JSON would make it a double), and anything after the document.
json::value parse_json(std::string_view text, std::string_view place, const JsonLimits& limits = {});

// Members sorted by key at every depth, no white space: equal documents give equal bytes.
std::string canonical_json(const json::value& value);
// "schema" first, then the same order; two blanks of indentation, a final newline: for people and for files.
std::string pretty_json(const json::value& value);

// Text as a JSON string literal, quotes included; every character outside U+0020..U+007E as \uXXXX.
std::string ascii_json_string(std::string_view utf8);

// What is wrong with one input: all of it, so that one run tells everything.
class Findings {
public:
    explicit Findings(std::string place) : place_(std::move(place)) {}
    void add(std::string_view pointer, std::string_view message); // pointer: JSON Pointer, "" = the whole
    bool empty() const noexcept { return lines_.empty(); }
    const std::vector<std::string>& lines() const noexcept { return lines_; } // "/files/1/size: must be ..."
    // Throws Error(bad_input) with the first line as reason and the number of further ones.
    void throw_if_any() const;

private:
    std::string place_;
    std::vector<std::string> lines_;
};

// Reads typed members of a JSON object. A fault goes into the findings, with its JSON Pointer, and a neutral
// value comes back, so that reading goes on. The value and the findings must outlive the reader.
class Reader {
public:
    Reader(const json::value& value, Findings& findings, std::string pointer = {});

    bool has(std::string_view name) const;                     // there, and not null
    std::string string(std::string_view name) const;           // needed; "" on a fault
    std::optional<std::string> find_string(std::string_view name) const; // absent or null: nullopt
    std::uint64_t size(std::string_view name) const;           // needed; whole, 0 or more, up to 2^63 - 1
    std::optional<std::uint64_t> find_size(std::string_view name) const;
    bool boolean(std::string_view name, bool otherwise) const; // absent or null: otherwise
    Reader object(std::string_view name) const;                // needed; an empty object on a fault
    std::optional<Reader> find_object(std::string_view name) const;
    std::vector<std::string> strings(std::string_view name) const; // absent or null: empty

    // make(reader of the element) for each element of a needed list; a missing list is a fault.
    template<class Make>
    auto each(std::string_view name, Make make) const
    {
        std::vector<decltype(make(std::declval<const Reader&>()))> out;
        for_each(name, true, [&](const Reader& element) { out.push_back(make(element)); });
        return out;
    }
    // The same for a list that may be absent.
    template<class Make>
    auto each_if_any(std::string_view name, Make make) const
    {
        std::vector<decltype(make(std::declval<const Reader&>()))> out;
        for_each(name, false, [&](const Reader& element) { out.push_back(make(element)); });
        return out;
    }

    void fault(std::string_view name, std::string_view message) const; // at this member, "" = here
    const json::value& value() const noexcept { return *value_; }

private:
    const json::value* find(std::string_view name) const;
    std::string at(std::string_view name) const;
    void for_each(std::string_view name, bool needed, const std::function<void(const Reader&)>& visit) const;

    const json::value* value_;
    Findings* findings_;
    std::string pointer_;
};

} // namespace skw
