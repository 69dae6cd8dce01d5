// SPDX-License-Identifier: Apache-2.0
// The one commit of a publish: onto its parent or not at all, and never twice.
#include "hub/bring.hpp"
#include "hub/commit_parts.hpp"
#include "hub/session.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace skw::hub {
namespace {

constexpr int commit_patience = 3; // the Hub itself gives up after a minute

class Committer {
public:
    Committer(Client& client, Session& session, Locations& locations, const CommitRequest& request)
        : client_(client),
          session_(session),
          locations_(locations),
          request_(request),
          place_("commit to " + request.repo.text()),
          tries_(session.settings())
    {
    }

    CommitOutcome run(const CommitEvents& events)
    {
        check_request(request_);
        check_card(session_, request_);
        const std::vector<Planned> plan = ask_modes(session_, request_);
        bring_content(plan, events);
        const bool nothing_new = request_.deletions.empty() &&
                                 std::ranges::all_of(plan, [](const Planned& p) { return p.unchanged; });
        if (nothing_new) {
            const CommitId head = read_head();
            return head == request_.parent ? CommitOutcome(committed(head)) : CommitOutcome(HeadMoved{head});
        }
        const CommitBody body(request_, plan);
        Request post = session_.post(api_path(request_.repo, "/commit/main"), {});
        std::ranges::find(post.headers, "Content-Type", &Header::name)->value = "application/x-ndjson";
        body.put_into(post);
        post.repeatable = false;
        post.patience = commit_patience;
        tries_ = Tries(session_.settings()); // what was sent before had clocks of its own
        CommitOutcome outcome = send(post);
        if (const Committed* const done = std::get_if<Committed>(&outcome)) {
            check_result(done->commit);
        }
        return outcome;
    }

private:
    void bring_content(const std::vector<Planned>& plan, const CommitEvents& events)
    {
        std::vector<const Addition*> large;
        for (const Planned& planned : plan) {
            if (planned.large && !planned.unchanged) {
                large.push_back(planned.addition);
            }
        }
        const std::map<Sha256, Way> brought =
            bring_objects(session_, locations_, request_.repo, large, events);
        for (const Planned& planned : plan) {
            Way way = planned.unchanged ? Way::unchanged : Way::inlined;
            if (planned.large && !planned.unchanged) {
                way = brought.at(planned.addition->sha256);
            }
            ways_.push_back(way);
        }
    }

    Committed committed(const CommitId& commit) const { return Committed{commit, ways_}; }

    CommitId read_head() { return client_.read_repo(request_.repo).head; }

    CommitOutcome send(const Request& post)
    {
        for (;;) {
            const Outcome outcome = session_.try_once(post, place_, tries_);
            const Reply* const reply = std::get_if<Reply>(&outcome);
            const Failure* const failure = std::get_if<Failure>(&outcome);
            if (reply != nullptr && reply->status == 200) {
                return committed(parse_commit(*reply));
            }
            if (reply != nullptr && reply->status == 412) {
                return head_moved(*reply);
            }
            Verdict verdict = session_.weigh(reply, failure, post, tries_);
            if (reply != nullptr && reply->status == 409 && tries_.count() < session_.settings().attempts) {
                // Another commit is being worked on, maybe our own of a lost reply: only wait.
                verdict.kind = Verdict::Kind::again;
                verdict.pause = backoff(tries_.count(), session_.settings().first_pause, 0.5);
            }
            const bool unknown =
                reply != nullptr ? is_passing(reply->status) && reply->status != 429 : failure->maybe_done;
            const bool cancelled = failure != nullptr && failure->kind == FailureKind::cancelled;
            if (unknown && !cancelled) {
                uncertain_ = true;
                session_.pause(verdict.pause, place_);
                if (const auto known = look()) {
                    return *known;
                }
            }
            if (verdict.kind == Verdict::Kind::give_up) {
                if (failure != nullptr) {
                    throw failure_error(*failure, place_);
                }
                throw session_.error(*reply, place_, request_.repo.text());
            }
            if (!unknown) {
                session_.pause(verdict.pause, place_);
            }
        }
    }

    // Whether the commit without a reply took place. nullopt: the head has not moved, so sending it again
    // with the same parent can at most do it once.
    std::optional<CommitOutcome> look()
    {
        const CommitId head = read_head();
        if (head == request_.parent) {
            return std::nullopt;
        }
        return ours_or_moved(head);
    }

    CommitOutcome ours_or_moved(const CommitId& head)
    {
        const Tree tree = client_.read_tree(request_.repo, head);
        if (find_difference(request_, tree).empty()) {
            return committed(head);
        }
        return HeadMoved{head};
    }

    // The parent is not the head: another writer, or our own earlier try whose reply was lost.
    CommitOutcome head_moved(const Reply& reply)
    {
        for (int round = 1;; ++round) {
            const CommitId head = read_head();
            if (head != request_.parent) {
                return uncertain_ ? ours_or_moved(head) : CommitOutcome(HeadMoved{head});
            }
            // A replica that has not heard of the new head yet.
            if (round >= session_.settings().attempts) {
                throw session_.error(reply, place_, request_.repo.text());
            }
            session_.pause(backoff(round, session_.settings().first_pause, 0.5), place_);
        }
    }

    CommitId parse_commit(const Reply& reply) const
    {
        const json::value document = parse_reply(reply, place_);
        Findings findings(place_);
        const Reader in(document, findings);
        const std::string text = in.string("commitOid");
        const auto commit = CommitId::parse(text);
        if (!commit) {
            in.fault("commitOid", "is not a commit id: " + safe(text));
        }
        findings.throw_if_any();
        return *commit;
    }

    // Reads back what the Hub says it has, at the commit it named.
    void check_result(const CommitId& commit)
    {
        for (int round = 1;; ++round) {
            try {
                const std::string difference =
                    find_difference(request_, client_.read_tree(request_.repo, commit));
                if (!difference.empty()) {
                    throw Error(ErrorCode::failed, place_,
                                "the commit " + std::string(commit.text()) +
                                    " is not what was sent: " + difference,
                                "look at the repo's history, then run the same command again");
                }
                return;
            } catch (const Error& error) {
                // A replica may need a moment to hear of the commit.
                if (error.code() != ErrorCode::not_found || round >= session_.settings().attempts) {
                    throw;
                }
            }
            session_.pause(backoff(round, session_.settings().first_pause, 0.5), place_);
        }
    }

    Client& client_;
    Session& session_;
    Locations& locations_;
    const CommitRequest& request_;
    std::vector<Way> ways_;
    const std::string place_;
    Tries tries_;
    bool uncertain_ = false; // a try may have been done without our knowing
};

} // namespace

CommitOutcome Client::commit(const CommitRequest& request, const CommitEvents& events)
{
    return Committer(*this, state_->session, state_->locations, request).run(events);
}

} // namespace skw::hub
