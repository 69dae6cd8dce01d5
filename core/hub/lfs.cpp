// SPDX-License-Identifier: Apache-2.0
// The Git LFS side of an upload: what is missing, and several objects at a time.
#include "hub/lfs.hpp"

#include "hub/threads.hpp"
#include "hub/upload.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace skw::hub {
namespace {

constexpr std::size_t batch_objects = 256;
constexpr std::size_t parallel_objects = 3;
// 28 MiB for all streams together. With their replies' buffers (3 blocks for each request to the source, of
// which each stream has one, and one more for each part that is fetched again) they stay below 40 MiB.
constexpr std::size_t stream_blocks = 112;

class Group {
public:
    Group(Session& session, Locations& locations, const RepoId& repo, std::vector<const Addition*> additions,
          Meter& meter)
        : session_(session),
          locations_(locations),
          repo_(repo),
          additions_(std::move(additions)),
          meter_(meter)
    {
    }

    std::vector<Way> send()
    {
        grants_ = ask_batch(session_, repo_, additions_);
        ways_.assign(additions_.size(), Way::known);
        const std::size_t threads = std::min(parallel_objects, additions_.size());
        on_threads(threads, [this, threads] { work(stream_blocks / threads); });
        if (first_) {
            throw Error(*first_);
        }
        return ways_;
    }

private:
    void work(std::size_t most_blocks)
    {
        BlockShare blocks(most_blocks);
        for (std::size_t i = next_++; i < additions_.size() && !stop_.stop_requested(); i = next_++) {
            std::optional<Error> failure;
            try {
                send_one(i, blocks);
            } catch (const Error& error) {
                failure = error;
            } catch (const std::exception&) {
                failure = Error(ErrorCode::resource, "upload to " + repo_.text(), "out of memory or threads");
            }
            if (failure) {
                const std::scoped_lock lock(mutex_);
                if (!first_) {
                    first_ = std::move(failure);
                }
                stop_.request_stop();
            }
        }
    }

    void send_one(std::size_t index, BlockShare& blocks)
    {
        const Addition& addition = *additions_[index];
        ObjectMeter meter(meter_, addition);
        if (grants_[index].upload) {
            meter.begin();
            const bool remote = std::holds_alternative<RemoteContent>(addition.content);
            ways_[index] = remote ? Way::streamed : Way::uploaded;
            const auto content =
                make_content_source(session_, locations_, addition, blocks, stop_.get_token());
            upload_object(session_, repo_, addition, std::move(grants_[index]), *content, meter,
                          stop_.get_token());
        }
        meter.complete();
    }

    Session& session_;
    Locations& locations_;
    const RepoId& repo_;
    const std::vector<const Addition*> additions_;
    Meter& meter_;
    std::vector<Grant> grants_;
    std::vector<Way> ways_;
    std::atomic<std::size_t> next_{0};
    std::stop_source stop_;
    std::mutex mutex_;
    std::optional<Error> first_;
};

} // namespace

std::vector<Way> send_objects(Session& session, Locations& locations, const RepoId& repo,
                              const std::vector<const Addition*>& additions, const CommitEvents& events)
{
    std::uint64_t total = 0;
    for (const Addition* const addition : additions) {
        total += addition->size;
    }
    Meter meter(events, total);
    std::vector<Way> ways;
    for (std::size_t begin = 0; begin < additions.size(); begin += batch_objects) {
        const auto first = additions.begin() + static_cast<std::ptrdiff_t>(begin);
        const std::size_t count = std::min(batch_objects, additions.size() - begin);
        Group group(session, locations, repo,
                    std::vector<const Addition*>(first, first + static_cast<std::ptrdiff_t>(count)), meter);
        const std::vector<Way> some = group.send();
        ways.insert(ways.end(), some.begin(), some.end());
    }
    return ways;
}

} // namespace skw::hub
