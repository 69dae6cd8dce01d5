// SPDX-License-Identifier: Apache-2.0
// Handles, and the facts for the card.
#include "plugin/execution.hpp"

#include "plugin/documents.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace skw::plugin {
namespace {

constexpr std::size_t most_tags = 64;
constexpr std::size_t most_facts = 64;
constexpr std::size_t most_notes = 64;
constexpr std::size_t longest_note = 64u << 10;
constexpr std::size_t longest_fact = 2000;

// Members of the card's front matter that the host fills by itself.
constexpr std::array<std::string_view, 8> host_facts = {"artifact_type",  "source_repo", "source_revision",
                                                        "target_model",   "quant",       "catalog_key",
                                                        "extracted_with", "generated_at"};

Error bad_card(std::string place, std::string reason)
{
    return Error(ErrorCode::bad_input, "card: " + std::move(place), std::move(reason));
}

bool is_fact_name(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string line_of(const json::value& value, std::string place, std::size_t limit)
{
    if (!value.is_string() || value.get_string().size() > limit || !is_one_line(value.get_string())) {
        throw bad_card(std::move(place), "must be one line of at most " + std::to_string(limit) + " bytes");
    }
    return std::string(value.get_string());
}

} // namespace

skw_handle Handles::add(Thing thing)
{
    static std::atomic<skw_handle> next{1};
    const skw_handle handle = next++;
    const std::lock_guard<std::mutex> guard(mutex_);
    open_.emplace(handle, std::move(thing));
    return handle;
}

Handles::Thing Handles::find(skw_handle handle) const
{
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = open_.find(handle);
    if (found == open_.end()) {
        throw Error(ErrorCode::contract, "handle " + std::to_string(handle), "is not open in this call");
    }
    return found->second;
}

std::shared_ptr<InputPart> Handles::input(skw_handle handle) const
{
    const Thing thing = find(handle);
    const auto* part = std::get_if<std::shared_ptr<InputPart>>(&thing);
    if (part == nullptr) {
        throw Error(ErrorCode::contract, "handle " + std::to_string(handle), "is an output, not an input");
    }
    return *part;
}

std::shared_ptr<OutputFile> Handles::output(skw_handle handle) const
{
    const Thing thing = find(handle);
    const auto* file = std::get_if<std::shared_ptr<OutputFile>>(&thing);
    if (file == nullptr) {
        throw Error(ErrorCode::contract, "handle " + std::to_string(handle), "is an input, not an output");
    }
    return *file;
}

void Handles::close(skw_handle handle)
{
    const Thing last_use = find(handle); // destroyed after the lock is gone: dropping an output does I/O
    const std::lock_guard<std::mutex> guard(mutex_);
    open_.erase(handle);
}

std::vector<std::string> Handles::close_all() noexcept
{
    std::vector<std::string> left;
    try {
        std::map<skw_handle, Thing> open;
        {
            const std::lock_guard<std::mutex> guard(mutex_);
            open.swap(open_);
        }
        for (const auto& [handle, thing] : open) {
            const auto* part = std::get_if<std::shared_ptr<InputPart>>(&thing);
            left.push_back(part != nullptr ? "input " + (*part)->place()
                                           : "output " + std::get<1>(thing)->id());
        }
    } catch (...) {
        left.clear();
    }
    return left;
}

void CardBook::merge(const json::value& patch)
{
    const json::object* object = patch.if_object();
    if (object == nullptr) {
        throw bad_card("patch", "must be an object");
    }
    CardNotes added;
    if (const json::value* tags = object->if_contains("tags")) {
        if (!tags->is_array()) {
            throw bad_card("/tags", "must be a list");
        }
        for (const json::value& tag : tags->get_array()) {
            added.tags.push_back(line_of(tag, "/tags", 100));
        }
    }
    if (const json::value* facts = object->if_contains("facts")) {
        if (!facts->is_object()) {
            throw bad_card("/facts", "must be an object");
        }
        for (const json::key_value_pair& fact : facts->get_object()) {
            const std::string name(fact.key());
            if (!is_fact_name(name) ||
                std::find(host_facts.begin(), host_facts.end(), name) != host_facts.end()) {
                throw bad_card("/facts", "has a name that the host owns, or that is not a-z, 0-9 and _");
            }
            added.facts.emplace_back(name, line_of(fact.value(), "/facts/" + name, longest_fact));
        }
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    if (notes_.tags.size() + added.tags.size() > most_tags ||
        notes_.facts.size() + added.facts.size() > most_facts) {
        throw bad_card("patch", "brings the card above 64 tags or 64 facts");
    }
    notes_.tags.insert(notes_.tags.end(), added.tags.begin(), added.tags.end());
    for (auto& fact : added.facts) { // the latest word on a fact counts
        const auto same = std::find_if(notes_.facts.begin(), notes_.facts.end(),
                                       [&](const auto& known) { return known.first == fact.first; });
        if (same != notes_.facts.end()) {
            same->second = std::move(fact.second);
        } else {
            notes_.facts.push_back(std::move(fact));
        }
    }
}

void CardBook::add_note(std::string_view text)
{
    if (text.empty() || text.size() > longest_note || !is_utf8(text)) {
        throw bad_card("note", "must be UTF-8 text of 1 byte to 64 KiB");
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    if (notes_.notes.size() == most_notes) {
        throw bad_card("note", "is one more than the 64 a card takes");
    }
    notes_.notes.emplace_back(text);
}

CardNotes CardBook::take()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::move(notes_);
}

} // namespace skw::plugin
