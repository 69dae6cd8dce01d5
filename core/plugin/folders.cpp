// SPDX-License-Identifier: Apache-2.0
// The folders of a plan: not there before, gone after success.
#include "plugin/folders.hpp"

#include "plugin/scratch.hpp"
#include "plugin/walk.hpp"
#include "support/digest.hpp"

#include <optional>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

void refuse_existing(const std::string& name, const fs::path& root, std::string_view shown)
{
    std::error_code failure;
    const fs::file_type type = fs::symlink_status(root / name, failure).type();
    if (type == fs::file_type::not_found) {
        return;
    }
    std::string path(shown.empty() ? std::string_view(root.native()) : shown);
    path += path.ends_with('/') ? "" : "/";
    if (type == fs::file_type::none) {
        throw Error(ErrorCode::io, path + name, "cannot be looked at: " + failure.message());
    }
    throw Error(ErrorCode::bad_input, {},
                "output path already exists: " + path + name +
                    "\nremove it manually or rerun with --force to replace it");
}

} // namespace

std::string name_of_target(const json::value& plan)
{
    json::object artifact;
    artifact["kind"] = plan.at("kind");
    artifact["repo"] = plan.at("target").at("repo");
    return sha256_of(canonical_json(artifact)).hex().substr(0, 8);
}

std::string name_of_plan(const json::value& plan)
{
    json::value bare = plan;
    bare.as_object().erase("finished");
    return name_of_target(plan) + "-" + sha256_of(canonical_json(bare)).hex().substr(0, 16);
}

void refuse_existing_folders(const json::value& plan, std::string_view plugin_id, const fs::path& root,
                             std::string_view shown)
{
    const json::object* object = plan.if_object();
    const json::value* folders = object != nullptr ? object->if_contains("folders") : nullptr;
    if (folders == nullptr || !folders->is_array()) {
        return;
    }
    const std::set<std::string> kept = read_kept_folders(root, plugin_id, name_of_plan(plan));
    for (const json::value& folder : folders->get_array()) {
        if (folder.is_string() && !kept.contains(std::string(folder.get_string()))) {
            refuse_existing(std::string(folder.get_string()), root, shown);
        }
    }
}

std::vector<fs::path> prepare_folders(const Rights& rights, const std::set<std::string>& kept,
                                      const fs::path& root, std::string_view shown, bool replace)
{
    std::vector<fs::path> folders;
    for (const std::string& name : rights.folders) {
        if (!replace && !kept.contains(name)) {
            refuse_existing(name, root, shown);
        }
        folders.push_back(root / name);
    }
    if (replace) {
        remove_folders(folders);
    }
    return folders;
}

void remove_folders(const std::vector<fs::path>& folders)
{
    std::optional<Error> first;
    for (const fs::path& folder : folders) {
        try {
            remove_tree(folder);
        } catch (const Error& error) {
            if (!first) {
                first = error;
            }
        }
    }
    if (first) {
        throw *first;
    }
}

} // namespace skw::plugin
