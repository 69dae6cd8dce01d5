// SPDX-License-Identifier: Apache-2.0
// Typed reading of JSON that goes on after a fault and knows its place.
#include "support/error.hpp"
#include "support/json.hpp"

#include <algorithm>

namespace skw {

void Findings::add(std::string_view pointer, std::string_view message)
{
    lines_.push_back(pointer.empty() ? std::string(message)
                                     : std::string(pointer) + ": " + std::string(message));
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
    : value_(&value),
      findings_(&findings),
      pointer_(std::move(pointer))
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
    if (array == nullptr ||
        !std::all_of(array->begin(), array->end(), [](const json::value& v) { return v.is_string(); })) {
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
