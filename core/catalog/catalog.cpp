// SPDX-License-Identifier: Apache-2.0
// Which sources there are, and their entries merged: the contract's sections 3.1 and 3.3.
#include "catalog/catalog.hpp"

#include "catalog/config.hpp"
#include "catalog/manifest.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <string_view>

namespace skw::catalog {
namespace {

namespace fs = std::filesystem;

class Loader {
public:
    Loader(const LoadRequest& request, const FieldRules& rules,
           const std::function<void(const std::string&)>& tell)
        : request_(request),
          rules_(rules),
          tell_(tell)
    {
        warn_ = [this](std::string line) {
            if (tell_) {
                tell_(line);
            }
            catalog_.warnings.push_back(std::move(line));
        };
    }

    Catalog load()
    {
        if (!request_.manifest.empty()) {
            add_manifest();
            return std::move(catalog_);
        }
        const std::string config = find_config(request_, warn_);
        if (config.empty()) {
            add_builtin();
        } else {
            add_config(config);
        }
        refuse_duplicates();
        return std::move(catalog_);
    }

private:
    void add_config(const std::string& path)
    {
        bool builtin = false;
        read_config(
            path, path,
            [&](const ConfiguredSource& source) {
                if (source.builtin) {
                    builtin = true;
                    add_builtin();
                } else {
                    add_path(source);
                }
            },
            warn_);
        if (!builtin) {
            // First in order, though read last: an error in the operator's own files is the one to show.
            Catalog own = std::move(catalog_);
            catalog_ = {};
            add_builtin();
            for (Entry& entry : own.entries) {
                entry.source += 1;
                catalog_.entries.push_back(std::move(entry));
            }
            std::move(own.sources.begin(), own.sources.end(), std::back_inserter(catalog_.sources));
            catalog_.warnings.insert(catalog_.warnings.begin(), own.warnings.begin(), own.warnings.end());
        }
    }

    void add_builtin()
    {
        std::error_code ignored;
        if (!fs::is_regular_file(request_.builtin_file, ignored)) {
            throw Error(ErrorCode::io, request_.builtin_file.string(), "the built-in catalog is not there",
                        "install skulk-weights again, or name a catalog with --manifest");
        }
        Source source;
        source.kind = "builtin";
        source.name = builtin_name;
        source.name_space = builtin_name;
        source.hf_owner = builtin_owner;
        source.hf_collection = builtin_collection;
        source.origin = "package:foxlight";
        const std::string label = "builtin:foxlight";
        Seen seen;
        const std::size_t before = catalog_.entries.size();
        read_file_of(request_.builtin_file, {label, label}, source, seen);
        if (!request_.overlay_file.empty() &&
            (fs::exists(fs::symlink_status(request_.overlay_file, ignored)) ||
             is_changed(request_.overlay_file))) {
            read_file_of(request_.overlay_file, {label, printable(request_.overlay_file.string())}, source,
                         seen, WithoutEntries::told);
        }
        finish(std::move(source), before);
    }

    void add_path(const ConfiguredSource& configured)
    {
        Source source;
        source.kind = "path";
        source.name = configured.name_space;
        source.name_space = configured.name_space;
        source.hf_owner = configured.hf_owner;
        source.hf_collection = configured.hf_collection;
        source.origin = configured.path;
        add_file(configured.path, std::move(source));
    }

    void add_manifest()
    {
        Source source;
        source.kind = "manifest";
        source.origin = lexically_clean(request_.manifest);
        source.name = fs::path(source.origin).stem().string();
        const std::string path = source.origin;
        add_file(path, std::move(source));
    }

    void add_file(const std::string& path, Source source)
    {
        Seen seen;
        const std::size_t before = catalog_.entries.size();
        read_file_of(path, {printable(path), printable(path)}, source, seen);
        finish(std::move(source), before);
    }
    void read_file_of(const fs::path& path, const Origin& origin, const Source& source, Seen& seen,
                      WithoutEntries empty = WithoutEntries::refused)
    {
        const bool changed = is_changed(path);
        if (changed && request_.changed_to.empty()) {
            return;
        }
        read_manifest(changed ? request_.changed_to : path, origin, source, catalog_.sources.size(), rules_,
                      seen, catalog_.entries, warn_, empty);
    }
    bool is_changed(const fs::path& path) const
    {
        return !request_.changed_file.empty() && real_path(path) == request_.changed_file;
    }
    void finish(Source source, std::size_t before)
    {
        source.entries = catalog_.entries.size() - before;
        catalog_.sources.push_back(std::move(source));
    }

    // Within one source the manifest's own rules have found them already.
    void refuse_duplicates() const
    {
        if (catalog_.sources.size() < 2) {
            return;
        }
        NameSet keys, output_names, hf_repos;
        for (const Entry& entry : catalog_.entries) {
            if (!keys.insert(entry.key)) {
                throw fixed_error(entry.key + ": duplicate catalog key");
            }
            const json::value* name = find_member(entry.fields, "output_name");
            if (is_filled_string(name) && !output_names.insert(std::string_view(name->get_string()))) {
                throw fixed_error(entry.key + ": duplicate output_name " +
                                  printable(std::string_view(name->get_string())));
            }
            if (!hf_repos.insert(entry.hf_repo)) {
                throw fixed_error(entry.key + ": duplicate hf_repo " + entry.hf_repo);
            }
        }
    }

    const LoadRequest& request_;
    const FieldRules& rules_;
    const std::function<void(const std::string&)>& tell_;
    Catalog catalog_;
    Warn warn_;
};

} // namespace

const Entry* Catalog::find(std::string_view key) const
{
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found != entries.end() ? &*found : nullptr;
}

fs::path real_path(const fs::path& path)
{
    std::error_code error;
    fs::path whole = fs::absolute(path, error);
    fs::path real = fs::weakly_canonical(whole, error);
    return error ? whole : real; // a loop of links, say: whoever opens it will say so
}

std::string find_config(const LoadRequest& request, const Warn& warn)
{
    if (!request.config.empty()) {
        const std::string shown = printable(lexically_clean(request.config));
        if (!is_file(request.config, shown)) {
            throw fixed_error(shown + " not found");
        }
        return lexically_clean(request.config);
    }
    const auto look = [&](const std::string& name) -> std::string {
        const fs::path path = request.working_folder / name;
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) {
            warn(name + " is a directory, so it is not read; name the file with --config");
        }
        return fs::is_regular_file(path, ignored) ? lexically_clean(path.string()) : std::string();
    };
    std::string found = look("skulk-weights.yaml");
    if (found.empty()) {
        found = look("skulk-vindex.yaml");
        if (!found.empty()) {
            warn("found skulk-vindex.yaml but not skulk-weights.yaml; rename it to skulk-weights.yaml to "
                 "silence this warning.");
        }
    }
    return found;
}

Catalog read_catalog(const LoadRequest& request, const FieldRules& rules,
                     const std::function<void(const std::string&)>& warn)
{
    return Loader(request, rules, warn).load();
}

} // namespace skw::catalog
