// SPDX-License-Identifier: Apache-2.0
// The border between the network thread and a caller: values under one lock.
#include "hub/mailbox.hpp"

#include <algorithm>
#include <cstring>

namespace skw::hub {

void Mailbox::put_head(ReplyHead head)
{
    const std::scoped_lock lock(mutex_);
    head_ = std::move(head);
    changed_.notify_all();
}

std::optional<Mailbox::Buffer> Mailbox::take_empty()
{
    const std::scoped_lock lock(mutex_);
    if (!empty_.empty()) {
        Buffer buffer = std::move(empty_.back());
        empty_.pop_back();
        return buffer;
    }
    if (made_ < buffers) {
        ++made_;
        return Buffer();
    }
    starved_ = true;
    return std::nullopt;
}

void Mailbox::put_full(Buffer buffer)
{
    const std::scoped_lock lock(mutex_);
    full_.push_back(std::move(buffer));
    changed_.notify_all();
}

void Mailbox::put_body(std::string body)
{
    const std::scoped_lock lock(mutex_);
    body_ = std::move(body);
}

void Mailbox::finish(std::optional<Failure> failure)
{
    const std::scoped_lock lock(mutex_);
    finished_ = true;
    failure_ = std::move(failure);
    changed_.notify_all();
}

std::variant<ReplyHead, Failure> Mailbox::wait_head()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return head_.has_value() || finished_; });
    if (head_) {
        return *head_;
    }
    return failure_.value_or(Failure());
}

std::variant<Reply, Failure> Mailbox::wait_reply()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_; });
    if (failure_ || !head_) {
        return failure_.value_or(Failure());
    }
    Reply reply;
    static_cast<ReplyHead&>(reply) = std::move(*head_);
    reply.body = std::move(body_);
    return reply;
}

std::variant<std::size_t, Failure> Mailbox::read(std::span<std::byte> into)
{
    bool wake = false;
    std::size_t taken = 0;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !full_.empty() || finished_; });
        if (full_.empty()) {
            if (failure_) {
                return *failure_;
            }
            return std::size_t{0};
        }
        Buffer& front = full_.front();
        taken = std::min(into.size(), front.size() - read_);
        std::memcpy(into.data(), front.data() + read_, taken);
        read_ += taken;
        if (read_ == front.size()) {
            empty_.push_back(std::move(front));
            full_.pop_front();
            read_ = 0;
            wake = starved_;
            starved_ = false;
        }
    }
    if (wake) {
        wake_();
    }
    return taken;
}

} // namespace skw::hub
