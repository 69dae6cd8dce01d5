// SPDX-License-Identifier: Apache-2.0
// Which plugins there are: reads manifests, hashes libraries, decides who wins. Loads and runs nothing.
#include "plugin/host.hpp"

#include "plugin/examine.hpp"
#include "plugin/manifest.hpp"
#include "support/files.hpp"

#include <algorithm>
#include <map>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_folders = 4096;

// The folders of one place, in the order of their names' bytes: what a directory lists first is chance.
std::vector<fs::path> list_folders(const fs::path& place)
{
    std::vector<fs::path> folders;
    std::error_code failure;
    fs::directory_iterator entry(place, failure);
    const fs::directory_iterator end;
    while (!failure && entry != end && folders.size() < most_folders) {
        std::error_code ignored;
        if (fs::symlink_status(entry->path() / manifest_name, ignored).type() != fs::file_type::not_found) {
            folders.push_back(entry->path());
        }
        entry.increment(failure);
    }
    std::sort(folders.begin(), folders.end(),
              [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
    return folders;
}

// The same id twice in one place: no reason to prefer either.
void mark_conflicts(std::vector<Candidate>& place)
{
    std::map<std::string, std::size_t> count;
    for (const Candidate& candidate : place) {
        ++count[candidate.id];
    }
    for (Candidate& candidate : place) {
        if (count[candidate.id] > 1) {
            refuse(candidate, "conflict", "another folder beside it has the same id " + candidate.id);
        }
    }
}

// One id in several places: the built-in one wins, else the first in the order of search, usable or not:
// a damaged plugin must not silently hand over to one that lies further down.
void mark_shadowed(std::vector<Candidate>& all)
{
    std::map<std::string, const Candidate*> winner;
    for (const Candidate& candidate : all) {
        const Candidate*& current = winner[candidate.id];
        if (current == nullptr || (candidate.source == "builtin" && current->source != "builtin")) {
            current = &candidate;
        }
    }
    for (Candidate& candidate : all) {
        const Candidate* first = winner[candidate.id];
        if (&candidate != first && candidate.folder.parent_path() != first->folder.parent_path()) {
            refuse(candidate, "shadowed", "the plugin in " + first->folder.string() + " has the same id");
        }
    }
}

// One kind claimed by two usable plugins: a built-in keeps its kind, otherwise neither gets it.
void mark_rivals(std::vector<Candidate>& all)
{
    std::map<std::string, std::vector<Candidate*>> claims;
    for (Candidate& candidate : all) {
        for (const Kind& kind : candidate.kinds) {
            if (candidate.usable()) {
                claims[kind.name].push_back(&candidate);
            }
        }
    }
    for (const auto& [kind, rivals] : claims) {
        if (rivals.size() < 2) {
            continue;
        }
        for (Candidate* candidate : rivals) {
            const Candidate* other = rivals[0] == candidate ? rivals[1] : rivals[0];
            if (candidate->source != "builtin" || other->source == "builtin") {
                refuse(*candidate, "conflict",
                       "the plugin " + other->id + " makes the kind " + kind + " too");
            }
        }
    }
}

std::size_t publishing_rank(std::string_view kind)
{
    return kind == "vindex" ? 0 : kind == "mtp" ? 1 : kind == "vision" ? 2 : 3;
}

} // namespace

const Candidate* Inventory::find_kind(std::string_view kind) const
{
    for (const Candidate& candidate : plugins) {
        for (const Kind& offered : candidate.kinds) {
            if (candidate.usable() && offered.name == kind) {
                return &candidate;
            }
        }
    }
    return nullptr;
}

const Candidate* Inventory::find(std::string_view id_or_kind) const
{
    const Candidate* broken = nullptr;
    for (const Candidate& candidate : plugins) {
        if (candidate.id == id_or_kind) {
            if (candidate.status != "shadowed") {
                return &candidate;
            }
            broken = &candidate;
        }
        for (const Kind& offered : candidate.kinds) {
            if (offered.name == id_or_kind && broken == nullptr) {
                broken = &candidate; // only if no usable one makes this kind, see below
            }
        }
    }
    const Candidate* maker = find_kind(id_or_kind);
    return maker != nullptr ? maker : broken;
}

std::vector<std::string> Inventory::kinds() const
{
    std::vector<std::string> names;
    for (const Candidate& candidate : plugins) {
        for (const Kind& kind : candidate.kinds) {
            if (candidate.usable()) {
                names.push_back(kind.name);
            }
        }
    }
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        return std::pair(publishing_rank(a), a) < std::pair(publishing_rank(b), b);
    });
    return names;
}

std::vector<Place> builtin_places()
{
    const fs::path prefix = program_path().parent_path().parent_path();
    return {{.folder = prefix / "lib" / "skulk-weights" / "plugins", .source = "builtin"}};
}

Inventory discover(const std::vector<Place>& places)
{
    Inventory inventory;
    inventory.searched = places;
    for (const Place& place : places) {
        std::vector<Candidate> found;
        for (const fs::path& folder : list_folders(place.folder)) {
            found.push_back(examine_folder(folder, place.source));
        }
        mark_conflicts(found);
        std::move(found.begin(), found.end(), std::back_inserter(inventory.plugins));
    }
    mark_shadowed(inventory.plugins);
    mark_rivals(inventory.plugins);
    std::stable_sort(inventory.plugins.begin(), inventory.plugins.end(),
                     [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
    return inventory;
}

} // namespace skw::plugin
