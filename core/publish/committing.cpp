// SPDX-License-Identifier: Apache-2.0
// The one commit of an artifact.
#include "publish/committing.hpp"

#include "publish/target_guard.hpp"
#include "support/error.hpp"

namespace skw::publish {
namespace {

struct StageEnd {
    Observer& observer;
    ~StageEnd() { observer.stage_over(); }
};

Error moved_error(const Work& work, const TargetState& target, const CommitId& head, bool describes)
{
    const std::string place = "hf://" + target.repo.text();
    const std::string what = "somebody else committed (" + std::string(head.text().substr(0, 12)) +
                             ") while this publish ran; ";
    if (describes) { // a reviewed plan has been carried out as far as this: what is left is no other plan
        return Error(ErrorCode::conflict, place, what + "the files are uploaded, but not described",
                     "publish it again");
    }
    const bool reviewed = work.offline.pins.has_value();
    return Error(reviewed ? ErrorCode::stale_plan : ErrorCode::conflict, place,
                 what + "nothing of ours was committed",
                 reviewed ? "make a new plan with --plan-out, and review it" : "run the same command again");
}

} // namespace

void ensure_target(const Work& work, TargetState& target)
{
    if (target.head) {
        return;
    }
    const bool made = work.hub.create_repo(target.repo);
    target.head = work.hub.read_repo(target.repo).head;
    if (!made) {
        refuse_if_filled(work.hub.read_tree(target.repo, *target.head));
    }
}

CommitResult commit_change(const Work& work, const TargetState& target, Change change)
{
    const bool describes = change.describes;
    hub::CommitRequest request{target.repo, target.head.value(),         change.summary,
                               "",          std::move(change.additions), std::move(change.removals)};
    hub::CommitEvents events;
    events.progress = [&](std::uint64_t sent, std::uint64_t total) {
        work.observer.progress(work.kind(), Observer::Stage::uploading, {sent, total, Observer::Unit::bytes});
    };
    events.note = [&](std::string_view text) { work.line(std::string(text)); };
    events.file = [&](std::string_view path, std::uint64_t sent, std::uint64_t size) {
        work.observer.transfer(path, sent, size);
    };
    const StageEnd end{work.observer};
    const hub::CommitOutcome outcome = work.hub.commit(request, events);
    if (const auto* moved = std::get_if<hub::HeadMoved>(&outcome)) {
        throw moved_error(work, target, moved->head, describes);
    }
    const auto& committed = std::get<hub::Committed>(outcome);
    CommitResult result{committed.commit, {}};
    for (std::size_t i = 0; i < request.additions.size(); ++i) {
        const hub::Addition& addition = request.additions[i];
        result.files.push_back({addition.path.text(), addition.size, addition.sha256.hex(),
                                std::string(name_of(committed.ways.at(i)))});
    }
    return result;
}

} // namespace skw::publish
