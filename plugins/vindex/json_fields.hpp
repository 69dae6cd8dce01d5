// SPDX-License-Identifier: Apache-2.0
// JSON that strangers wrote: no key twice, bounded depth, and members read with complaints that name the
// place.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skw::vindex {

namespace json = boost::json;

// place names the file in complaints. Throws Failure(SKW_E_BAD_INPUT).
json::value read_json(std::string_view text, std::string_view place);
json::object read_json_object(std::string_view text, std::string_view place);

// Only that it is JSON, for texts of any size; builds nothing.
void require_json(std::string_view text, std::string_view place);

// A name out of a foreign file, printable and short.
std::string shown(std::string_view text);

// The members of one object. The object must outlive the reader. All but find_* throw
// Failure(SKW_E_BAD_INPUT) when the member is missing or of another type; find_* give nothing for a missing
// or null member, and throw for another type.
class Fields {
public:
    Fields(const json::object& object, std::string place) : object_(object), place_(std::move(place)) {}

    bool has(std::string_view name) const; // there, and not null
    std::uint64_t whole(std::string_view name) const;
    std::string text(std::string_view name) const;
    bool truth(std::string_view name) const;
    const json::array& list(std::string_view name) const;
    const json::object& object(std::string_view name) const;
    std::optional<std::uint64_t> find_whole(std::string_view name) const;
    std::optional<std::string> find_text(std::string_view name) const;
    bool find_truth(std::string_view name) const; // false if missing
    const json::object* find_object(std::string_view name) const;
    const json::array* find_list(std::string_view name) const;

    const std::string& place() const noexcept { return place_; }
    [[noreturn]] void refuse(std::string text) const;

private:
    const json::value* find(std::string_view name) const;
    const json::value& get(std::string_view name) const;
    [[noreturn]] void wrong(std::string_view name, std::string_view wanted) const;

    const json::object& object_;
    std::string place_;
};

} // namespace skw::vindex
