// SPDX-License-Identifier: Apache-2.0
// Whether the Hub answers: one question that every Hub and every mirror of it knows.
#include "hub/session.hpp"

namespace skw::hub {
namespace {

constexpr std::chrono::seconds longest_wait{30};

bool is_list(const Reply& reply)
{
    try {
        return parse_reply(reply, "the Hub").is_array();
    } catch (const Error&) {
        return false;
    }
}

} // namespace

Reachability Client::reach()
{
    Session& session = state_->session;
    const std::string place = session.settings().endpoint;
    Request request = session.get("/api/models?limit=1");
    request.authorize = false; // a wrong token is another question
    request.deadline = std::chrono::steady_clock::now() + longest_wait;
    const Tries tries(session.settings());
    Reachability found;
    found.asked = std::chrono::system_clock::now();
    const auto since = std::chrono::steady_clock::now();
    const Outcome outcome = session.try_once(std::move(request), place, tries);
    found.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
    found.answered = std::chrono::system_clock::now();
    if (const Failure* const failure = std::get_if<Failure>(&outcome)) {
        throw failure_error(*failure, place);
    }
    const Reply& reply = std::get<Reply>(outcome);
    found.status = reply.status;
    found.is_hub = reply.status == 200 && is_list(reply);
    found.date = parse_http_date(reply.header("Date"));
    return found;
}

} // namespace skw::hub
