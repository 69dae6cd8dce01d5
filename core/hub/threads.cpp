// SPDX-License-Identifier: Apache-2.0
// Threads for a short time.
#include "hub/threads.hpp"

#include <system_error>
#include <thread>
#include <vector>

namespace skw::hub {

void on_threads(std::size_t most, const std::function<void()>& body)
{
    std::vector<std::jthread> threads;
    threads.reserve(most);
    for (std::size_t i = 1; i < most; ++i) {
        try {
            threads.emplace_back(body);
        } catch (const std::system_error&) {
            break; // fewer at a time will do as well
        }
    }
    body();
}

} // namespace skw::hub
