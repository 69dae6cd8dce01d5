// SPDX-License-Identifier: Apache-2.0
// The upload of one object: rounds with fresh addresses, one PUT or many parts, completion, verification.
#include "hub/upload.hpp"

#include "hub/threads.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace skw::hub {
namespace {

constexpr std::size_t parallel_parts = 4;
constexpr std::chrono::hours longest_put{24};
constexpr std::chrono::minutes fresh_for{5}; // part URLs may live for 15 minutes only
constexpr int completion_patience = 4;       // the store joins the parts before it answers

bool may_be_expired(int status)
{
    return status == 400 || status == 401 || status == 403 || status == 404 || status == 410;
}

class Upload {
public:
    Upload(Session& session, const RepoId& repo, const Addition& addition, Grant grant,
           ContentSource& content, ObjectMeter& meter, std::stop_token stop)
        : session_(session),
          repo_(repo),
          addition_(addition),
          grant_(std::move(grant)),
          content_(content),
          meter_(meter),
          stop_(std::move(stop)),
          place_("upload of " + safe(addition.path.text()) + " to " + repo.text())
    {
    }

    void run()
    {
        std::ptrdiff_t most_parts = 0;
        for (int round = 1; grant_.upload; ++round) {
            if (Clock::now() - grant_.given > fresh_for) {
                renew();
                continue;
            }
            const std::optional<Error> failure = grant_.upload->part_urls.empty() ? put_whole() : put_parts();
            if (!failure) {
                verify();
                return;
            }
            if (round >= session_.settings().attempts) {
                throw *failure;
            }
            session_.pause(backoff(round, session_.settings().first_pause, 0.5), place_, stop_);
            renew(); // no upload wanted any more: the lost completion had been done
            // A long upload outlives its addresses many times: only rounds that gained nothing count.
            const auto parts = std::ranges::count_if(etags_, [](const std::string& e) { return !e.empty(); });
            if (parts > most_parts) {
                most_parts = parts;
                round = 0;
            }
        }
    }

private:
    using Clock = std::chrono::steady_clock;

    void renew()
    {
        Grant next = ask_batch(session_, repo_, {&addition_}).front();
        const auto upload_id = [](const Grant& grant) {
            return grant.upload ? grant.upload->href.query_value("uploadId") : std::string();
        };
        const bool same = !upload_id(next).empty() && upload_id(next) == upload_id(grant_) &&
                          next.upload->part_urls.size() == grant_.upload->part_urls.size() &&
                          next.upload->chunk_size == grant_.upload->chunk_size;
        if (!same) {
            etags_.clear(); // parts of another upload are lost
        }
        grant_ = std::move(next);
    }

    Request put_request(const Url& url, std::size_t index, std::uint64_t offset, std::uint64_t length)
    {
        Request request;
        request.method = "PUT";
        request.url = url;
        request.long_running = true;
        request.sent = PartMeter(meter_);
        request.stop = stop_;
        content_.put_into(request, index, offset, length);
        return request;
    }

    // A body that cannot be had says why by itself.
    Reply send_put(Request request)
    {
        Tries tries(longest_put);
        try {
            return session_.send(std::move(request), place_, tries);
        } catch (const Error&) {
            if (const auto failure = content_.failure()) {
                throw Error(*failure);
            }
            throw;
        }
    }

    // nullopt = sent. An error that a new grant may cure comes back; any other is thrown.
    std::optional<Error> put_whole()
    {
        content_.arrange(addition_.size);
        content_.await_part(0, {});
        Request request = put_request(grant_.upload->href, 0, 0, addition_.size);
        request.headers = grant_.upload->headers;
        const Reply reply = send_put(std::move(request));
        if (reply.status == 200 || reply.status == 201 || reply.status == 204) {
            return std::nullopt;
        }
        const Error refusal = session_.error_at(grant_.upload->href, reply, place_);
        if (!may_be_expired(reply.status)) {
            throw refusal;
        }
        return refusal;
    }

