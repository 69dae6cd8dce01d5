// SPDX-License-Identifier: Apache-2.0
// Reading, hashing, handing out; and fetching a part once more.
#include "hub/stream.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace skw::hub {

// One part whose bytes are needed again. Its thread ends with the try.
class Stream::Refetch final : public Feed {
public:
    Refetch(Stream& stream, std::size_t index, Sha256Stream from, const Sha256& to)
        : stream_(stream),
          index_(index),
          hash_(std::move(from)),
          to_(to),
          thread_([this](const std::stop_token& stop) { run(stop); })
    {
    }
    Taken take(std::function<void()> ready) override { return queue_.take(std::move(ready)); }
    bool touched() const override { return queue_.touched(); }
    void end() override
    {
        queue_.end();
        thread_.request_stop();
        thread_.join();
    }

private:
    void run(const std::stop_token& stop)
    {
        try {
            if (queue_.wait_wanted(stop)) {
                fetch(stop);
            }
        } catch (const Error& error) {
            fail(error, stop);
        } catch (const std::exception&) {
            fail(Error(ErrorCode::resource, stream_.place_, "out of memory"), stop);
        }
    }

    void fetch(const std::stop_token& stop)
    {
        std::uint64_t left = stream_.length_of(index_);
        const auto source = stream_.read_from(stream_.begin_of(index_), left, stop);
        while (left > 0) {
            std::optional<Block> block = stream_.blocks_.take(stop);
            if (!block || !stream_.fill(*source, *block, left, stop)) {
                return;
            }
            hash_.add(block->content());
            left -= block->content().size();
            if (left == 0 && hash_.finish() != to_) {
                throw bad_reply(stream_.place_, "part " + std::to_string(index_ + 1) +
                                                    " came with other bytes the second time");
            }
            if (!queue_.push(std::move(*block))) {
                return;
            }
        }
    }

    void fail(const Error& error, const std::stop_token& stop)
    {
        if (!stop.stop_requested()) {
            stream_.fail(error);
            queue_.fail(error.what());
        }
    }

    Stream& stream_;
    const std::size_t index_;
    Sha256Stream hash_;
    const Sha256 to_;
    PartQueue queue_;
    std::jthread thread_;
};

Stream::Stream(Session& session, Locations& locations, const RemoteContent& content, std::uint64_t part_bytes,
               BlockShare& blocks, std::stop_token stop)
    : session_(session),
      locations_(locations),
      content_(content),
      part_bytes_(part_bytes),
      count_(static_cast<std::size_t>((content.file.size - 1) / part_bytes + 1)),
      blocks_(blocks),
      place_(content.repo.text() + "@" + std::string(content.commit.text().substr(0, 12)) + "/" +
             safe(content.file.path.text()))
{
    starts_.emplace_back();
    try {
        thread_ = std::jthread([this](const std::stop_token& own) { run(own); });
    } catch (const std::system_error&) {
        throw Error(ErrorCode::resource, place_, "no thread can be had");
    }
    link_.emplace(std::move(stop), [this] { thread_.request_stop(); });
}

Stream::~Stream()
{
    link_.reset();
    thread_.request_stop();
    thread_.join();
}

std::uint64_t Stream::length_of(std::size_t index) const
{
    return std::min(part_bytes_, content_.file.size - begin_of(index));
}

std::unique_ptr<RangeReader> Stream::read_from(std::uint64_t offset, std::uint64_t length,
                                               const std::stop_token& stop) const
{
    ReadOptions options;
    options.hashed_by_caller = true;
    options.stop = stop;
    return std::make_unique<RangeReader>(session_, locations_, content_.repo, content_.commit, content_.file,
                                         offset, length, std::move(options));
}

