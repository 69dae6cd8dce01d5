// SPDX-License-Identifier: Apache-2.0
// Asks for copies, and sorts refusals: what another way may bring, and what its owner does not want.
#include "hub/copies.hpp"

#include "support/letters.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace skw::hub {
namespace {

constexpr std::size_t files_per_request = 500;

bool holds_any(std::string_view text, std::span<const std::string_view> words)
{
    return std::ranges::any_of(
        words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// What the words of a refusal mean. In doubt it is policy: to stop there is the mistake that can be mended.
bool is_policy(std::string_view message)
{
    static constexpr std::array<std::string_view, 3> firm{"gated", "disabled", "switched off"};
    static constexpr std::array<std::string_view, 13> soft{
        "turned off",    "not allowed", "not permitted", "does not allow", "does not permit",
        "not enabled",   "forbidden",   "unauthori",     "not authori",    "permission",
        "access denied", "no access",   "license"};
    std::string text(message);
    std::ranges::transform(text, text.begin(), lower_letter);
    const bool about_regions = text.find("region") != std::string::npos;
    return holds_any(text, firm) || (!about_regions && holds_any(text, soft));
}

class Copier {
public:
    Copier(Session& session, const RepoId& source, const RepoId& target)
        : session_(session),
          source_(source),
          target_(target),
          place_("copy from " + source.text() + " to " + target.text())
    {
    }

    // "" = asked, and each order knows; else why none of these, nor any further one, was copied.
    std::string copy(std::span<CopyOrder* const> orders)
    {
        Reply reply;
        try {
            reply = session_.send(session_.post(api_path(source_, "/lfs-files/duplicate"), body_for(orders)),
                                  place_);
        } catch (const Error& error) {
            // Retries are used up; whatever else is wrong with the network, the next step says so too.
            if (error.code() == ErrorCode::network || error.code() == ErrorCode::timed_out ||
                error.code() == ErrorCode::bad_input) {
                return "the request failed: " + std::string(error.reason());
            }
            throw;
        }
        if (reply.status != 200) {
            return refusal(reply);
        }
        try {
            read_result(reply, orders);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::bad_input) {
                throw;
            }
            return "its reply cannot be used";
        }
        return {};
    }

private:
    std::string body_for(std::span<CopyOrder* const> orders) const
    {
        json::array files;
        for (const CopyOrder* const order : orders) {
            const RemoteFile& file = order->content->file;
            json::object line;
            line["xetHash"] = *file.storage_hash;
            line["sha256"] = file.sha256->hex();
            line["filename"] = file.path.text();
            files.push_back(std::move(line));
        }
        json::object target;
        target["type"] = "model";
        target["name"] = target_.text();
        json::object body;
        body["target"] = std::move(target);
        body["files"] = std::move(files);
        return canonical_json(body);
    }

    // Whoever owns the source may pass it on as they like: a refusal is then a limit of the Hub, no policy.
    bool is_own() const { return source_.owner() == target_.owner(); }

    Error policy(const std::string& words) const
    {
        return Error(ErrorCode::not_authorised, place_,
                     "the Hub does not allow this copy (" + words + "); nothing was published",
                     "ask the owner of " + source_.text() + " (" + session_.page_of(source_.text()) +
                         ") to allow it, and check that the token may read it and write to " +
                         target_.text() + "; a refusal is not worked around by streaming");
    }

    std::string refusal(const Reply& reply) const
    {
        const std::string message = message_of(reply);
        const std::string_view code = error_code_of(reply);
        const std::string words =
            "status " + std::to_string(reply.status) + (message.empty() ? "" : ": " + message);
        if (is_own() && reply.status == 403) {
            return words;
        }
        if (code == "GatedRepo") {
            throw policy(source_.text() + " is gated; " + words);
        }
        if (reply.status == 401 || reply.status == 403 || reply.status == 451) {
            throw policy(words);
        }
        if (is_passing(reply.status)) {
            return "the request failed: " + words;
        }
        if (reply.status == 405 || reply.status == 501 || (reply.status == 404 && code.empty())) {
            return "it has no route for copies";
        }
        if (is_policy(message)) {
            throw policy(words);
        }
        if (reply.status == 400 || reply.status == 409 || reply.status == 413 || reply.status == 422) {
            return words;
        }
        throw session_.error(reply, place_, source_.text());
    }

    void read_result(const Reply& reply, std::span<CopyOrder* const> orders) const
    {
        const json::value document = parse_reply(reply, place_);
        Findings findings(place_);
        const Reader in(document, findings);
        const bool all_well = in.boolean("success", true);
        std::map<std::string, std::string> failed;
        in.each_if_any("failed", [&](const Reader& entry) {
            std::string words = safe(entry.find_string("error").value_or(""));
            failed.insert_or_assign(entry.string("sha256"), words.empty() ? "it does not say why" : words);
            return true;
        });
        findings.throw_if_any();
        for (const auto& [sha256, words] : failed) {
            if (!is_own() && is_policy(words)) {
                throw policy(words);
            }
        }
        std::size_t known = 0;
        for (CopyOrder* const order : orders) {
            const auto found = failed.find(order->content->file.sha256->hex());
            if (found != failed.end()) {
                order->problem = found->second;
                ++known;
            }
        }
        if (known != failed.size() || (!all_well && failed.empty())) {
            throw bad_reply(place_, "it names failures of files that were not asked for, or none");
        }
    }

    Session& session_;
    const RepoId& source_;
    const RepoId& target_;
    const std::string place_;
};

} // namespace

void copy_objects(Session& session, const RepoId& target, std::vector<CopyOrder>& orders)
{
    std::map<RepoId, std::vector<CopyOrder*>> sources;
    for (CopyOrder& order : orders) {
        if (order.content->file.storage_hash) {
            sources[order.content->repo].push_back(&order);
        } else {
            order.problem = "its listing names no storage hash";
        }
    }
    for (const auto& [source, files] : sources) {
        Copier copier(session, source, target);
        std::string problem;
        for (std::size_t begin = 0; begin < files.size(); begin += files_per_request) {
            const auto some =
                std::span(files).subspan(begin, std::min(files_per_request, files.size() - begin));
            if (problem.empty()) {
                problem = copier.copy(some);
            }
            for (CopyOrder* const order : some) {
                order->problem = problem.empty() ? order->problem : problem;
            }
        }
    }
}

} // namespace skw::hub
