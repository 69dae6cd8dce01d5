// SPDX-License-Identifier: Apache-2.0
// Collections: one JSON file each, named by the 24 hex digits that end its slug.
#pragma once

#include "support/json.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct CollectionItem {
    std::string internal, type, id, note; // "_id"; "model"; "owner/name"
};

struct CollectionRecord {
    std::string internal; // 24 hex
    std::string owner, title, description, theme = "orange", updated;
    bool is_private = false;
    std::uint64_t position = 0;
    std::vector<CollectionItem> items;

    std::string slug() const; // "owner/title-as-slug-24hex"
};

class Collections {
public:
    explicit Collections(std::filesystem::path folder);
    std::vector<CollectionRecord> all() const;                         // newest change first
    std::optional<CollectionRecord> find(std::string_view slug) const; // by its last 24 digits
    void save(CollectionRecord record);
    void remove(const std::string& internal);
    // Held from looking to saving, so that a title or an item is added once.
    std::unique_lock<std::mutex> change() { return std::unique_lock(change_); }

private:
    std::filesystem::path folder_;
    std::mutex change_;
    mutable std::mutex mutex_;
    std::map<std::string, CollectionRecord> records_;
};

} // namespace skw::localhub
