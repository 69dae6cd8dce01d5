// SPDX-License-Identifier: Apache-2.0
// A hash that goes on beside other work on the same bytes: on a second thread if that pays, else right here.
#pragma once

#include "support/digest.hpp"

#include <cstddef>
#include <exception>
#include <span>
#include <thread>

namespace skw::plugin {

// Lives for one block: hashing has ended when it is gone. In between nobody else may touch the hash, and the
// bytes must stay as they are. Copies nothing.
class HashBeside {
public:
    // Fewer bytes than this are hashed sooner than a thread is there.
    static constexpr std::size_t worth_a_thread = 1u << 20;

    HashBeside(Sha256Stream& hash, std::span<const std::byte> bytes);
    ~HashBeside();
    HashBeside(const HashBeside&) = delete;
    HashBeside& operator=(const HashBeside&) = delete;

    bool has_thread() const noexcept { return thread_.joinable(); }
    // Waits until all bytes are in the hash. Throws what hashing threw.
    void finish();

private:
    std::exception_ptr failure_; // written by the thread, read after it has ended
    std::thread thread_;
};

} // namespace skw::plugin
