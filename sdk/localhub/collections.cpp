// SPDX-License-Identifier: Apache-2.0
// Collections as files ROOT/collections/<24 hex>.json.
#include "localhub/collections.hpp"

#include "support/files.hpp"
#include "support/hex.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

json::object to_json(const CollectionRecord& record)
{
    json::array items;
    for (const CollectionItem& item : record.items) {
        items.push_back(
            json::object{{"_id", item.internal}, {"type", item.type}, {"id", item.id}, {"note", item.note}});
    }
    return {{"_id", record.internal},       {"owner", record.owner},
            {"title", record.title},        {"description", record.description},
            {"theme", record.theme},        {"updated", record.updated},
            {"private", record.is_private}, {"position", record.position},
            {"items", std::move(items)}};
}

CollectionRecord from_json(const json::value& value, const std::string& place)
{
    Findings findings(place);
    const Reader reader(value, findings);
    CollectionRecord out;
    out.internal = reader.string("_id");
    out.owner = reader.string("owner");
    out.title = reader.string("title");
    out.description = reader.string("description");
    out.theme = reader.string("theme");
    out.updated = reader.string("updated");
    out.is_private = reader.boolean("private", false);
    out.position = reader.size("position");
    out.items = reader.each("items", [](const Reader& item) {
        return CollectionItem{.internal = item.string("_id"),
                              .type = item.string("type"),
                              .id = item.string("id"),
                              .note = item.string("note")};
    });
    findings.throw_if_any();
    return out;
}

} // namespace

std::string CollectionRecord::slug() const
{
    std::string words;
    for (const char c : title) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')) {
            words += low;
        } else if (!words.empty() && words.back() != '-') {
            words += '-';
        }
    }
    return owner + "/" + words + (words.empty() || words.back() != '-' ? "-" : "") + internal;
}

Collections::Collections(std::filesystem::path folder) : folder_(std::move(folder))
{
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        if (entry.path().extension() == ".json") {
            CollectionRecord record = from_json(
                parse_json(read_file(entry.path(), 16u << 20), entry.path().string()), entry.path().string());
            records_[record.internal] = std::move(record);
        }
    }
}

std::vector<CollectionRecord> Collections::all() const
{
    const std::lock_guard lock(mutex_);
    std::vector<CollectionRecord> out;
    for (const auto& [id, record] : records_) {
        out.push_back(record);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.updated > b.updated; });
    return out;
}

std::optional<CollectionRecord> Collections::find(std::string_view slug) const
{
    if (slug.size() < 24) {
        return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    const auto at = records_.find(std::string(slug.substr(slug.size() - 24)));
    return at == records_.end() ? std::nullopt : std::optional(at->second);
}

void Collections::save(CollectionRecord record)
{
    const std::lock_guard lock(mutex_);
    write_file_atomically(folder_ / (record.internal + ".json"), pretty_json(to_json(record)));
    records_[record.internal] = std::move(record);
}

void Collections::remove(const std::string& internal)
{
    const std::lock_guard lock(mutex_);
    std::filesystem::remove(folder_ / (internal + ".json"));
    records_.erase(internal);
}

} // namespace skw::localhub
