// SPDX-License-Identifier: Apache-2.0
// Whose repo a target is.
#include "publish/target_guard.hpp"

#include "publish/license_files.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

// A plan of a few files of its own leaves others' alone; one that mirrors or uploads a whole folder does not.
bool takes_the_whole_repo(const json::object& plan)
{
    const json::value* mirrors = plan.if_contains("mirrors");
    return uploads_by_tool(plan) || (mirrors != nullptr && !mirrors->as_array().empty());
}

bool holds_something(const TargetState& target, const json::object& plan)
{
    const json::array& outputs = plan.at("outputs").as_array();
    const bool whole = takes_the_whole_repo(plan);
    return std::any_of(target.files.begin(), target.files.end(), [&](const hub::RemoteFile& file) {
        const std::string& path = file.path.text();
        if (whole) {
            return path != "README.md" && path.front() != '.' && !is_license_file(path);
        }
        const bool planned = std::any_of(outputs.begin(), outputs.end(), [&](const json::value& output) {
            return std::string_view(output.at("path").as_string()) == path;
        });
        return !planned && (path == "config.json" || path.ends_with(".safetensors"));
    });
}

} // namespace

bool uploads_by_tool(const json::object& plan)
{
    const json::value* steps = plan.if_contains("steps");
    return steps != nullptr && std::ranges::any_of(steps->as_array(), [](const json::value& step) {
               const json::value* uploads = step.as_object().if_contains("uploads");
               return uploads != nullptr && uploads->is_string();
           });
}

bool is_ours(const TargetState& target, const json::object& plan)
{
    return target.artifact_type() == std::string_view(plan.at("card").at("artifact_type").as_string());
}

void refuse_foreign_target(const TargetState& target, const json::object& plan, bool force)
{
    const bool by_tool = uploads_by_tool(plan);
    if (is_ours(target, plan) || (force && !by_tool)) {
        return;
    }
    std::string there = target.artifact_type();
    if (there.empty() && holds_something(target, plan)) {
        there = "repository without a card of this program";
    }
    if (there.empty()) {
        return;
    }
    const std::string ours(plan.at("card").at("artifact_type").as_string());
    throw Error(
        ErrorCode::bad_input, "hf://" + target.repo.text(),
        (target.artifact_type().empty() ? "is a " : "holds a ") + printable(there, 80) + ", not a " + ours +
            "; nothing was changed",
        by_tool
            ? "name another repository in the catalog entry, or delete this one on its settings page first"
            : "name another repository in the catalog entry, or pass --force to publish there all the same");
}

void refuse_if_filled(const hub::Tree& tree)
{
    for (const hub::RemoteFile& file : tree.files) {
        if (file.path.text() != ".gitattributes") {
            throw Error(
                ErrorCode::conflict, "hf://" + tree.repo.text(),
                "somebody else made and filled it while this publish ran; nothing of ours was committed",
                "run the same command again");
        }
    }
}

} // namespace skw::publish