    std::optional<Error> put_parts()
    {
        const std::size_t count = grant_.upload->part_urls.size();
        etags_.resize(count);
        content_.arrange(grant_.upload->chunk_size);
        std::atomic<std::size_t> next{0};
        std::stop_source over; // the round: parts under way are finished, no other is begun
        std::mutex mutex;
        std::optional<Error> fatal, curable; // values: an exception never crosses to another thread
        const auto work = [&] {
            for (std::size_t i = next++; i < count && !over.stop_requested(); i = next++) {
                std::optional<Error> failure;
                bool may_cure = false;
                try {
                    if (etags_[i].empty() && content_.await_part(i, over.get_token())) {
                        failure = put_part(i);
                    }
                    may_cure = true;
                } catch (const Error& error) {
                    failure = error;
                } catch (const std::exception&) {
                    failure = Error(ErrorCode::resource, place_, "out of memory or threads");
                }
                if (failure) {
                    const std::scoped_lock lock(mutex);
                    std::optional<Error>& first = may_cure ? curable : fatal;
                    if (!first) {
                        first = std::move(failure);
                    }
                    over.request_stop();
                }
            }
        };
        on_threads(std::min(parallel_parts, count), work);
        if (fatal) {
            throw Error(*fatal);
        }
        return curable ? curable : complete();
    }

    std::optional<Error> put_part(std::size_t index)
    {
        const std::uint64_t offset = index * grant_.upload->chunk_size;
        const std::uint64_t length = std::min(grant_.upload->chunk_size, addition_.size - offset);
        const Reply reply = send_put(put_request(grant_.upload->part_urls[index], index, offset, length));
        if (reply.status == 200) {
            const std::string_view etag = reply.header("ETag");
            if (etag.empty() || etag.size() > 1024) {
                throw bad_reply(place_, "the store gave no ETag for part " + std::to_string(index + 1));
            }
            etags_[index] = etag; // its quotes belong to it
            return std::nullopt;
        }
        const Error refusal = session_.error_at(grant_.upload->part_urls[index], reply, place_);
        if (!may_be_expired(reply.status)) {
            throw refusal;
        }
        return refusal;
    }

    // The URL is signed: no token goes along. Whatever the reply but success, only a new batch tells whether
    // the parts have been joined: a second completion is refused either way.
    std::optional<Error> complete()
    {
        json::array parts;
        for (std::size_t i = 0; i < etags_.size(); ++i) {
            json::object part;
            part["partNumber"] = i + 1;
            part["etag"] = etags_[i];
            parts.push_back(std::move(part));
        }
        json::object body;
        body["oid"] = addition_.sha256.hex();
        body["parts"] = std::move(parts);
        Request request = lfs_request(session_, grant_.upload->href, canonical_json(body));
        request.authorize = false;
        request.repeatable = false;
        request.patience = completion_patience;
        const Tries tries(session_.settings());
        const Outcome outcome = session_.try_once(std::move(request), place_, tries);
        if (const Failure* const failure = std::get_if<Failure>(&outcome)) {
            return failure_error(*failure, place_);
        }
        const Reply& reply = std::get<Reply>(outcome);
        if (reply.status == 200) {
            return std::nullopt;
        }
        return session_.error_at(grant_.upload->href, reply, place_);
    }

    void verify()
    {
        if (!grant_.verify) {
            return;
        }
        json::object body;
        body["oid"] = addition_.sha256.hex();
        body["size"] = addition_.size;
        Request request = lfs_request(session_, *grant_.verify, canonical_json(body));
        request.patience = completion_patience;
        const Reply reply = session_.send(std::move(request), place_);
        if (reply.status != 200) {
            throw session_.error(reply, place_);
        }
    }

    Session& session_;
    const RepoId& repo_;
    const Addition& addition_;
    Grant grant_;
    ContentSource& content_;
    ObjectMeter& meter_;
    const std::stop_token stop_;
    const std::string place_;
    std::vector<std::string> etags_; // by part; "" = not sent
};

} // namespace

void upload_object(Session& session, const RepoId& repo, const Addition& addition, Grant grant,
                   ContentSource& content, ObjectMeter& meter, std::stop_token stop)
{
    Upload(session, repo, addition, std::move(grant), content, meter, std::move(stop)).run();
}

} // namespace skw::hub
