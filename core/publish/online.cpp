// SPDX-License-Identifier: Apache-2.0
// A look ahead, artifact by artifact, in the order of a run.
#include "publish/online.hpp"

#include "plugin/folders.hpp"
#include "publish/online_parts.hpp"
#include "publish/pins.hpp"
#include "publish/plan_checks.hpp"
#include "publish/preconditions.hpp"
#include "publish/run.hpp"
#include "publish/shared_target.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <functional>

namespace skw::publish {
namespace {

// Whether it went well; what went wrong is a problem like any other.
bool attempt(ArtifactLook& look, const std::function<void()>& ask)
{
    try {
        ask();
        return true;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        look.problems.push_back(error);
        return false;
    }
}

class Look {
public:
    Look(const Kinds& kinds, hub::Client& hub, const LookOptions& options, Observer& observer)
        : kinds_(kinds),
          hub_(hub),
          options_(options),
          observer_(observer)
    {
    }

    ArtifactLook at(const Request& request, const ArtifactPlan& offline)
    {
        ArtifactLook look;
        look.kind = offline.kind.name;
        look.configured = offline.configured;
        if (!attempt(look, [&] { check_runnable({Plan{request, {offline}}}); }) || !offline.configured) {
            return look;
        }
        const json::object& shown = offline.document.as_object();
        plugin::Artifact& artifact = kinds_.artifact(offline.kind.name);
        if (!attempt(look, [&] { check_target(shown, request, artifact.plugin()); })) {
            return look;
        }
        // Entries may share a target, as all quantisations of a model share its MTP sidecar.
        attempt(look, [&] { look.earlier = targets_.claim(request, offline); });
        attempt(look, [&] { require_tools(shown, offline.kind.name); });
        attempt(look, [&] {
            const Facts facts = read_facts(hub_, shown);
            look_at_sources(facts, look);
            look.target = facts.target.repo;
            look.head = facts.target.head;
            look.is_private = facts.target.is_private;
            const json::object plan = make_pinned_plan(request, shown, artifact, facts);
            look.pins = pins_of(facts, plan);
            ask({request, offline, plan, facts, artifact, kinds_, hub_, options_, observer_}, look);
        });
        return look;
    }

private:
    static void ask(const Looking& at, ArtifactLook& look)
    {
        look.messages = up_to_date_messages(at.plan);
        const bool is_done = at.plan.contains("up_to_date");
        if (!is_done) {
            if (!at.request.force) {
                attempt(look, [&] {
                    plugin::refuse_existing_folders(at.plan, at.artifact.plugin().id, at.options.scratch,
                                                    at.request.scratch);
                });
            }
            attempt(look, [&] { inspect_source(at, look); });
            attempt(look, [&] { compare_listings(at, look); });
        } else {
            look.fetch = look.send = 0;
        }
        attempt(look, [&] { judge_target(at, look); });
        attempt(look, [&] { ask_rights(at, look); });
        attempt(look, [&] { weigh_scratch(at, look); });
        attempt(look, [&] { find_filing(at, look); });
    }

    const Kinds& kinds_;
    hub::Client& hub_;
    const LookOptions& options_;
    Observer& observer_;
    SharedTargets targets_;
};

} // namespace

std::vector<EntryLook> look_online(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub,
                                   const LookOptions& options, Observer& observer)
{
    Look look(kinds, hub, options, observer);
    std::vector<EntryLook> looks;
    for (const Plan& plan : plans) {
        EntryLook& entry = looks.emplace_back(EntryLook{plan.request.entry.key, {}});
        for (const ArtifactPlan& artifact : plan.artifacts) {
            entry.artifacts.push_back(look.at(plan.request, artifact));
        }
    }
    return looks;
}

bool has_problems(const std::vector<EntryLook>& looks)
{
    return exit_code_of(looks) != exit_code::ok;
}

int exit_code_of(const std::vector<EntryLook>& looks)
{
    bool any = false, all_pass = true;
    for (const EntryLook& entry : looks) {
        for (const ArtifactLook& artifact : entry.artifacts) {
            for (const Error& problem : artifact.problems) {
                any = true;
                all_pass = all_pass && skw::exit_code_of(problem.code()) == exit_code::temporary;
            }
        }
    }
    return !any ? exit_code::ok : all_pass ? exit_code::temporary : exit_code::failed;
}

std::string_view name_of(Standing standing) noexcept
{
    switch (standing) {
    case Standing::unknown: break;
    case Standing::absent: return "absent";
    case Standing::up_to_date: return "up_to_date";
    case Standing::same_files: return "same_files";
    case Standing::ours: return "ours";
    case Standing::free: return "free";
    case Standing::replaced: return "replaced";
    case Standing::foreign: return "foreign";
    }
    return "unknown";
}

} // namespace skw::publish
