// SPDX-License-Identifier: Apache-2.0
// Memory for content that passes through: blocks of one size from a share that never makes more than its
// number. That number is the memory bound.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace skw::hub {

class BlockShare;

// One block, which goes back to its share by itself. The share must live longer.
class Block {
public:
    static constexpr std::size_t capacity = 256u << 10;

    Block(Block&& other) noexcept;
    Block& operator=(Block&& other) noexcept;
    ~Block();

    std::span<std::byte> space() noexcept { return {memory_.get(), capacity}; }
    void hold(std::size_t bytes) noexcept { size_ = bytes; } // so much of the space is content
    std::span<const std::byte> content() const noexcept { return {memory_.get(), size_}; }

private:
    friend class BlockShare;
    Block(BlockShare& share, std::unique_ptr<std::byte[]> memory);

    BlockShare* share_;
    std::unique_ptr<std::byte[]> memory_;
    std::size_t size_ = 0;
};

// Any thread.
class BlockShare {
public:
    explicit BlockShare(std::size_t most) : most_(most) {}
    // Waits until there is one; nullopt: stopped.
    std::optional<Block> take(const std::stop_token& stop);

private:
    friend class Block;
    void give_back(std::unique_ptr<std::byte[]> memory) noexcept;

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t out_ = 0; // blocks that somebody has
    std::vector<std::unique_ptr<std::byte[]>> free_;
};

} // namespace skw::hub
