// SPDX-License-Identifier: Apache-2.0
// What a run and a look ahead both ask before anything is made.
#include "publish/preconditions.hpp"

#include "publish/plan_checks.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/programs.hpp"
#include "support/text.hpp"

namespace skw::publish {

void require_tools(const json::object& plan, std::string_view kind)
{
    const json::value* tools = plan.if_contains("tools");
    for (const json::value& tool : tools != nullptr ? tools->as_array() : json::array()) {
        const std::string name(tool.as_string());
        if (!find_program(name)) {
            throw Error(ErrorCode::not_found, "",
                        name + " is required for " + std::string(kind) + " publishing",
                        "install " + name + " and put its folder on PATH");
        }
    }
}

std::map<std::string, std::string> hash_tools(const json::object& plan)
{
    std::map<std::string, std::string> hashes;
    const json::value* tools = plan.if_contains("tools");
    for (const json::value& tool : tools != nullptr ? tools->as_array() : json::array()) {
        const std::string name(tool.as_string());
        const auto program = find_program(name);
        hashes[name] = program ? read_sha256(*program).hex() : std::string();
    }
    return hashes;
}

void require_rights(hub::Client& hub, const TargetState& target)
{
    if (target.head) {
        hub.check_write(target.repo);
    } else {
        hub.check_create(target.repo.owner());
    }
}

hub::Collection require_collection(hub::Client& hub, const std::string& slug)
{
    std::optional<hub::Collection> found = hub.find_collection(slug);
    if (!found) {
        throw Error(ErrorCode::not_found, "collection " + printable(slug, 300),
                    "there is no such collection, or the token may not see it",
                    "make it on the Hub, correct hf_collection, or publish without one: "
                    "SKULK_WEIGHTS_COLLECTION=none");
    }
    return std::move(*found);
}

json::object make_pinned_plan(const Request& request, const json::object& offline, plugin::Artifact& artifact,
                              const Facts& facts)
{
    json::value plan = artifact.plan(plan_request(request, artifact.kind().name, facts.document));
    check_same_work(offline, plan.as_object(), artifact.plugin());
    return std::move(plan.as_object());
}

std::vector<std::string> up_to_date_messages(const json::object& plan)
{
    std::vector<std::string> messages;
    if (const json::value* nothing_left = plan.if_contains("up_to_date")) {
        for (const json::value& message : nothing_left->at("messages").as_array()) {
            messages.push_back(printable(std::string_view(message.as_string())));
        }
    }
    return messages;
}

} // namespace skw::publish
