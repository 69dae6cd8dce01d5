// SPDX-License-Identifier: Apache-2.0
// How much memory a piece of code holds at most, counted at operator new, which fails on request.
#pragma once

#include <cstddef>

namespace skw::test {

std::size_t memory_in_use();
std::size_t memory_peak(); // since the last reset
void reset_memory_peak();

// The n-th allocation of at least `size` bytes from now on throws std::bad_alloc, and those after it too if
// `all` is set. 0: none does.
void fail_allocation(std::size_t number, std::size_t size = 0, bool all = false);

} // namespace skw::test
