// SPDX-License-Identifier: Apache-2.0
// Whose repo a target is.
#include "publish/target_guard.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

bool holds_a_model(const TargetState& target, const json::object& plan)
{
    const json::array& outputs = plan.at("outputs").as_array();
    return std::any_of(target.files.begin(), target.files.end(), [&](const hub::RemoteFile& file) {
        const std::string& path = file.path.text();
        const bool planned = std::any_of(outputs.begin(), outputs.end(), [&](const json::value& output) {
            return std::string_view(output.at("path").as_string()) == path;
        });
        return !planned && (path == "config.json" || path.ends_with(".safetensors"));
    });
}

} // namespace

void refuse_foreign_target(const TargetState& target, const json::object& plan)
{
    std::string there = target.artifact_type();
    const std::string ours(plan.at("card").at("artifact_type").as_string());
    if (there.empty() && holds_a_model(target, plan)) {
        there = "model without a card of this program";
    }
    if (!there.empty() && there != ours) {
        throw Error(
            ErrorCode::bad_input, "hf://" + target.repo.text(),
            "holds a " + printable(there, 80) + ", not a " + ours + "; nothing was changed",
            "name another repository in the catalog entry, or pass --force to publish there all the same");
    }
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
