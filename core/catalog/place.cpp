// SPDX-License-Identifier: Apache-2.0
// Matches a file with the sources of the catalog.
#include "catalog/place.hpp"

#include "catalog/config.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <optional>

namespace skw::catalog {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_it =
    "name it in skulk-weights.yaml with its namespace and hf_owner; then run this again";

// Whether this user may put another file in its place.
bool may_replace(const fs::path& file)
{
    const fs::path real = real_path(file);
    const auto may = [](const fs::path& path, int mode) {
        return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
    };
    return may(real, W_OK) && may(real.parent_path(), W_OK | X_OK);
}

EntryOwner builtin_entries()
{
    return {std::string(builtin_name), std::string(builtin_owner), std::string(builtin_collection)};
}

// The last configured source that is the file: several may read it, and the last one's names are as good as
// any.
std::optional<EntryOwner> find_configured(const LoadRequest& request, const fs::path& real)
{
    const Warn silent = [](const std::string&) {}; // what is odd is told when the catalog is read
    const std::string config = find_config(request, silent);
    std::optional<EntryOwner> found;
    if (!config.empty()) {
        const auto visit = [&](const ConfiguredSource& source) {
            if (!source.builtin && real_path(source.path) == real) {
                found = EntryOwner{source.name_space, source.hf_owner, source.hf_collection};
            }
        };
        read_config(config, config, visit, silent);
    }
    return found;
}

// What all entries of a file without an owner of its own agree on.
EntryOwner read_owner(const LoadRequest& alone, const fs::path& file, const FieldRules& rules)
{
    const Catalog catalog = read_catalog(alone, rules);
    EntryOwner owner{std::nullopt, std::string(owner_of(catalog.entries.front().hf_repo)),
                     catalog.entries.front().hf_collection};
    for (const Entry& entry : catalog.entries) {
        if (owner_of(entry.hf_repo) != owner.owner) {
            throw Error(ErrorCode::bad_input, printable(file.string()),
                        "the owner of a new entry cannot be told: its entries belong to " +
                            printable(owner.owner) + " and " + printable(owner_of(entry.hf_repo)),
                        name_it);
        }
        if (entry.hf_collection != owner.collection) {
            owner.collection.reset();
        }
    }
    return owner;
}

} // namespace

Place choose_place(const LoadRequest& request, std::string_view to, const FieldRules& rules)
{
    LoadRequest discovered = request;
    discovered.manifest.clear();
    Place place;
    if (to.empty() && request.manifest.empty()) {
        const bool own = may_replace(request.builtin_file);
        if (!own && request.overlay_file.empty()) {
            throw Error(ErrorCode::permission, request.builtin_file.string(),
                        "cannot be written by this user, and no home folder is known",
                        "name a catalog file with --to, or set HOME");
        }
        return {own ? Place::Kind::builtin : Place::Kind::overlay,
                own ? request.builtin_file : request.overlay_file,
                builtin_entries(),
                {discovered}};
    }
    place.file = lexically_clean(to.empty() ? std::string_view(request.manifest) : to);
    const fs::path real = real_path(place.file);
    const bool is_builtin = real == real_path(request.builtin_file);
    if (is_builtin || (!request.overlay_file.empty() && real == real_path(request.overlay_file))) {
        place.kind = is_builtin ? Place::Kind::builtin : Place::Kind::overlay;
        place.owner = builtin_entries();
        place.catalogs = {discovered};
    } else if (request.manifest.empty()) {
        if (auto owner = find_configured(discovered, real)) {
            place.kind = Place::Kind::configured;
            place.owner = std::move(*owner);
            place.catalogs = {discovered};
        }
    }
    if (place.catalogs.empty()) {
        const bool is_manifest = !request.manifest.empty() && real == real_path(request.manifest);
        place.kind = is_manifest ? Place::Kind::manifest : Place::Kind::alone;
        std::error_code ignored;
        if (!is_manifest && !fs::exists(place.file, ignored)) {
            throw Error(ErrorCode::not_found, printable(place.file.string()),
                        "is not there and no configuration names it, so nobody knows whose entries it holds",
                        name_it);
        }
        LoadRequest alone = request;
        alone.config.clear();
        alone.manifest = place.file.string();
        place.owner = read_owner(alone, place.file, rules);
        place.catalogs = {alone, discovered};
    }
    if (!request.manifest.empty() && real_path(request.manifest) != real) {
        place.catalogs.push_back(request);
    }
    return place;
}

} // namespace skw::catalog
