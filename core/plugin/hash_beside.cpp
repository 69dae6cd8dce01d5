// SPDX-License-Identifier: Apache-2.0
// The second thread of a write.
#include "plugin/hash_beside.hpp"

#include <new>
#include <system_error>
#include <utility>

namespace skw::plugin {

HashBeside::HashBeside(Sha256Stream& hash, std::span<const std::byte> bytes)
{
    if (bytes.size() >= worth_a_thread) {
        try {
            thread_ = std::thread([this, &hash, bytes] {
                try {
                    hash.add(bytes);
                } catch (...) {
                    failure_ = std::current_exception();
                }
            });
            return;
        } catch (const std::system_error&) {
            // No thread to be had: it is done here, as for a small block.
        } catch (const std::bad_alloc&) {
        }
    }
    hash.add(bytes);
}

HashBeside::~HashBeside()
{
    if (thread_.joinable()) {
        thread_.join();
    }
}

void HashBeside::finish()
{
    if (thread_.joinable()) {
        thread_.join();
    }
    if (failure_) {
        std::rethrow_exception(std::exchange(failure_, nullptr));
    }
}

} // namespace skw::plugin
