// SPDX-License-Identifier: Apache-2.0
// Blocks go round: made once, used again.
#include "hub/blocks.hpp"

#include <utility>

namespace skw::hub {

Block::Block(BlockShare& share, std::unique_ptr<std::byte[]> memory)
    : share_(&share),
      memory_(std::move(memory))
{
}

Block::Block(Block&& other) noexcept
    : share_(other.share_),
      memory_(std::move(other.memory_)),
      size_(std::exchange(other.size_, 0))
{
}

Block& Block::operator=(Block&& other) noexcept
{
    std::swap(share_, other.share_);
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
}

Block::~Block()
{
    if (memory_) {
        share_->give_back(std::move(memory_));
    }
}

std::optional<Block> BlockShare::take(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return out_ < most_; })) {
        return std::nullopt;
    }
    std::unique_ptr<std::byte[]> memory;
    if (free_.empty()) {
        free_.reserve(most_); // so that giving back needs no memory
        memory = std::make_unique_for_overwrite<std::byte[]>(Block::capacity);
    } else {
        memory = std::move(free_.back());
        free_.pop_back();
    }
    ++out_;
    return Block(*this, std::move(memory));
}

void BlockShare::give_back(std::unique_ptr<std::byte[]> memory) noexcept
{
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(memory));
    --out_;
    changed_.notify_one();
}

} // namespace skw::hub