// Fills the block with up to `most` bytes. false: stopped.
bool Stream::fill(RangeReader& source, Block& block, std::uint64_t most, const std::stop_token& stop) const
{
    const std::span<std::byte> space = block.space();
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), most));
    for (std::size_t got = 0; got < want;) {
        if (stop.stop_requested()) {
            return false;
        }
        got += source.read(space.subspan(got, want - got));
    }
    block.hold(want);
    return true;
}

bool Stream::await_part(std::size_t index, const std::stop_token& over)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, over, [&] { return failure_ || index <= at_; });
    if (failure_) {
        throw Error(*failure_);
    }
    return index <= at_ && !over.stop_requested();
}

std::shared_ptr<Feed> Stream::open(std::size_t index)
{
    const std::scoped_lock lock(mutex_);
    if (failure_) {
        throw Error(*failure_);
    }
    if (index == at_) {
        asked_ = std::make_shared<PartQueue>();
        changed_.notify_all();
        return asked_;
    }
    const Sha256 to = index + 1 < count_ ? starts_[index + 1].fork().finish() : *content_.file.sha256;
    try {
        return std::make_shared<Refetch>(*this, index, starts_[index].fork(), to);
    } catch (const std::system_error&) {
        throw Error(ErrorCode::resource, place_, "no thread can be had");
    }
}

std::optional<Error> Stream::failure() const
{
    const std::scoped_lock lock(mutex_);
    return failure_;
}

void Stream::run(const std::stop_token& stop)
{
    std::optional<Error> failure;
    try {
        while (read_part(stop)) {
        }
    } catch (const Error& error) {
        failure = error;
    } catch (const std::exception&) {
        failure = Error(ErrorCode::resource, place_, "out of memory");
    }
    source_.reset();
    if (failure) {
        fail(*failure);
        if (current_) {
            current_->fail(failure->what());
        }
    }
}

bool Stream::read_part(const std::stop_token& stop)
{
    const auto stopped = [&] { return Error(ErrorCode::cancelled, place_, "no longer wanted"); };
    std::size_t index = 0;
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return asked_ != nullptr; })) {
            throw stopped();
        }
        current_ = std::exchange(asked_, nullptr);
        index = at_;
    }
    if (!current_->wait_wanted(stop)) {
        if (stop.stop_requested()) {
            throw stopped();
        }
        return true; // that try has ended without a byte
    }
    std::uint64_t left = length_of(index);
    if (!source_) {
        source_ = read_from(begin_of(index), content_.file.size - begin_of(index), stop);
        hash_ = starts_[index].fork(); // only this thread adds to them
    }
    while (left > 0) {
        std::optional<Block> block = blocks_.take(stop);
        if (!block || !fill(*source_, *block, left, stop)) {
            throw stopped();
        }
        hash_->add(block->content());
        left -= block->content().size();
        // Passed before it is handed out: a part that was sent has been passed.
        const bool passed = left == 0 && pass(index);
        if (!current_->push(std::move(*block)) && !passed) {
            source_.reset(); // the try has failed: the next one begins at the part's begin again
            return true;
        }
    }
    return index + 1 < count_;
}

// false: the try has ended meanwhile, and the next one is to have the part from here as well.
bool Stream::pass(std::size_t index)
{
    const bool last = index + 1 == count_;
    if (last && hash_->finish() != *content_.file.sha256) {
        throw bad_reply(place_, "its SHA-256 is not that of the listing");
    }
    const std::scoped_lock lock(mutex_);
    if (asked_) {
        return false;
    }
    if (!last) {
        starts_.push_back(hash_->fork());
    }
    ++at_;
    changed_.notify_all();
    return true;
}

void Stream::fail(const Error& error)
{
    std::shared_ptr<PartQueue> waiting;
    {
        const std::scoped_lock lock(mutex_);
        if (!failure_) {
            failure_ = error;
        }
        waiting = std::exchange(asked_, nullptr);
        changed_.notify_all();
    }
    if (waiting) {
        waiting->fail(error.what());
    }
}

} // namespace skw::hub
