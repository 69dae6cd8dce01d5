// SPDX-License-Identifier: Apache-2.0
// The ladder: copied by the Hub, known to the repo, streamed or uploaded.
#include "hub/bring.hpp"

#include "hub/copies.hpp"
#include "hub/lfs.hpp"
#include "hub/lfs_batch.hpp"

#include <algorithm>
#include <utility>

namespace skw::hub {
namespace {

constexpr std::size_t batch_objects = 256;

// One content, which may stand at several paths and come from several places.
struct Object {
    const Addition* local = nullptr;      // is here
    const Addition* copyable = nullptr;   // the Hub may copy it
    const Addition* streamable = nullptr; // it may go through our memory
    std::string problem;                  // why it was not copied
};
using Objects = std::map<Sha256, Object>;

const RemoteContent& remote_of(const Addition& addition)
{
    return std::get<RemoteContent>(addition.content);
}

Objects sort_out(const std::vector<const Addition*>& additions)
{
    Objects objects;
    for (const Addition* const addition : additions) {
        Object& object = objects[addition->sha256];
        const RemoteContent* const remote = std::get_if<RemoteContent>(&addition->content);
        if (remote == nullptr) {
            object.local = addition;
            continue;
        }
        // One that the listing gave a storage hash goes before one without.
        if (object.copyable == nullptr || !remote_of(*object.copyable).file.storage_hash) {
            object.copyable = addition;
        }
        if (!remote->copy_only) {
            object.streamable = addition;
        }
    }
    return objects;
}

class Bringer {
public:
    Bringer(Session& session, Locations& locations, const RepoId& repo, const CommitEvents& events)
        : session_(session),
          locations_(locations),
          repo_(repo),
          events_(events)
    {
    }

    std::map<Sha256, Way> bring(Objects objects)
    {
        copy(objects);
        settle_copy_only(objects);
        tell(objects);
        std::vector<const Addition*> rest;
        for (const auto& [sha256, object] : objects) {
            rest.push_back(object.local != nullptr ? object.local : object.streamable);
        }
        const std::vector<Way> ways = send_objects(session_, locations_, repo_, rest, events_);
        for (std::size_t i = 0; i < rest.size(); ++i) {
            ways_.emplace(rest[i]->sha256, ways[i]);
        }
        return std::move(ways_);
    }

private:
    // Each of these takes out what has found its way.
    void copy(Objects& objects)
    {
        std::vector<CopyOrder> orders;
        for (const auto& [sha256, object] : objects) {
            if (object.copyable != nullptr) {
                orders.push_back(CopyOrder{&remote_of(*object.copyable), {}});
            }
        }
        copy_objects(session_, repo_, orders);
        for (CopyOrder& order : orders) {
            const Sha256& sha256 = *order.content->file.sha256;
            if (order.problem.empty()) {
                objects.erase(sha256);
                ways_.emplace(sha256, Way::copied);
            } else {
                objects.at(sha256).problem = std::move(order.problem);
            }
        }
    }

    // What may only be copied and was not: the repo has it, or that is the end.
    void settle_copy_only(Objects& objects)
    {
        std::vector<const Addition*> strict;
        for (const auto& [sha256, object] : objects) {
            if (object.local == nullptr && object.streamable == nullptr) {
                strict.push_back(object.copyable);
            }
        }
        for (std::size_t begin = 0; begin < strict.size(); begin += batch_objects) {
            const auto first = strict.begin() + static_cast<std::ptrdiff_t>(begin);
            const std::size_t count = std::min(batch_objects, strict.size() - begin);
            const std::vector<const Addition*> some(first, first + static_cast<std::ptrdiff_t>(count));
            const std::vector<Grant> grants = ask_batch(session_, repo_, some);
            for (std::size_t i = 0; i < some.size(); ++i) {
                if (grants[i].upload) {
                    throw not_copied(*some[i], objects.at(some[i]->sha256).problem);
                }
                objects.erase(some[i]->sha256);
                ways_.emplace(some[i]->sha256, Way::known);
            }
        }
    }

    Error not_copied(const Addition& addition, const std::string& problem) const
    {
        const RemoteContent& remote = remote_of(addition);
        const std::string& source = remote.repo.text();
        return Error(ErrorCode::not_authorised,
                     "copy of " + safe(remote.file.path.text()) + " from " + source + " to " + repo_.text(),
                     source +
                         " is gated, so that only the Hub's own copy is allowed, and the Hub did not "
                         "copy this file (" +
                         problem + "); nothing was published",
                     "ask the owner of " + source + " (" + session_.page_of(source) +
                         ") how it may be published again");
    }

    // One line a source and reason.
    void tell(const Objects& objects) const
    {
        std::map<std::pair<std::string, std::string>, std::size_t> counts;
        for (const auto& [sha256, object] : objects) {
            if (object.local == nullptr) {
                ++counts[{remote_of(*object.streamable).repo.text(), object.problem}];
            }
        }
        for (const auto& [reason, count] : counts) {
            if (events_.note) {
                events_.note("the Hub does not copy " + std::to_string(count) +
                             (count == 1 ? " file of " : " files of ") + reason.first + " by itself (" +
                             reason.second + "): what " + repo_.text() +
                             " does not have is streamed through memory");
            }
        }
    }

    Session& session_;
    Locations& locations_;
    const RepoId& repo_;
    const CommitEvents& events_;
    std::map<Sha256, Way> ways_;
};

} // namespace

std::map<Sha256, Way> bring_objects(Session& session, Locations& locations, const RepoId& repo,
                                    const std::vector<const Addition*>& additions, const CommitEvents& events)
{
    return Bringer(session, locations, repo, events).bring(sort_out(additions));
}

} // namespace skw::hub
