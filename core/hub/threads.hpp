// SPDX-License-Identifier: Apache-2.0
// The same work on a few threads, which all end before the caller goes on.
#pragma once

#include <cstddef>
#include <functional>

namespace skw::hub {

// Calls body on up to `most` threads, the caller's among them, and waits for all. It must let no exception
// out, and one call must do for all of the work: there may be fewer threads than asked for.
void on_threads(std::size_t most, const std::function<void()>& body);

} // namespace skw::hub
