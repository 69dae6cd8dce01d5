// SPDX-License-Identifier: Apache-2.0
// Checks the text with a stream of events first: a parser that keeps the last of two equal keys would let a
// file say one thing here and another thing to its reader.
#include "vindex/json_fields.hpp"

#include <skw/failure.hpp>

#include "safetensors/json_stream.hpp"

#include <boost/json/parse.hpp>

#include <set>
#include <vector>

namespace skw::vindex {
namespace {

constexpr std::size_t depth_limit = 32;

class Nothing : public safetensors::JsonEvents {
public:
    void begin_object() override {}
    void end_object() override {}
    void begin_array() override {}
    void end_array() override {}
    void key(std::string_view) override {}
    void text(std::string_view) override {}
    void whole(std::uint64_t) override {}
    void other_number() override {}
    void boolean(bool) override {}
    void null() override {}
};

class KeyCheck : public Nothing {
public:
    void begin_object() override { seen_.emplace_back(); }
    void end_object() override { seen_.pop_back(); }
    void begin_array() override { seen_.emplace_back(); }
    void end_array() override { seen_.pop_back(); }
    void key(std::string_view name) override
    {
        if (!seen_.back().emplace(name).second && twice.empty()) {
            twice = shown(name);
        }
    }

    std::string twice;

private:
    std::vector<std::set<std::string, std::less<>>> seen_;
};

[[noreturn]] void refuse_text(std::string_view place, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(place), std::move(text));
}

void stream_through(safetensors::JsonEvents& events, std::string_view text, std::string_view place)
{
    try {
        safetensors::JsonStream stream(events, {.depth = depth_limit, .text_bytes = 16u << 20});
        stream.feed(text);
        stream.finish();
    } catch (const safetensors::Error& error) {
        refuse_text(place, std::string("it is not JSON: ") + error.what());
    }
}

} // namespace

void require_json(std::string_view text, std::string_view place)
{
    Nothing nothing;
    stream_through(nothing, text, place);
}

std::string shown(std::string_view text)
{
    return safetensors::printable_name(text);
}

json::value read_json(std::string_view text, std::string_view place)
{
    KeyCheck keys;
    stream_through(keys, text, place);
    if (!keys.twice.empty()) {
        refuse_text(place, "the key '" + keys.twice + "' stands twice in one object");
    }
    json::parse_options options;
    options.max_depth = depth_limit;
    boost::system::error_code failure;
    json::value document = json::parse(json::string_view(text.data(), text.size()), failure, {}, options);
    if (failure) {
        refuse_text(place, "it is not JSON");
    }
    return document;
}

json::object read_json_object(std::string_view text, std::string_view place)
{
    json::value document = read_json(text, place);
    if (!document.is_object()) {
        refuse_text(place, "it is not a JSON object");
    }
    return std::move(document.get_object());
}

const json::value* Fields::find(std::string_view name) const
{
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value& Fields::get(std::string_view name) const
{
    const json::value* value = find(name);
    if (value == nullptr) {
        refuse("it has no " + std::string(name));
    }
    return *value;
}

void Fields::refuse(std::string text) const
{
    refuse_text(place_, std::move(text));
}

void Fields::wrong(std::string_view name, std::string_view wanted) const
{
    refuse(std::string(name) + " must be " + std::string(wanted));
}

bool Fields::has(std::string_view name) const
{
    return find(name) != nullptr;
}

std::optional<std::uint64_t> Fields::find_whole(std::string_view name) const
{
    const json::value* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_uint64()) {
        return value->get_uint64();
    }
    if (!value->is_int64() || value->get_int64() < 0) {
        wrong(name, "a whole number, 0 or more");
    }
    return static_cast<std::uint64_t>(value->get_int64());
}

std::uint64_t Fields::whole(std::string_view name) const
{
    get(name);
    return *find_whole(name);
}

std::optional<std::string> Fields::find_text(std::string_view name) const
{
    const json::value* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        wrong(name, "text");
    }
    return std::string(value->get_string());
}

std::string Fields::text(std::string_view name) const
{
    get(name);
    return *find_text(name);
}

bool Fields::find_truth(std::string_view name) const
{
    const json::value* value = find(name);
    if (value != nullptr && !value->is_bool()) {
        wrong(name, "true or false");
    }
    return value != nullptr && value->get_bool();
}

bool Fields::truth(std::string_view name) const
{
    get(name);
    return find_truth(name);
}

const json::array* Fields::find_list(std::string_view name) const
{
    const json::value* value = find(name);
    if (value != nullptr && !value->is_array()) {
        wrong(name, "a list");
    }
    return value == nullptr ? nullptr : &value->get_array();
}

const json::array& Fields::list(std::string_view name) const
{
    get(name);
    return *find_list(name);
}

const json::object* Fields::find_object(std::string_view name) const
{
    const json::value* value = find(name);
    if (value != nullptr && !value->is_object()) {
        wrong(name, "an object");
    }
    return value == nullptr ? nullptr : &value->get_object();
}

const json::object& Fields::object(std::string_view name) const
{
    get(name);
    return *find_object(name);
}

} // namespace skw::vindex
