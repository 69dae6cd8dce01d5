// SPDX-License-Identifier: Apache-2.0
// The Git LFS side of an upload: what is missing, one PUT or many parts, completion, verification.
#include "hub/lfs.hpp"

#include "hub/lfs_batch.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace skw::hub {
namespace {

constexpr std::size_t batch_objects = 256;
constexpr std::size_t parallel_parts = 4;
constexpr std::chrono::hours longest_put{24};
constexpr std::chrono::minutes fresh_for{5}; // part URLs may live for 15 minutes only
constexpr int completion_patience = 4;       // the store joins the parts before it answers

// Bytes sent so far, over all parts; several threads. Never more than there are: a part that goes to a new
// address after its old one ran out is counted twice until then.
class Meter {
public:
    Meter(const UploadProgress& progress, std::uint64_t total) : progress_(progress), total_(total) {}
    void add(std::uint64_t bytes)
    {
        const std::scoped_lock lock(mutex_);
        sent_ = std::min(total_, sent_ + bytes);
        if (progress_) {
            progress_(sent_, total_);
        }
    }

private:
    std::mutex mutex_;
    const UploadProgress& progress_;
    const std::uint64_t total_;
    std::uint64_t sent_ = 0;
};

// The sent-callback of one PUT, which may be tried more than once: what is sent again is not counted again.
// Every try works on a copy of the request, so the counts lie outside of it.
class PartMeter {
public:
    explicit PartMeter(Meter& meter) : meter_(&meter), counts_(std::make_shared<Counts>()) {}
    void operator()(std::uint64_t bytes)
    {
        counts_->now = bytes == 0 ? 0 : counts_->now + bytes;
        if (counts_->now > counts_->most) {
            const std::uint64_t more = counts_->now - counts_->most;
            counts_->most = counts_->now;
            meter_->add(more);
        }
    }

private:
    struct Counts {
        std::uint64_t now = 0, most = 0;
    };
    Meter* meter_;
    std::shared_ptr<Counts> counts_;
};

bool may_be_expired(int status)
{
    return status == 400 || status == 401 || status == 403 || status == 404 || status == 410;
}

class Upload {
public:
    Upload(Session& session, const RepoId& repo, const Addition& addition, Grant grant, Meter& meter)
        : session_(session),
          repo_(repo),
          addition_(addition),
          grant_(std::move(grant)),
          meter_(meter),
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
            session_.pause(backoff(round, session_.settings().first_pause, 0.5), place_);
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

    Request put_request(const Url& url, std::uint64_t offset, std::uint64_t length)
    {
        Request request;
        request.method = "PUT";
        request.url = url;
        request.long_running = true;
        request.sent = PartMeter(meter_);
        if (const std::string* const text = std::get_if<std::string>(&addition_.content)) {
            request.body = text->substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
        } else {
            request.body = FilePart{std::get<std::filesystem::path>(addition_.content), offset, length};
        }
        return request;
    }

    // nullopt = sent. An error that a new grant may cure comes back; any other is thrown.
    std::optional<Error> put_whole()
    {
        Request request = put_request(grant_.upload->href, 0, addition_.size);
        request.headers = grant_.upload->headers;
        Tries tries(longest_put);
        const Reply reply = session_.send(std::move(request), place_, tries);
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
        std::atomic<std::size_t> next{0};
        std::mutex mutex;
        std::optional<Error> fatal, curable; // values: an exception never crosses to another thread
        const auto work = [&] {
            for (std::size_t i = next++; i < count; i = next++) {
                std::optional<Error> failure;
                bool may_cure = false;
                try {
                    failure = etags_[i].empty() ? put_part(i) : std::nullopt;
                    may_cure = true;
                } catch (const Error& error) {
                    failure = error;
                } catch (const std::exception&) {
                    failure = Error(ErrorCode::resource, place_, "out of memory or threads");
                }
                if (failure) {
                    const std::scoped_lock lock(mutex);
                    (may_cure ? curable : fatal) = std::move(failure);
                    next = count;
                }
            }
        };
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < std::min(parallel_parts, count); ++i) {
            try {
                threads.emplace_back(work);
            } catch (const std::system_error&) {
                break; // fewer at a time will do as well
            }
        }
        work();
        for (std::thread& thread : threads) {
            thread.join();
        }
        if (fatal) {
            throw *fatal;
        }
        return curable ? curable : complete();
    }

    std::optional<Error> put_part(std::size_t index)
    {
        const std::uint64_t offset = index * grant_.upload->chunk_size;
        const std::uint64_t length = std::min(grant_.upload->chunk_size, addition_.size - offset);
        Tries tries(longest_put);
        const Reply reply =
            session_.send(put_request(grant_.upload->part_urls[index], offset, length), place_, tries);
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
    Meter& meter_;
    const std::string place_;
    std::vector<std::string> etags_; // by part; "" = not sent
};

} // namespace

void send_objects(Session& session, const RepoId& repo, const std::vector<const Addition*>& additions,
                  const UploadProgress& progress)
{
    std::uint64_t total = 0;
    for (const Addition* const addition : additions) {
        total += addition->size;
    }
    Meter meter(progress, total);
    for (std::size_t begin = 0; begin < additions.size(); begin += batch_objects) {
        const auto first = additions.begin() + static_cast<std::ptrdiff_t>(begin);
        const std::size_t count = std::min(batch_objects, additions.size() - begin);
        const std::vector<const Addition*> group(first, first + static_cast<std::ptrdiff_t>(count));
        std::vector<Grant> grants = ask_batch(session, repo, group);
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (!grants[i].upload) {
                meter.add(group[i]->size); // the repo has it
            } else {
                Upload(session, repo, *group[i], std::move(grants[i]), meter).run();
            }
        }
    }
}

} // namespace skw::hub
