// SPDX-License-Identifier: Apache-2.0
// Collisions, the check of the whole catalog with the entry in it, and the one write.
#include "catalog/addition.hpp"

#include "catalog/config.hpp"
#include "catalog/replace_file.hpp"
#include "support/files.hpp"
#include "support/letters.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::catalog {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Entry& entry, std::string_view field)
{
    const json::value* value = find_member(entry.fields, field);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

void refuse_taken(const Catalog& catalog, const NewEntry& entry)
{
    const auto refuse = [](const std::string& name, const std::string& holder) {
        throw Error(ErrorCode::bad_input, "", name + " already exists in the catalog",
                    "`skulk-weights catalog show " + holder + "` prints the entry that has it");
    };
    if (const Entry* found = catalog.find(entry.effective_key)) {
        refuse(python_repr(entry.effective_key), found->key);
    }
    for (const Entry& other : catalog.entries) {
        if (other.hf_repo == entry.hf_repo) {
            refuse("hf_repo " + python_repr(entry.hf_repo), other.key);
        }
    }
    for (const Entry& other : catalog.entries) {
        if (text_of(other, "output_name") == entry.output_name) {
            refuse("output_name " + python_repr(entry.output_name), other.key);
        }
    }
}

} // namespace

std::string Addition::content() const
{
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(place_.file, ignored))) {
        return place_.kind == Place::Kind::overlay
                   ? "# Additions to the built-in catalog, read right behind it.\n"
                   : "";
    }
    return read_file(place_.file, largest_manifest);
}

// A file that has no entry yet is no valid source: all else is read without it.
Catalog Addition::read_before(LoadRequest request, const std::string& text, const Warn& warn) const
{
    if (has_no_entries(read_whole(text, printable(place_.file.string())))) {
        request.changed_file = real_path(place_.file);
        request.changed_to.clear();
    }
    return read_catalog(request, rules_, warn);
}

std::vector<std::string> Addition::check(const Warn& warn) const
{
    std::vector<std::string> same;
    const std::string text = content();
    for (const LoadRequest& request : place_.catalogs) {
        const Catalog catalog = read_before(request, text, warn);
        refuse_taken(catalog, entry_);
        for (const Entry& other : catalog.entries) {
            if (equal_ignoring_case(other.source_model, entry_.source_model) &&
                std::ranges::find(same, other.key) == same.end()) {
                same.push_back(other.key);
            }
        }
    }
    return same;
}

Insertion Addition::made_of(const std::string& text) const
{
    Insertion made = insert_entry(text, entry_, printable(place_.file.string()));
    const TempFolder folder;
    LoadRequest request = place_.catalogs.front();
    request.changed_file = real_path(place_.file);
    request.changed_to = folder.path() / "catalog.yaml";
    write_file_atomically(request.changed_to, made.text);
    try {
        const Catalog catalog = read_catalog(request, rules_);
        const Entry* found = catalog.find(entry_.effective_key);
        if (found != nullptr && found->source_model == entry_.source_model &&
            found->hf_repo == entry_.hf_repo) {
            return made;
        }
    } catch (const Error& error) {
        throw Error(error.code(), "",
                    "the catalog would not hold with this entry: " + std::string(error.what()),
                    std::string(error.hint()));
    }
    throw Error(ErrorCode::conflict, printable(place_.file.string()),
                "is not read by this configuration any more", "run the same command again");
}

std::string Addition::preview() const
{
    return made_of(content()).block;
}

void Addition::write(const std::stop_token& stop) const
{
    const fs::path real = real_path(place_.file);
    if (place_.kind == Place::Kind::overlay) {
        make_private_folders(real.parent_path());
    }
    const FolderLock lock(real.parent_path(), stop);
    const std::string before = content();
    for (const LoadRequest& request : place_.catalogs) {
        refuse_taken(read_before(request, before, {}), entry_); // another addition may have come first
    }
    const Insertion made = made_of(before);
    replace_file(real, made.text, [&] {
        if (content() != before) {
            throw Error(ErrorCode::conflict, printable(place_.file.string()),
                        "was changed by another program while the entry was checked",
                        "run the same command again");
        }
    });
}

} // namespace skw::catalog
